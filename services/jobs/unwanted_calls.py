"""Providers' jobs that nobody waits for any more: cancelled with the provider, as far as it lets us."""

import logging
from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import col

import db
from db.clock import now
from db.models.jobs import Job
from db.models.providers import CallStatus, ProviderCall
from services.jobs.views import ACTIVE
from services.studio.providers import registry

log = logging.getLogger(__name__)

_GIVE_UP_AFTER = timedelta(hours=1)
_BATCH = 100


def cancel_unwanted() -> int:
    """Cancel the providers' jobs whose own job was cancelled or has ended otherwise; how many are done with."""
    query = (
        sa.select(col(ProviderCall.id), col(ProviderCall.provider), col(ProviderCall.vendor_id))
        .join(Job, col(Job.id) == col(ProviderCall.job_id))
        .where(
            col(ProviderCall.status) == CallStatus.STARTED,
            col(ProviderCall.vendor_id).is_not(None),
            sa.or_(col(Job.status).not_in(ACTIVE), col(Job.run) != col(ProviderCall.run)),
        )
        .limit(_BATCH)
    )
    with db.snapshot() as session:
        found = session.execute(query).all()
    return sum(_cancel(*row) for row in found)


def _cancel(call_id: str, provider: str, vendor_id: str) -> bool:
    """Whether it is done with: cancelled, or it cannot be."""
    cause, again = "cancelled, for its job is over", False
    known = registry.find(provider)
    try:
        if known is not None and known.is_configured:
            known.open().cancel(vendor_id)
    except Exception as error:  # noqa: BLE001  whatever it was, the job of ours is over
        cause, again = f"not cancelled: {error!r}"[:500], True
        log.warning("%s did not cancel its job %s: %s", provider, vendor_id, error)
    with db.transaction() as session:
        row = session.get_one(ProviderCall, call_id)
        if row.status != CallStatus.STARTED or (again and now() - row.created_at < _GIVE_UP_AFTER):
            return False
        row.sqlmodel_update({"status": CallStatus.FAILED, "error_code": "cancelled", "cause": cause})
        row.finished_at = now()
        session.add(row)
    return True
