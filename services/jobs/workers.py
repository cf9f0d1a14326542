"""Which workers are alive, on the database's own clock: machines' clocks differ, that one they share."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

import db
from config import VERSION, settings
from db.models.jobs import Worker
from services.jobs.engine import PROVIDER_QUEUE, QUEUE


def beat(worker_id: str, *, hostname: str, pid: int, concurrency: int, running: int, draining: bool) -> None:
    """Say that this worker is alive; writes its row again should another worker have taken it for dead."""
    with db.transaction() as session:
        insert = sqlite.insert if _is_sqlite(session) else postgresql.insert
        moment = _database_time(session, 0)
        statement = insert(Worker).values(
            id=worker_id,
            hostname=hostname,
            pid=pid,
            version=VERSION,
            concurrency=concurrency,
            running=running,
            draining=draining,
            started_at=moment,
            seen_at=moment,
        )
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["id"], set_={"seen_at": moment, "running": running, "draining": draining}
            )
        )


def leave(worker_id: str) -> None:
    """Take the worker's row away: it has ended in good order."""
    with db.transaction() as session:
        session.execute(sa.delete(Worker).where(col(Worker.id) == worker_id))


def alive_ids(session: Session) -> frozenset[str]:
    """Ids of the workers seen within `worker_dead_after_seconds`."""
    return frozenset(session.scalars(sa.select(col(Worker.id)).where(_is_alive(session))))


def capacity(session: Session) -> dict[str, int]:
    """How many jobs of each queue the living workers that still take work can have in hand at once."""
    query = sa.select(sa.func.sum(col(Worker.concurrency)), sa.func.count()).where(
        _is_alive(session), col(Worker.draining).is_(False)
    )
    concurrency, count = session.execute(query).one()
    return {QUEUE: int(concurrency or 0), PROVIDER_QUEUE: count * settings().worker_provider_concurrency}


def any_alive() -> bool:
    """Whether at least one worker is alive."""
    with db.snapshot() as session:
        return bool(alive_ids(session))


def forget_dead(session: Session) -> None:
    """Delete the rows of workers that have not been seen for ten times as long as it takes to be dead."""
    long_ago = _database_time(session, -10 * settings().worker_dead_after_seconds)
    session.execute(sa.delete(Worker).where(col(Worker.seen_at) < long_ago))


def _is_alive(session: Session) -> sa.ColumnElement[bool]:
    return col(Worker.seen_at) >= _database_time(session, -settings().worker_dead_after_seconds)


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _database_time(session: Session, offset_seconds: float) -> sa.ColumnElement[object]:
    """The database's time now plus an offset, in the form that its time columns are stored in."""
    if _is_sqlite(session):
        shift = f"{offset_seconds:+.3f} seconds"
        return sa.func.strftime("%Y-%m-%d %H:%M:%f", "now", shift).op("||")("000")
    return sa.func.clock_timestamp() + sa.func.make_interval(0, 0, 0, 0, 0, 0, offset_seconds)
