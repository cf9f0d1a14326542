"""What happens to credits that others want to know."""

from typing import ClassVar

from services.events import Event


class CreditsLow(Event):
    """Few credits are left, after some were spent: at most once a day for an account."""

    kind: ClassVar[str] = "credits.low"

    user_id: str
    available: int
