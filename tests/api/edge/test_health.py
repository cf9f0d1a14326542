"""Health, readiness and metrics, as a machine that watches the app sees them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.testclient import TestClient

import config
from api.edge import health
from api.v1.app import PREFIX
from config import VERSION, Settings
from services.engine import workers


@pytest.fixture
def watcher(vitrine: Settings) -> Iterator[TestClient]:
    del vitrine
    with TestClient(Starlette(routes=health.routes)) as client:
        yield client


def _beat() -> None:
    workers.beat("wrk_test", hostname="h", pid=1, concurrency=1, running=0, draining=False)


def test_the_api_says_its_version_without_a_key(client_sqlite: TestClient) -> None:
    answer = client_sqlite.get(f"{PREFIX}/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "version": VERSION})


def test_the_process_is_up_whatever_else_is_not(watcher: TestClient) -> None:
    assert watcher.get("/healthz").text == "ok"


def test_ready_needs_a_live_worker(watcher: TestClient) -> None:
    answer = watcher.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "database": True, "storage": True, "worker": False}
    _beat()
    assert watcher.get("/readyz").json()["ready"] is True


def test_a_store_that_cannot_be_written_to_makes_the_app_unready(watcher: TestClient, tmp_path: Path) -> None:
    blocked = tmp_path / "not-a-folder"
    blocked.write_text("a file where the folder should be")
    config.configure(config.settings().model_copy(update={"storage_url": f"file://{blocked}"}))
    health.storage.close()
    assert watcher.get("/readyz").json()["storage"] is False


def test_metrics_are_closed_until_a_token_is_set_and_open_only_to_it(watcher: TestClient) -> None:
    assert watcher.get("/metrics").status_code == 403
    config.configure(config.settings().model_copy(update={"metrics_token": SecretStr("tell-me")}))
    assert watcher.get("/metrics").status_code == 401
    assert watcher.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    _beat()
    text = watcher.get("/metrics", headers={"Authorization": "Bearer tell-me"}).text
    assert "vitrine_workers_alive 1.0" in text
    assert "vitrine_http_request_seconds" in text
