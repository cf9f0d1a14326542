"""Pictures over the API: upload by form and by address, lists, bytes, trash, and the walls between people."""

import base64
import hashlib
import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PIL import Image
from starlette.testclient import TestClient

from config import Settings
from services.accounts import api_keys
from tests.api.conftest import PREFIX, Person
from tests.services.library.conftest import drawn, encoded

ASSETS = f"{PREFIX}/assets"
MakePerson = Callable[..., Person]


@pytest.fixture
def anna(client_sqlite: TestClient, person: MakePerson) -> Iterator[Person]:
    """A person of whom `client_sqlite` can speak."""
    return person("anna@example.com")


def upload(client: TestClient, who: Person, data: bytes | None = None, name: str = "mug.jpg", **form: str) -> Any:
    files = {"file": (name, encoded(drawn((200, 150))) if data is None else data, "application/octet-stream")}
    return client.post(ASSETS, files=files, data=form, headers=who.headers)


def test_an_uploaded_picture_is_described_as_the_contract_says(client: TestClient, person: MakePerson) -> None:
    answer = upload(client, person("anna@example.com"), kind="logo")

    asset = answer.json()
    assert answer.status_code == 201
    assert asset["id"].startswith("ast_")
    assert {key: asset[key] for key in ("object", "kind", "filename", "content_type", "width", "height")} == {
        "object": "asset",
        "kind": "logo",
        "filename": "mug.jpg",
        "content_type": "image/jpeg",
        "width": 200,
        "height": 150,
    }
    assert asset["created_at"].endswith("Z")
    assert asset["is_favorite"] is False
    assert all(url.startswith("http://localhost:8501/files/") for url in asset["urls"].values())


