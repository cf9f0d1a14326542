"""Pictures a second through API, ledger, queue, storage and one worker, against the bare pipeline in a loop."""

import json
import time

import httpx

from api.app import create_api
from bench.installation import Installation, installation, served, worker
from services.jobs import jobs
from services.library import assets, results
from services.studio import encoding, pipeline
from services.studio.recipes import parse_recipe
from tests.support.job_pictures import PRESET, product_photo

PICTURES, SIDE = 24, 1400


def measure() -> dict[str, float]:
    """Pictures a second of both, and their ratio. The bare loop reads, renders and encodes the same photo."""
    with installation() as here:
        photo = assets.upload(here.actor, product_photo(SIDE), "mug.png").id
        data = _stored(photo)
        _bare(data, 2)
        before = _bare(data, PICTURES // 2)
        with worker(here.settings), served(create_api()) as address:
            _through(here, address, photo, 3)
            through = _through(here, address, photo, PICTURES)
        bare = (before + _bare(data, PICTURES // 2)) / 2
    return {
        "pictures_per_second": round(through, 2),
        "bare_pictures_per_second": round(bare, 2),
        "ratio": round(through / bare, 3),
    }


def _stored(asset_id: str) -> bytes:
    import db
    from db.models.library import Asset

    with db.snapshot() as session:
        row = session.get(Asset, asset_id)
        assert row is not None
        return results.load(row)


def _bare(data: bytes, count: int) -> float:
    recipe = parse_recipe(PRESET)
    started = time.perf_counter()
    for _ in range(count):
        rendered = pipeline.run(encoding.decode(data), recipe, cutout_model=None)
        encoding.encode(rendered.pixels, recipe.output)
    return count / (time.perf_counter() - started)


def _through(here: Installation, address: str, asset_id: str, count: int) -> float:
    body = json.dumps({"asset_ids": [asset_id], "recipe": PRESET})
    headers = {**here.headers, "Content-Type": "application/json"}
    with httpx.Client(base_url=address, headers=headers, timeout=60) as client:
        started = time.perf_counter()
        ids = [client.post("/jobs", content=body).raise_for_status().json()["id"] for _ in range(count)]
        for job_id in ids:
            done = jobs.wait_for(here.actor, job_id, 300)
            assert done.error is None and done.ended, done
        return count / (time.perf_counter() - started)


if __name__ == "__main__":
    print(measure())
