"""The figures of a range worked out by pandas from the raw rows alone: nothing here knows of roll-ups or of their SQL.

And random rows to work them out from.
"""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pandas as pd

import db
from config import settings
from db.ids import new_id
from db.models import (
    CallStatus,
    CreditLot,
    Job,
    LedgerPosting,
    LedgerTransaction,
    Payment,
    PaymentDispute,
    ProviderCall,
    User,
)

OUTCOMES = {"queued": "unfinished", "running": "unfinished"}


@dataclass
class Raw:
    """Every raw table as it is, times as UTC timestamps."""

    users: pd.DataFrame
    jobs: pd.DataFrame
    movements: pd.DataFrame
    postings: pd.DataFrame
    lots: pd.DataFrame
    payments: pd.DataFrame
    disputes: pd.DataFrame
    calls: pd.DataFrame


def read() -> Raw:
    """All of it."""
    models = (User, Job, LedgerTransaction, LedgerPosting, CreditLot, Payment, PaymentDispute, ProviderCall)
    return Raw(*(_table(model) for model in models))


def _table(model: type) -> pd.DataFrame:
    table = model.__table__  # type: ignore[attr-defined]
    with db.snapshot() as session:
        frame = pd.DataFrame(session.execute(table.select()).all(), columns=[column.name for column in table.columns])
    for column in frame.columns:
        if column.endswith("_at"):
            frame[column] = pd.to_datetime(frame[column], utc=True)
    return frame


def figures(raw: Raw, since: date, until: date) -> dict[str, int | None]:
    """Every figure that staff are shown, by its name, for the days from `since` to `until`."""
    users, jobs = _in(raw.users, "created_at", since, until), _in(raw.jobs, "created_at", since, until)
    done = jobs[jobs["status"] == "succeeded"]
    bad = int((jobs["status"] == "failed").sum())
    running = _milliseconds(done, "started_at", "finished_at")
    waiting = _milliseconds(done, "queued_at", "started_at")
    ledger = raw.postings.merge(raw.movements[["id", "created_at"]], left_on="transaction_id", right_on="id")
    posted = _in(ledger, "created_at", since, until)
    paid = _paid(raw, since, until)
    back = int(_taken_back(raw, paid).sum())
    cost = int(_in(raw.calls, "created_at", since, until)["cost_micros"].sum())
    revenue = int(paid["amount"].sum()) - back
    return {
        "sign_ups": len(users),
        "active_shops": jobs["user_id"].nunique(),
        "jobs": len(jobs),
        "success": _share(len(done), bad),
        "run_median": _percentile(running, 50),
        "run_p95": _percentile(running, 95),
        "wait_median": _percentile(waiting, 50),
        "wait_p95": _percentile(waiting, 95),
        "credits_granted": -_posted(posted, "platform:granted"),
        "credits_spent": _posted(posted, "platform:earned"),
        "credits_lapsed": _posted(posted, "platform:lapsed"),
        "credits_outstanding": outstanding(raw, until),
        "revenue": revenue,
        "payments": len(paid),
        "taken_back": back,
        "provider_cost": cost,
        "margin": revenue * 10_000 - cost,
    }


def outstanding(raw: Raw, day: date) -> int:
    """Credits that people hold or have set aside at the end of a day."""
    ledger = raw.postings.merge(raw.movements[["id", "created_at"]], left_on="transaction_id", right_on="id")
    return _posted(ledger[ledger["created_at"] < _midnight(day + timedelta(days=1))], "user:available", "user:held")


def jobs_by_outcome(raw: Raw, since: date, until: date) -> dict[tuple[date, str], int]:
    """How many jobs started on which day are in which state now."""
    jobs = _in(raw.jobs, "created_at", since, until)
    outcome = jobs["status"].replace(OUTCOMES)
    counted = jobs.groupby([jobs["created_at"].dt.date, outcome]).size()
    return {key: int(value) for key, value in counted.items()}  # type: ignore[misc]


def jobs_by_operation(raw: Raw, since: date, until: date) -> dict[tuple[str, str], int]:
    """How many jobs with an operation are in which state; a job counts once for each of its operations."""
    jobs = _in(raw.jobs, "created_at", since, until)
    counts: dict[tuple[str, str], int] = {}
    for recipe, status in zip(jobs["recipe"], jobs["status"], strict=True):
        for operation in {step["op"] for step in recipe.get("steps", [])}:
            key = (operation, OUTCOMES.get(status, status))
            counts[key] = counts.get(key, 0) + 1
    return counts


def by_day(raw: Raw, since: date, until: date) -> dict[str, dict[date, int]]:
    """Every number that is drawn as a series, by its metric: the days on which it is not zero."""
    days = [since + timedelta(days=ahead) for ahead in range((until - since).days + 1)]
    each = {day: figures(raw, day, day) for day in days}
    drawn = (
        *("sign_ups", "active_shops", "credits_granted", "credits_spent", "credits_lapsed"),
        *("payments", "taken_back", "provider_cost"),
    )
    found = {metric: {day: each[day][metric] or 0 for day in days if each[day][metric]} for metric in drawn}
    paid = _paid(raw, since, until)
    summed = paid.groupby(paid["paid_at"].dt.date)["amount"].sum()
    return found | {"paid": {day: int(value) for day, value in summed.items() if value}}


