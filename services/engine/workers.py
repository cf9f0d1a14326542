"""Which workers are alive, on the database's own clock: machines' clocks differ, that one they share."""

import sqlalchemy as sa
from sqlmodel import Session, col

import db
from config import VERSION, settings
from db.dialects import insert
from db.models.engine import Worker


def beat(worker_id: str, *, hostname: str, pid: int, concurrency: int, running: int, draining: bool) -> None:
    """Say that this worker is alive; writes its row again should another worker have taken it for dead."""
    with db.transaction() as session:
        moment = _database_time(session, 0)
        statement = insert(session, Worker).values(
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
    """Delete the worker's row: it has ended in good order."""
    with db.transaction() as session:
        session.execute(sa.delete(Worker).where(col(Worker.id) == worker_id))


def alive_ids(session: Session) -> frozenset[str]:
    """Ids of the workers seen within `worker_dead_after_seconds`."""
    return frozenset(session.scalars(sa.select(col(Worker.id)).where(_is_alive(session))))


def capacity(session: Session) -> tuple[int, int]:
    """How many workers are alive and take work, and how many heavy jobs they can do at once together."""
    query = sa.select(sa.func.count(), sa.func.sum(col(Worker.concurrency))).where(
        _is_alive(session), col(Worker.draining).is_(False)
    )
    count, places = session.execute(query).one()
    return int(count), int(places or 0)


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
