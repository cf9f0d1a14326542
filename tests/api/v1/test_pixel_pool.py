"""Uploads whose pictures are decoded in the pixel pool, as the app does it."""

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from config import Settings
from services import bootstrap, pixels
from tests.api.conftest import Person, application
from tests.support.job_pictures import product_photo
from tests.support.job_workers import wait_until
from tests.support.served import served


@pytest.fixture
def address(vitrine_sqlite: Settings) -> Iterator[str]:
    """The API on a port, with one helper and no room in the queue before it."""
    values = vitrine_sqlite.model_dump() | {"pixel_helpers": 1, "pixel_queue": 0}
    bootstrap.start(Settings(**values, _env_file=None), pixel_pool=True)  # type: ignore[call-arg]
    with served(application()) as url:
        yield f"{url}/api/v1/assets"


def upload(address: str, person: Person) -> httpx.Response:
    files = {"file": ("mug.png", product_photo(80), "image/png")}
    return httpx.post(address, files=files, headers=person.headers, timeout=60)


def helper() -> int:
    assert pixels._pool is not None
    (pid,) = pixels._pool.pids
    return pid


def is_there(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").exists()


def test_a_full_queue_answers_503_with_retry_after(address: str, person: Callable[..., Person]) -> None:
    anna = person("anna@example.com")
    assert upload(address, anna).status_code == 201
    os.kill(helper(), signal.SIGSTOP)
    answers: list[int] = []
    slow = threading.Thread(target=lambda: answers.append(upload(address, anna).status_code))
    slow.start()
    wait_until(lambda: pixels._pool is not None and pixels._pool.is_full, 30, "the helper to be asked")

    answer = upload(address, anna)
    os.kill(helper(), signal.SIGCONT)
    slow.join(60)

    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "pixels_busy", "2")
    assert answers == [201]


def test_a_client_that_hangs_up_ends_the_work_on_its_picture(address: str, person: Callable[..., Person]) -> None:
    anna = person("anna@example.com")
    assert upload(address, anna).status_code == 201
    frozen = helper()
    os.kill(frozen, signal.SIGSTOP)
    url = httpx.URL(address)
    request = httpx.Request("POST", url, files={"file": ("mug.png", product_photo(80), "image/png")})
    head = "".join(f"{name}: {value}\r\n" for name, value in {**request.headers, **anna.headers}.items())
    with socket.create_connection((url.host, url.port)) as client:
        client.sendall(f"POST {url.path} HTTP/1.1\r\n{head}\r\n".encode() + request.read())
        wait_until(lambda: pixels._pool is not None and pixels._pool.is_full, 30, "the helper to be asked")

    wait_until(lambda: not is_there(frozen), 30, "the helper to be ended")

    assert upload(address, anna).status_code == 201
    assert len(httpx.get(address, headers=anna.headers).json()["data"]) == 2
