"""What workers do for batches: notice which are completed."""

from datetime import timedelta

from services.batches.completion import COMPLETION
from services.engine.schedules import Schedule
from services.events.consumers import consume
from services.events.log import RECORDED

_PATIENCE_SECONDS = 2.0


def note_completed() -> None:
    """Bring the batches up to date with how their jobs ended."""
    consume(COMPLETION, _PATIENCE_SECONDS)


SCHEDULES = (Schedule("batch_completion", every=timedelta(minutes=1), run=note_completed, woken_by=RECORDED),)
