"""Watching jobs change: everyone in a process who waits for some job is served by one poll of the database."""

import asyncio
import logging
import time
import weakref
from collections.abc import AsyncGenerator, Sequence

from services.jobs.reading import look_up
from services.jobs.views import JobView

log = logging.getLogger(__name__)

POLL_SECONDS = 0.1
_PAUSE_PER_LOOK = 4
"""How many times as long as a look the pause after it is: a fifth of the time at most."""
_LONGEST_PAUSE_SECONDS = 1.0
_PAUSE_AFTER_FAULT_SECONDS = 1.0


class JobWatcher:
    """The poller of one event loop. It runs only while someone watches."""

    def __init__(self) -> None:
        self._queues: dict[str, set[asyncio.Queue[JobView]]] = {}
        self._told: dict[str, str] = {}
        self._polling: asyncio.Task[None] | None = None

    async def follow(self, job_ids: Sequence[str]) -> AsyncGenerator[JobView]:
        """Each job as it is now, then each again whenever it changes, until all have ended.

        Checks nothing: ask `get_jobs` first whether the jobs are the person's own.
        """
        waiting: asyncio.Queue[JobView] = asyncio.Queue()
        for job_id in job_ids:
            self._queues.setdefault(job_id, set()).add(waiting)
            self._told.pop(job_id, None)  # so that the next poll tells the newcomer too
        if self._polling is None or self._polling.done():
            self._polling = asyncio.create_task(self._poll())
        open_ids, seen = set(job_ids), dict[str, str]()
        try:
            while open_ids:
                job = await waiting.get()
                if seen.get(job.id) == job.version:
                    continue
                seen[job.id] = job.version
                if job.ended:
                    open_ids.discard(job.id)
                    self._forget(job.id, waiting)
                yield job
        finally:
            for job_id in job_ids:
                self._forget(job_id, waiting)

    def follows(self, job_id: str) -> bool:
        """Whether anybody follows this job here now."""
        return job_id in self._queues

    async def ended(self, job_id: str, timeout: float) -> JobView | None:
        """The job once it has ended, or None if it has not within `timeout` seconds."""
        try:
            async with asyncio.timeout(timeout):
                async for job in self.follow([job_id]):
                    if job.ended:
                        return job
        except TimeoutError:
            pass
        return None

    def _forget(self, job_id: str, waiting: asyncio.Queue[JobView]) -> None:
        queues = self._queues.get(job_id, set())
        queues.discard(waiting)
        if not queues:
            self._queues.pop(job_id, None)
            self._told.pop(job_id, None)

    async def _poll(self) -> None:
        while self._queues:
            began = time.monotonic()
            try:
                jobs = await asyncio.to_thread(look_up, list(self._queues))
            except Exception as error:  # noqa: BLE001  the database may be gone for a moment; the watchers wait
                log.warning("cannot look at the jobs watched: %s", error)
                await asyncio.sleep(_PAUSE_AFTER_FAULT_SECONDS)
                continue
            for job in jobs:
                if self._told.get(job.id) != job.version:
                    self._told[job.id] = job.version
                    for waiting in self._queues.get(job.id, ()):
                        waiting.put_nowait(job)
            took = time.monotonic() - began
            await asyncio.sleep(min(max(POLL_SECONDS, _PAUSE_PER_LOOK * took), _LONGEST_PAUSE_SECONDS))


_watchers: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, JobWatcher] = weakref.WeakKeyDictionary()


def watcher() -> JobWatcher:
    """The watcher of the running event loop."""
    return _watchers.setdefault(asyncio.get_running_loop(), JobWatcher())


def is_followed(job_id: str) -> bool:
    """Whether anybody follows this job through this process."""
    return any(each.follows(job_id) for each in list(_watchers.values()))
