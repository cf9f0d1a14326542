"""When the last job of a batch ends: noticed by reading how jobs end, since jobs know nothing of batches."""

from sqlmodel import Session, col, select

import db
from db.models import Batch
from services import events
from services.batches.event_types import BatchCompleted, is_of_batch
from services.batches.views import views_in
from services.events.consumers import Consumer, Recorded
from services.jobs.event_types import JobCancelled, JobCompleted, JobEnded, JobFailed


def note_if_completed(session: Session, batch: Batch) -> None:
    """Record that the batch is completed if none of its jobs waits or runs; once, and once more after a retry. `batch`
    is locked."""
    view = views_in(session, [batch])[0]
    if view.counts.active or view.runs == batch.completed_runs:
        return
    batch.completed_at, batch.completed_runs = db.now(), view.runs
    counts = view.counts
    events.record(
        session,
        BatchCompleted(
            user_id=batch.user_id,
            batch_id=batch.id,
            status=view.status,
            made=counts.made,
            doubtful=counts.doubtful,
            failed=counts.failed,
            cancelled=counts.cancelled,
            credits_charged=view.credits_charged,
        ),
    )


def _handle(session: Session, recorded: Recorded) -> None:
    event = recorded.event
    if not isinstance(event, JobEnded) or not is_of_batch(event):
        return
    batch = session.scalars(select(Batch).where(col(Batch.id) == event.origin_id).with_for_update()).first()
    if batch is not None:
        note_if_completed(session, batch)


COMPLETION = Consumer(name="batch_completion", reads=(JobCompleted, JobFailed, JobCancelled), handle=_handle)
