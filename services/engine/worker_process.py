"""One worker process from launch to drain."""

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from uuid import uuid4

from dbos import DBOS, DBOSClient, DBOSConfig

from config import settings
from services.engine import client, connections, execution, retention, takeover, workers
from services.engine.queue_threads import QueueThreads
from services.engine.schedules import Schedule, Timetable
from services.engine.slots import Slots
from services.engine.tasks import Task
from services.engine.wakeup import Listener

log = logging.getLogger(__name__)


class WorkerProcess:
    """Runs `tasks` and keeps `schedules` until told to stop. `in_background` is called once in a thread of its own, for
    what tasks would otherwise wait for; the event it is given is set when the worker is told to stop. `parent` is the
    process id of the app that started this worker, which ends with it."""

    def __init__(
        self,
        tasks: Sequence[Task],
        schedules: Sequence[Schedule] = (),
        in_background: Callable[[threading.Event], None] | None = None,
        parent: int | None = None,
    ) -> None:
        self.id = f"wrk_{uuid4().hex}"  # new at every start: what an earlier process held is then a dead worker's
        self._tasks = tasks
        self._queues = {queue.name: queue for task in tasks for queue in task.queues}
        self._timetable = Timetable([*schedules, retention.SCHEDULE])
        self._in_background = in_background
        self._parent = parent
        self._slots = Slots(settings().worker_concurrency)
        self._stop = threading.Event()
        self._draining = False
        self._beaten_at = time.monotonic()
        self._may_reap_from = 0.0
        self._listener = Listener()
        self._queue_threads: QueueThreads | None = None

    def run(self) -> None:
        """Launch, work until a signal or the parent's end, drain. Returns once everything is handed back."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stop.set())
        self._launch()
        if self._in_background is not None:
            threading.Thread(target=self._in_background, args=(self._stop,), name="background", daemon=True).start()
        threading.Thread(target=self._timetable.keep, args=(self._stop,), name="schedules", daemon=True).start()
        log.info("worker %s is ready", self.id)
        self._tend()
        self._drain()

    def _launch(self) -> None:
        logging.getLogger("dbos").setLevel(logging.WARNING)
        system_engine = connections.make_system_engine()
        client.migrate(system_engine)
        self._beat()
        config: DBOSConfig = {
            "name": connections.APPLICATION,
            "system_database_url": settings().database_url,
            "system_database_engine": system_engine,
            "application_version": connections.VERSION,
            "executor_id": self.id,
            "log_level": "WARNING",
            "enable_otlp": False,
            "run_migrations": False,
            "use_listen_notify": False,  # for messages between workflows, of which there are none
            "notification_listener_polling_interval_sec": 3600.0,
        }
        engine = DBOS(config=config)
        execution.register(self._tasks, self.id, self._slots, self._has_ended)
        DBOS.listen_queues([])  # our own threads do, which sleep until they are woken
        registrar = DBOSClient(
            system_database_engine=system_engine, application_name=connections.APPLICATION, lazy=True
        )
        for queue in self._queues.values():
            registrar.register_queue(
                queue.name,
                worker_concurrency=queue.concurrency(),
                polling_interval_sec=settings().worker_poll_seconds,
            )
        DBOS.launch()
        self._queue_threads = QueueThreads(engine, list(self._queues))
        for name in self._queues:
            self._listener.on(name, partial(self._queue_threads.wake, name))
        self._timetable.listen(self._listener)
        self._listener.start()  # before the first look at the queues, so that nothing falls between the two
        self._queue_threads.start()
        self._timetable.catch_up()

    def _has_ended(self, task: Task) -> None:
        """There is room for the next one."""
        if self._queue_threads is not None:
            for queue in task.queues:
                self._queue_threads.made_room(queue.name)

    def _tend(self) -> None:
        """Say that we live, look after the dead, until it is time to stop."""
        while not self._stop.wait(settings().worker_heartbeat_seconds):
            if self._parent is not None and os.getppid() != self._parent:
                log.info("the app that started this worker is gone")
                return
            try:
                self._beat()
                if time.monotonic() >= self._may_reap_from:
                    takeover.take_over(list(self._queues))
            except Exception as error:  # noqa: BLE001  the database may be gone for a moment; the worker stays
                log.warning("worker %s cannot reach the database: %s", self.id, error)

    def _beat(self) -> None:
        workers.beat(
            self.id,
            hostname=socket.gethostname(),
            pid=os.getpid(),
            concurrency=settings().worker_concurrency,
            running=self._slots.inside,
            draining=self._draining,
        )
        # After a pause (frozen, or no database) everyone may look dead: give the others time to beat before judging.
        if time.monotonic() - self._beaten_at > settings().worker_dead_after_seconds / 2:
            self._may_reap_from = time.monotonic() + settings().worker_dead_after_seconds
        self._beaten_at = time.monotonic()

    def _drain(self) -> None:
        """Finish what runs, take no more, hand the rest back."""
        self._stop.set()
        self._draining = True
        self._slots.close()
        self._listener.stop()
        if self._queue_threads is not None:
            self._queue_threads.stop()
        deadline = time.monotonic() + settings().worker_drain_seconds
        while True:
            left = deadline - time.monotonic()
            try:
                self._beat()
            except Exception as error:  # noqa: BLE001
                log.warning("worker %s cannot reach the database: %s", self.id, error)
            if left <= 0 or self._slots.wait_until_empty(min(left, settings().worker_heartbeat_seconds)):
                break
        try:
            takeover.hand_back(self.id, list(self._queues))
            workers.leave(self.id)
        except Exception as error:  # noqa: BLE001  others will notice that we are gone
            log.warning("worker %s could not hand back its tasks: %s", self.id, error)
        log.info("worker %s has stopped", self.id)
