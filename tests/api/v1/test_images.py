"""One call from photo to picture."""

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from tests.api.conftest import Person
from tests.support.job_hands import hands
from tests.support.job_pictures import picture, product_photo

URL = "/api/v1/images"
ENHANCE = {"op": "enhance", "timeout": "60"}


@pytest.fixture
def working() -> Iterator[None]:
    """Someone runs the jobs. Ask for it after the client, so that it ends before."""
    with hands():
        yield


def send(client: TestClient, person: Person, fields: dict[str, Any], photo: bytes | None = None) -> Any:
    files = {"file": ("mug.png", photo if photo is not None else product_photo(300), "image/png")}
    return client.post(URL, data=fields, files=files, headers=person.headers)


def test_a_photo_becomes_an_amazon_main_image_in_one_call(
    client_sqlite: TestClient, person: Callable[..., Person], working: None
) -> None:
    fields = {"op": "background", "params": json.dumps({"preset": "amazon_main"}), "timeout": "60"}
    answer = send(client_sqlite, person("anna@example.com"), fields)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg"), answer.text
    assert answer.headers["x-credits-charged"] == "1"
    assert answer.headers["x-credits-balance"] == "12"
    assert answer.headers["x-job-id"].startswith("job_")
    pixels = np.asarray(Image.open(io.BytesIO(answer.content)))
    assert pixels.shape == (2000, 2000, 3)
    ring = np.concatenate([pixels[:20].reshape(-1), pixels[-20:].reshape(-1), pixels[:, :20].reshape(-1)])
    assert ring.min() == 255


def test_a_picture_of_the_library_and_a_whole_recipe_work_as_well(
    client: TestClient, person: Callable[..., Person], working: None
) -> None:
    anna = person("anna@example.com")
    recipe = {"steps": [{"op": "enhance"}, {"op": "resize", "params": {"width": 32}}], "output": {"format": "webp"}}
    fields = {"asset_id": picture(anna.actor), "recipe": json.dumps(recipe), "timeout": "60"}
    answer = client.post(URL, data=fields, headers=anna.headers)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp"), answer.text


def test_a_repeated_call_with_the_same_key_returns_the_same_picture_and_charges_once(
    client_sqlite: TestClient, person: Callable[..., Person], working: None
) -> None:
    anna = person("anna@example.com")
    headers = {**anna.headers, "Idempotency-Key": "photo-1"}
    photo = product_photo(80)
    answers = [
        client_sqlite.post(URL, data=ENHANCE, files={"file": ("mug.png", photo, "image/png")}, headers=headers)
        for _ in range(2)
    ]
    assert answers[0].status_code == 200, answers[0].text
    assert answers[0].content == answers[1].content
    assert answers[0].headers["x-job-id"] == answers[1].headers["x-job-id"]
    assert client_sqlite.get("/api/v1/credits", headers=anna.headers).json()["available"] == 12


def test_a_call_that_does_not_wait_long_enough_gets_the_job(
    client_sqlite: TestClient, person: Callable[..., Person]
) -> None:
    anna = person("anna@example.com")
    for timeout in ("0", "0.2"):
        answer = send(client_sqlite, anna, {"op": "enhance", "timeout": timeout})
        assert answer.status_code == 202
        assert (answer.json()["status"], answer.headers["x-job-id"]) == ("queued", answer.json()["id"])


def test_a_failed_job_is_a_problem_that_charges_nothing(
    client_sqlite: TestClient, person: Callable[..., Person], working: None
) -> None:
    fields = {"op": "enhance", "params": '{"strength": 0.01}', "timeout": "60"}
    white = io.BytesIO()
    Image.new("RGB", (64, 64), "white").save(white, "PNG")
    answer = send(client_sqlite, person("anna@example.com"), fields, white.getvalue())
    assert (answer.status_code, answer.json()["code"]) == (422, "low_quality")
    assert answer.json()["credits_charged"] == 0
    assert (answer.headers["x-credits-charged"], answer.headers["x-credits-balance"]) == ("0", "13")


@pytest.mark.parametrize(
    ("fields", "photo", "status", "code"),
    [
        ({"op": "teleport"}, None, 422, "validation"),
        ({"op": "enhance", "params": "{"}, None, 422, "validation"),
        ({}, None, 422, "validation"),
        ({"op": "enhance", "recipe": "{}"}, None, 422, "validation"),
        ({"op": "enhance", "timeout": "61"}, None, 422, "validation"),
        ({"op": "enhance", "timeout": "nan"}, None, 422, "validation"),
        ({"op": "enhance", "asset_id": "ast_1"}, None, 422, "validation"),
        ({"op": "enhance"}, b"", 422, None),
        ({"op": "enhance"}, b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "unsupported_media"),
    ],
)
def test_what_cannot_work_is_refused_in_plain_words(
    client_sqlite: TestClient,
    person: Callable[..., Person],
    fields: dict[str, str],
    photo: bytes | None,
    status: int,
    code: str | None,
) -> None:
    anna = person("anna@example.com")
    answer = send(client_sqlite, anna, fields, photo)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.status_code in (status, 415) if code is None else answer.status_code == status
    assert code is None or answer.json()["code"] == code
    assert client_sqlite.get("/api/v1/jobs", headers=anna.headers).json()["data"] == []