def test_what_comes_back_is_what_the_description_says(client_sqlite: TestClient, anna: Person) -> None:
    asset = upload(client_sqlite, anna).json()

    answer = client_sqlite.get(f"{ASSETS}/{asset['id']}/content", headers=anna.headers)

    assert hashlib.sha256(answer.content).hexdigest() == asset["sha256"]
    assert len(answer.content) == asset["bytes"]
    assert answer.headers["content-type"] == asset["content_type"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["content-disposition"].startswith('inline; filename="mug.jpg"')


def test_a_copy_that_is_still_right_is_not_sent_again(client_sqlite: TestClient, anna: Person) -> None:
    asset = upload(client_sqlite, anna).json()
    url = f"{ASSETS}/{asset['id']}/content"
    etag = client_sqlite.get(url, headers=anna.headers).headers["etag"]

    for offered in (etag, f'"other", W/{etag}', "*"):
        answer = client_sqlite.get(url, headers={**anna.headers, "If-None-Match": offered})
        assert (answer.status_code, answer.content) == (304, b"")
    assert client_sqlite.get(url, headers={**anna.headers, "If-None-Match": '"other"'}).status_code == 200
    png = client_sqlite.get(f"{url}?format=png", headers={**anna.headers, "If-None-Match": etag})
    assert png.status_code == 200


@pytest.mark.parametrize(("format", "expected"), [("jpeg", "JPEG"), ("png", "PNG"), ("webp", "WEBP"), ("avif", "AVIF")])
def test_bytes_come_in_the_format_and_size_asked_for(
    client_sqlite: TestClient, anna: Person, format: str, expected: str
) -> None:
    asset = upload(client_sqlite, anna).json()

    answer = client_sqlite.get(f"{ASSETS}/{asset['id']}/content?format={format}&max_side=100", headers=anna.headers)

    image = Image.open(io.BytesIO(answer.content))
    assert (image.format, image.size) == (expected, (100, 75))
    assert answer.headers["content-type"] == f"image/{format}"


def test_variants_and_base64(client_sqlite: TestClient, anna: Person) -> None:
    asset = upload(client_sqlite, anna, encoded(drawn((2000, 1000)))).json()
    base = f"{ASSETS}/{asset['id']}"

    sizes = {}
    for variant in ("original", "preview", "thumb"):
        found = client_sqlite.get(f"{base}/content?variant={variant}", headers=anna.headers)
        sizes[variant] = Image.open(io.BytesIO(found.content)).width
    text = client_sqlite.get(f"{base}/base64", headers=anna.headers).json()

    assert sizes == {"original": 2000, "preview": 1280, "thumb": 320}
    assert hashlib.sha256(base64.b64decode(text["base64"])).hexdigest() == asset["sha256"]
    assert text["content_type"] == "image/jpeg"


def test_pictures_are_listed_filtered_and_paged(client: TestClient, person: MakePerson) -> None:
    who = person("anna@example.com")
    ids = [upload(client, who, name=name).json()["id"] for name in ("red mug.jpg", "hat.jpg", "blue mug.jpg")]

    first = client.get(f"{ASSETS}?limit=2", headers=who.headers).json()
    rest = client.get(f"{ASSETS}?limit=2&starting_after={ids[1]}", headers=who.headers).json()
    mugs = client.get(f"{ASSETS}?q=MUG&sort=name", headers=who.headers).json()

    assert ([one["id"] for one in first["data"]], first["has_more"]) == ([ids[2], ids[1]], True)
    assert ([one["id"] for one in rest["data"]], rest["has_more"]) == ([ids[0]], False)
    assert [one["filename"] for one in mugs["data"]] == ["blue mug.jpg", "red mug.jpg"]


def test_a_picture_is_renamed_made_a_favourite_trashed_and_restored(client: TestClient, person: MakePerson) -> None:
    who = person("anna@example.com")
    url = f"{ASSETS}/{upload(client, who).json()['id']}"

    changed = client.patch(url, json={"filename": "Blue.png", "is_favorite": True}, headers=who.headers).json()
    assert (changed["filename"], changed["is_favorite"]) == ("Blue.jpg", True)
    assert client.delete(url, headers=who.headers).status_code == 204
    assert client.get(ASSETS, headers=who.headers).json()["data"] == []
    assert len(client.get(f"{ASSETS}?trashed=true", headers=who.headers).json()["data"]) == 1
    assert client.get(url, headers=who.headers).json()["deleted_at"] is not None
    assert client.post(f"{url}/restore", headers=who.headers).json()["deleted_at"] is None
    assert client.delete(f"{url}?permanent=true", headers=who.headers).status_code == 204
    assert client.get(url, headers=who.headers).status_code == 404


def test_someone_elses_picture_is_not_there(client: TestClient, person: MakePerson) -> None:
    owner, thief = person("anna@example.com"), person("thief@example.com")
    url = f"{ASSETS}/{upload(client, owner).json()['id']}"

    answers = [
        client.get(url, headers=thief.headers),
        client.get(f"{url}/content", headers=thief.headers),
        client.get(f"{url}/base64", headers=thief.headers),
        client.patch(url, json={"is_favorite": True}, headers=thief.headers),
        client.delete(url, headers=thief.headers),
        client.delete(f"{url}?permanent=true", headers=thief.headers),
        client.post(f"{url}/restore", headers=thief.headers),
    ]

    assert [(one.status_code, one.json()["code"]) for one in answers] == [(404, "not_found")] * 7
    assert client.get(url, headers=owner.headers).json()["is_favorite"] is False
    assert client.get(ASSETS, headers=thief.headers).json()["data"] == []


def test_nothing_is_had_without_a_key(client_sqlite: TestClient, anna: Person) -> None:
    url = f"{ASSETS}/{upload(client_sqlite, anna).json()['id']}"

    for method, path in (
        ("GET", ASSETS),
        ("POST", ASSETS),
        ("GET", url),
        ("PATCH", url),
        ("DELETE", url),
        ("POST", f"{url}/restore"),
        ("GET", f"{url}/content"),
        ("GET", f"{url}/base64"),
    ):
        assert client_sqlite.request(method, path).status_code == 401, (method, path)


def test_a_key_that_only_reads_cannot_write(client_sqlite: TestClient, anna: Person) -> None:
    asset = upload(client_sqlite, anna).json()
    reader = Person(anna.actor, api_keys.create_api_key(anna.actor, "reader", ["read"]).secret)

    assert client_sqlite.get(f"{ASSETS}/{asset['id']}", headers=reader.headers).status_code == 200
    assert upload(client_sqlite, reader).status_code == 403
    assert client_sqlite.delete(f"{ASSETS}/{asset['id']}", headers=reader.headers).status_code == 403


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 415, "unsupported_media"),
        (b"just text", 415, "unsupported_media"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "unsupported_media"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", 415, "unsupported_media"),
        (encoded(drawn())[:2000], 422, "image_unreadable"),
        (bytes(30 * 1024 * 1024), 413, "file_too_large"),
    ],
)
def test_bad_uploads_are_refused_in_words(
    client_sqlite: TestClient, anna: Person, data: bytes, status: int, code: str
) -> None:
    answer = upload(client_sqlite, anna, data)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert client_sqlite.get(ASSETS, headers=anna.headers).json()["data"] == []


