"""The worker that the app runs as its child."""

import asyncio
import os
import signal
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from api.browser.embedded_worker import EmbeddedWorker
from config import Settings

WORKER = """
import signal, sys, time, pathlib
here = pathlib.Path(__file__).parent
def drain(*_):
    (here / "drained").write_text("yes")
    sys.exit(0)
signal.signal(signal.SIGTERM, drain)
with (here / "starts").open("a") as log:
    log.write(" ".join(sys.argv[1:]) + "\\n")
while True:
    time.sleep(0.05)
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "worker.py"
    path.write_text(WORKER)
    return path


def _run(scenario: Coroutine[Any, Any, Any]) -> Any:
    """In a thread of its own: a browser that an earlier test opened keeps this thread's event loop running."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, scenario).result(60)


async def _until_started(script: Path, times: int) -> list[str]:
    log = script.with_name("starts")
    for _ in range(400):
        if log.exists() and len(lines := log.read_text().splitlines()) >= times:
            return lines
        await asyncio.sleep(0.05)
    raise AssertionError(f"the worker was not started {times} times")


def test_the_worker_knows_its_parent_and_is_drained_at_the_end(vitrine_sqlite: Settings, script: Path) -> None:
    async def scenario() -> list[str]:
        worker = EmbeddedWorker(script)
        await worker.start()
        started = await _until_started(script, 1)
        await worker.stop()
        assert worker.pid is None
        return started

    assert _run(scenario()) == [f"--no-migrate --parent={os.getpid()}"]
    assert script.with_name("drained").read_text() == "yes"


def test_a_worker_that_is_killed_is_started_again(vitrine_sqlite: Settings, script: Path) -> None:
    async def scenario() -> None:
        worker = EmbeddedWorker(script)
        await worker.start()
        await _until_started(script, 1)
        first = worker.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await _until_started(script, 2)
        assert worker.pid not in (None, first)
        await worker.stop()

    _run(scenario())
    assert script.with_name("drained").exists()
