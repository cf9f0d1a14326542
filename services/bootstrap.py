"""The one place that puts a process together: settings, extensions, what opens database, storage and client; and, for a
worker process, what the features have it do."""

from typing import TYPE_CHECKING

import config
import db
from config import Settings
from services import pixels
from services.accounts import registration
from services.credits import ledger
from services.engine import client
from services.library import storage
from services.pixels import malloc
from services.studio.operations import registry as operations
from services.studio.providers import registry as providers

if TYPE_CHECKING:
    from services.engine.worker_process import WorkerProcess

_PIXEL_TASKS = ("services.library.decoding", "services.library.conversion")


def start(new: Settings | None = None, *, pixel_pool: bool = False) -> Settings:
    """Use `new` settings (the environment's if None) from here on; what was open with the old ones is closed.

    With `pixel_pool` pictures are decoded and converted in helper processes, as the app needs it; without it in this
    one.
    """
    stop()
    config.configure(new)
    settings = config.settings()
    operations.reset(settings.extension_modules)
    providers.reset(settings.extension_modules)
    registration.open_with(ledger.open_account)
    if pixel_pool:
        malloc.return_large_blocks()
        pixels.use_pool(
            pixels.Limits(
                helpers=settings.pixel_helpers,
                queue=settings.pixel_queue,
                memory_mb=settings.pixel_memory_mb,
                preload=_PIXEL_TASKS,
            )
        )
    return settings


def stop() -> None:
    """Close what this process holds open. Everything opens again on next use."""
    pixels.stop_pool()
    client.close()
    storage.close()
    db.dispose()


def worker(parent: int | None = None) -> "WorkerProcess":
    """A worker process with the tasks and schedules of every feature."""
    from services.batches import tasks as batches
    from services.billing import tasks as billing
    from services.engine.worker_process import WorkerProcess
    from services.events import tasks as events
    from services.insights import tasks as insights
    from services.jobs import tasks as jobs
    from services.notifications import tasks as notifications

    return WorkerProcess(
        tasks=[*jobs.TASKS, *billing.TASKS],
        schedules=[
            *jobs.SCHEDULES,
            *billing.SCHEDULES,
            *insights.SCHEDULES,
            *notifications.SCHEDULES,
            *batches.SCHEDULES,
            *events.SCHEDULES,
        ],
        in_background=jobs.prepare,
        parent=parent,
    )
