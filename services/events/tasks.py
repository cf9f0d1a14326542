"""What workers do for the log of events: remove old ones."""

from datetime import timedelta

from services.engine.schedules import Schedule
from services.events import retention

SCHEDULES = (Schedule("event_retention", every=timedelta(days=1), run=retention.sweep, retry_after=timedelta(hours=1)),)
