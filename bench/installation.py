"""An installation of its own for a measurement: a fresh database, a folder, an account with a key, a worker."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from fastapi import FastAPI

import config
from config import Settings
from db.migrations.runner import upgrade
from services import bootstrap
from services.accounts.actor import Actor
from services.accounts.api_keys import create_api_key
from services.accounts.registration import create_user
from services.engine import workers
from services.insights.logs import configure_logs
from tests.support.postgres import free_port

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Installation:
    """The settings in force, and an account with more credits than any measurement spends."""

    settings: Settings
    actor: Actor
    key: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}


@contextmanager
def installation(database_url: str = "") -> Iterator[Installation]:
    """This process on a fresh installation (SQLite by default) until the end of the block."""
    with tempfile.TemporaryDirectory(prefix="vitrine-bench-") as home:
        settings = Settings(
            database_url=database_url, data_dir=Path(home), rate_limit_per_minute=1_000_000, _env_file=None
        )
        configure_logs(bootstrap.start(settings))
        try:
            upgrade()
            actor = create_user("bench@example.com", "correct horse battery", credits=100_000)
            yield Installation(settings, actor, create_api_key(actor, "bench", ["read", "write"]).secret)
        finally:
            bootstrap.stop()
            config.configure(None)


@contextmanager
def worker(settings: Settings, seconds: float = 120) -> Iterator["subprocess.Popen[bytes]"]:
    """One worker process until the end of the block; it ends with this process."""
    environment = {
        **os.environ,
        "VITRINE_DATABASE_URL": settings.database_url,
        "VITRINE_STORAGE_URL": settings.storage_url,
        "VITRINE_DATA_DIR": str(settings.data_dir),
        "VITRINE_CUTOUT_MODEL": "built-in",
        "VITRINE_LOG_LEVEL": "WARNING",
    }
    command = [sys.executable, str(ROOT / "worker.py"), "--no-migrate", "--parent", str(os.getpid())]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        deadline = time.monotonic() + seconds
        while not workers.any_alive():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the worker did not start")
            time.sleep(0.05)
        yield process
    finally:
        process.terminate()
        process.wait(60)


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The application on a port of its own, in a thread; its address."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)
