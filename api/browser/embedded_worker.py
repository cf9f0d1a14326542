"""The one worker process that the app runs as its child when it is not part of a larger installation."""

import asyncio
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

import structlog

from config import settings

_log = structlog.get_logger("vitrine.worker")
_SCRIPT = Path(__file__).parents[2] / "worker.py"
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 30.0
_HEALTHY_AFTER = 60.0


class EmbeddedWorker:
    """Starts `worker.py`, starts it again with growing pauses (seconds) should it die, and drains it at the end."""

    def __init__(self, script: Path = _SCRIPT) -> None:
        self._script = script
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self) -> None:
        """Start the worker and watch over it."""
        await self._spawn()
        self._keeper = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Ask the worker to finish what it has begun, wait as long as the settings allow, then end it."""
        if self._keeper:
            self._keeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeper
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), settings().worker_drain_seconds + 10)
        except TimeoutError:
            _log.warning("worker_did_not_drain", pid=process.pid)
            process.kill()
            await process.wait()

    async def _spawn(self) -> asyncio.subprocess.Process:
        # A session of its own: Ctrl-C reaches the app alone, which then drains the worker.
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(self._script),
            "--no-migrate",
            f"--parent={os.getpid()}",
            cwd=self._script.parent,
            stdin=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        return self._process

    async def _keep(self) -> None:
        wait = _FIRST_WAIT
        while True:
            assert self._process is not None
            started = time.monotonic()
            code = await self._process.wait()
            if time.monotonic() - started > _HEALTHY_AFTER:
                wait = _FIRST_WAIT
            _log.warning("worker_ended", code=code, again_in_seconds=wait)
            await asyncio.sleep(wait)
            wait = min(wait * 2, _LONGEST_WAIT)
            await self._spawn()
