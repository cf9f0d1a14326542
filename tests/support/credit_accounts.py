"""People with credit accounts and jobs, written straight into the database."""

from datetime import UTC, datetime, timedelta

from db import clock, new_id, transaction
from db.models import Job, JobStatus, Role, User
from services.accounts.actor import Actor
from services.credits import ledger


def open_person(role: Role = Role.USER) -> Actor:
    """A person with an open account, as an actor."""
    user_id = new_id("usr")
    email = f"{user_id}@example.test"
    with transaction() as session:
        session.add(User(id=user_id, email=email, email_key=email, password_hash="", role=role))
        ledger.open_account(session, user_id)
    return Actor(id=user_id, email=email, name="", role=role, tier="free")


def queue_job(user_id: str) -> str:
    """A queued job, which no worker knows; its id."""
    job_id = new_id("job")
    with transaction() as session:
        session.add(Job(id=job_id, user_id=user_id, priority=1, recipe={}, input_asset_id="ast_1"))
    return job_id


def end_job(job_id: str) -> None:
    """Mark the job succeeded."""
    with transaction() as session:
        job = session.get_one(Job, job_id)
        job.status = JobStatus.SUCCEEDED


def later(by: timedelta = timedelta()) -> None:
    """Move the clock to `by` after today's noon UTC: far enough from midnight for a test not to run into it."""
    real = datetime.now(UTC)
    clock.travel(real.replace(hour=12, minute=0, second=0, microsecond=0) - real + by)
