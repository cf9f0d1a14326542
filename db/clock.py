"""The one clock, so that a test can move it."""

from datetime import UTC, datetime, timedelta

_offset = timedelta()


def now() -> datetime:
    """The current time, timezone-aware, UTC."""
    return datetime.now(UTC) + _offset


def travel(by: timedelta) -> None:
    """Move this process's clock by `by` from the real time. For tests; `travel(timedelta())` returns."""
    global _offset
    _offset = by