def by_offer(raw: Raw, since: date, until: date) -> dict[str, dict[tuple[str, ...], int]]:
    """Payments, cents paid, and cents refunded or disputed of each offer and checkout, where there are any."""
    paid = _paid(raw, since, until)
    paid = paid.assign(one=1, back=_taken_back(raw, paid))
    columns = {"payments": "one", "paid": "amount", "taken_back": "back"}
    return {
        metric: {
            key: int(value)  # type: ignore[misc]
            for key, value in paid.groupby(["offer", "gateway"])[column].sum().items()
            if value
        }
        for metric, column in columns.items()
    }


def _taken_back(raw: Raw, paid: pd.DataFrame) -> "pd.Series[float]":
    """Of each payment, the cents refunded or disputed: never more than was paid."""
    withdrawn = paid["id"].map(raw.disputes.groupby("payment_id")["withdrawn"].sum()).astype("float64").fillna(0)
    return np.minimum(paid["amount"], paid["amount_refunded"] + withdrawn)


def calls_by_model_and_status(raw: Raw, since: date, until: date) -> dict[tuple[str, ...], int]:
    """How many calls of an operation to a model ended how."""
    calls = _in(raw.calls, "created_at", since, until)
    return {key: int(n) for key, n in calls.groupby(["operation", "model", "status"]).size().items()}  # type: ignore[misc]


def granted_by_source(raw: Raw, since: date, until: date) -> dict[str, int]:
    """Credits given by source; what was taken again is below zero."""
    lots = _in(raw.lots, "created_at", since, until)
    taken = _in(raw.movements, "created_at", since, until)
    taken = taken[(taken["kind"] == "adjust") & (taken["amount"] < 0)]
    found = lots[lots["source"] != "refund"].groupby("source")["granted"].sum().to_dict()
    for name, rows in (("reversed", taken[taken["payment_id"].notna()]), ("taken", taken[taken["payment_id"].isna()])):
        if len(rows):
            found[name] = rows["amount"].sum()
    return {str(source): int(value) for source, value in found.items()}


def cost_by_model(raw: Raw, since: date, until: date) -> dict[tuple[str, str], int]:
    """Millionths of a US dollar by operation and model, where there are any."""
    calls = _in(raw.calls, "created_at", since, until)
    summed = calls.groupby(["operation", "model"])["cost_micros"].sum()
    return {key: int(value) for key, value in summed.items() if value}  # type: ignore[misc]


def _paid(raw: Raw, since: date, until: date) -> pd.DataFrame:
    """Payments by the checkout that there is: simulated ones where nobody really pays, else all others."""
    counted = raw.payments[(raw.payments["gateway"] == "test") == (settings().stripe_api_key is None)]
    return _in(counted, "paid_at", since, until)


def _in(frame: pd.DataFrame, column: str, since: date, until: date) -> pd.DataFrame:
    return frame[(frame[column] >= _midnight(since)) & (frame[column] < _midnight(until + timedelta(days=1)))]


def _midnight(day: date) -> pd.Timestamp:
    return pd.Timestamp(datetime.combine(day, time(), tzinfo=UTC))


def _posted(rows: pd.DataFrame, *accounts: str) -> int:
    return int(rows.loc[rows["account"].isin(accounts), "amount"].sum())


def _milliseconds(jobs: pd.DataFrame, start: str, end: str) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    timed = jobs[jobs["started_at"].notna() & jobs["finished_at"].notna()]
    taken = (timed[end] - timed[start]) // pd.Timedelta(milliseconds=1)
    return taken.clip(lower=0).to_numpy(dtype="int64")


