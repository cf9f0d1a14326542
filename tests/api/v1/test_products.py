"""Products over the API."""

import io
import zipfile
from typing import Any

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from api.browser import files
from api.v1.app import PREFIX
from services.accounts import api_keys
from services.accounts.sessions import COOKIE, sign_in
from services.library import assets
from tests.api.conftest import PASSWORD, Person, make_person
from tests.api.v1.sample_objects import RECIPE, mug
from tests.support.job_workers import InlineWorker

MUG = {"sku": "MUG-1", "title": "Blue mug", "category": "Kitchen", "tags": ["Tea"], "price": 1999}


def make(client: TestClient, person: Person, **others: Any) -> dict[str, Any]:
    answer = client.post(f"{PREFIX}/products", json=MUG | others, headers=person.headers)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def upload(client: TestClient, person: Person, product_id: str, name: str = "mug.jpg") -> dict[str, Any]:
    answer = client.post(
        f"{PREFIX}/products/{product_id}/images", files={"file": (name, mug(), "image/jpeg")}, headers=person.headers
    )
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def images(client: TestClient, person: Person, product_id: str) -> list[tuple[int, str, bool]]:
    found = client.get(f"{PREFIX}/products/{product_id}", headers=person.headers).json()["images"]
    return [(image["number"], image["asset"]["id"], image["is_main"]) for image in found]


def test_a_product_is_made_read_changed_archived_and_restored(client: TestClient) -> None:
    anna = make_person("anna@example.com")
    made = make(client, anna)
    assert (made["object"], made["sku"], made["tags"], made["status"]) == ("product", "MUG-1", ["tea"], "draft")
    assert made["price"] == {"amount": 1999, "currency": "usd"}
    path = f"{PREFIX}/products/{made['id']}"
    assert client.get(path, headers=anna.headers).json() == made | {"images": []}

    changed = client.patch(path, json={"title": "Red mug", "sku": None, "price": None}, headers=anna.headers).json()
    assert (changed["title"], changed["sku"], changed["price"], changed["tags"]) == ("Red mug", "MUG-1", None, ["tea"])
    money = client.patch(
        path, json={"price": {"amount": 5, "currency": "usd"}, "tags": []}, headers=anna.headers
    ).json()
    assert (money["price"]["amount"], money["tags"]) == (5, [])

    assert client.delete(path, headers=anna.headers).status_code == 204
    refused = client.patch(path, json={"title": "x"}, headers=anna.headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert client.post(f"{path}/restore", headers=anna.headers).json()["status"] == "draft"
    assert client.patch(path, json={"status": "active"}, headers=anna.headers).json()["status"] == "active"


def test_a_doubled_sku_is_a_conflict_on_its_field(client: TestClient) -> None:
    anna = make_person("anna@example.com")
    make(client, anna)
    answer = client.post(f"{PREFIX}/products", json=MUG | {"sku": "mug-1"}, headers=anna.headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert [error["field"] for error in answer.json()["errors"]] == ["sku"]


def test_a_request_sent_twice_makes_one_product(client: TestClient) -> None:
    anna = make_person("anna@example.com")
    headers = anna.headers | {"Idempotency-Key": "once"}
    first, second = (client.post(f"{PREFIX}/products", json=MUG, headers=headers) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] == second.json()["id"]
    assert len(client.get(f"{PREFIX}/products", headers=anna.headers).json()["data"]) == 1


def test_the_list_filters_and_goes_on_from_a_cursor(client: TestClient) -> None:
    anna = make_person("anna@example.com")
    for number in range(3):
        make(client, anna, sku=f"MUG-{number}", title=f"Mug {number}", status="active" if number else "draft")
    make(client, anna, sku="VASE", title="Vase", category="Living", tags=["tall"])

    def found(query: str) -> list[str]:
        answer = client.get(f"{PREFIX}/products?{query}", headers=anna.headers)
        assert answer.status_code == 200, answer.text
        return [one["sku"] for one in answer.json()["data"]]

    assert found("q=mug&sort=oldest") == ["MUG-0", "MUG-1", "MUG-2"]
    assert found("category=Living") == found("tag=TALL") == found("sku=vase") == ["VASE"]
    assert found("status=active") == ["MUG-2", "MUG-1"]
    first = client.get(f"{PREFIX}/products?limit=3", headers=anna.headers).json()
    assert first["has_more"]
    assert found(f"limit=3&starting_after={first['data'][-1]['id']}") == ["MUG-0"]
    assert client.get(f"{PREFIX}/products?status=sold", headers=anna.headers).status_code == 422


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["sku", "title"]),
        (MUG | {"price": -1}, ["price.amount"]),
        (MUG | {"price": True}, ["price.amount"]),
        (MUG | {"price": "cheap"}, ["price.amount"]),
        (MUG | {"price": {"amount": 1, "currency": "eur"}}, ["price.currency"]),
        (MUG | {"sku": "  "}, ["sku"]),
        (MUG | {"colour": "blue"}, ["colour"]),
    ],
)
def test_a_product_that_cannot_be_is_refused(
    client_sqlite: TestClient, body: dict[str, Any], fields: list[str]
) -> None:
    anna = make_person("anna@example.com")
    answer = client_sqlite.post(f"{PREFIX}/products", json=body, headers=anna.headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "validation")
    assert [error["field"] for error in answer.json()["errors"]] == fields


