"""The staff's analytics over a million ledger postings, on PostgreSQL: the server's time for a visit."""

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from playwright.sync_api import Page, sync_playwright

import db
from bench.timed_server import milliseconds, timing
from config import Settings
from db.migrations.runner import upgrade
from db.models import Job
from services import bootstrap
from services.accounts import registration, sessions
from services.accounts.permissions import OWNER
from services.insights import rollup
from tests.e2e.conftest import PASSWORD, launch, running_server
from tests.support.postgres import PostgresServer

POSTINGS, SHOPS, DAYS, VISITS = 1_000_000, 2_000, 200, 7
EMAIL = "staff@example.com"

# Two thousand shops work for two hundred days: each job is a hold and a capture, of two postings each; every twentieth
# calls a provider; every day fifty shops pay.
_STOCK = (
    """
    INSERT INTO users (id, email, email_key, name, password_hash, role, tier, theme, created_at)
    SELECT 'usr_' || n, 'shop' || n, 'shop' || n, '', '', 'user', 'free', 'system',
           now() - (n % :days) * interval '1 day'
    FROM generate_series(1, :shops) n
    """,
    """
    INSERT INTO jobs (id, user_id, status, run, priority, recipe, input_asset_id, result_asset_ids, origin_kind,
                      progress, stage, credits_held, credits_charged, doubtful, error_retryable, attempts, created_at,
                      queued_at, started_at, finished_at)
    SELECT 'job_' || n, 'usr_' || (1 + n % :shops),
           CASE WHEN n % 17 = 0 THEN 'failed' WHEN n % 43 = 0 THEN 'cancelled' ELSE 'succeeded' END, 1, 1,
           CASE WHEN n % 3 = 0 THEN '{"steps": [{"op": "enhance"}, {"op": "background"}]}'
                ELSE '{"steps": [{"op": "remove_background"}]}' END::jsonb,
           'ast_' || n, '[]', 'api', 1, 'succeeded', 0, 1, false, false, 1, at, at, at + interval '300 ms',
           at + (300 + (n * 7919) % 9000) * interval '1 ms'
    FROM (SELECT n, now() - n::float * :days / :jobs * interval '1 day' AS at FROM generate_series(1, :jobs) n) moments
    """,
    """
    INSERT INTO ledger_transactions (id, user_id, sequence, kind, idempotency_key, actor, reason, job_id, amount,
                                     available_after, held_after, created_at)
    SELECT 'ltx_' || half || '_' || n, 'usr_' || (1 + n % :shops), 2 * n + half,
           CASE half WHEN 0 THEN 'hold' ELSE 'capture' END, half || ':' || n,
           'bench', '', 'job_' || n, 1, 0, 0, now() - n::float * :days / :jobs * interval '1 day'
    FROM generate_series(1, :jobs) n, generate_series(0, 1) half
    """,
    """
    INSERT INTO ledger_postings (transaction_id, account, user_id, amount)
    SELECT 'ltx_' || half || '_' || n,
           CASE half * 2 + leg WHEN 0 THEN 'user:available' WHEN 1 THEN 'user:held' WHEN 2 THEN 'user:held'
                               ELSE 'platform:earned' END,
           'usr_' || (1 + n % :shops), CASE leg WHEN 0 THEN -1 ELSE 1 END
    FROM generate_series(1, :jobs) n, generate_series(0, 1) half, generate_series(0, 1) leg
    """,
    """
    INSERT INTO credit_lots (id, user_id, source, granted, remaining, created_at)
    SELECT 'lot_' || n, 'usr_' || (1 + n % :shops), CASE WHEN n % 9 = 0 THEN 'purchase' ELSE 'daily' END, 3, 0,
           now() - n::float * :days / :jobs * interval '1 day'
    FROM generate_series(1, :jobs, 4) n
    """,
    """
    INSERT INTO payments (id, user_id, offer, credits, amount, currency, status, amount_refunded, credits_reversed,
                          gateway, success_url, cancel_url, created_at, paid_at, updated_at)
    SELECT 'pay_' || n, 'usr_' || (1 + n % :shops), 'pack_200', 200, 1499, 'usd', 'succeeded',
           CASE WHEN n % 50 = 0 THEN 1499 ELSE 0 END, 0, 'test', '', '', at, at, at
    FROM (SELECT n, now() - (n % :days) * interval '1 day' AS at FROM generate_series(1, 50 * :days) n) moments
    """,
    """
    INSERT INTO provider_calls (id, job_id, user_id, run, step, attempt, provider, model, operation, status,
                                cause, cost_micros, created_at, finished_at)
    SELECT 'pvc_' || n, 'job_' || n, 'usr_' || (1 + n % :shops), 1, 0, 1, 'gemini', 'gemini-2.5-flash-image',
           'restyle', 'succeeded', '', 39000, at, at
    FROM (SELECT n, now() - n::float * :days / :jobs * interval '1 day' AS at
          FROM generate_series(20, :jobs, 20) n) moments
    """,
    "ANALYZE",
)