def test_a_file_just_over_the_limit_is_refused_with_the_limit_in_words(
    client_sqlite: TestClient, anna: Person, vitrine_sqlite: Settings
) -> None:
    answer = upload(client_sqlite, anna, bytes(vitrine_sqlite.max_upload_bytes + 1))

    assert answer.status_code == 413
    assert "25 MB" in answer.json()["detail"]


@pytest.mark.parametrize(
    "url",
    [
        *("http://127.0.0.1/a.jpg", "http://169.254.169.254/latest/meta-data/", "http://[::1]/a.jpg"),
        *("file:///etc/passwd", "http://localhost:8501/healthz", "http://10.0.0.1/", "nonsense"),
    ],
)
def test_an_address_that_leads_inside_is_refused(client_sqlite: TestClient, anna: Person, url: str) -> None:
    answer = client_sqlite.post(ASSETS, json={"url": url}, headers=anna.headers)

    assert (answer.status_code, answer.json()["code"]) == (422, "validation")
    assert answer.json()["errors"][0]["field"] == "url"


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ({"json": {}}, 422),
        ({"json": {"url": "https://shop.example/a.jpg", "more": 1}}, 422),
        ({"json": {"url": 5}}, 422),
        ({"content": b"{", "headers": {"Content-Type": "application/json"}}, 400),
        ({"content": b"\xff\xfe", "headers": {"Content-Type": "application/json"}}, 400),
        ({"content": b"raw", "headers": {"Content-Type": "image/jpeg"}}, 415),
        ({"content": b"broken", "headers": {"Content-Type": "multipart/form-data; boundary=x"}}, 400),
        ({"content": b"", "headers": {"Content-Type": "multipart/form-data"}}, 400),
        ({"data": {"file": "not a file"}, "files": {"other": b"x"}}, 422),
        ({"files": {"file": ("a.jpg", encoded(drawn((20, 20))))}, "data": {"kind": "result"}}, 422),
    ],
)
def test_a_malformed_upload_is_explained(
    client_sqlite: TestClient, anna: Person, request_: dict[str, Any], status: int
) -> None:
    headers = {**anna.headers, **request_.pop("headers", {})}

    answer = client_sqlite.post(ASSETS, headers=headers, **request_)

    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "query",
    [
        *("limit=0", "limit=101", "sort=random", "kind=nonsense", "starting_after=ast_0", "favorite=perhaps"),
        *("since=2026-01-01", "since=0001-01-01T00:00:00%2B14:00", "until=tomorrow", f"q={'x' * 300}"),
    ],
)
def test_an_impossible_list_is_explained(client_sqlite: TestClient, anna: Person, query: str) -> None:
    assert client_sqlite.get(f"{ASSETS}?{query}", headers=anna.headers).status_code == 422


def test_the_same_key_and_body_upload_once(client: TestClient, person: MakePerson) -> None:
    who = person("anna@example.com")
    headers = {**who.headers, "Idempotency-Key": "one-upload"}
    picture, other = encoded(drawn((60, 40))), encoded(drawn((40, 60)))

    first = client.post(ASSETS, files={"file": ("a.jpg", picture)}, headers=headers)
    again = client.post(ASSETS, files={"file": ("a.jpg", picture)}, headers=headers)
    changed = client.post(ASSETS, files={"file": ("a.jpg", other)}, headers=headers)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    assert (changed.status_code, changed.json()["code"]) == (422, "idempotency_mismatch")
    assert len(client.get(ASSETS, headers=who.headers).json()["data"]) == 1
