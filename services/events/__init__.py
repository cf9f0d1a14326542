"""What happened: rows written in the transaction that made it happen, read by consumers with a cursor each.

A feature records `events.record(session, JobCompleted(…))` and does not know who reads it.
"""

from services.events.event import Event
from services.events.log import record, record_all

__all__ = ["Event", "record", "record_all"]
