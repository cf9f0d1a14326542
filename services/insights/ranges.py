"""Ranges of whole UTC days, each with the period before it."""

from dataclasses import dataclass
from datetime import date, timedelta

from db.clock import now
from services.errors import FieldError, Invalid

LONGEST = 731  # days


@dataclass(frozen=True)
class DayRange:
    """The days from `since` to `until`, both included."""

    since: date
    until: date

    @property
    def days(self) -> int:
        return (self.until - self.since).days + 1

    @property
    def dates(self) -> list[date]:
        """Every day, in order."""
        return [self.since + timedelta(days=ahead) for ahead in range(self.days)]

    @property
    def before(self) -> "DayRange":
        """The equally long range that ends the day before this one begins."""
        return DayRange(self.since - timedelta(days=self.days), self.since - timedelta(days=1))

    @property
    def includes_today(self) -> bool:
        return self.until >= today()


def today() -> date:
    """The current UTC day."""
    return now().date()


def last(days: int) -> DayRange:
    """The last `days` days, ending today."""
    return DayRange(today() - timedelta(days=days - 1), today())


def between(since: date, until: date) -> DayRange:
    """The range from one day to another. Raises `Invalid` if it ends before it begins, is longer than two years, or
    has no equally long period before it."""
    if until < since:
        raise _invalid("The range ends before it begins. Choose a later last day.")
    chosen = DayRange(since, until)
    if chosen.days > LONGEST:
        raise _invalid(f"Choose at most {LONGEST} days.")
    if since - date.min < timedelta(days=chosen.days):
        raise _invalid("Choose a later first day: there is no period before this one.")
    return chosen


def _invalid(message: str) -> Invalid:
    return Invalid(message, errors=(FieldError("range", message),))
