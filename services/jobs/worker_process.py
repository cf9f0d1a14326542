"""One worker process from launch to drain."""

import logging
import os
import signal
import socket
import threading
import time
from datetime import timedelta
from uuid import uuid4

from dbos import DBOS, DBOSClient, DBOSConfig

from config import settings
from services.billing.repair import repair_payments
from services.billing.workflow import register_payment_workflow
from services.insights import rollup
from services.jobs import cleaning, client, engine, repair, takeover, workers
from services.jobs.progress import Reporter, Tracked
from services.jobs.running import Runner
from services.jobs.settlement import Outcome, Start
from services.jobs.slots import Slot, Slots
from services.jobs.workflow import JobWorkflow

log = logging.getLogger(__name__)

_REPAIR_EVERY_SECONDS = 15.0
_SWEEP_EVERY_SECONDS = 3600.0
_FIGURES_EVERY_SECONDS = 60.0
_LOOK_FOR_CLEANING_SECONDS = 60.0
_LOOK_FOR_PAYMENTS_SECONDS = 0.25


class WorkerProcess:
    """Runs jobs until told to stop. `parent` is the process id of the app that started it: the worker ends with it."""

    def __init__(self, parent: int | None = None) -> None:
        self.id = f"wrk_{uuid4().hex}"  # new at every start: what an earlier process held is then a dead worker's
        self._parent = parent
        self._slots = Slots(settings().worker_concurrency)
        self._reporter = Reporter()
        self._stop = threading.Event()
        self._draining = False
        self._beaten_at = time.monotonic()
        self._may_reap_from = 0.0
        self._engine: DBOS | None = None

    def run(self) -> None:
        """Launch, work until a signal or the parent's end, drain. Returns once everything is handed back."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stop.set())
        self._launch()
        threading.Thread(target=self._warm_up, name="warm-up", daemon=True).start()
        threading.Thread(target=self._keep_figures, name="figures", daemon=True).start()
        threading.Thread(target=self._keep_clean, name="cleaning", daemon=True).start()
        log.info("worker %s is ready", self.id)
        self._tend()
        self._drain()

    def _launch(self) -> None:
        logging.getLogger("dbos").setLevel(logging.WARNING)
        connections = engine.make_system_engine()
        client.migrate(connections)
        self._beat()
        config: DBOSConfig = {
            "name": engine.APPLICATION,
            "system_database_url": settings().database_url,
            "system_database_engine": connections,
            "application_version": engine.WORKFLOW_VERSION,
            "executor_id": self.id,
            "log_level": "WARNING",
            "enable_otlp": False,
            "run_migrations": False,
        }
        self._engine = DBOS(config=config)
        JobWorkflow(self._slots, Runner(self.id, self._reporter, _render))
        register_payment_workflow()
        DBOS.listen_queues([*engine.QUEUES])
        # before the launch: a queue that appears after it is noticed a second later
        registrar = DBOSClient(system_database_engine=connections, application_name=engine.APPLICATION, lazy=True)
        registrar.register_queue(
            engine.QUEUE,
            worker_concurrency=settings().worker_concurrency + 1,  # the next one waits at our door: see slots
            polling_interval_sec=settings().worker_poll_seconds,
        )
        registrar.register_queue(
            engine.PROVIDER_QUEUE,
            worker_concurrency=settings().worker_provider_concurrency,
            polling_interval_sec=settings().worker_poll_seconds * 5,  # its answer takes seconds, and each look costs
        )
        registrar.register_queue(
            engine.PAYMENT_QUEUE, worker_concurrency=2, polling_interval_sec=_LOOK_FOR_PAYMENTS_SECONDS
        )
        DBOS.launch()

    def _tend(self) -> None:
        """Say that we live, look after the dead, until it is time to stop."""
        repair_at, sweep_at = time.monotonic() + _REPAIR_EVERY_SECONDS, time.monotonic() + 60.0
        while not self._stop.wait(settings().worker_heartbeat_seconds):
            if self._parent is not None and os.getppid() != self._parent:
                log.info("the app that started this worker is gone")
                return
            try:
                self._beat()
                if time.monotonic() >= self._may_reap_from:
                    takeover.take_over()
                if time.monotonic() >= repair_at:
                    repair_at = time.monotonic() + _REPAIR_EVERY_SECONDS
                    repair.repair_stuck()
                    repair_payments()
                if time.monotonic() >= sweep_at:
                    sweep_at = time.monotonic() + _SWEEP_EVERY_SECONDS
                    repair.sweep_engine()
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
        self._draining = True
        self._slots.close()
        assert self._engine is not None
        for event in self._engine.background_thread_stop_events:
            event.set()
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
            takeover.hand_back(self.id)
            workers.leave(self.id)
        except Exception as error:  # noqa: BLE001  others will notice that we are gone
            log.warning("worker %s could not hand back its jobs: %s", self.id, error)
        log.info("worker %s has stopped", self.id)

    def _keep_figures(self) -> None:
        """Keep the staff's daily figures. A thread of its own: the first time may take longer than a heartbeat."""
        while not self._stop.wait(_FIGURES_EVERY_SECONDS / 4):
            try:
                rollup.keep_if_due(every=timedelta(seconds=_FIGURES_EVERY_SECONDS))
            except Exception as error:  # noqa: BLE001  the database may be gone for a moment; the next turn finds it
                log.warning("worker %s could not keep the daily figures: %s", self.id, error)

    def _keep_clean(self) -> None:
        """Clean once a day, whichever worker looks first. A thread of its own: a large store takes minutes to list."""
        while not self._stop.wait(_LOOK_FOR_CLEANING_SECONDS):
            try:
                cleaning.clean_if_due()
            except Exception as error:  # noqa: BLE001  the store may be gone for a while; it is tried again in an hour
                log.warning("worker %s could not clean: %s", self.id, error)

    def _warm_up(self) -> None:
        """Import what the first job would wait for: OpenCV, and the cut-out model if its file is here."""
        try:
            from services.studio import pipeline  # noqa: F401
            from services.studio.ondevice import segmentation_model

            home = settings().models_dir
            name = segmentation_model.installed_default(home)
            if name is not None and home is not None and settings().wanted_model is not None:
                segmentation_model.load(name, home)
        except Exception as error:  # noqa: BLE001  a job that needs it will say so
            log.warning("warm-up: %s", error)


def _render(start: Start, tracked: Tracked, slot: Slot) -> Outcome:
    from services.jobs.rendering import render  # OpenCV takes a while to import: not before the worker is up

    return render(start, tracked, slot)
