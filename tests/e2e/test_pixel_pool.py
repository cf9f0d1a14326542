"""The app as it is started: pictures are decoded beside it, and nothing of that outlives it."""

import signal
from pathlib import Path

import httpx
import pytest

from tests.e2e.conftest import PASSWORD, Server, register, running_server
from tests.support.job_pictures import product_photo
from tests.support.job_workers import wait_until


def helpers_of(server: Server) -> list[int]:
    """The process ids of its helpers."""
    children = Path(f"/proc/{server.process.pid}/task").glob("*/children")
    pids = [int(pid) for listed in children for pid in listed.read_text().split()]
    return [pid for pid in pids if b"services.pixels.helper" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def upload(server: Server, token: str) -> int:
    headers, files = {"Authorization": f"Bearer {token}"}, {"file": ("mug.png", product_photo(300), "image/png")}
    return httpx.post(f"{server.url}/api/v1/assets", headers=headers, files=files, timeout=60).status_code


@pytest.mark.chaos
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGKILL])
def test_the_app_decodes_beside_itself_and_leaves_no_process_behind(tmp_path: Path, ending: signal.Signals) -> None:
    with running_server(tmp_path / "data", embedded_worker="0") as server:
        assert helpers_of(server) == []
        account = {"email": register(server.url).email, "password": PASSWORD}
        token = httpx.post(f"{server.url}/api/v1/auth/login", json=account, timeout=60).json()["access_token"]

        assert [upload(server, token) for _ in range(2)] == [201, 201]

        (helper,) = helpers_of(server)
        maps = Path(f"/proc/{server.process.pid}/maps").read_text()
        assert not [engine for engine in ("/cv2/", "/onnxruntime/", "pillow_heif") if engine in maps]
        server.process.send_signal(ending)
        server.process.wait(60)
        wait_until(lambda: not Path(f"/proc/{helper}").exists(), 15, "the helper to end")
