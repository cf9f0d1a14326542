"""Hold + capture through the ledger against pgbench doing the same row locks and inserts, on one PostgreSQL.

Both use 8 clients on the same 200 accounts, over TCP, in turns; the ledger's clients are processes, each with its own
connection. pgbench sends the same statements as the ledger, prepared, without Python in between (it takes a colon in a
text for a variable, hence chr(58)). The server runs without fsync, for both alike, so that the
disk is not what is measured.
"""

import contextlib
import multiprocessing
import random
import re
import statistics
import subprocess
import tempfile
import time
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import db
from config import Settings
from db.migrations.runner import upgrade
from services import bootstrap
from services.credits import ledger, verify_ledger
from tests.support.postgres import PostgresServer

CLIENTS = 8
ACCOUNTS = 200
REQUIRED = 0.3
_STOCK = 1_000_000

_PGBENCH = """
\\set u random(1, :accounts)
\\set n random(1, 9000000000000000000)
BEGIN;
SELECT available, held, movements, daily_granted_on, low_warned_on FROM credit_accounts
 WHERE user_id = 'usr_' || :u::text FOR UPDATE \\gset
SELECT id AS lot, source, remaining, lapses_at FROM credit_lots
 WHERE user_id = 'usr_' || :u::text AND remaining > 0 ORDER BY lapses_at ASC NULLS LAST, id \\gset
INSERT INTO ledger_transactions (id, user_id, sequence, kind, idempotency_key, actor, reason, hold_id, amount,
  available_after, held_after, created_at)
 VALUES ('ltx_h' || :n::text, 'usr_' || :u::text, :movements + 1, 'hold', 'hold:' || :n::text, 'system', '',
  'hld_' || :n::text, 1, :available - 1, :held + 1, now()) ON CONFLICT (idempotency_key) DO NOTHING RETURNING id;
INSERT INTO ledger_postings (transaction_id, account, user_id, amount)
 VALUES ('ltx_h' || :n::text, 'user' || chr(58) || 'available', 'usr_' || :u::text, -1),
  ('ltx_h' || :n::text, 'user' || chr(58) || 'held', 'usr_' || :u::text, 1);
INSERT INTO credit_holds (id, user_id, amount, captured, refunded, state, created_at)
 VALUES ('hld_' || :n::text, 'usr_' || :u::text, 1, 0, 0, 'held', now());
INSERT INTO credit_hold_lots (hold_id, lot_id, amount) VALUES ('hld_' || :n::text, :lot, 1);
UPDATE credit_lots SET remaining = remaining - 1 WHERE id = :lot;
UPDATE credit_accounts SET available = :available - 1, held = :held + 1, movements = :movements + 1
 WHERE user_id = 'usr_' || :u::text;
COMMIT;
BEGIN;
SELECT available, held, movements, daily_granted_on, low_warned_on FROM credit_accounts
 WHERE user_id = (SELECT user_id FROM credit_holds WHERE id = 'hld_' || :n::text) FOR UPDATE OF credit_accounts \\gset
SELECT h.id, h.job_id, h.amount, h.captured, h.refunded, h.state, p.lot_id, p.amount AS part, l.lapses_at
 FROM credit_holds h LEFT JOIN credit_hold_lots p ON p.hold_id = h.id LEFT JOIN credit_lots l ON l.id = p.lot_id
 WHERE h.id = 'hld_' || :n::text ORDER BY l.lapses_at ASC NULLS LAST, l.id;
INSERT INTO ledger_transactions (id, user_id, sequence, kind, idempotency_key, actor, reason, hold_id, amount,
  available_after, held_after, created_at)
 VALUES ('ltx_c' || :n::text, 'usr_' || :u::text, :movements + 1, 'capture', 'resolve:' || :n::text, 'system', '',
  'hld_' || :n::text, 1, :available, :held - 1, now()) ON CONFLICT (idempotency_key) DO NOTHING RETURNING id;
INSERT INTO ledger_postings (transaction_id, account, user_id, amount)
 VALUES ('ltx_c' || :n::text, 'user' || chr(58) || 'held', 'usr_' || :u::text, -1),
  ('ltx_c' || :n::text, 'platform' || chr(58) || 'earned', 'usr_' || :u::text, 1);
UPDATE credit_holds SET state = 'captured', captured = 1, resolved_at = now() WHERE id = 'hld_' || :n::text;
UPDATE credit_accounts SET available = :available, held = :held - 1, movements = :movements + 1
 WHERE user_id = 'usr_' || :u::text;
COMMIT;
"""


