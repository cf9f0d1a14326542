"""Fixtures every test may use: both databases, a process set up on them, real photographs."""

import asyncio
import gc
import os
import shutil
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import hypothesis
import pytest
import structlog

import config
import db
from config import Settings
from db import clock
from db.migrations.runner import upgrade
from services import bootstrap
from services.accounts import passwords
from services.engine import client
from tests.support import compiled_statements
from tests.support.postgres import PostgresServer

os.environ.setdefault("NUMBA_DISABLE_JIT", "1")  # rembg's import would compile for minutes what nothing here calls
os.environ["VITRINE_MODEL_DOWNLOAD"] = "0"  # no worker of a test goes out for a model
config.ENV_FILE = None  # whatever key stands there, no test pays with it
compiled_statements.share()
hypothesis.settings.register_profile(  # a busy machine is no fault of an example
    "untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("untimed")
gc.disable()  # until everything is imported
structlog.configure(  # by itself it draws the local variables of every frame, which takes a second and more
    processors=[
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)
PHOTOS = Path(__file__).parents[2] / "shared" / "photos"


SOAK_ENDS = time.monotonic() + 60 * float(os.environ.get("VITRINE_SOAK_MINUTES", "20"))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Once the soak lane's time is up, no further soak test starts; the report names those left out."""
    if item.get_closest_marker("soak") and time.monotonic() > SOAK_ENDS:
        pytest.skip("the soak lane's time is up (VITRINE_SOAK_MINUTES)")


LONG = ("test_seed.py", "test_worker_process.py", "test_manage.py", "test_pipeline.py", "test_provider_steps.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest starts first, so that no core waits for it at the end."""

    def turn(item: pytest.Item) -> int:
        if item.get_closest_marker("browser") or item.get_closest_marker("chaos"):
            return 0
        return 1 if item.path.name in LONG else 2

    items.sort(key=turn)


def pytest_collection_finish() -> None:
    """What is imported stays: the collector need not look through all of it, neither on the way nor afterwards."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


@pytest.fixture(autouse=True)
def _no_loop(request: pytest.FixtureRequest) -> Iterator[None]:
    """Between its tests Playwright leaves its event loop as the running one of this thread: others start their own."""
    if request.node.get_closest_marker("browser"):
        yield
        return
    left = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(left)


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """bcrypt's lowest cost: what is tested is who gets in, not how long a hash takes."""
    monkeypatch.setattr(passwords, "BCRYPT_COST", 4)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One real PostgreSQL for the test process."""
    server = PostgresServer()
    yield server
    server.stop()


def _migrate(url: str) -> None:
    config.configure(Settings(database_url=url, _env_file=None))  # type: ignore[call-arg]
    upgrade()
    client.client()  # makes the engine's own tables, for which each test that queues a job would wait
    client.close()
    db.dispose()
    config.configure(None)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "vitrine.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer) -> str:
    """The name of a migrated PostgreSQL database to use as a template."""
    url = postgres.create_database()
    _migrate(url)
    return url.rsplit("/", 1)[1]


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of a migrated SQLite database of this test alone."""
    path = tmp_path / "vitrine.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres: PostgresServer, postgres_template: str) -> Iterator[str]:
    """The URL of a migrated PostgreSQL database of this test alone."""
    url = postgres.create_database(postgres_template)
    yield url
    db.dispose()
    postgres.drop_database(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Runs the test once on each database."""
    return str(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url"))


def _start(url: str, tmp_path: Path) -> Settings:
    return bootstrap.start(Settings(database_url=url, data_dir=tmp_path / "data", _env_file=None))  # type: ignore[call-arg]


@pytest.fixture
def vitrine(database_url: str, tmp_path: Path) -> Iterator[Settings]:
    """This process set up on a fresh database (each of the two in turn) and a storage folder."""
    yield _start(database_url, tmp_path)
    _stop()


@pytest.fixture
def vitrine_sqlite(sqlite_url: str, tmp_path: Path) -> Iterator[Settings]:
    """The same on SQLite only, for what does not touch the database's own behaviour."""
    yield _start(sqlite_url, tmp_path)
    _stop()


def _stop() -> None:
    clock.travel(timedelta())
    bootstrap.stop()
    config.configure(None)


@pytest.fixture(scope="session")
def photos() -> Path:
    """The folder of real photographs; tests that need it are skipped where it is absent."""
    if not PHOTOS.is_dir():
        pytest.skip("the folder of real photographs (../shared/photos) is not here")
    return PHOTOS
