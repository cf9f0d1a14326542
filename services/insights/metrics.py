"""What is counted: every metric as one row of a table, with the statement that computes it from the raw rows.

To add one: write its row here (and, if it reads a table that no metric reads yet, add how its changed rows are found
to `SOURCES`), run `manage.py rebuild-figures`, and name it in `figures.py` where it should be shown.

Each statement gives rows of (day, dimension, value) for the days from `:since` up to before `:until`, both midnight
UTC, and has no row for what is zero. `{day:column}` is the UTC day of a time, `{micros:column}` the time in whole
microseconds, `{steps}` and `{operation}` unfold a recipe: SQLite and PostgreSQL write these differently.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, auto

import sqlalchemy as sa

from db.types import UtcDateTime
from services.accounts.permissions import Permission


class Fold(StrEnum):
    """How the days of a range become one number.

    Only a `SUM` may be added up. In `ACCOUNTS` the dimension is an account, and who was active on two days counts once;
    a `LEVEL` is what all days up to the last have added up to; in `SPREAD` the dimension is a size and the value how
    many had it, from which every percentile can be read.
    """

    SUM = auto()
    ACCOUNTS = auto()
    LEVEL = auto()
    SPREAD = auto()


@dataclass(frozen=True)
class Metric:
    """One thing that is counted day by day, and the permission needed to see it.

    `dimensions` names the parts of a dimension, which are joined by "|" in the roll-up.
    """

    name: str
    fold: Fold
    permission: Permission
    statement: str
    dimensions: tuple[str, ...] = ()


# The part of a dimension that says which checkout a payment went through, always the last part: "stripe" or "test".
# The roll-up keeps both; the report counts the test checkout only where there is no other.
CHECKOUT = "checkout"

_SHOPS = Permission.VIEW_SHOP_FIGURES
_MONEY = Permission.VIEW_MONEY_FIGURES
_ALL_STAFF = Permission.VIEW_FIGURES

_OUTCOME = "CASE WHEN j.status IN ('queued', 'running') THEN 'unfinished' ELSE j.status END"


def _postings(accounts: str) -> str:
    """Credits posted to these accounts, by the day of the movement."""
    return f"""
        SELECT {{day:t.created_at}} AS day, '' AS dimension, SUM(p.amount) AS value
        FROM ledger_transactions t JOIN ledger_postings p ON p.transaction_id = t.id
        WHERE t.created_at >= :since AND t.created_at < :until AND p.account IN ({accounts}) GROUP BY 1
        """  # noqa: S608  our own words, not a person's


def _spread(start: str, end: str) -> str:
    """How many jobs that succeeded took how long between two of their times, in milliseconds to two significant digits.

    Rounding keeps the order of numbers, so the nearest-rank percentile of the rounded durations is exactly the rounded
    percentile of the raw ones.
    """
    return f"""
        SELECT day, CAST((ms + width / 2) / width * width AS VARCHAR(20)) AS dimension, COUNT(*) AS value FROM (
            SELECT day, ms, CASE WHEN ms < 100 THEN 1 WHEN ms < 1000 THEN 10 WHEN ms < 10000 THEN 100
                                 WHEN ms < 100000 THEN 1000 WHEN ms < 1000000 THEN 10000 ELSE 100000 END AS width
            FROM (
                SELECT {{day:j.created_at}} AS day,
                       CASE WHEN j.{end} <= j.{start} THEN 0
                            ELSE ({{micros:j.{end}}} - {{micros:j.{start}}}) / 1000 END AS ms
                FROM jobs j WHERE j.created_at >= :since AND j.created_at < :until
                  AND j.status = 'succeeded' AND j.started_at IS NOT NULL AND j.finished_at IS NOT NULL
            ) taken
        ) measured GROUP BY 1, 2
        """  # noqa: S608


# A payment's day is the day it was paid. What a refund or a dispute takes back is taken from that same day, so that
# the revenue of a day is what its payments are worth now.
_TAKEN_BACK = """
    COALESCE((SELECT SUM(d.withdrawn) FROM payment_disputes d WHERE d.payment_id = p.id), 0) + p.amount_refunded
    """

METRICS = (
    Metric(
        "sign_ups",
        Fold.SUM,
        _SHOPS,
        """
        SELECT {day:u.created_at} AS day, '' AS dimension, COUNT(*) AS value FROM users u
        WHERE u.created_at >= :since AND u.created_at < :until GROUP BY 1
        """,
    ),
    Metric(
        "active_shops",
        Fold.ACCOUNTS,
        _SHOPS,
        """
        SELECT {day:j.created_at} AS day, j.user_id AS dimension, COUNT(*) AS value FROM jobs j
        WHERE j.created_at >= :since AND j.created_at < :until GROUP BY 1, 2
        """,
        ("shop",),
    ),
    Metric(
        "jobs",
        Fold.SUM,
        _SHOPS,
        f"""
        SELECT {{day:j.created_at}} AS day, {_OUTCOME} AS dimension, COUNT(*) AS value FROM jobs j
        WHERE j.created_at >= :since AND j.created_at < :until GROUP BY 1, 2
        """,  # noqa: S608
        ("outcome",),
    ),
    Metric(
        "operations",  # a job counts once for each operation in its recipe
        Fold.SUM,
        _SHOPS,
        f"""
        SELECT {{day:j.created_at}} AS day, {{operation}} || '|' || {_OUTCOME} AS dimension,
               COUNT(DISTINCT j.id) AS value
        FROM jobs j, {{steps}}
        WHERE j.created_at >= :since AND j.created_at < :until AND {{operation}} IS NOT NULL GROUP BY 1, 2
        """,  # noqa: S608
        ("operation", "outcome"),
    ),
    Metric("run_time", Fold.SPREAD, _SHOPS, _spread("started_at", "finished_at"), ("milliseconds",)),
    Metric("wait_time", Fold.SPREAD, _SHOPS, _spread("queued_at", "started_at"), ("milliseconds",)),
    Metric(
        "credits_granted",
        Fold.SUM,
        _ALL_STAFF,
        """
        SELECT day, dimension, SUM(value) AS value FROM (
            SELECT {day:l.created_at} AS day, l.source AS dimension, l.granted AS value FROM credit_lots l
            WHERE l.created_at >= :since AND l.created_at < :until AND l.source <> 'refund'
            UNION ALL
            SELECT {day:t.created_at}, CASE WHEN t.payment_id IS NULL THEN 'taken' ELSE 'reversed' END, t.amount
            FROM ledger_transactions t
            WHERE t.created_at >= :since AND t.created_at < :until AND t.kind = 'adjust' AND t.amount < 0
        ) granted GROUP BY 1, 2
        """,
        ("source",),
    ),
    Metric("credits_spent", Fold.SUM, _ALL_STAFF, _postings("'platform:earned'")),
    Metric("credits_lapsed", Fold.SUM, _ALL_STAFF, _postings("'platform:lapsed'")),
    Metric("credits_outstanding", Fold.LEVEL, _ALL_STAFF, _postings("'user:available', 'user:held'")),
    Metric(
        "payments",
        Fold.SUM,
        _MONEY,
        """
        SELECT {day:p.paid_at} AS day, p.offer || '|' || p.gateway AS dimension, COUNT(*) AS value FROM payments p
        WHERE p.paid_at >= :since AND p.paid_at < :until GROUP BY 1, 2
        """,
        ("offer", CHECKOUT),
    ),
    Metric(
        "paid",
        Fold.SUM,
        _MONEY,
        """
        SELECT {day:p.paid_at} AS day, p.offer || '|' || p.gateway AS dimension, SUM(p.amount) AS value FROM payments p
        WHERE p.paid_at >= :since AND p.paid_at < :until GROUP BY 1, 2
        """,
        ("offer", CHECKOUT),
    ),
    Metric(
        "taken_back",
        Fold.SUM,
        _MONEY,
        f"""
        SELECT day, dimension, SUM(CASE WHEN back > amount THEN amount ELSE back END) AS value FROM (
            SELECT {{day:p.paid_at}} AS day, p.offer || '|' || p.gateway AS dimension, p.amount AS amount,
                   {_TAKEN_BACK} AS back
            FROM payments p WHERE p.paid_at >= :since AND p.paid_at < :until
        ) each_payment GROUP BY 1, 2
        """,  # noqa: S608
        ("offer", CHECKOUT),
    ),
    Metric(
        "provider_calls",
        Fold.SUM,
        _MONEY,
        """
        SELECT {day:c.created_at} AS day, c.operation || '|' || c.model || '|' || c.status AS dimension,
               COUNT(*) AS value
        FROM provider_calls c WHERE c.created_at >= :since AND c.created_at < :until GROUP BY 1, 2
        """,
        ("operation", "model", "status"),
    ),
    Metric(
        "provider_cost",
        Fold.SUM,
        _MONEY,
        """
        SELECT {day:c.created_at} AS day, c.operation || '|' || c.model AS dimension, SUM(c.cost_micros) AS value
        FROM provider_calls c WHERE c.created_at >= :since AND c.created_at < :until GROUP BY 1, 2
        """,
        ("operation", "model"),
    ),
)

BY_NAME = {metric.name: metric for metric in METRICS}

# Of each table that metrics read: the days whose rows were written or changed since `:since`, by the times that every
# change leaves behind (a retried job's `queued_at`, a refunded payment's `updated_at`), and all of its days.
SOURCES = {
    "users": ("SELECT DISTINCT {day:created_at} AS day FROM users", "created_at >= :since"),
    "jobs": (
        "SELECT DISTINCT {day:created_at} AS day FROM jobs",
        "queued_at >= :since OR (status IN ('succeeded', 'failed', 'cancelled') AND finished_at >= :since)",
    ),
    "ledger_transactions": (
        "SELECT DISTINCT {day:created_at} AS day FROM ledger_transactions",
        "created_at >= :since",
    ),
    "payments": (
        "SELECT DISTINCT {day:paid_at} AS day FROM payments",
        "paid_at IS NOT NULL AND (updated_at >= :since"
        " OR id IN (SELECT payment_id FROM payment_disputes WHERE updated_at >= :since))",
    ),
    "provider_calls": (
        "SELECT DISTINCT {day:created_at} AS day FROM provider_calls",
        "created_at >= :since OR finished_at >= :since",
    ),
}


class _Words:
    """A placeholder of a statement that wraps the column after its colon: `{day:created_at}`."""

    def __init__(self, template: str) -> None:
        self._template = template

    def __format__(self, column: str) -> str:
        return self._template.replace("?", column)


# SQLite keeps times as text, "2026-11-21 11:51:11.123456"; its own date functions round to the millisecond.
_DIALECTS: Mapping[str, Mapping[str, object]] = {
    "sqlite": {
        "day": _Words("SUBSTR(?, 1, 10)"),
        "micros": _Words(
            "(CAST(STRFTIME('%s', SUBSTR(?, 1, 19)) AS INTEGER) * 1000000 + CAST(SUBSTR(?, 21, 6) AS INTEGER))"
        ),
        "steps": "JSON_EACH(j.recipe, '$.steps') step",
        "operation": "JSON_EXTRACT(step.value, '$.op')",
    },
    "postgresql": {
        "day": _Words("CAST(? AT TIME ZONE 'UTC' AS DATE)"),
        "micros": _Words("CAST(EXTRACT(EPOCH FROM ?) * 1000000 AS BIGINT)"),
        "steps": "JSONB_ARRAY_ELEMENTS(j.recipe -> 'steps') step(value)",
        "operation": "(step.value ->> 'op')",
    },
}


def in_words_of(dialect: str, statement: str) -> sa.TextClause:
    """`statement` in the dialect of this database, with its times bound like those of our columns."""
    text = sa.text(statement.format_map(_DIALECTS[dialect]))
    bounds = [sa.bindparam(name, type_=UtcDateTime()) for name in ("since", "until") if f":{name}" in statement]
    return text.bindparams(*bounds)
