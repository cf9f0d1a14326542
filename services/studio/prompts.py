"""What an operation sends to a provider, as data: model, words and price, in versions; the highest is in force."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from string import Formatter
from types import MappingProxyType

from sqlmodel import Session, col, select

from db.models.providers import PromptVersion
from services.errors import FieldError, Invalid
from services.studio.operations import Params, RestyleParams

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


_STYLES = {
    "cute": "a cute plush toy: rounded, simplified, a little chubby, with big shiny embroidered eyes if it has a face",
    "realistic": "a realistic plush toy: true to the product's proportions, colours and details, in fine short pile",
    "cartoon": "a cartoon plush toy: bold simple shapes, bright flat colours and clearly visible dark outlines",
}
_SIZES = {
    "small": "small, a pocket-sized toy that stands on an open palm",
    "medium": "medium, a toy to hold in two hands, about 30 cm high",
    "large": "large, a toy to hug, about as big as a child",
}

SHIPPED: Mapping[str, Prompt] = MappingProxyType(
    {
        "restyle": Prompt(
            operation="restyle",
            version=0,
            provider="gemini",
            model="gemini-2.5-flash-image",
            template=(
                "Redraw the main product of this photo as {style}. It is {size}. Keep it recognisable: the same kind "
                "of thing, its main colours and distinctive parts, seen from the same side. Soft fabric with visible "
                "seams. Show the whole toy, alone and centred, in soft studio light on a plain light background, as in "
                "a photo for a shop. Add no text, no logo and no people.{wishes}"
            ),
            price_micros=39_000,
            note="As shipped",
        )
    }
)

_PLACEHOLDERS: Mapping[str, frozenset[str]] = MappingProxyType({"restyle": frozenset({"style", "size", "wishes"})})


def in_force(session: Session, operation: str) -> Prompt:
    """The version that an operation sends now."""
    row = session.exec(
        select(PromptVersion)
        .where(PromptVersion.operation == operation)
        .order_by(col(PromptVersion.version).desc())
        .limit(1)
    ).first()
    return SHIPPED[operation] if row is None else of_row(row)


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


def filled(template: str, params: Params) -> str:
    """The words that are sent. Raises Invalid for a template that `check_template` refuses."""
    assert isinstance(params, RestyleParams)
    check_template("restyle", template)
    wishes = f' The shop owner also wishes: "{params.words}"' if params.words else ""
    return template.format(style=_STYLES[params.style], size=_SIZES[params.size], wishes=wishes)


def check_template(operation: str, template: str) -> None:
    """Raise Invalid unless the template is text whose only placeholders are the operation's own, each at least once."""
    known = _PLACEHOLDERS[operation]
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


def _invalid(message: str) -> Invalid:
    return Invalid(errors=(FieldError("template", message),))
