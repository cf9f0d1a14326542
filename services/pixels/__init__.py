"""Pixels outside the app's process: decoding, conversions and previews in helper processes that can be ended.

    pixels.run("services.library.decoding:reencoded", data, filename, max_pixels, seconds=60)

The app calls `use_pool`. A process that has not runs the task itself: workers and the command line are where pixels
belong.
"""

from importlib import import_module
from typing import Any

from services.pixels.asker import ANYBODY, Asker, asking, current_asker
from services.pixels.errors import Abandoned, Busy, Crashed, TooMuchMemory, TooSlow
from services.pixels.pool import Limits, Pool

__all__ = [
    "ANYBODY",
    "Abandoned",
    "Asker",
    "Busy",
    "Crashed",
    "Limits",
    "TooMuchMemory",
    "TooSlow",
    "asking",
    "run",
    "stop_pool",
    "use_pool",
]

_pool: Pool | None = None


def run(task: str, *args: Any, seconds: float) -> Any:
    """What the function named `module:function` gives for `args`, which it gets pickled, as it gives its result.

    In the pool it may take `seconds`. Raises what the function raises on purpose (a ServiceError), and from the pool
    Busy, TooSlow, TooMuchMemory, Crashed, and Abandoned once the current asker has left.
    """
    if _pool is None:
        module, _, name = task.partition(":")
        return getattr(import_module(module), name)(*args)
    return _pool.run(task, args, seconds, current_asker())


def use_pool(limits: Limits) -> None:
    """Send tasks to helper processes from here on. The first one starts with the first task."""
    global _pool
    stop_pool()
    _pool = Pool(limits)


def stop_pool() -> None:
    """End the helpers, whatever they are doing; this process runs tasks itself from here on."""
    global _pool
    stopping, _pool = _pool, None
    if stopping is not None:
        stopping.close()
