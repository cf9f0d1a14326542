"""What an operation sends to a provider, as data: model, words and price, in versions; the highest is in force."""

from dataclasses import dataclass
from datetime import datetime
from string import Formatter

from sqlmodel import Session, col, select

from db.models.providers import PromptVersion
from services.errors import FieldError, Invalid
from services.studio.operations import registry
from services.studio.operations.contract import AiWork, Params

MAX_TEMPLATE = 4000


@dataclass(frozen=True)
class Prompt:
    """One version. Version 0 is the one the code ships with: it has no id, author or time.

    `price_micros` is what one picture by `model` costs us, in millionths of a US dollar.
    """

    operation: str
    version: int
    provider: str
    model: str
    template: str
    price_micros: int
    note: str = ""
    id: str | None = None
    author_id: str | None = None
    created_at: datetime | None = None


def asking() -> tuple[str, ...]:
    """Ids of the operations that ask a provider for something."""
    return tuple(one.id for one in registry.operations() if one.ai is not None)


def shipped(operation: str) -> Prompt:
    """Version 0 of an operation's prompt. Raises KeyError for one that asks nobody."""
    ai = _ai(operation)
    return Prompt(operation, 0, ai.provider, ai.model, ai.template, ai.price_micros, note="As shipped")


def in_force(session: Session, operation: str) -> Prompt:
    """The version that an operation sends now."""
    row = session.exec(
        select(PromptVersion)
        .where(PromptVersion.operation == operation)
        .order_by(col(PromptVersion.version).desc())
        .limit(1)
    ).first()
    return shipped(operation) if row is None else of_row(row)


def of_row(row: PromptVersion) -> Prompt:
    """A version out of the database."""
    return Prompt(
        operation=row.operation,
        version=row.version,
        provider=row.provider,
        model=row.model,
        template=row.template,
        price_micros=row.price_micros,
        note=row.note,
        id=row.id,
        author_id=row.author_id,
        created_at=row.created_at,
    )


def filled(operation: str, template: str, params: Params) -> str:
    """The words that are sent. Raises Invalid for a template that `check_template` refuses."""
    check_template(operation, template)
    return template.format(**registry.operation(operation).words(params))


def check_template(operation: str, template: str) -> None:
    """Raise Invalid unless the template is text whose only placeholders are the operation's own, each at least once."""
    known = _ai(operation).placeholders
    shown = ", ".join(f"{{{name}}}" for name in sorted(known))
    try:
        fields = [(name, spec, change) for _, name, spec, change in Formatter().parse(template) if name is not None]
    except ValueError as error:
        raise _invalid(f"The braces do not match. Placeholders are {shown}; write {{{{ for a brace itself.") from error
    names = {name for name, _, _ in fields}
    if any(spec or change for _, spec, change in fields) or not names <= known:
        raise _invalid(f"Use only these placeholders: {shown}.")
    if missing := sorted(known - names):
        raise _invalid(f"Put {', '.join(f'{{{name}}}' for name in missing)} somewhere into the text.")
    if len(template) > MAX_TEMPLATE:
        raise _invalid(f"At most {MAX_TEMPLATE:,} characters.")


def _ai(operation: str) -> AiWork:
    found = registry.operation(operation).ai
    if found is None:
        raise KeyError(operation)
    return found


def _invalid(message: str) -> Invalid:
    return Invalid(errors=(FieldError("template", message),))
