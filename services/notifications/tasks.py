"""What workers do for the inbox: write the notices of what happened."""

from datetime import timedelta

from services.engine.schedules import Schedule
from services.events.consumers import consume
from services.events.log import RECORDED
from services.notifications.consumer import INBOX

_PATIENCE_SECONDS = 2.0


def write_notices() -> None:
    """Bring the inbox up to date with the log."""
    consume(INBOX, _PATIENCE_SECONDS)


SCHEDULES = (Schedule("inbox", every=timedelta(minutes=1), run=write_notices, woken_by=RECORDED),)
