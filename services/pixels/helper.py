"""The helper process itself: `python -m services.pixels.helper FD MEMORY_MB MODULE…` takes tasks from a socket.

It ends with the app: at once while it waits, and otherwise when a thread of its own sees that the app's end of the
socket is gone. Should the pixels keep that thread from running, an alarm ends it some seconds after the task's limit.
"""

import os
import pickle
import resource
import select
import signal
import sys
import threading
import traceback
from contextlib import suppress
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path

from services.errors import ServiceError
from services.pixels import malloc

IDLE_SECONDS = 600.0
_GRACE_SECONDS = 10


def main(fd: int, memory_mb: int, preload: list[str]) -> None:
    """Do tasks until the app is gone, or for ten minutes has had none."""
    threading.Thread(target=_end_with_the_app, args=(fd,), daemon=True).start()
    malloc.return_large_blocks()
    for module in preload:
        import_module(module)
    _limit_memory(memory_mb)
    connection = Connection(fd)
    with suppress(EOFError, OSError):
        connection.send_bytes(b"ready")
        while connection.poll(IDLE_SECONDS):
            message = connection.recv_bytes()
            connection.send_bytes(b"taken")
            connection.send_bytes(_done(message))
            del message


def _done(message: bytes) -> bytes:
    """The task's outcome, pickled."""
    try:
        task, args, seconds = pickle.loads(message)  # noqa: S301  the app wrote it
        signal.alarm(int(seconds) + _GRACE_SECONDS)
        module, _, name = task.partition(":")
        return _pickled("done", getattr(import_module(module), name)(*args))
    except MemoryError:
        return _pickled("memory", None)
    except ServiceError as error:
        return _pickled("error", error.with_traceback(None))
    except BaseException:  # noqa: BLE001  the app decides what to make of it
        return _pickled("fault", traceback.format_exc())
    finally:
        signal.alarm(0)


def _pickled(outcome: str, value: object) -> bytes:
    return pickle.dumps((outcome, value), protocol=pickle.HIGHEST_PROTOCOL)


def _limit_memory(megabytes: int) -> None:
    """So much more address space than now. Beyond it allocations fail, which Pillow, NumPy and OpenCV report."""
    statm = Path("/proc/self/statm")
    if not statm.exists():
        return
    used = int(statm.read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    limit = used + megabytes * 1024 * 1024
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _end_with_the_app(fd: int) -> None:
    poll = select.poll()
    poll.register(fd, 0)  # only its hang-up
    poll.poll()
    os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