def test_pictures_are_added_moved_made_main_and_removed(client: TestClient) -> None:
    anna = make_person("anna@example.com")
    made = make(client, anna)
    path = f"{PREFIX}/products/{made['id']}/images"
    first = upload(client, anna, made["id"])["asset"]["id"]
    second = assets.upload(anna.actor, mug(), "second.jpg").id
    third = assets.upload(anna.actor, mug(), "third.jpg").id
    assert client.post(path, json={"asset_id": second}, headers=anna.headers).status_code == 201
    assert client.post(path, content=b"x", headers=anna.headers).status_code == 415
    form = {"asset_id": (None, third)}
    assert client.post(path, files=form, headers=anna.headers).json()["number"] == 3
    assert client.post(path, data={"asset_id": third}, headers=anna.headers).json()["number"] == 3
    assert images(client, anna, made["id"]) == [(1, first, True), (2, second, False), (3, third, False)]

    answer = client.patch(f"{path}/{third}", json={"number": 1, "is_main": True}, headers=anna.headers)
    assert (answer.json()["number"], answer.json()["is_main"]) == (1, True)
    assert client.delete(f"{path}/{first}", headers=anna.headers).status_code == 204
    assert client.delete(f"{path}/{first}", headers=anna.headers).status_code == 404
    assert images(client, anna, made["id"]) == [(1, third, True), (2, second, False)]
    listed = client.get(f"{PREFIX}/products", headers=anna.headers).json()["data"][0]
    assert (listed["main_image"]["id"], listed["image_count"]) == (third, 2)
    assert client.get(f"{PREFIX}/assets?product_id={made['id']}", headers=anna.headers).json()["data"][0]["id"] == third


def test_a_picture_of_another_product_or_person_and_a_bad_body_are_refused(client: TestClient) -> None:
    anna, ben = make_person("anna@example.com"), make_person("ben@example.com")
    made, other = make(client, anna), make(client, anna, sku="CUP")
    taken = upload(client, anna, other["id"])["asset"]["id"]
    theirs = assets.upload(ben.actor, mug(), "mug.jpg").id
    path = f"{PREFIX}/products/{made['id']}/images"
    for body, status in (({"asset_id": taken}, 409), ({"asset_id": theirs}, 404), ({}, 422), ({"asset_id": 5}, 422)):
        assert client.post(path, json=body, headers=anna.headers).status_code == status
    both = {"file": ("mug.jpg", mug(), "image/jpeg"), "asset_id": (None, taken)}
    for form, status in ((both, 422), ({"other": (None, "x")}, 422), ({"file": ("x.jpg", b"x", "image/jpeg")}, 415)):
        assert client.post(path, files=form, headers=anna.headers).status_code == status
    assert images(client, anna, made["id"]) == []