def _percentile(values: "np.ndarray[tuple[int], np.dtype[np.int64]]", percent: int) -> int | None:
    """numpy's own percentile of the raw values; only then rounded to two digits, half up."""
    if not len(values):
        return None
    exact = int(np.percentile(values, percent, method="inverted_cdf"))
    digits = max(0, len(str(exact)) - 2)
    unit = 10**digits
    return (exact + unit // 2) // unit * unit


def _share(good: int, bad: int) -> int | None:
    return int(np.floor(1000 * good / (good + bad) + 0.5)) if good + bad else None


def write_random_rows(seed: int, first: date, days: int) -> None:
    """Raw rows as a careless world might leave them: odd moments, days without anything, retried and unfinished jobs,
    payments refunded in part, won and lost disputes, calls that cost nothing."""
    pick = random.Random(seed)
    edge = [timedelta(0), timedelta(days=1) - timedelta(microseconds=1), timedelta(hours=12, microseconds=999_999)]
    start = datetime.combine(first, time(), tzinfo=UTC)

    def moment() -> datetime:
        within = pick.choice(edge) if pick.random() < 0.1 else timedelta(microseconds=pick.randrange(86_400_000_000))
        return start + timedelta(days=pick.randrange(days)) + within

    owners = [new_id("usr") for _ in range(pick.randint(1, 12))]
    emails = {owner: f"{owner}@example.test" for owner in owners}
    rows: list[object] = [
        User(id=owner, email=emails[owner], email_key=emails[owner], password_hash="", created_at=moment())
        for owner in owners
    ]
    with db.transaction() as session:
        session.add_all(rows)
    operations = ["enhance", "background", "remove_background", "restyle"]
    jobs = []
    for _ in range(pick.randint(0, 120)):
        queued = moment()
        started = queued + timedelta(microseconds=pick.choice([0, -5, 999, pick.randrange(9_000_000)]))
        status = pick.choice(["succeeded", "succeeded", "succeeded", "failed", "cancelled", "queued", "running"])
        ended = status in ("succeeded", "failed", "cancelled")
        took = timedelta(milliseconds=pick.choice([0, 994, 995, 99_500, 10 ** pick.randrange(7)]))
        took += timedelta(microseconds=pick.randrange(10 ** pick.randrange(3, 8)))
        steps = [{"op": pick.choice(operations), "params": {}} for _ in range(pick.randint(0, 3))]
        jobs.append(
            Job(
                user_id=pick.choice(owners),
                status=status,
                priority=1,
                input_asset_id="ast_1",
                recipe={"steps": steps} if pick.random() < 0.95 else {},
                created_at=queued - timedelta(days=pick.choice([0, 0, 0, 1])),  # retried a day later
                queued_at=queued,
                started_at=None if status == "queued" else started,
                finished_at=started + took if ended else None,
            )
        )
    payments = [
        Payment(
            user_id=pick.choice(owners),
            offer=pick.choice(["pack_50", "pack_200", "custom"]),
            credits=200,
            amount=amount,
            status=pick.choice(["succeeded", "refunded", "disputed", "open"]),
            amount_refunded=pick.choice([0, 0, amount, pick.randint(0, amount)]),
            gateway=pick.choice(["test", "stripe"]),
            created_at=moment(),
            paid_at=None if pick.random() < 0.2 else moment(),
        )
        for amount in (pick.choice([499, 1499, 2999, pick.randint(1, 400_000)]) for _ in range(pick.randint(0, 30)))
    ]
    with db.transaction() as session:
        session.add_all([*jobs, *payments])
    others: list[object] = [
        PaymentDispute(
            id=new_id("dp"),
            payment_id=payment.id,
            withdrawn=pick.choice([0, payment.amount, payment.amount // 2]),
            status="needs_response",
            as_of=moment(),
        )
        for payment in payments
        if pick.random() < 0.2
    ]
    for number in range(pick.randint(0, 60) if jobs else 0):
        job = pick.choice(jobs)
        others.append(
            ProviderCall(
                job_id=job.id,
                user_id=job.user_id,
                step=0,
                attempt=number + 1,
                provider="gemini",
                model=pick.choice(["gemini-2.5-flash-image", "another/model"]),
                operation=pick.choice(["restyle", "ai_background"]),
                status=pick.choice(list(CallStatus)),
                cost_micros=pick.choice([0, 39_000, 2_000_000_000]),
                created_at=moment(),
            )
        )
    with db.transaction() as session:
        session.add_all(others)
    _write_movements(pick, owners, moment)


def _write_movements(pick: random.Random, owners: list[str], moment) -> None:  # type: ignore[no-untyped-def]
    movements, legs, lots = [], [], []
    for owner in owners:
        for sequence in range(1, pick.randint(1, 40)):
            at, amount = moment(), pick.randint(1, 3000)
            kind = pick.choice(["grant", "hold", "capture", "lapse", "adjust", "refund"])
            signed = -amount if kind == "adjust" and pick.random() < 0.5 else amount
            movement = LedgerTransaction(
                id=new_id("ltx"),
                user_id=owner,
                sequence=sequence,
                kind=kind,
                idempotency_key=f"{owner}:{sequence}",
                actor="test",
                payment_id=pick.choice([None, "pay_1"]),
                amount=signed,
                available_after=0,
                held_after=0,
                created_at=at,
            )
            movements.append(movement)
            postings = {
                "grant": {"user:available": amount, "platform:granted": -amount},
                "hold": {"user:available": -amount, "user:held": amount},
                "capture": {"user:held": -amount, "platform:earned": amount},
                "lapse": {"user:available": -amount, "platform:lapsed": amount},
                "adjust": {"user:available": signed, "platform:granted": -signed},
                "refund": {"user:available": amount, "platform:earned": -amount},
            }[kind]
            legs += [
                LedgerPosting(transaction_id=movement.id, account=account, user_id=owner, amount=leg)
                for account, leg in postings.items()
            ]
            if kind in ("grant", "refund") or (kind == "adjust" and signed > 0):
                source = {"grant": pick.choice(["daily", "purchase"]), "refund": "refund", "adjust": "admin"}[kind]
                lots.append(CreditLot(user_id=owner, source=source, granted=amount, remaining=amount, created_at=at))
    with db.transaction() as session:
        session.add_all(movements)
    with db.transaction() as session:
        session.add_all([*legs, *lots])
