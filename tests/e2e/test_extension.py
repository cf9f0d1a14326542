"""An operation from outside, `tests/support/extension_invert.py`: everything that serves operations knows it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, expect

from config import Settings
from tests.e2e.conftest import PASSWORD, Account, Visit, register, running_server
from tests.e2e.studio import SLOW, cards, choose, drop, make_button
from tests.support.job_workers import WorkerProgram

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
EXTENSION = "tests.support.extension_invert"


@contextmanager
def app_and_worker(data_dir: Path) -> Iterator[str]:
    """A fresh app with the extension, and a worker process beside it; the app's address."""
    with running_server(data_dir, embedded_worker="0", extensions=EXTENSION) as server:
        worker = WorkerProgram(Settings(data_dir=data_dir, _env_file=None), VITRINE_EXTENSIONS=EXTENSION)  # type: ignore[call-arg]
        try:
            yield server.url
        finally:
            worker.end()


def signed_in_page(chromium: Browser, url: str, account: Account) -> Page:
    """The Create screen."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies([{"name": name, "value": value, "url": url} for name, value in account.cookies.items()])
    return Visit(context.new_page(), url).open("/generate")


def signed_in(url: str, account: Account) -> httpx.Client:
    client = httpx.Client(base_url=f"{url}/api/v1", timeout=30)
    tokens = client.post("/auth/login", json={"email": account.email, "password": PASSWORD}).json()
    client.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    return client


def ended(api: httpx.Client, asset_id: str, **params: Any) -> dict[str, Any]:
    """A job of the extension's operation, once it has ended."""
    recipe = {"steps": [{"op": "invert", "params": params}]}
    job: dict[str, Any] = api.post("/jobs", json={"asset_ids": [asset_id], "recipe": recipe}).json()
    deadline = time.monotonic() + 30
    while job["status"] in ("queued", "running"):
        assert time.monotonic() < deadline, job
        time.sleep(0.05)
        job = api.get(f"/jobs/{job['id']}").json()
    return job


def credits(api: httpx.Client) -> tuple[int, int]:
    """(available, held)."""
    found = api.get("/credits").json()
    return found["available"], found["held"]


def test_an_operation_in_one_module_is_offered_quoted_run_charged_named_and_undone(
    chromium: Browser, tmp_path: Path
) -> None:
    photo = tmp_path / "vase.png"
    picture = Image.new("RGB", (300, 300), (236, 236, 234))
    ImageDraw.Draw(picture).rectangle((100, 80, 200, 260), fill=(40, 70, 110))
    picture.save(photo)
    with app_and_worker(tmp_path / "data") as url:
        owner = register(url)
        page = signed_in_page(chromium, url, owner)
        drop(page, [photo])
        choose(page, "Invert colours")
        page.get_by_text("Options", exact=True).click()
        expect(page.get_by_role("slider", name="How far")).to_be_attached(timeout=SLOW)
        expect(page.get_by_role("checkbox", name="Keep red")).to_be_attached()
        expect(page.get_by_role("combobox", name="Over")).to_be_attached()
        make_button(page, 1, "2 credits").click()
        expect(cards(page, "done")).to_have_count(1, timeout=SLOW)

        api = signed_in(url, owner)
        listed = next(one for one in api.get("/operations").json()["data"] if one["id"] == "invert")
        assert (listed["title"], listed["credits"], listed["engines"]) == ("Invert colours", 2, ["on_device"])
        assert listed["params"]["properties"]["strength"]["minimum"] == 0.1
        recipe = {"steps": [{"op": "invert"}, {"op": "enhance"}]}
        quoted = api.post("/quotes", json={"recipe": recipe, "count": 3}).json()
        assert (quoted["credits_total"], quoted["lines"][0]["title"]) == (9, "Invert colours")
        result, original = api.get("/assets").json()["data"]
        assert (result["filename"], result["operations"]) == ("vase-negative.jpg", ["invert"])
        start, held = credits(api)
        assert held == 0

        done = ended(api, original["id"], strength=0.8)
        assert (done["status"], done["credits_charged"], credits(api)) == ("succeeded", 2, (start - 2, 0))
        failed = ended(api, original["id"], broken=True)
        assert (failed["status"], failed["credits_charged"]) == ("failed", 0)
        assert (failed["error"]["code"], failed["result_asset_ids"]) == ("internal", [])
        assert credits(api) == (start - 2, 0)
