"""Helpers do what they are asked, are ended when they must be, and leave nothing behind."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from services import pixels
from services.errors import Invalid
from services.pixels.pool import Limits, Pool
from tests.services.pixels import tasks
from tests.support.job_workers import ROOT, wait_until

HERE = "tests.services.pixels.tasks"
PRELOAD = (HERE,)


@pytest.fixture
def make() -> Iterator[Callable[..., Pool]]:
    """`make(helpers=1, queue=0)`: a pool that is closed after the test."""
    made: list[Pool] = []

    def new(**limits: Any) -> Pool:
        made.append(Pool(Limits(**{"helpers": 1, "memory_mb": 256, "preload": PRELOAD, **limits})))
        return made[-1]

    yield new
    for pool in made:
        pool.close()


def ask(pool: Pool, task: str, *args: Any, seconds: float = 30, asker: pixels.Asker = pixels.ANYBODY) -> Any:
    return pool.run(f"{HERE}:{task}", args, seconds, asker)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as executor:
        yield executor


def sleeping(pool: Pool, threads: ThreadPoolExecutor, tmp_path: Path, **options: Any) -> tuple[Future[int], int]:
    """A task that sleeps for a minute, once it has begun; with the process id of its helper."""
    begun = tmp_path / f"begun-{time.monotonic_ns()}"
    future = threads.submit(ask, pool, "sleep", 60, str(begun), seconds=90, **options)
    wait_until(lambda: begun.exists() and begun.read_text(), 60, "the task to begin")
    return future, int(begun.read_text())


def test_a_task_is_done_in_another_process_and_the_next_one_in_the_same(make: Callable[..., Pool]) -> None:
    pool = make()

    first, second = ask(pool, "whoami"), ask(pool, "whoami")

    assert first == second != os.getpid()


def test_nothing_is_started_before_it_is_needed(make: Callable[..., Pool]) -> None:
    pool = make(helpers=2)
    assert pool.pids == ()

    ask(pool, "whoami")

    assert len(pool.pids) == 1


def test_a_helper_knows_neither_the_app_nor_its_settings(
    make: Callable[..., Pool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VITRINE_SECRET_KEY", "nobody's business")

    assert ask(make(), "modules") == ["__main__"]


def test_megabytes_go_there_and_back(make: Callable[..., Pool]) -> None:
    data = os.urandom(20 * tasks.MEGABYTE)

    assert ask(make(), "doubled", data) == data + data


def test_what_a_task_raises_on_purpose_reaches_whoever_asked(make: Callable[..., Pool]) -> None:
    pool = make()

    with pytest.raises(Invalid) as refused:
        ask(pool, "refuse")

    assert (refused.value.message, refused.value.errors[0].field) == ("Not like this.", "side")
    with pytest.raises(RuntimeError, match="unforeseen"):
        ask(pool, "fail")
    assert ask(pool, "whoami") == pool.pids[0]


def test_a_task_over_its_time_is_killed_and_the_next_one_works(make: Callable[..., Pool]) -> None:
    pool = make()
    helper = ask(pool, "whoami")
    started = time.monotonic()

    with pytest.raises(pixels.TooSlow):
        ask(pool, "sleep", 60, seconds=0.3)

    assert time.monotonic() - started < 10
    assert not is_running(helper)
    assert ask(pool, "whoami") != helper


def test_a_task_that_wants_too_much_memory_is_ended_and_the_next_one_works(make: Callable[..., Pool]) -> None:
    pool = make()
    helper = ask(pool, "whoami")

    with pytest.raises(pixels.TooMuchMemory):
        ask(pool, "allocate", 2000)

    assert not is_running(helper)
    assert ask(pool, "allocate", 20) == 20 * tasks.MEGABYTE


def test_a_helper_that_dies_at_its_task_says_so_and_is_replaced(make: Callable[..., Pool]) -> None:
    pool = make()

    with pytest.raises(pixels.Crashed):
        ask(pool, "die")

    assert ask(pool, "whoami") == pool.pids[0]


def test_a_helper_killed_while_idle_is_replaced_without_anybody_noticing(make: Callable[..., Pool]) -> None:
    pool = make()
    helper = ask(pool, "whoami")

    os.kill(helper, signal.SIGKILL)

    assert ask(pool, "whoami") != helper
    assert len(pool.pids) == 1


def test_a_helper_killed_at_its_task_fails_that_task_alone(
    make: Callable[..., Pool], threads: ThreadPoolExecutor, tmp_path: Path
) -> None:
    pool = make(helpers=2)
    future, helper = sleeping(pool, threads, tmp_path)

    os.kill(helper, signal.SIGKILL)

    with pytest.raises(pixels.Crashed):
        future.result(30)
    assert ask(pool, "whoami") != helper


def test_a_helper_is_replaced_after_its_share_of_tasks(make: Callable[..., Pool]) -> None:
    pool = make(tasks_each=2)

    done_by = [ask(pool, "whoami") for _ in range(4)]

    assert done_by[0] == done_by[1] != done_by[2] == done_by[3]
    assert not is_running(done_by[0])


def test_a_full_queue_says_when_to_come_again(
    make: Callable[..., Pool], threads: ThreadPoolExecutor, tmp_path: Path
) -> None:
    pool, asker = make(queue=0), pixels.Asker()
    future, _ = sleeping(pool, threads, tmp_path, asker=asker)

    with pytest.raises(pixels.Busy) as busy:
        ask(pool, "whoami")

    assert (busy.value.status, busy.value.retryable, busy.value.retry_after) == (503, True, 2.0)
    asker.leave()
    assert isinstance(future.exception(30), pixels.Abandoned)


def test_tasks_wait_for_their_turn(make: Callable[..., Pool], threads: ThreadPoolExecutor) -> None:
    pool = make()

    done_by = list(threads.map(lambda _: ask(pool, "sleep", 0.02), range(8)))

    assert len(set(done_by)) == 1


def test_whoever_leaves_has_their_waiting_task_dropped_and_their_running_one_ended(
    make: Callable[..., Pool], threads: ThreadPoolExecutor, tmp_path: Path
) -> None:
    pool, asker, other = make(), pixels.Asker(), pixels.Asker()
    running, helper = sleeping(pool, threads, tmp_path, asker=asker)
    begun = tmp_path / "never"
    waiting = threads.submit(ask, pool, "sleep", 0, str(begun), asker=other)

    other.leave()
    assert isinstance(waiting.exception(30), pixels.Abandoned)
    assert is_running(helper)
    asker.leave()

    assert isinstance(running.exception(30), pixels.Abandoned)
    assert not is_running(helper)
    assert not begun.exists()
    assert ask(pool, "whoami")


def test_whoever_has_left_already_asks_in_vain(make: Callable[..., Pool]) -> None:
    asker = pixels.Asker()
    asker.leave()

    with pytest.raises(pixels.Abandoned):
        ask(make(), "whoami", asker=asker)


def test_a_closed_pool_leaves_no_process(
    make: Callable[..., Pool], threads: ThreadPoolExecutor, tmp_path: Path
) -> None:
    pool = make(helpers=2)
    future, helper = sleeping(pool, threads, tmp_path)
    idle = ask(pool, "whoami")

    pool.close()

    assert not is_running(helper) and not is_running(idle)
    assert isinstance(future.exception(30), (pixels.Crashed, pixels.Busy))


@pytest.mark.parametrize("busy", [False, True], ids=["idle", "busy"])
def test_helpers_end_with_an_app_that_is_killed(tmp_path: Path, busy: bool) -> None:
    begun = tmp_path / "begun"
    code = (
        "import threading, time; from services import pixels; from services.pixels import Limits\n"
        f"pixels.use_pool(Limits(helpers=1, preload={PRELOAD!r}))\n"
        f"pixels.run('{HERE}:sleep', {60 if busy else 0}, {str(begun)!r}, seconds=90)\n"
        "time.sleep(120)"
    )
    app = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    wait_until(lambda: begun.exists() and begun.read_text(), 60, "the task to begin")
    helper = int(begun.read_text())
    assert is_running(helper)

    app.kill()
    app.wait()

    wait_until(lambda: not is_running(helper), 10, "the helper to end")


def test_a_helper_works_for_threads_that_end(make: Callable[..., Pool]) -> None:
    """A process that asked the kernel to end it with its parent would end with the thread that started it."""
    pool = make()
    helpers: list[int] = []
    for _ in range(2):
        thread = threading.Thread(target=lambda: helpers.append(ask(pool, "whoami")))
        thread.start()
        thread.join()
        time.sleep(0.05)

    assert helpers[0] == helpers[1]


def test_without_a_pool_a_task_is_done_here() -> None:
    assert pixels.run(f"{HERE}:whoami", seconds=1) == os.getpid()


def test_waiting_costs_nothing(make: Callable[..., Pool]) -> None:
    pool = make()
    ask(pool, "whoami")

    def spent() -> int:
        fields = Path(f"/proc/{pool.pids[0]}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    before = spent()
    time.sleep(1)

    assert spent() - before <= 1
