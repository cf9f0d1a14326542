"""What the touch-up editor asks of the app, by session cookie."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from api.browser import session, touch_up
from config import Settings
from services.accounts.actor import Actor
from services.accounts.sessions import COOKIE, sign_in
from services.jobs import reading, submission
from tests.api.conftest import PASSWORD, Person
from tests.support.job_pictures import picture
from tests.support.job_workers import InlineWorker

STROKES = '{"strokes": [{"mode": "keep", "points": [[0.1, 0.1]], "snap": false}]}'


@dataclass
class Editor:
    """A signed-in browser with a result that was cut out, and the token its page would have."""

    client: TestClient
    actor: Actor
    asset_id: str
    csrf: str

    def post(self, body: str, **headers: str) -> object:
        told = {"X-CSRF-Token": self.csrf, "Sec-Fetch-Site": "same-origin", **headers}
        return self.client.post(f"/editor/touch-up/{self.asset_id}/alpha", content=body, headers=told)


@pytest.fixture
def editor(vitrine_sqlite: Settings, person: Callable[..., Person]) -> Iterator[Editor]:
    actor = person("anna@example.com").actor
    job = submission.submit(actor, {"steps": [{"op": "remove_background"}]}, picture(actor))
    worker = InlineWorker()
    worker.run_all()
    worker.close()
    [asset_id] = reading.get_job(actor, job.id).result_asset_ids
    app = Starlette(routes=[*touch_up.routes, *session.routes])
    with TestClient(app, base_url="http://localhost:8501") as client:
        client.cookies.set(COOKIE, sign_in("anna@example.com", PASSWORD).token)
        yield Editor(client, actor, asset_id, client.get("/auth/csrf").json()["csrf"])


def test_the_photo_and_the_alpha_after_strokes_are_of_one_size_and_private(editor: Editor) -> None:
    photo = editor.client.get(f"/editor/touch-up/{editor.asset_id}/photo")
    alpha = editor.post(STROKES)
    assert [answer.headers["content-type"] for answer in (photo, alpha)] == ["image/jpeg", "image/png"]
    assert photo.headers["cache-control"].startswith("private")
    assert alpha.headers["cache-control"] == "no-store"
    sizes = [Image.open(io.BytesIO(answer.content)).size for answer in (photo, alpha)]
    assert sizes == [(64, 64), (64, 64)]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 422),
        ("[]", 422),
        ('{"strokes": 1}', 422),
        ('{"strokes": [{"mode": "keep", "points": [[NaN, 0.1]]}]}', 422),
        ('{"strokes": [{"mode": "keep", "points": [[1e999, 0.1]]}]}', 422),
        ("[" * 5000, 422),
        ("\xff", 422),
    ],
)
def test_what_are_no_strokes_is_said_in_words(editor: Editor, body: str, status: int) -> None:
    answer = editor.post(body)
    assert answer.status_code == status
    assert answer.json()["message"]


def test_a_longer_body_than_any_strokes_is_not_read(editor: Editor) -> None:
    assert editor.post(" " * (touch_up.MAX_BODY_BYTES + 1)).status_code == 413


def test_no_other_site_and_no_visitor_gets_anything(editor: Editor) -> None:
    assert editor.post(STROKES, **{"X-CSRF-Token": "other"}).status_code == 403
    assert editor.post(STROKES, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    editor.client.cookies.clear()
    assert editor.post(STROKES).status_code == 401
    assert editor.client.get(f"/editor/touch-up/{editor.asset_id}/photo").status_code == 401


def test_another_person_s_result_is_not_found(editor: Editor, person: Callable[..., Person]) -> None:
    person("eve@example.com")
    editor.client.cookies.set(COOKIE, sign_in("eve@example.com", PASSWORD).token)
    editor.csrf = editor.client.get("/auth/csrf").json()["csrf"]
    assert editor.post(STROKES).status_code == 404
    assert editor.client.get(f"/editor/touch-up/{editor.asset_id}/photo").status_code == 404


def test_a_flood_of_strokes_is_stopped(editor: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(touch_up, "STROKES_PER_MINUTE", 2)
    assert [editor.post(STROKES).status_code for _ in range(3)] == [200, 200, 429]
