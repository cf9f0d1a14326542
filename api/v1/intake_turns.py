"""Threads of their own for taking pictures in: an upload waits its turn to be decoded, a slow site takes its time.

Were they threads of everybody, forty addresses of slow sites would keep every other answer waiting.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar
from starlette.requests import Request

from services import pixels

AT_ONCE = 8

P = ParamSpec("P")
Result = TypeVar("Result")
_turns: RunVar[CapacityLimiter] = RunVar("vitrine.intake_turns")


async def take_in(request: Request, task: Callable[P, Result], *args: P.args, **kwargs: P.kwargs) -> Result:
    """Run `task` in a thread, at most `AT_ONCE` of its kind at a time; the others wait without a thread.

    The body of `request` has been read. Should the client hang up, a picture that is being decoded is given up.
    """
    try:
        turns = _turns.get()
    except LookupError:
        turns = CapacityLimiter(AT_ONCE)
        _turns.set(turns)
    asker = pixels.Asker()
    watcher = asyncio.create_task(_watch(request, asker))
    try:
        with pixels.asking(asker):
            return await to_thread.run_sync(partial(task, *args, **kwargs), limiter=turns)
    finally:
        watcher.cancel()


async def _watch(request: Request, asker: pixels.Asker) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    asker.leave()