def measure() -> dict[str, Any]:
    """`page_ms`: median of the script's time in the server over visits to 90 days against the 90 before, each after one
    more job, so that today is computed again. `rebuild_s`: all 200 days computed again from the raw rows."""
    server = PostgresServer()
    try:
        with tempfile.TemporaryDirectory() as folder:
            return _measure(server.create_database(), Path(folder))
    finally:
        bootstrap.stop()
        server.stop()


def _measure(url: str, folder: Path) -> dict[str, Any]:
    started = time.perf_counter()
    token = _stock(url, folder)
    stocked = time.perf_counter() - started
    started = time.perf_counter()
    rollup.rebuild()
    rebuilt = time.perf_counter() - started
    _vacuum()
    times = folder / "times"
    with timing(times), running_server(folder / "data", database_url=url, embedded_worker="0") as server:
        visits = _visits(server.url, token, times)
    with db.snapshot() as session:
        postings = session.connection().execute(sa.text("SELECT COUNT(*) FROM ledger_postings")).scalar()
    return {
        "what": "staff analytics, 90 days against the 90 before, PostgreSQL; a job was added before each visit",
        "ledger_postings": postings,
        "page_ms": round(statistics.median(visits[1:]), 1),
        "page_ms_worst": round(max(visits[1:]), 1),
        "page_ms_first": round(visits[0], 1),
        "rebuild_s": round(rebuilt, 1),
        "stock_s": round(stocked, 1),
    }


def _stock(url: str, folder: Path) -> str:
    """The rows; the session token of a member of staff."""
    bootstrap.start(Settings(database_url=url, data_dir=folder / "data", _env_file=None))
    upgrade()
    registration.create_user(EMAIL, PASSWORD, role=OWNER)
    token = sessions.sign_in(EMAIL, PASSWORD).token
    numbers = {"shops": SHOPS, "days": DAYS, "jobs": POSTINGS // 4}
    for statement in _STOCK:
        with db.transaction() as session:
            used = {name: value for name, value in numbers.items() if f":{name}" in statement}
            session.connection().execute(_bound(statement), used)
    return token


def _vacuum() -> None:
    """Do now what autovacuum would otherwise do during the measurement."""
    with db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")


def _bound(statement: str) -> sa.TextClause:
    """Escape the colons of literals such as `user:held`, which are not parameters."""
    return sa.text(statement.replace("user:", "user\\:").replace("platform:", "platform\\:").replace("':'", "'\\:'"))


def _visits(url: str, token: str, times: Path) -> list[float]:
    found = []
    with sync_playwright() as playwright:
        browser = launch(playwright)
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": sessions.COOKIE, "value": token, "url": url}])
        for number in range(VISITS + 1):
            _one_more_job(number)
            page = context.new_page()
            page.goto(f"{url}/analytics")
            page.locator(".js-plotly-plot .main-svg").first.wait_for(timeout=60_000)
            found.append(_chosen(page, times))
            page.close()
        browser.close()
    return found


def _chosen(page: Page, times: Path) -> float:
    """Milliseconds of the run that shows 90 days."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.wait_for_timeout(1000)
    before = len(milliseconds(times))
    page.locator("[data-testid=stButtonGroup] button", has_text="90 days").click()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if runs := milliseconds(times)[before:]:
            return runs[0]
        page.wait_for_timeout(100)
    raise AssertionError("the page never ran")


def _one_more_job(number: int) -> None:
    at = db.now()
    with db.transaction() as session:
        job = session.get_one(Job, "job_1").model_dump()
        session.add(Job(**job | {"id": f"job_more_{number}", "created_at": at, "queued_at": at, "finished_at": at}))


if __name__ == "__main__":
    print(measure())
