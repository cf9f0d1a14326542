"""Credits, money, times and durations in words."""

from datetime import datetime
from decimal import Decimal

from components.kit.counts import counted
from db.clock import now


def credits(amount: int) -> str:
    """`1` -> "1 credit", `-3` -> "−3 credits"."""
    return f"{'−' if amount < 0 else ''}{counted(abs(amount), 'credit')}"


def signed(amount: int) -> str:
    """`5` -> "+5", `-5` -> "−5" (a real minus sign), `0` -> "0"."""
    return f"+{amount:,}" if amount > 0 else f"−{-amount:,}" if amount < 0 else "0"


def price(cents: int) -> str:
    """`1499` -> "$14.99"."""
    return f"${cents // 100:,}.{cents % 100:02}"


def per_credit(cents: Decimal) -> str:
    """`7.4950` -> "7.5¢ a credit"."""
    return f"{cents:.1f}¢ a credit"


def ago(moment: datetime | None) -> str:
    """How long ago, coarsely: "just now", "5 min ago", "3 h ago", then the date."""
    if moment is None:
        return "never"
    seconds = (now() - moment).total_seconds()
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{int(seconds // 60)} min ago"
    if seconds < 86_400:
        return f"{int(seconds // 3600)} h ago"
    return day(moment)


def day(moment: datetime) -> str:
    """`21 November 2026`, in UTC."""
    return f"{moment.day} {moment:%B %Y}"


def clock_time(moment: datetime) -> str:
    """`21 Nov 2026, 14:05 UTC`."""
    return f"{moment.day} {moment:%b %Y, %H:%M} UTC"
