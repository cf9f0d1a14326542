"""What the browser loads: pictures by signed link, and nothing else by it."""

from collections.abc import Callable, Iterator

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from api.browser import files
from config import Settings
from services.library import assets
from services.library.assets import AssetView
from services.library.links import signed_path
from tests.api.conftest import Person
from tests.services.library.conftest import drawn, encoded


@pytest.fixture
def browser(vitrine_sqlite: Settings) -> Iterator[TestClient]:
    with TestClient(Starlette(routes=files.routes), base_url="http://localhost:8501") as opened:
        yield opened


@pytest.fixture
def asset(browser: TestClient, person: Callable[..., Person]) -> AssetView:
    return assets.upload(person("anna@example.com").actor, encoded(drawn()), 'Tasse "grün".jpg')


def test_a_link_shows_the_picture_to_this_browser_alone_for_the_day(browser: TestClient, asset: AssetView) -> None:
    answer = browser.get(asset.urls.preview)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/jpeg"
    caching = answer.headers["cache-control"]
    assert caching.startswith("private, max-age=") and caching.endswith(", immutable")
    assert 24 * 3600 <= int(caching.split("=")[1].split(",")[0]) <= 48 * 3600
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]


def test_a_browser_that_has_it_gets_not_modified(browser: TestClient, asset: AssetView) -> None:
    etag = browser.get(asset.urls.thumb).headers["etag"]

    answer = browser.get(asset.urls.thumb, headers={"If-None-Match": etag})

    assert (answer.status_code, answer.content) == (304, b"")
    assert "immutable" in answer.headers["cache-control"]


def test_a_download_has_its_exact_name_and_a_plain_one(browser: TestClient, asset: AssetView) -> None:
    answer = browser.get(asset.urls.download)

    assert answer.headers["content-disposition"] == (
        "attachment; filename=\"Tasse _gr_n_.jpg\"; filename*=UTF-8''Tasse%20_gr%C3%BCn_.jpg"
    )
    assert browser.get(asset.urls.content).headers["content-disposition"].startswith("inline")


def test_only_the_head_is_sent_when_only_that_is_asked(browser: TestClient, asset: AssetView) -> None:
    answer = browser.head(asset.urls.content)

    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["content-length"]) == asset.bytes


@pytest.mark.parametrize("token", ["x", "..%2f..%2fetc%2fpasswd", "%00", "a.b.c.d", "%E2%98%83"])
def test_a_link_that_nobody_signed_finds_nothing(browser: TestClient, token: str) -> None:
    answer = browser.get(f"/files/{token}")

    assert answer.status_code == 404
    assert "root:" not in answer.text


def test_an_unknown_picture_with_a_good_signature_finds_nothing(browser: TestClient, asset: AssetView) -> None:
    answer = browser.get(signed_path("ast_" + "0" * 32, "original"))

    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "no-store"


def test_while_the_store_is_unreachable_the_browser_gets_503(
    browser: TestClient, asset: AssetView, vitrine_sqlite: Settings
) -> None:
    folder = vitrine_sqlite.data_dir / "storage"
    folder.rename(folder.with_name("elsewhere"))
    folder.write_text("in the way")

    answer = browser.get(asset.urls.content)

    assert answer.status_code == 503
    assert "not reachable" in answer.text
