"""The fields of a product and their checks: text without control characters, within limits of length."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypedDict

from db.models import ProductStatus
from services.errors import FieldError, Invalid

MAX_SKU = 64
MAX_TITLE = 200
MAX_DESCRIPTION = 5000
MAX_CATEGORY = 80
MAX_TAG = 40
MAX_TAGS = 20
MAX_PRICE = 99_999_999
"""In minor units: 999,999.99."""

STATUSES = tuple(status.value for status in ProductStatus)
_DROPPED = {"Cc", "Cf", "Cs"}


@dataclass(frozen=True)
class ProductFields:
    """What a person can enter about a product. `price` in minor units, None if unknown."""

    sku: str
    title: str
    description: str = ""
    category: str = ""
    tags: tuple[str, ...] = ()
    price: int | None = None
    status: str = ProductStatus.DRAFT.value


class ProductChanges(TypedDict, total=False):
    """The fields to change; a price of None removes the price."""

    sku: str
    title: str
    description: str
    category: str
    tags: tuple[str, ...]
    price: int | None
    status: str


def checked(fields: ProductFields) -> ProductFields:
    """The fields normalised: surplus white space and control characters removed, tags case-folded and each kept once.

    Raises Invalid, which names every wrong field.
    """
    tidy = replace(
        fields,
        sku=_line(fields.sku),
        title=_line(fields.title),
        description=_text(fields.description),
        category=_line(fields.category),
        tags=_tags(fields.tags),
    )
    if errors := tuple(_faults(tidy)):
        raise Invalid(errors=errors)
    return tidy


def folded(text: str) -> str:
    """The form in which words are compared, ignoring case; SQLite folds ASCII only."""
    return unicodedata.normalize("NFC", _line(text).casefold())


def _faults(fields: ProductFields) -> Iterable[FieldError]:
    if not fields.sku:
        yield FieldError("sku", "Give the product an SKU: your own short code for it.")
    if not fields.title:
        yield FieldError("title", "Give the product a title.")
    limits = (("sku", MAX_SKU), ("title", MAX_TITLE), ("description", MAX_DESCRIPTION), ("category", MAX_CATEGORY))
    for name, limit in limits:
        if len(getattr(fields, name)) > limit:
            yield FieldError(name, f"The {'SKU' if name == 'sku' else name} may have up to {limit:,} characters.")
    if len(fields.tags) > MAX_TAGS:
        yield FieldError("tags", f"A product may have up to {MAX_TAGS} tags.")
    if any(len(tag) > MAX_TAG for tag in fields.tags):
        yield FieldError("tags", f"A tag may have up to {MAX_TAG} characters.")
    if fields.price is not None and not 0 <= fields.price <= MAX_PRICE:
        yield FieldError("price", f"The price must be between 0 and {MAX_PRICE / 100:,.2f}.")
    if fields.status not in STATUSES:
        yield FieldError("status", f"Choose one of: {', '.join(STATUSES)}.")


def _tags(tags: Iterable[str]) -> tuple[str, ...]:
    return tuple(tag for tag in dict.fromkeys(map(folded, tags)) if tag)


def _line(text: str) -> str:
    return " ".join(_kept(text.replace("\n", " ").replace("\t", " ")).split())


def _text(text: str) -> str:
    lines = _kept(text.replace("\r\n", "\n").replace("\r", "\n"), "\n\t").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def _kept(text: str, controls: str = "") -> str:
    composed = unicodedata.normalize("NFC", text)
    return "".join(one for one in composed if one in controls or unicodedata.category(one) not in _DROPPED)
