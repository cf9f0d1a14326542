"""Worker processes that start in a moment: forked from one that has imported everything, so that many can be killed.

They run the same code as `python worker.py` and die of the same signals; only their start is shared.
"""

from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess

from config import Settings

_context = get_context("forkserver")
_context.set_forkserver_preload(["tests.support.forked_workers_entry"])


class ForkedWorker:
    """One worker process on the settings of the test."""

    def __init__(self, settings: Settings) -> None:
        from tests.support.forked_workers_entry import work

        self.process: ForkServerProcess = _context.Process(target=work, args=(settings,), daemon=True)
        self.process.start()

    def kill(self) -> None:
        """As `kill -9`."""
        self.process.kill()
        self.process.join()

    def end(self) -> None:
        self.kill()
