"""Figures of the staff's analytics in words: units, changes, dates."""

from datetime import date

from services.insights.figures import MICROS_PER_CENT, Unit
from services.insights.ranges import DayRange

NOTHING = "—"


def in_words(unit: Unit, value: int | None) -> str:
    """`in_words(Unit.CENTS, 149900)` -> "$1,499.00"; durations carry two digits, as they are counted."""
    if value is None:
        return NOTHING
    sign, size = ("−" if value < 0 else ""), abs(value)
    if unit is Unit.CENTS:
        return f"{sign}${size // 100:,}.{size % 100:02}"
    if unit is Unit.MICROS:
        return in_words(Unit.CENTS, (1 if value >= 0 else -1) * ((size + MICROS_PER_CENT // 2) // MICROS_PER_CENT))
    if unit is Unit.MILLISECONDS:
        return _seconds(size)
    if unit is Unit.SHARE:
        return f"{size // 10}.{size % 10}%"
    return f"{sign}{size:,}"


def _seconds(milliseconds: int) -> str:
    if milliseconds < 1000:
        return f"{milliseconds} ms"
    return f"{milliseconds / 1000:.1f} s" if milliseconds < 10_000 else f"{milliseconds // 1000:,} s"


def change(unit: Unit, value: int | None, before: int | None) -> str:
    """What became of it since the period before: "+12%, was 1,204"."""
    if before is None:
        return "nothing before"
    was = f"was {in_words(unit, before)}"
    if value is None or before <= 0:
        return was
    if value == before:
        return f"unchanged, {was}"
    if unit is Unit.SHARE:
        points = value - before
        return f"{_sign(points)}{abs(points) // 10}.{abs(points) % 10} points, {was}"
    percent = abs(round(100 * (value - before) / before))
    return f"{_sign(value - before)}{percent:,}%, {was}"


def _sign(amount: int) -> str:
    return "+" if amount > 0 else "−"


def day(moment: date) -> str:
    """`21 Nov 2026`."""
    return f"{moment.day} {moment:%b %Y}"


def days(chosen: DayRange) -> str:
    """`15 Nov 2026 to 21 Nov 2026`, or the one day."""
    return day(chosen.since) if chosen.days == 1 else f"{day(chosen.since)} to {day(chosen.until)}"


def label(name: str) -> str:
    """A dimension's value for people: "pack_200" -> "Pack 200"."""
    return name.replace("_", " ").replace("-", " ").capitalize()
