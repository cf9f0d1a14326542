"""One account, its row locked: the only place that writes ledger transactions and their postings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.clock import now
from db.dialects import insert_for
from db.ids import new_id
from services.credits import statements
from services.credits.tables import ACCOUNTS, HOLDS, POSTINGS, TRANSACTIONS
from services.errors import Conflict, NotFound

AVAILABLE, HELD = "user:available", "user:held"
GRANTED, EARNED, LAPSED = "platform:granted", "platform:earned", "platform:lapsed"

_LOCK = sa.select(ACCOUNTS).where(ACCOUNTS.c.user_id == sa.bindparam("user_id")).with_for_update()
_LOCK_BY_HOLD = (  # whose hold it is never changes, so it need not be read under the lock
    sa.select(ACCOUNTS)
    .where(
        ACCOUNTS.c.user_id == sa.select(HOLDS.c.user_id).where(HOLDS.c.id == sa.bindparam("hold_id")).scalar_subquery()
    )
    .with_for_update(of=ACCOUNTS)
)
_INSERT = sa.insert(ACCOUNTS)
_SAVE = (
    sa.update(ACCOUNTS)
    .where(ACCOUNTS.c.user_id == sa.bindparam("owner"))
    .values({name: sa.bindparam(f"new_{name}") for name in ACCOUNTS.c.keys() if name != "user_id"})  # noqa: SIM118
)
_FIRST = sa.select(TRANSACTIONS.c.id, TRANSACTIONS.c.kind, TRANSACTIONS.c.amount, TRANSACTIONS.c.hold_id).where(
    TRANSACTIONS.c.idempotency_key == sa.bindparam("key")
)


_INSERT_ONCE = {
    dialect: insert_for(dialect, TRANSACTIONS)
    .on_conflict_do_nothing(index_elements=["idempotency_key"])
    .returning(TRANSACTIONS.c.id)
    for dialect in ("postgresql", "sqlite")
}


_INSERT_POSTINGS = sa.insert(POSTINGS)


@dataclass(frozen=True)
class Movement:
    """What a caller asks for and why. `key` is unique within the account; `amount` in credits."""

    kind: str
    amount: int
    key: str
    actor: str
    reason: str = ""
    hold_id: str | None = None
    job_id: str | None = None
    payment_id: str | None = None


@dataclass(frozen=True)
class Recorded:
    """A ledger transaction that was already there under the same key."""

    id: str
    hold_id: str | None


@dataclass
class LockedAccount:
    """A working copy of the account row, which stays locked until the transaction ends.

    What `write` is given waits until `save`, which sends it all at once and the row with it.
    """

    connection: sa.Connection
    user_id: str
    available: int
    held: int
    movements: int
    daily_granted_on: str
    low_warned_on: str
    at: datetime
    _waiting: list[statements.Statement] = field(default_factory=list)

    @property
    def today(self) -> str:
        """The UTC day, ISO."""
        return self.at.date().isoformat()

    @property
    def debt(self) -> int:
        """How far below zero the account is, in credits."""
        return max(0, -self.available)

    def record(self, movement: Movement, postings: dict[str, int]) -> str | None:
        """Write `movement` with `postings` (credits by account, summing to zero); its id, or None if the key was used.

        The unique constraint on the key decides, not a look beforehand.
        """
        ids = self.record_all([(movement, postings)])
        return ids[0] if ids else None

    def record_all(self, entries: Sequence[tuple[Movement, Mapping[str, int]]]) -> list[str]:
        """The same for several movements in order, in one statement; their ids, or none if all keys were used.

        Raises `Conflict` when only some were.
        """
        rows: list[dict[str, Any]] = []
        lines: list[dict[str, Any]] = []
        available, held = self.available, self.held
        for movement, postings in entries:
            if sum(postings.values()):
                raise AssertionError(f"postings of a {movement.kind} do not sum to zero: {postings}")
            available += postings.get(AVAILABLE, 0)
            held += postings.get(HELD, 0)
            row = self._row(movement, self.movements + len(rows) + 1, available, held)
            rows.append(row)
            lines += [
                {"transaction_id": row["id"], "account": account, "user_id": self.user_id, "amount": amount}
                for account, amount in postings.items()
                if amount
            ]
        insert = _INSERT_ONCE[self.connection.dialect.name]
        [inserted] = statements.read(self.connection, (insert, rows))
        if not inserted:
            return []
        if len(inserted) < len(rows):
            raise Conflict("A part of this request was made before. Start again with a new one.")
        if lines:
            self.write(_INSERT_POSTINGS, lines)
        self.available, self.held, self.movements = available, held, self.movements + len(rows)
        return [row["id"] for row in rows]

    def _row(self, movement: Movement, sequence: int, available: int, held: int) -> dict[str, Any]:
        return {
            "id": new_id("ltx"),
            "user_id": self.user_id,
            "sequence": sequence,
            "kind": movement.kind,
            "idempotency_key": f"{self.user_id}:{movement.key}",
            "actor": movement.actor,
            "reason": movement.reason,
            "hold_id": movement.hold_id,
            "job_id": movement.job_id,
            "payment_id": movement.payment_id,
            "amount": movement.amount,
            "available_after": available,
            "held_after": held,
            "created_at": self.at,
        }

    def find_recorded(self, movement: Movement) -> Recorded | None:
        """What `movement`'s key was used for before, if it was.

        Raises `Conflict` when that was something else, or another amount.
        """
        row = self.connection.execute(_FIRST, {"key": f"{self.user_id}:{movement.key}"}).first()
        if row is None:
            return None
        if (row.kind, row.amount) != (movement.kind, movement.amount):
            raise Conflict("This request was made before with other values. Start again with a new one.")
        return Recorded(row.id, row.hold_id)

    def repeated(self, movement: Movement) -> Recorded:
        """Like `find_recorded`, after `record` said that the key was used."""
        first = self.find_recorded(movement)
        assert first is not None
        return first

    def write(self, statement: sa.ClauseElement, parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> None:
        """Run `statement`, or insert several rows with it, when the account is saved, after those before it."""
        self._waiting.append((statement, parameters))

    def save(self) -> None:
        """Write what waits, and the cached balance."""
        self.write(
            _SAVE,
            {
                "owner": self.user_id,
                "new_available": self.available,
                "new_held": self.held,
                "new_movements": self.movements,
                "new_daily_granted_on": self.daily_granted_on,
                "new_low_warned_on": self.low_warned_on,
            },
        )
        statements.write(self.connection, self._waiting)
        self._waiting.clear()


def insert(session: Session, user_id: str) -> None:
    """Make the account row, empty."""
    session.flush()
    empty = {"available": 0, "held": 0, "movements": 0, "daily_granted_on": "", "low_warned_on": ""}
    session.connection().execute(_INSERT, {"user_id": user_id} | empty)


def lock(session: Session, user_id: str) -> LockedAccount:
    """Lock the account until the transaction ends. On SQLite the transaction is exclusive already.

    Raises `NotFound` when the person has no account.
    """
    return _lock(session, (_LOCK, {"user_id": user_id}))[0]


def lock_and_read(session: Session, user_id: str, query: sa.Select[Any]) -> tuple[LockedAccount, Sequence[Any]]:
    """Like `lock`, with the rows of `query`, by its `user_id`, as they are under the lock."""
    parameters = {"user_id": user_id}
    account, [rows] = _lock(session, (_LOCK, parameters), (query, parameters))
    return account, rows


def lock_by_hold(session: Session, hold_id: str, query: sa.Select[Any]) -> tuple[LockedAccount, Sequence[Any]]:
    """Lock the account that a hold is on; the rows of `query`, by its `hold_id`, as they are under the lock.

    Raises `NotFound` when there is no such hold.
    """
    parameters = {"hold_id": hold_id}
    account, [rows] = _lock(session, (_LOCK_BY_HOLD, parameters), (query, parameters))
    return account, rows


def _lock(session: Session, *queries: statements.Statement) -> tuple[LockedAccount, list[Sequence[Any]]]:
    session.flush()  # what the caller has added comes first: the lock is taken late
    connection = session.connection()
    locked, *rows = statements.read(connection, *queries)
    if not locked:
        raise NotFound("There is no such credit account or hold.")
    return LockedAccount(connection, **locked[0]._asdict(), at=now()), rows
