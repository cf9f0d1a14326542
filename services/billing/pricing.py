"""What credits cost, in US cents. Exact arithmetic; a price is rounded to the cent once, half up."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from services.billing.formatting import format_credits
from services.errors import FieldError, Invalid

MIN_CREDITS = 300
MAX_CREDITS = 50_000
CENTS_PER_CREDIT = 10
DISCOUNT_FROM = 2_100
MIN_DISCOUNT = 10  # percent, at DISCOUNT_FROM
MAX_DISCOUNT = 25  # percent, at MAX_CREDITS


@dataclass(frozen=True)
class Price:
    """What `credits` credits cost: `total` in cents, `unit_price` in cents a credit, and the same to 4 places.

    `discount_percent` is against $0.10 a credit, to 2 places.
    """

    credits: int
    discount_percent: Decimal
    unit_price: int
    unit_price_decimal: Decimal
    total: int


@dataclass(frozen=True)
class Offer:
    """Something that can be bought at a known price: a pack, the plan, or ("custom") any amount."""

    id: str
    kind: str
    name: str
    price: Price


def calculate(credits: int) -> Price:
    """The price of any amount from 300 to 50 000 credits.

    $0.10 a credit; no discount below 2,100, then 10% rising in a straight line to 25% at 50,000.
    Raises `Invalid` outside that range.
    """
    if not MIN_CREDITS <= credits <= MAX_CREDITS:
        message = f"Choose between {MIN_CREDITS} and {MAX_CREDITS:,} credits.".replace(",", " ")
        raise Invalid(message, errors=(FieldError("credits", message),))
    discount = _discount(credits)
    return _price(credits, credits * CENTS_PER_CREDIT * (100 - discount) / 100, discount)


def _discount(credits: int) -> Fraction:
    """Percent off, exactly."""
    if credits < DISCOUNT_FROM:
        return Fraction(0)
    way = Fraction(credits - DISCOUNT_FROM, MAX_CREDITS - DISCOUNT_FROM)
    return MIN_DISCOUNT + way * (MAX_DISCOUNT - MIN_DISCOUNT)


def _price(credits: int, cents: Fraction, discount: Fraction) -> Price:
    unit = cents / credits
    return Price(
        credits=credits,
        discount_percent=_rounded(discount, 2),
        unit_price=int(_rounded(unit, 0)),
        unit_price_decimal=_rounded(unit, 4),
        total=int(_rounded(cents, 0)),
    )


def _rounded(value: Fraction, places: int) -> Decimal:
    """`value`, not negative, rounded half up."""
    scaled = value * 10**places
    return Decimal((2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)).scaleb(-places)


def _pack(credits: int, cents: int) -> Offer:
    full = credits * CENTS_PER_CREDIT
    price = _price(credits, Fraction(cents), Fraction(100 * (full - cents), full))
    return Offer(f"pack_{credits}", "pack", format_credits(credits), price)


def custom(credits: int) -> Offer:
    """Any amount of credits, as something that can be bought. Raises `Invalid` like `calculate`."""
    return Offer("custom", "custom", format_credits(credits), calculate(credits))


def chosen(*, pack: str | None = None, credits: int | None = None, plan: str | None = None) -> Offer:
    """What somebody wants to buy: exactly one of a pack's id, an amount of credits, a plan's id. Raises `Invalid`."""
    if sum(choice is not None for choice in (pack, credits, plan)) != 1:
        message = "Choose a pack, an amount of credits or a plan: exactly one of them."
        raise Invalid(message, errors=tuple(FieldError(name, message) for name in ("pack", "credits", "plan")))
    if credits is not None:
        return custom(credits)
    field, offers, wanted = ("pack", PACKS, pack) if pack is not None else ("plan", PLANS, plan)
    for offer in offers:
        if offer.id == wanted:
            return offer
    message = f"There is no such {field}. On sale: {', '.join(offer.id for offer in offers)}."
    raise Invalid(message, errors=(FieldError(field, message),))


PACKS = (_pack(50, 499), _pack(200, 1499), _pack(500, 2999))
PLANS = (Offer("plan_2100", "plan", format_credits(DISCOUNT_FROM), calculate(DISCOUNT_FROM)),)
