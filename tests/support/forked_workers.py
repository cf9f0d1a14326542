"""Worker processes that start in a moment: forked from one that has imported everything, so that many can be killed.

They run the same code as `python worker.py` and die of the same signals; only their start is shared.
"""

import sys
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from types import ModuleType

from config import Settings

_context = get_context("forkserver")
_context.set_forkserver_preload(["tests.support.forked_workers_entry"])


class ForkedWorker:
    """One worker process on the settings of the test."""

    def __init__(self, settings: Settings) -> None:
        from tests.support.forked_workers_entry import work

        self.process: ForkServerProcess = _context.Process(target=work, args=(settings,), daemon=True)
        # the process would first run this one's main module again, which Streamlit's AppTest leaves a page as
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            self.process.start()
        finally:
            sys.modules["__main__"] = main

    def kill(self) -> None:
        """As `kill -9`."""
        self.process.kill()
        self.process.join()

    def end(self) -> None:
        self.kill()
