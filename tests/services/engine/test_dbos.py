"""What we rely on inside DBOS. When its version changes: read these parts again, then change the version here."""

import inspect
from importlib.metadata import version

from dbos import DBOS, _core, _dbos, _queue
from dbos._sys_db import SystemDatabase


def test_it_is_the_version_whose_internals_we_have_read() -> None:
    assert version("dbos") == "3.4.0"


def test_its_queue_loop_pauses_and_ends_by_nothing_but_its_stop_event() -> None:
    assert list(inspect.signature(_queue.queue_worker_thread).parameters) == ["stop_event", "dbos", "queue"]
    loop = inspect.getsource(_queue.queue_worker_thread)
    assert loop.count("stop_event.wait(") == 1
    assert "while not stop_event.is_set():" in loop
    assert "sleep(" not in loop


def test_its_own_queue_threads_and_timers_end_by_the_events_that_we_set() -> None:
    launch = inspect.getsource(_dbos.DBOS._launch)
    assert "self.background_thread_stop_events.append(evt)" in launch
    assert "target=queue_thread, args=(evt, self)" in launch
    assert "args=(self._background_jobs_stop_event, self)" in launch
    # what we then do without: deadlines, delayed starts, and its internal queue (resume, fork, schedules)
    jobs = inspect.getsource(_dbos.background_jobs_thread)
    assert "transition_delayed_workflows" in jobs and "cancel_timed_out_workflows" in jobs


def test_the_members_that_we_use_are_there() -> None:
    assert callable(DBOS._recover_pending_workflows)
    assert callable(_core.ActiveWorkflowById.count_for_queue)
    assert callable(SystemDatabase.list_queues) and callable(SystemDatabase.run_migrations)
    assert "use_listen_notify" in inspect.signature(SystemDatabase.create).parameters
