"""New work wakes who waits for it: when its transaction commits, in this process or another, and not before."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from queue import Empty, SimpleQueue
from typing import Any

import pytest
import sqlalchemy as sa

import db
from config import Settings
from services.engine import queue_threads, wakeup
from services.engine.queue_threads import Pause
from services.engine.wakeup import Listener, notify
from tests.support.job_workers import ROOT

QUIET_SECONDS = 0.3


@pytest.fixture
def woken(vitrine: Settings) -> Iterator["SimpleQueue[str]"]:
    """What a listener for `work` and `other` was woken by, on each database in turn."""
    found: SimpleQueue[str] = SimpleQueue()
    listener = Listener()
    for name in ("work", "other"):
        listener.on(name, lambda name=name: found.put(name))  # type: ignore[misc]
    listener.start()
    yield found
    listener.stop()


def assert_quiet(woken: "SimpleQueue[str]") -> None:
    with pytest.raises(Empty):
        woken.get(timeout=QUIET_SECONDS)


def test_a_commit_wakes_the_listener_once_however_often_it_was_asked(woken: "SimpleQueue[str]") -> None:
    with db.transaction() as session:
        for _ in range(5):
            notify(session, "work")
        assert_quiet(woken)
    assert woken.get(timeout=10) == "work"
    assert_quiet(woken)


def test_what_was_rolled_back_wakes_nobody_and_a_savepoint_is_no_commit(woken: "SimpleQueue[str]") -> None:
    with pytest.raises(ZeroDivisionError), db.transaction() as session:
        notify(session, "work")
        raise ZeroDivisionError
    with db.transaction() as session:
        notify(session, "other")
        with session.begin_nested():
            session.execute(sa.text("SELECT 1"))
        assert_quiet(woken)
    assert woken.get(timeout=10) == "other"


def test_a_name_that_nobody_listens_for_wakes_nobody(woken: "SimpleQueue[str]") -> None:
    with db.transaction() as session:
        notify(session, "nothing of ours")
    assert_quiet(woken)


LISTENING = """
import sys
from services import bootstrap
from services.engine.wakeup import Listener
bootstrap.start()
listener = Listener()
listener.on("work", lambda: print("woken", flush=True))
listener.start()
print("listening", flush=True)
sys.stdin.read()
"""


def test_every_process_is_woken_and_a_killed_one_is_no_hindrance(vitrine: Settings, woken: "SimpleQueue[str]") -> None:
    environment = {
        **os.environ,
        "VITRINE_DATABASE_URL": vitrine.database_url,
        "VITRINE_DATA_DIR": str(vitrine.data_dir),
    }
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", LISTENING],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    try:
        for process in processes:
            assert process.stdout is not None and process.stdout.readline() == "listening\n"
        processes[0].send_signal(signal.SIGKILL)
        processes[0].wait()
        for _ in range(2):
            with db.transaction() as session:
                notify(session, "work")
            assert woken.get(timeout=60) == "work", "the process that made the work"
            other = processes[1].stdout
            assert other is not None and other.readline() == "woken\n"
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    if vitrine.is_sqlite:
        assert len(list(wakeup._folder().iterdir())) == 2, "the first one's socket was removed when nobody answered"
        with db.transaction() as session:
            notify(session, "work")
        assert woken.get(timeout=10) == "work"
        assert len(list(wakeup._folder().iterdir())) == 1


def test_a_listener_whose_database_went_away_is_woken_for_what_it_may_have_missed(
    vitrine: Settings, woken: "SimpleQueue[str]"
) -> None:
    if vitrine.is_sqlite:
        pytest.skip("nothing in between that could go away")
    with db.transaction() as session:
        session.execute(
            sa.text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND datname = current_database() AND query LIKE 'LISTEN%'"
            )
        )
    assert {woken.get(timeout=20), woken.get(timeout=20)} == {"work", "other"}
    with db.transaction() as session:
        notify(session, "work")
    assert woken.get(timeout=10) == "work"


def test_a_queue_is_looked_at_at_once_when_woken_twice_then_and_slowly_otherwise() -> None:
    pause = Pause(poll_seconds=30, busy=lambda: False)
    assert pause.wait(60) is False, "the first look is at once: work may wait already"
    assert pause.wait(60) is False, "and once more shortly after"
    looked = threading.Event()
    thread = threading.Thread(target=lambda: (pause.wait(60), looked.set()))
    thread.start()
    assert not looked.wait(QUIET_SECONDS)
    pause.wake()
    assert looked.wait(10)
    thread.join()
    pause.wake()
    pause.set()
    assert pause.wait(60) is True, "told to end"


def test_a_queue_is_looked_at_once_when_a_task_has_made_room_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_threads, "_POLL_BUSY_SECONDS", 30)
    busy = True
    pause = Pause(poll_seconds=30, busy=lambda: busy)
    pause.wait(), pause.wait()
    pause.made_room()
    started = time.monotonic()
    assert pause.wait(60) is False
    assert 0.01 < time.monotonic() - started < 15, "shortly, but not at once: the task that ends still counts"
    busy = False
    pause.made_room()
    looked = threading.Event()
    thread = threading.Thread(target=lambda: (pause.wait(60), looked.set()))
    thread.start()
    assert not looked.wait(QUIET_SECONDS), "a task of another queue has ended, or it was looked at already"
    pause.wake()
    thread.join()


def test_the_net_under_the_wake_ups_is_shorter_than_what_the_engine_asks_for_and_shorter_still_when_busy() -> None:
    pause = Pause(poll_seconds=0.5, busy=lambda: False)
    pause.wait(), pause.wait()
    started = time.monotonic()
    assert pause.wait(120) is False
    assert 0.4 < time.monotonic() - started < 60
    pause = Pause(poll_seconds=60, busy=lambda: True)
    pause.wait(), pause.wait()
    started = time.monotonic()
    pause.wait(120)
    assert time.monotonic() - started < 30


def test_a_wake_up_that_cannot_be_sent_is_no_failure_of_what_was_committed(
    vitrine_sqlite: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = Listener()
    listener.start()
    monkeypatch.setattr(wakeup.Path, "iterdir", lambda _: (_ for _ in ()).throw(FileNotFoundError("just removed")))
    with db.transaction() as session:
        notify(session, "work")
    monkeypatch.undo()
    listener.stop()


def test_the_last_to_listen_leaves_nothing_behind(vitrine_sqlite: Settings) -> None:
    first, last = Listener(), Listener()
    first.start()
    last.start()
    first.stop()
    assert len(list(wakeup._folder().iterdir())) == 1
    last.stop()
    assert not wakeup._folder().exists()


def test_one_that_begins_to_listen_while_the_last_other_removes_the_folder_is_woken_all_the_same(
    vitrine_sqlite: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, made = wakeup.Path.mkdir, []

    def make_and_lose(folder: wakeup.Path, **how: Any) -> None:
        made.append(folder)
        if len(made) == 2:
            raise FileExistsError  # as mkdir does when a folder that was there is gone when it looks what it is
        make(folder, **how)
        if len(made) in (1, 3):
            folder.rmdir()

    monkeypatch.setattr(wakeup.Path, "mkdir", make_and_lose)
    woken: SimpleQueue[str] = SimpleQueue()
    listener = Listener()
    listener.on("work", lambda: woken.put("work"))
    listener.start()
    with db.transaction() as session:
        notify(session, "work")
    assert woken.get(timeout=10) == "work"
    listener.stop()


def test_listening_where_no_socket_can_be_made_is_left_to_polling(
    vitrine_sqlite: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wakeup.tempfile, "gettempdir", lambda: "/proc/nowhere")
    listener = Listener()
    listener.start()
    with db.transaction() as session:
        notify(session, "work")
    listener.stop()
