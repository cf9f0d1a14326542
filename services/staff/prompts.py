"""What staff may see and change of what we send to providers. Every change is a new version, and a security event."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

import db
from db.models import User
from db.models.providers import PromptVersion
from services import events
from services.accounts.actor import Actor
from services.accounts.event_types import StaffActed
from services.accounts.permissions import Permission
from services.accounts.security_events import record
from services.errors import Conflict, FieldError, Invalid, NotFound
from services.studio import prompts
from services.studio.operations import registry as operations
from services.studio.operations.contract import Params
from services.studio.prompts import Prompt
from services.studio.providers import registry, resolver

MAX_MODEL, MAX_NOTE, MAX_PRICE_MICROS = 100, 200, 10_000_000
_CHANGED = "Somebody else changed this prompt meanwhile. Look at theirs first."


@dataclass(frozen=True)
class PromptFields:
    """What staff write for a new version. `price_micros` is what a picture by `model` costs us, in millionths of a US
    dollar; None takes the published price, for a model that we know. `replaces` is the version they looked at; None for
    whichever is in force. `provider` None leaves it with the one in force."""

    model: str
    template: str
    price_micros: int | None = None
    note: str = ""
    replaces: int | None = None
    provider: str | None = None


@dataclass(frozen=True)
class PromptView:
    """One version as staff see it. `preview` is what would be sent for the operation's own choices."""

    id: str
    operation: str
    version: int
    in_force: bool
    provider: str
    model: str
    template: str
    price_micros: int
    note: str
    author: str
    created_at: datetime | None
    preview: str


def list_prompts(actor: Actor) -> list[PromptView]:
    """Every version of every operation, the newest first; the last of each is the one we ship. For `prompts.view`."""
    actor.require(Permission.VIEW_PROMPTS)
    with db.snapshot() as session:
        return [view for operation in prompts.asking() for view in _versions(session, operation)]


def preview(actor: Actor, operation: str, template: str, params: Params) -> str:
    """What would be sent. Raises Invalid for a template that cannot be filled."""
    actor.require(Permission.VIEW_PROMPTS)
    _shipped(operation)
    return prompts.filled(operation, template, params)


def new_version(actor: Actor, operation: str, fields: PromptFields) -> PromptView:
    """Put another version in force. For `prompts.change`. Raises NotFound, Invalid; Conflict after another's."""
    actor.require(Permission.CHANGE_PROMPTS)
    actor.require_scope("admin")
    with db.snapshot() as session:
        provider = fields.provider or prompts.in_force(session, _shipped(operation).operation).provider
    checked = _checked(operation, replace(fields, provider=provider), provider)
    return _add(actor, operation, checked, "prompt_changed")


def roll_back(actor: Actor, prompt_id: str) -> PromptView:
    """Put an earlier version's content in force again, as a new version. For `prompts.change`. Raises NotFound, and
    Conflict for the version that is in force."""
    actor.require(Permission.CHANGE_PROMPTS)
    actor.require_scope("admin")
    with db.snapshot() as session:
        found = next(
            (view for name in prompts.asking() for view in _versions(session, name) if view.id == prompt_id), None
        )
    if found is None:
        raise NotFound
    if found.in_force:
        raise Conflict("This version is in force already.")
    fields = PromptFields(
        found.model, found.template, found.price_micros, f"Back to version {found.version}", provider=found.provider
    )
    return _add(actor, found.operation, fields, "prompt_rolled_back")


def _add(actor: Actor, operation: str, fields: PromptFields, kind: str) -> PromptView:
    try:
        with db.transaction() as session:
            before = prompts.in_force(session, operation)
            if fields.replaces not in (None, before.version):
                raise Conflict(_CHANGED)
            row = PromptVersion(
                operation=operation,
                version=before.version + 1,
                provider=fields.provider or before.provider,
                model=fields.model,
                template=fields.template,
                price_micros=fields.price_micros or 0,
                note=fields.note,
                author_id=actor.id,
            )
            session.add(row)
            session.flush()
            details: dict[str, Any] = {
                "operation": operation,
                "version": row.version,
                "provider": row.provider,
                "model": row.model,
            }
            record(session, kind, user_id=actor.id, **details)
            events.record(session, StaffActed(user_id=None, staff_id=actor.id, action=kind, details=details))
            return _versions(session, operation)[0]
    except IntegrityError as error:
        raise Conflict(_CHANGED) from error


def _checked(operation: str, fields: PromptFields, provider: str) -> PromptFields:
    model, template, note = fields.model.strip(), fields.template.strip(), fields.note.strip()
    errors = []
    if not model or len(model) > MAX_MODEL or any(not (sign.isalnum() or sign in "-._") for sign in model):
        errors.append(FieldError("model", "Give the model's name as its provider writes it."))
    elif (known := registry.find(provider)) is None:
        errors.append(FieldError("provider", "There is no provider of that name."))
    elif not known.does(operation):
        title = operations.operation(operation).title
        errors.append(FieldError("provider", f"{known.title} cannot do {title}. Choose another provider."))
    elif not known.can_do(operation, model):
        errors.append(FieldError("model", f"{known.title} has no model of that name. Check its spelling."))
    if len(note) > MAX_NOTE:
        errors.append(FieldError("note", f"At most {MAX_NOTE} characters."))
    price = fields.price_micros
    if price is None:
        price = resolver.published_prices(provider).get(model)
    if price is None:
        errors.append(FieldError("price_micros", "We do not know what this model costs: say the price of a picture."))
    elif not 0 <= price <= MAX_PRICE_MICROS:
        errors.append(FieldError("price_micros", "Give a price between $0 and $10 a picture."))
    if errors:
        raise Invalid(errors=tuple(errors))
    prompts.check_template(operation, template)
    return replace(fields, model=model, template=template, price_micros=price, note=note)


def _shipped(operation: str) -> Prompt:
    if operation not in prompts.asking():
        raise NotFound("There is no prompt for that operation.")
    return prompts.shipped(operation)


def _versions(session: Session, operation: str) -> list[PromptView]:
    rows = session.exec(
        select(PromptVersion, User.email)
        .join(User, col(User.id) == col(PromptVersion.author_id))
        .where(PromptVersion.operation == operation)
        .order_by(col(PromptVersion.version).desc())
    ).all()
    known: Sequence[tuple[Prompt, str]] = [(prompts.of_row(row), email) for row, email in rows]
    return [
        PromptView(
            id=prompt.id or f"pmt_shipped_{operation}",
            operation=operation,
            version=prompt.version,
            in_force=index == 0,
            provider=prompt.provider,
            model=prompt.model,
            template=prompt.template,
            price_micros=prompt.price_micros,
            note=prompt.note,
            author=author,
            created_at=prompt.created_at,
            preview=prompts.filled(operation, prompt.template, _example(operation)),
        )
        for index, (prompt, author) in enumerate([*known, (prompts.shipped(operation), "")])
    ]


def _example(operation: str) -> Params:
    """Parameters at their defaults; those that have none are not among the words."""
    params: type[Params] = operations.operation(operation).params
    return params.model_construct()
