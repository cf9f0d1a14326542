"""The app's process after people and programs used it: its memory, and whether it loaded what only workers need."""

import io
import tempfile
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from PIL import Image
from playwright.sync_api import sync_playwright

from tests.e2e.conftest import PASSWORD, launch, register, running_server

_HEAVY = ("/cv2/", "/onnxruntime/", "/numba/", "/rembg/")
_SCREENS = ("/home", "/generate", "/gallery", "/credits", "/developers", "/system")
_ROUNDS = 3


def measure() -> dict[str, Any]:
    """Resident memory in MB after visits to every screen and uploads at 2 and 12 MP; `heavy_imports` counts modules."""
    with tempfile.TemporaryDirectory() as folder, running_server(Path(folder)) as server:
        process = Path(f"/proc/{server.process.pid}")
        account = register(server.url)
        at_start = _resident_mb(process)
        _visit(server.url, account.cookies)
        after_visits = _resident_mb(process)
        token = httpx.post(
            f"{server.url}/api/v1/auth/login", json={"email": account.email, "password": PASSWORD}
        ).json()["access_token"]
        for _ in range(_ROUNDS):
            for size in ((1600, 1250), (4000, 3000)):
                answer = httpx.post(
                    f"{server.url}/api/v1/assets",
                    headers={"Authorization": f"Bearer {token}"},
                    files={"file": ("photo.jpg", _photo(size), "image/jpeg")},
                    timeout=60,
                )
                answer.raise_for_status()
        maps = process.joinpath("maps").read_text()
        return {
            "what": "resident memory of the app's process (its worker is another process)",
            "rss_mb_at_start": at_start,
            "rss_mb_after_visits": after_visits,
            "rss_mb": _resident_mb(process),
            "peak_mb": _status_mb(process, "VmHWM"),
            "heavy_imports": sum(part in maps for part in _HEAVY),
        }


def _visit(url: str, cookies: dict[str, str]) -> None:

    with sync_playwright() as playwright:
        browser = launch(playwright)
        context = browser.new_context()
        context.add_cookies([{"name": name, "value": value, "url": url} for name, value in cookies.items()])
        page = context.new_page()
        for screen in _SCREENS:
            page.goto(url + screen)
            page.wait_for_timeout(1500)
        browser.close()


def _photo(size: tuple[int, int]) -> bytes:
    """A JPEG of noise over a ramp: as hard to encode as a busy photo."""
    rng = np.random.default_rng(size[0])
    ramp = np.linspace(40, 215, size[0])[None, :, None] + rng.normal(0, 12, (size[1], size[0], 3))
    file = io.BytesIO()
    Image.fromarray(np.clip(ramp, 0, 255).astype(np.uint8)).save(file, "JPEG", quality=90)
    return file.getvalue()


def _resident_mb(process: Path) -> float:
    return _status_mb(process, "VmRSS")


def _status_mb(process: Path, field: str) -> float:
    line = next(line for line in process.joinpath("status").read_text().splitlines() if line.startswith(field))
    return round(int(line.split()[1]) / 1024, 1)
