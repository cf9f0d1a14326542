"""An operation of several pictures, from the names on the wire to its pixels. This module is all there is of it."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydantic import Field
from starlette.testclient import TestClient

from services import credits
from services.accounts.actor import Actor
from services.jobs import reading
from services.library import assets
from services.studio.operations import registry
from services.studio.operations.contract import AssetId, Operation, Params
from tests.api.conftest import Person
from tests.support.job_pictures import picture
from tests.support.job_workers import InlineWorker

URL = "/api/v1/jobs"
DRESS = {"steps": [{"op": "dress"}], "output": {"format": "png"}}


class DressParams(Params):
    person: AssetId = Field(description="Who wears it.")
    garment: AssetId = Field(description="What is worn.")
    backdrop: AssetId | None = Field(None, description="What stands behind.")


class Dress(Operation[DressParams]):
    id, title, summary, stage, credits = "dress", "Dress", "Shows a garment on a person.", "Dressing", 2
    params = DressParams
    pixels = f"{__name__}:apply"


def apply(canvas: Any, work: Any, *, person: str, garment: str, backdrop: str | None) -> Any:
    """The picture with the colours of the named ones in its first rows."""
    made = canvas.rgb.copy()
    for row, asset_id in enumerate((person, garment, backdrop)):
        if asset_id is not None:
            made[row] = work.pictures[asset_id][0, 0, :3]
    return canvas.recolored(made)


@pytest.fixture(autouse=True)
def dress(client_sqlite: TestClient) -> Iterator[None]:
    registry.register(Dress())
    yield
    registry.reset(())


def plain(actor: Actor, color: str) -> str:
    """A picture with a top left corner of that colour, and more in it, for a blank one is refused."""
    image = Image.new("RGB", (64, 64), color)
    image.paste(Image.effect_noise((64, 32), 90).convert("RGB"), (0, 32))
    out = io.BytesIO()
    image.save(out, "PNG")
    return picture(actor, data=out.getvalue())


def test_named_pictures_reach_the_pixels_by_their_names(
    client_sqlite: TestClient, person: Callable[..., Person]
) -> None:
    anna = person("anna@example.com")
    photo, red, green = plain(anna.actor, "white"), plain(anna.actor, "#ff0000"), plain(anna.actor, "#00ff00")
    body = {"asset_ids": [photo], "inputs": {"person": red, "garment": green}, "recipe": DRESS}
    job = client_sqlite.post(URL, json=body, headers=anna.headers).json()
    assert job["input_asset_ids"] == [photo, red, green]
    assert job["recipe"]["steps"][0]["params"] == {"person": red, "garment": green, "backdrop": None}
    InlineWorker().run_all()
    done = reading.get_job(anna.actor, job["id"])
    assert done.error is None
    data = assets.content(anna.actor, done.result_asset_ids[0], "original", None).data
    pixels = np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)
    expected = [(255, 0, 0), (0, 255, 0), (255, 255, 255)]
    assert np.abs(pixels[:3, 30] - expected).max() <= 2, "the pictures were kept as JPEG"


def test_without_another_picture_the_first_that_is_needed_is_worked_on(
    client_sqlite: TestClient, person: Callable[..., Person]
) -> None:
    anna = person("anna@example.com")
    red, green = plain(anna.actor, "#ff0000"), plain(anna.actor, "#00ff00")
    body = {"inputs": {"garment": green, "person": red}, "recipe": DRESS}
    job = client_sqlite.post(URL, json=body, headers=anna.headers).json()
    assert job["input_asset_ids"] == [red, green]
    backdrop = {"op": "background", "params": {"image_asset_id": red}}
    for step in ({"op": "enhance"}, backdrop):
        nothing = client_sqlite.post(URL, json={"recipe": {"steps": [step]}}, headers=anna.headers)
        assert (nothing.status_code, nothing.json()["errors"][0]["field"]) == (422, "asset_ids")


@pytest.mark.parametrize(
    ("names", "params", "status", "field"),
    [
        (("person", "garment", "hat"), {}, 422, "inputs.hat"),
        (("person",), {}, 422, "steps[0].params.garment"),
        (("person", "garment"), {"garment": "ast_1"}, 422, "inputs.garment"),
    ],
)
def test_a_name_too_many_too_few_or_given_twice_is_refused_by_name(
    client_sqlite: TestClient,
    person: Callable[..., Person],
    names: tuple[str, ...],
    params: dict[str, str],
    status: int,
    field: str,
) -> None:
    anna = person("anna@example.com")
    photo = picture(anna.actor)
    recipe = {"steps": [{"op": "dress", "params": params}]}
    body = {"asset_ids": [photo], "inputs": dict.fromkeys(names, photo), "recipe": recipe}
    answer = client_sqlite.post(URL, json=body, headers=anna.headers)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (status, field)
    assert reading.list_jobs(anna.actor).items == ()


def test_a_picture_of_somebody_else_does_not_exist(client_sqlite: TestClient, person: Callable[..., Person]) -> None:
    anna, ben = person("anna@example.com"), person("ben@example.com")
    photo, theirs = picture(anna.actor), picture(ben.actor)
    body = {"asset_ids": [photo], "inputs": {"person": photo, "garment": theirs}, "recipe": DRESS}
    assert client_sqlite.post(URL, json=body, headers=anna.headers).status_code == 404
    assert credits.balance(anna.actor).held == 0
