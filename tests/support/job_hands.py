"""A worker that keeps running jobs in a thread of the test process."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.support.job_workers import InlineWorker


@contextmanager
def hands(after: Callable[[], bool] = lambda: True) -> Iterator[None]:
    """Jobs are run as they come, once `after()` is true and until the end of the block."""
    stop = threading.Event()
    worker = InlineWorker()

    def work() -> None:
        while not after() and not stop.wait(0.02):
            pass
        while not stop.wait(0.02):
            worker.run_all()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=60)
        worker.close()
