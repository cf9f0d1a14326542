"""What a feature gives the engine to run: a task, and the queues that it waits in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from services.engine.checkpoints import Checkpoints
from services.engine.slots import Slots


@dataclass(frozen=True)
class Queue:
    """A queue by name. `concurrency` is how many of its tasks one worker holds at once, read when the worker starts."""

    name: str
    concurrency: Callable[[], int]


@dataclass(frozen=True)
class Execution:
    """One execution of a task, as the task sees it. `owner` is the engine's token of it: another worker that takes the
    task over holds another one. `slots` are the worker's places for heavy work."""

    worker_id: str
    owner: str | None
    checkpoints: Checkpoints
    slots: Slots


@dataclass(frozen=True)
class Task:
    """Durable work: `run(execution, *arguments)` is called on some worker, again after a restart, until it returns.

    `name` is stored with what is enqueued and must not change while anything waits. Arguments are JSON-like.
    """

    name: str
    run: Callable[..., Any]
    queues: tuple[Queue, ...]
