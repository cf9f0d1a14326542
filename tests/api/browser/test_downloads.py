"""Downloads by the session cookie: a ZIP of a selection, a comparison, a converted picture."""

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

import db
from api.browser import files
from config import Settings
from services.accounts.actor import Actor
from services.accounts.sessions import COOKIE, sign_in
from services.library import assets, results
from tests.api.conftest import PASSWORD, Person
from tests.services.library.conftest import drawn, encoded


@dataclass
class Browser:
    """A signed-in browser and its person."""

    client: TestClient
    actor: Actor


@pytest.fixture
def client(vitrine_sqlite: Settings) -> Iterator[TestClient]:
    with TestClient(Starlette(routes=files.routes), base_url="http://localhost:8501") as opened:
        yield opened


@pytest.fixture
def browser(client: TestClient, person: Callable[..., Person]) -> Browser:
    actor = person("anna@example.com").actor
    client.cookies.set(COOKIE, sign_in("anna@example.com", PASSWORD).token)
    return Browser(client, actor)


def upload(actor: Actor, name: str = "mug.jpg") -> str:
    return assets.upload(actor, encoded(drawn((120, 90))), name).id


@pytest.mark.parametrize("query", ["ids={0},{1}", "ids={0}&ids={1}"])
def test_a_selection_comes_as_one_zip(browser: Browser, query: str) -> None:
    ids = [upload(browser.actor), upload(browser.actor)]

    answer = browser.client.get(f"/download/archive?{query.format(*ids)}")

    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert int(answer.headers["content-length"]) == len(answer.content)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["mug.jpg", "mug (2).jpg"]


def test_before_and_after_come_as_one_picture(browser: Browser) -> None:
    parent = upload(browser.actor)
    prepared = results.prepare_result(encoded(Image.new("RGB", (90, 90), "white")), "done.jpg")
    with db.transaction() as session:
        result = results.add_result(
            session, prepared, user_id=browser.actor.id, job_id=None, parent_id=parent, operations="crop", details={}
        )

    answer = browser.client.get(f"/download/compare/{result}")

    assert Image.open(io.BytesIO(answer.content)).height == 90
    assert "before%20and%20after.jpg" in answer.headers["content-disposition"]
    assert browser.client.get(f"/download/compare/{parent}").status_code == 404


def test_a_picture_comes_in_the_format_and_size_chosen(browser: Browser) -> None:
    asset_id = upload(browser.actor)

    answer = browser.client.get(f"/download/picture/{asset_id}?format=png&max_side=60")

    image = Image.open(io.BytesIO(answer.content))
    assert (image.format, image.size) == ("PNG", (60, 45))
    assert 'attachment; filename="mug.png"' in answer.headers["content-disposition"]
    again = browser.client.get(
        f"/download/picture/{asset_id}?format=png&max_side=60", headers={"If-None-Match": answer.headers["etag"]}
    )
    assert again.status_code == 304


@pytest.mark.parametrize("query", ["format=bmp", "max_side=-1", "max_side=0", "max_side=9999999", "max_side=big"])
def test_a_choice_that_does_not_exist_is_explained(browser: Browser, query: str) -> None:
    assert browser.client.get(f"/download/picture/{upload(browser.actor)}?{query}").status_code == 422


@pytest.mark.parametrize("query", ["", "ids=", "ids=,,"])
def test_an_empty_selection_is_explained(browser: Browser, query: str) -> None:
    answer = browser.client.get(f"/download/archive?{query}")

    assert answer.status_code == 422
    assert "{" not in answer.text


def test_another_persons_pictures_cannot_be_downloaded(browser: Browser, person: Callable[..., Person]) -> None:
    theirs = upload(person("other@example.com").actor)
    mine = upload(browser.actor)

    for path in (f"archive?ids={mine},{theirs}", f"compare/{theirs}", f"picture/{theirs}"):
        assert browser.client.get(f"/download/{path}").status_code == 404


def test_without_a_session_nothing_is_downloaded(client: TestClient, person: Callable[..., Person]) -> None:
    mine = upload(person("anna@example.com").actor)

    for cookie in ({}, {COOKIE: "forged"}):
        client.cookies = cookie  # type: ignore[assignment]
        for path in (f"archive?ids={mine}", f"compare/{mine}", f"picture/{mine}"):
            answer = client.get(f"/download/{path}")
            assert answer.status_code == 401
            assert "Sign in" in answer.text
