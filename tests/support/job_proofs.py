"""What must be true after any mishap: every job ended once, and every credit is accounted for."""

from collections import Counter

from sqlmodel import col, select

import db
from db.models.credits import CreditHold, LedgerTransaction
from db.models.events import EventRow
from db.models.jobs import Job, JobStatus
from db.models.library import Asset
from services import credits
from services.accounts.actor import Actor
from services.jobs.views import ENDED
from tests.support.job_workers import statuses


def ended() -> int:
    return sum(status in ENDED for status in statuses().values())


def some_open() -> bool:
    return not set(statuses().values()) <= set(ENDED)


def assert_every_job_ended_once(owner: Actor, count: int, credits_before: int) -> None:
    """One capture, one resolved hold, one result, one event a job; the balance and the ledger agree."""
    with db.snapshot() as session:
        rows = session.exec(select(Job)).all()
        captures = session.exec(select(LedgerTransaction.job_id).where(LedgerTransaction.kind == "capture")).all()
        open_holds = session.exec(select(CreditHold.id).where(CreditHold.state == "held")).all()
        results = session.exec(select(Asset.job_id).where(col(Asset.job_id).is_not(None))).all()
        completed = session.exec(select(EventRow.subject_ids).where(EventRow.kind == "job.completed")).all()
    assert [(row.id, row.error_code, row.error_message) for row in rows if row.status != JobStatus.SUCCEEDED] == []
    assert len(rows) == count
    once = {row.id: 1 for row in rows}
    assert Counter(captures) == once
    assert Counter(results) == once
    assert Counter(subjects["job_id"] for subjects in completed) == once
    assert all(row.credits_charged == 1 and row.credits_held == 0 for row in rows)
    assert open_holds == []
    balance = credits.balance(owner)
    assert (balance.available, balance.held) == (credits_before - count, 0)
    assert credits.verify_ledger() == []
