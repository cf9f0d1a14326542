"""What happened: rows written in the transaction that made it happen, read by consumers with a cursor of their own.

A feature says what happened with `events.record(session, JobCompleted(…))` and knows nobody who reads it.
"""

from services.events.event import Event
from services.events.log import record, record_all

__all__ = ["Event", "record", "record_all"]
