"""One helper process as the app sees it: started, given tasks one at a time, ended.

A program of its own rather than a child of `multiprocessing`: that would first run the app's main module again.
"""

import os
import pickle
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import structlog

from services.errors import ServiceError
from services.pixels.asker import Asker
from services.pixels.errors import RETRY_AFTER_SECONDS, Abandoned, Busy, Crashed, TooMuchMemory, TooSlow

START_SECONDS = 60.0
MAX_RESULT_BYTES = 256 * 1024 * 1024

_ROOT = Path(__file__).parents[2]
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SYSTEMROOT", "LD_LIBRARY_PATH")

_log = structlog.get_logger(__name__)


class Gone(Exception):
    """The helper had ended before it took the task."""


class Helper:
    """A helper process. Not for two threads at once, but any may `kill` it."""

    def __init__(self, memory_mb: int, preload: tuple[str, ...]) -> None:
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", "services.pixels.helper", str(theirs.fileno()), str(memory_mb), *preload]
        try:
            self._process = subprocess.Popen(
                command,
                cwd=_ROOT,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,  # Ctrl-C reaches the app alone, which then ends its helpers
            )
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        self._connection = Connection(ours.detach())
        self._ready = False
        self.tasks = 0
        self.alive = True

    @property
    def pid(self) -> int:
        return self._process.pid

    def work(self, message: bytes, seconds: float, asker: Asker) -> Any:
        """What the task gives. Raises Gone, the task's ServiceError, TooSlow, TooMuchMemory, Crashed, Abandoned."""
        with self._ended_after(START_SECONDS, asker) as ended:
            taken = self._hand_over(message)
        if ended or not taken:
            self.alive = False
            if asker.left:
                raise Abandoned
            if self._ready:
                raise Gone
            _log.error("pixel_helper_did_not_start", pid=self.pid)
            raise Busy(retry_after=RETRY_AFTER_SECONDS)
        self.tasks += 1
        with self._ended_after(seconds, asker) as ended:
            try:
                outcome, value = pickle.loads(self._connection.recv_bytes(MAX_RESULT_BYTES))  # noqa: S301  our own
            except (EOFError, OSError) as error:
                self.alive = False
                raise (ended[0] if ended else Crashed()) from error
        if ended:
            self.alive = False
        if outcome == "done":
            return value
        self.alive = self.alive and outcome != "memory"
        raise _error(outcome, value)

    def kill(self) -> None:
        """End it, whatever it is doing, and wait until it is gone."""
        self._process.kill()
        self._process.wait()

    def end(self) -> None:
        """The same, and let go of it. Only for whose it is: another thread may be reading from it."""
        self.kill()
        self._connection.close()

    def _hand_over(self, message: bytes) -> bool:
        """Whether it is there and took the task."""
        try:
            if not self._ready:
                self._connection.recv_bytes()
                self._ready = True
            self._connection.send_bytes(message)
            self._connection.recv_bytes()
        except (EOFError, OSError):
            return False
        return True

    @contextmanager
    def _ended_after(self, seconds: float, asker: Asker) -> Iterator[list[ServiceError]]:
        """Kill it should the block last longer, or the asker leave meanwhile; gives why it was killed, if it was."""
        why: list[ServiceError] = []

        def kill(reason: ServiceError) -> None:
            why.append(reason)
            self._process.kill()

        timer = threading.Timer(seconds, kill, [TooSlow()])
        timer.daemon = True
        timer.start()
        try:
            with asker.calling(lambda: kill(Abandoned())):
                yield why
        finally:
            timer.cancel()
            timer.join()


def _error(outcome: str, value: Any) -> Exception:
    if outcome == "memory":
        return TooMuchMemory()
    if isinstance(value, ServiceError):
        return value
    return RuntimeError(f"a task in the pixel pool failed:\n{value}")


def _environment() -> dict[str, str]:
    """No settings and so no secrets: a helper reads what strangers send."""
    kept = {name: value for name, value in os.environ.items() if name in _INHERITED or name.startswith("COVERAGE_")}
    return {**kept, "PYTHONPATH": str(_ROOT), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
