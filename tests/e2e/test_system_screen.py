"""The system screen follows the download of a cut-out model by itself, and the shop works meanwhile."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visitor, axe_violations, register, running_server
from tests.fakes.model_server import model_server

pytestmark = pytest.mark.browser


def test_a_download_is_followed_to_its_end_and_why_it_failed_is_said(tmp_path: Path, visit: Visitor) -> None:
    with (
        model_server(bytes(8_000_000), piece=20_000, seconds_a_piece=0.2) as models,
        running_server(tmp_path / "data", cutout_model="auto", model_download="1", models_url=models.url) as server,
    ):
        chief = register(server.url, "Sam of the staff")
        window = visit(chief, url=server.url)
        page = window.open("/system")
        for _ in range(60):  # the worker takes some seconds to start
            if page.get_by_role("cell", name="isnet-general-use").count():
                break
            page.wait_for_timeout(1000)
            page.reload()
            window.settle()
        expect(page.get_by_text(re.compile(r"Being fetched: .+ of 7\.6 MB \(\d+%\)"))).to_be_visible(timeout=20_000)
        assert axe_violations(page) == []
        models.seconds_a_piece = 0.0
        expect(page.get_by_text("its checksum is wrong. Next try at")).to_be_visible(timeout=20_000)
        expect(page.get_by_text("Everything works")).to_be_visible()
        assert axe_violations(page) == []
        assert window.asked_elsewhere == []
        assert window.complaints == []