def test_an_upload_sent_twice_is_one_picture(client: TestClient) -> None:
    anna = make_person("anna@example.com")
    made = make(client, anna)
    headers = anna.headers | {"Idempotency-Key": "once"}
    photo = {"file": ("mug.jpg", mug(), "image/jpeg")}
    sent = [client.post(f"{PREFIX}/products/{made['id']}/images", files=photo, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in sent] == [201, 201]
    assert len(images(client, anna, made["id"])) == 1


def test_results_of_a_job_become_the_products_and_come_in_its_zip(client: TestClient) -> None:
    anna, ben = make_person("anna@example.com", credits=5), make_person("ben@example.com")
    made = make(client, anna)
    photo = upload(client, anna, made["id"])["asset"]["id"]
    body = {"asset_ids": [photo], "recipe": RECIPE, "product_id": made["id"]}
    theirs = make(client, ben)
    assert (
        client.post(f"{PREFIX}/jobs", json=body | {"product_id": theirs["id"]}, headers=anna.headers).status_code == 404
    )
    empty = client.get(f"{PREFIX}/products/{made['id']}/archive", headers=anna.headers)
    assert (empty.status_code, empty.json()["code"]) == (409, "conflict")

    job = client.post(f"{PREFIX}/jobs", json=body, headers=anna.headers).json()
    assert job["product_id"] == made["id"]
    worker = InlineWorker()
    worker.run_all()
    worker.close()

    (_, original, _), (number, result, _) = images(client, anna, made["id"])
    assert (original, number) == (photo, 1)
    assert client.get(f"{PREFIX}/assets/{result}", headers=anna.headers).json()["product_id"] == made["id"]
    answer = client.get(f"{PREFIX}/products/{made['id']}/archive", headers=anna.headers)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert "MUG-1.zip" in answer.headers["content-disposition"]
    assert int(answer.headers["content-length"]) == len(answer.content)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.namelist() == ["MUG-1-1-amazon_main.jpg"]
        assert Image.open(io.BytesIO(archive.read("MUG-1-1-amazon_main.jpg"))).size == (2000, 2000)
    _check_the_browsers_way(anna, ben, made["id"], answer.content)


def _check_the_browsers_way(owner: Person, stranger: Person, product_id: str, expected: bytes) -> None:
    """The same file by the session cookie; nobody else gets it."""
    with TestClient(Starlette(routes=files.routes), base_url="http://localhost:8501") as browser:
        address = f"/download/product/{product_id}"
        assert browser.get(address).status_code == 401
        browser.cookies.set(COOKIE, sign_in(stranger.actor.email, PASSWORD).token)
        assert browser.get(address).status_code == 404
        browser.cookies.clear()
        browser.cookies.set(COOKIE, sign_in(owner.actor.email, PASSWORD).token)
        answer = browser.get(address)
        assert answer.status_code == 200
        assert _files(answer.content) == _files(expected)


def _files(packed: bytes) -> dict[str, bytes]:
    """What is in a ZIP; its entries also bear the second in which it was packed."""
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_key_that_may_only_write_makes_every_change_and_sees_its_result(client: TestClient) -> None:
    anna = make_person("anna@example.com")
    writer = Person(anna.actor, api_keys.create_api_key(anna.actor, "writer", ["write"]).secret)
    made = make(client, writer)
    path = f"{PREFIX}/products/{made['id']}"
    first = upload(client, writer, made["id"])
    second = assets.upload(anna.actor, mug(), "second.jpg").id
    assert (first["number"], first["is_main"], first["asset"]["product_id"]) == (1, True, made["id"])

    def answer(method: str, address: str, **body: Any) -> tuple[int, Any]:
        found = client.request(method, address, headers=writer.headers, json=body or None)
        return found.status_code, found.json() if found.content else None

    status, added = answer("POST", f"{path}/images", asset_id=second)
    assert (status, added["number"], added["is_main"]) == (201, 2, False)
    status, moved = answer("PATCH", f"{path}/images/{second}", number=1, is_main=True)
    assert (status, moved["number"], moved["is_main"]) == (200, 1, True)
    assert answer("DELETE", f"{path}/images/{first['asset']['id']}") == (204, None)
    status, changed = answer("PATCH", path, title="Red mug")
    assert (status, changed["title"], changed["main_image"]["id"]) == (200, "Red mug", second)
    assert answer("DELETE", path) == (204, None)
    status, restored = answer("POST", f"{path}/restore")
    assert (status, restored["status"], restored["image_count"]) == (200, "draft", 1)
    assert answer("GET", path)[0] == answer("GET", f"{PREFIX}/products")[0] == 403