def measure(*, rounds: int = 3, seconds: int = 5) -> dict[str, Any]:
    """Median pairs of hold + capture a second of both, in turns, and their ratio."""
    server = PostgresServer()
    try:
        with tempfile.TemporaryDirectory() as folder:
            return _measure(server, Path(folder), rounds, seconds)
    finally:
        bootstrap.stop()
        server.stop()


def _measure(server: PostgresServer, folder: Path, rounds: int, seconds: int) -> dict[str, Any]:
    for_pgbench, for_ledger = server.create_database(), server.create_database()
    for url in (for_pgbench, for_ledger):
        bootstrap.start(Settings(database_url=url, data_dir=folder, _env_file=None))
        upgrade()
        _open_accounts()
    script = folder / "hold-and-capture.sql"
    script.write_text(_PGBENCH)
    folder.chmod(0o755)
    references, ledgers = [], []
    for _ in range(rounds):
        references.append(_run_pgbench(server, for_pgbench, script, seconds))
        ledgers.append(_run_ledger(seconds))
    if found := verify_ledger():
        raise AssertionError(f"the ledger is wrong after the run: {found[:3]}")
    reference, ours = statistics.median(references), statistics.median(ledgers)
    return {
        "what": "hold + capture a second on PostgreSQL, 8 clients (ledger: processes), against pgbench",
        "clients": CLIENTS,
        "rounds": rounds,
        "seconds": seconds,
        "pgbench_per_second": round(reference, 1),
        "ledger_per_second": round(ours, 1),
        "ratio": round(ours / reference, 3),
        "required_ratio": REQUIRED,
    }


def _open_accounts() -> None:
    """200 accounts with one large lot each and the day's free credits spent."""
    today = db.now().date().isoformat()
    with db.transaction() as session:
        for number in range(1, ACCOUNTS + 1):
            user_id = f"usr_{number}"
            session.connection().execute(
                sa.text(
                    "INSERT INTO users (id, email, email_key, name, password_hash, role, tier, theme, created_at) "
                    "VALUES (:id, :id, :id, '', '', 'user', 'free', 'system', now())"
                ),
                {"id": user_id},
            )
            ledger.open_account(session, user_id)
            ledger.adjust(session, user_id, -13, key="empty", actor="bench", reason="Empty")
            ledger.grant(session, user_id, _STOCK, source="purchase", key="stock", actor="bench")
    with db.snapshot() as session:
        granted = session.connection().execute(sa.text("SELECT DISTINCT daily_granted_on FROM credit_accounts"))
        assert list(granted.scalars()) == [today]


def _run_pgbench(server: PostgresServer, url: str, script: Path, seconds: int) -> float:
    database = sa.make_url(url).database
    done = subprocess.run(
        [
            *(str(server.binary("pgbench")), "-h", "127.0.0.1", "-p", str(server.port), "-U", "vitrine", "-n"),
            *("-c", str(CLIENTS), "-j", "2", "-T", str(seconds), "-M", "prepared", "-D", f"accounts={ACCOUNTS}"),
            *("-f", str(script), str(database)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    rate = re.search(r"tps = ([\d.]+)", done.stdout)
    if done.returncode or rate is None:
        raise RuntimeError(f"pgbench failed: {done.stderr or done.stdout}")
    return float(rate.group(1))


def _run_ledger(seconds: int) -> float:
    fork = multiprocessing.get_context("fork")
    barrier = fork.Barrier(CLIENTS)
    counts: SimpleQueue[int] = fork.SimpleQueue()
    clients = [fork.Process(target=_client, args=(barrier, counts, seconds)) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    return sum(counts.get() for _ in clients) / seconds


def _client(barrier: Barrier, counts: "SimpleQueue[int]", seconds: int) -> None:
    db.engine().dispose(close=False)  # the connections are the parent's
    choose = random.Random()
    with contextlib.suppress(Exception):  # warm up: connect, compile and prepare the statements
        for _ in range(10):
            _hold_and_capture(f"usr_{choose.randint(1, ACCOUNTS)}")
    barrier.wait()
    done, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        _hold_and_capture(f"usr_{choose.randint(1, ACCOUNTS)}")
        done += 1
    counts.put(done)


def _hold_and_capture(user_id: str) -> None:
    with db.transaction() as session:
        hold_id = ledger.hold(session, user_id, 1, key=db.new_id("key"), actor="bench")
    with db.transaction() as session:
        ledger.capture(session, hold_id)


if __name__ == "__main__":
    print(measure())
