"""Proof that the books are right: each check is one statement that finds what contradicts them, or nothing.

One statement sees one state of the database, so that the proof holds while credits are being spent.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from db.connection import snapshot


@dataclass(frozen=True)
class Discrepancy:
    """Something in the books that contradicts something else: `subject` is the id of what is wrong."""

    kind: str
    subject: str
    detail: str


@dataclass(frozen=True)
class _Check:
    kind: str
    detail: str  # a format string over the columns of the statement
    statement: str


_CHECKS = (
    _Check(
        "unbalanced_transaction",
        "its postings sum to {total}",
        """
        SELECT transaction_id AS subject, SUM(amount) AS total
        FROM ledger_postings GROUP BY transaction_id HAVING SUM(amount) <> 0
        """,
    ),
    _Check(
        "unposted_transaction",
        "a {kind} of {amount} has no postings",
        """
        SELECT t.id AS subject, t.kind, t.amount FROM ledger_transactions t
        WHERE t.amount <> 0 AND NOT EXISTS (SELECT 1 FROM ledger_postings p WHERE p.transaction_id = t.id)
        """,
    ),
    _Check(
        "misfiled_posting",
        "{account} was posted for {posted_for}, the transaction is of {user_id}",
        """
        SELECT t.id AS subject, p.account, p.user_id AS posted_for, t.user_id
        FROM ledger_postings p JOIN ledger_transactions t ON t.id = p.transaction_id WHERE p.user_id <> t.user_id
        """,
    ),
    _Check(
        "balance_differs_from_postings",
        "cached {available} available and {held} held, posted {posted_available} and {posted_held}",
        """
        SELECT a.user_id AS subject, a.available, a.held,
               COALESCE(p.available, 0) AS posted_available, COALESCE(p.held, 0) AS posted_held
        FROM credit_accounts a LEFT JOIN (
            SELECT user_id,
                   SUM(CASE WHEN account = 'user:available' THEN amount ELSE 0 END) AS available,
                   SUM(CASE WHEN account = 'user:held' THEN amount ELSE 0 END) AS held
            FROM ledger_postings GROUP BY user_id
        ) p ON p.user_id = a.user_id
        WHERE a.available <> COALESCE(p.available, 0) OR a.held <> COALESCE(p.held, 0)
        """,
    ),
    _Check(
        "transaction_without_account",
        "{count} transactions of a person without a credit account",
        """
        SELECT t.user_id AS subject, COUNT(*) AS count FROM ledger_transactions t
        WHERE NOT EXISTS (SELECT 1 FROM credit_accounts a WHERE a.user_id = t.user_id) GROUP BY t.user_id
        """,
    ),
    _Check(
        "broken_sequence",
        "the account counts {movements} movements, there are {found}, the last is number {last}",
        """
        SELECT a.user_id AS subject, a.movements, COALESCE(t.found, 0) AS found, COALESCE(t.last, 0) AS last
        FROM credit_accounts a LEFT JOIN (
            SELECT user_id, COUNT(*) AS found, MAX(sequence) AS last FROM ledger_transactions GROUP BY user_id
        ) t ON t.user_id = a.user_id
        WHERE a.movements <> COALESCE(t.found, 0) OR a.movements <> COALESCE(t.last, 0)
        """,
    ),
    _Check(
        "wrong_running_balance",
        "it says {available_after} available and {held_after} held, the postings up to it say {available} and {held}",
        """
        SELECT id AS subject, available_after, held_after, available, held FROM (
            SELECT t.id, t.available_after, t.held_after,
                   SUM(COALESCE(a.amount, 0)) OVER (PARTITION BY t.user_id ORDER BY t.sequence) AS available,
                   SUM(COALESCE(h.amount, 0)) OVER (PARTITION BY t.user_id ORDER BY t.sequence) AS held
            FROM ledger_transactions t
            LEFT JOIN ledger_postings a ON a.transaction_id = t.id AND a.account = 'user:available'
            LEFT JOIN ledger_postings h ON h.transaction_id = t.id AND h.account = 'user:held'
        ) running WHERE available_after <> available OR held_after <> held
        """,
    ),
    _Check(
        "lots_differ_from_available",
        "{available} available, {remaining} left in lots",
        """
        SELECT a.user_id AS subject, a.available, COALESCE(l.remaining, 0) AS remaining
        FROM credit_accounts a LEFT JOIN (
            SELECT user_id, SUM(remaining) AS remaining FROM credit_lots WHERE remaining > 0 GROUP BY user_id
        ) l ON l.user_id = a.user_id
        WHERE COALESCE(l.remaining, 0) <> CASE WHEN a.available > 0 THEN a.available ELSE 0 END
        """,
    ),
    _Check(
        "holds_differ_from_held",
        "{held} held, open holds of {open}",
        """
        SELECT a.user_id AS subject, a.held, COALESCE(h.open, 0) AS open
        FROM credit_accounts a LEFT JOIN (
            SELECT user_id, SUM(amount) AS open FROM credit_holds WHERE state = 'held' GROUP BY user_id
        ) h ON h.user_id = a.user_id
        WHERE a.held <> COALESCE(h.open, 0)
        """,
    ),
    _Check(
        "hold_differs_from_its_lots",
        "a hold of {amount} made of {parts} from lots",
        """
        SELECT h.id AS subject, h.amount, COALESCE(p.parts, 0) AS parts
        FROM credit_holds h LEFT JOIN (
            SELECT hold_id, SUM(amount) AS parts FROM credit_hold_lots GROUP BY hold_id
        ) p ON p.hold_id = h.id
        WHERE h.amount <> COALESCE(p.parts, 0)
        """,
    ),
    _Check(
        "hold_differs_from_its_postings",
        "{state}, {amount} held, {captured} captured, {refunded} refunded, but posted {held} held and {earned} earned",
        """
        SELECT h.id AS subject, h.state, h.amount, h.captured, h.refunded,
               COALESCE(p.held, 0) AS held, COALESCE(p.earned, 0) AS earned
        FROM credit_holds h LEFT JOIN (
            SELECT t.hold_id,
                   SUM(CASE WHEN p.account = 'user:held' THEN p.amount ELSE 0 END) AS held,
                   SUM(CASE WHEN p.account = 'platform:earned' THEN p.amount ELSE 0 END) AS earned
            FROM ledger_transactions t JOIN ledger_postings p ON p.transaction_id = t.id
            WHERE t.hold_id IS NOT NULL GROUP BY t.hold_id
        ) p ON p.hold_id = h.id
        WHERE COALESCE(p.held, 0) <> CASE WHEN h.state = 'held' THEN h.amount ELSE 0 END
           OR COALESCE(p.earned, 0) <> h.captured - h.refunded
        """,
    ),
    _Check(
        "hold_out_of_bounds",
        "{state}, {amount} held, {captured} captured, {refunded} refunded",
        """
        SELECT id AS subject, state, amount, captured, refunded FROM credit_holds
        WHERE NOT (0 <= refunded AND refunded <= captured AND captured <= amount)
           OR (captured > 0 AND state <> 'captured') OR state NOT IN ('held', 'captured', 'released')
        """,
    ),
    _Check(
        "hold_without_live_job",
        "{amount} held for {job}, which is {status}",
        """
        SELECT h.id AS subject, h.amount, COALESCE(h.job_id, 'no job') AS job, COALESCE(j.status, 'not there') AS status
        FROM credit_holds h LEFT JOIN jobs j ON j.id = h.job_id
        WHERE h.state = 'held' AND (j.status IS NULL OR j.status NOT IN ('queued', 'running'))
        """,
    ),
    _Check(
        "payment_differs_from_ledger",
        "{status}, {credits} bought and {credits_reversed} taken back, but {granted} granted and {adjusted} adjusted",
        """
        SELECT p.id AS subject, p.status, p.credits, p.credits_reversed,
               COALESCE(t.granted, 0) AS granted, COALESCE(t.adjusted, 0) AS adjusted
        FROM payments p LEFT JOIN (
            SELECT payment_id,
                   SUM(CASE WHEN kind = 'grant' THEN amount ELSE 0 END) AS granted,
                   SUM(CASE WHEN kind = 'adjust' THEN amount ELSE 0 END) AS adjusted
            FROM ledger_transactions WHERE payment_id IS NOT NULL GROUP BY payment_id
        ) t ON t.payment_id = p.id
        WHERE COALESCE(t.granted, 0) <> CASE WHEN p.paid_at IS NULL THEN 0 ELSE p.credits END
           OR COALESCE(t.adjusted, 0) <> -p.credits_reversed
        """,
    ),
    _Check(
        "job_with_several_holds",
        "{count} open holds",
        """
        SELECT job_id AS subject, COUNT(*) AS count FROM credit_holds
        WHERE state = 'held' AND job_id IS NOT NULL GROUP BY job_id HAVING COUNT(*) > 1
        """,
    ),
)


def verify_ledger() -> list[Discrepancy]:
    """Everything in the books that contradicts something else; empty when they are right."""
    with snapshot() as session:
        connection = session.connection()
        return [
            Discrepancy(check.kind, row.subject, check.detail.format(**row._mapping))
            for check in _CHECKS
            for row in connection.execute(sa.text(check.statement))
        ]
