"""Pictures a second through API, ledger, queue, storage and one worker, against the bare pipeline in a loop.

The bare side decodes, renders and encodes the photos one after the other in a process of its own: a process that has
taken uploads returns memory at once, which slows the pixels down and would flatter the ratio. The other side submits a
job for each photo over HTTP with an API key, holds credits, queues it, and has one worker process fetch the photo from
the store, do the same to it, check the result, store it with its two small versions, and write charge, result and
notice. Both take the same photos and recipe with OpenCV's own choice of threads, in turns, so that other load on the
machine slows both. A round is long enough that the first job's time in the queue, which `latency` measures, does not
matter. CPU seconds show the work itself; the worker's include polling the queue, which costs by the second and so
weighs more on a busy machine.
"""

import json
import os
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import httpx
from sqlmodel import col, func, select

import db
from api.v1.app import create_api
from bench.installation import Installation, installation, served, worker
from db.models.jobs import Job, JobStatus
from db.models.library import Asset
from services.jobs.views import ACTIVE
from services.library import assets, results
from services.studio import encoding, pipeline
from services.studio.recipes import parse_recipe
from tests.support.job_pictures import PRESET, product_photo

PHOTOS, SIDE = 4, 1400
ROUNDS, PICTURES = 5, 12
_LONGEST_SECONDS = 300


def measure() -> dict[str, float]:
    """Pictures a second of both and their ratio, medians of the rounds; CPU seconds a picture of the bare loop, of the
    worker, and of everything else on the other side (API and client in one process). `cpu_ratio` is bare over worker,
    the ratio on a machine where the worker has one core to itself."""
    with installation() as here:
        photos = [assets.upload(here.actor, product_photo(SIDE, seed), "mug.png").id for seed in range(PHOTOS)]
        files = [_stored(photo) for photo in photos]
        alone = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
        with worker(here.settings) as process, served(create_api()) as address, alone:
            alone.submit(_bare, files, PHOTOS).result()
            _through(here, address, photos, PHOTOS)
            bare, through, bare_cpu, worker_cpu, other_cpu = [], [], [], [], []
            for _ in range(ROUNDS):
                speed, cpu = alone.submit(_bare, files, PICTURES).result()
                bare.append(speed)
                bare_cpu.append(cpu)
                own, its = time.process_time(), _cpu_seconds(process.pid)
                through.append(_through(here, address, photos, PICTURES))
                worker_cpu.append((_cpu_seconds(process.pid) - its) / PICTURES)
                other_cpu.append((time.process_time() - own) / PICTURES)
    median = statistics.median
    return {
        "pictures_per_second": round(median(through), 3),
        "bare_pictures_per_second": round(median(bare), 3),
        "ratio": round(median(one / other for one, other in zip(through, bare, strict=True)), 3),
        "bare_cpu_seconds_per_picture": round(median(bare_cpu), 3),
        "worker_cpu_seconds_per_picture": round(median(worker_cpu), 3),
        "api_and_client_cpu_seconds_per_picture": round(median(other_cpu), 3),
        "cpu_ratio": round(median(bare_cpu) / median(worker_cpu), 3),
        "megapixels_of_a_photo": round(SIDE * SIDE / 1e6, 2),
        "pictures": ROUNDS * PICTURES,
    }


def _stored(asset_id: str) -> bytes:
    with db.snapshot() as session:
        return results.load(session.get_one(Asset, asset_id))


def _bare(files: list[bytes], count: int) -> tuple[float, float]:
    """Pictures a second, CPU seconds a picture."""
    recipe = parse_recipe(PRESET)
    started, cpu = time.perf_counter(), time.process_time()
    for number in range(count):
        rendered = pipeline.run(encoding.decode(files[number % len(files)]), recipe, cutout_model=None)
        encoding.encode(rendered.pixels, recipe.output)
    return count / (time.perf_counter() - started), (time.process_time() - cpu) / count


def _through(here: Installation, address: str, photos: list[str], count: int) -> float:
    headers = {**here.headers, "Content-Type": "application/json"}
    with httpx.Client(base_url=address, headers=headers, timeout=60) as client:
        started = time.perf_counter()
        for number in range(count):
            body = json.dumps({"asset_ids": [photos[number % len(photos)]], "recipe": PRESET})
            client.post("/jobs", content=body).raise_for_status()
        while _active():
            if time.perf_counter() - started > _LONGEST_SECONDS:
                raise TimeoutError("the worker did not finish the jobs")
            time.sleep(0.02)
        took = time.perf_counter() - started
    with db.snapshot() as session:
        ended = session.exec(select(Job.status)).all()
    assert set(ended) == {JobStatus.SUCCEEDED}, ended
    return count / took


def _active() -> int:
    with db.snapshot() as session:
        return session.exec(select(func.count()).select_from(Job).where(col(Job.status).in_(ACTIVE))).one()


def _cpu_seconds(pid: int) -> float:
    """User and system time of a process so far; 0 where the system has no /proc."""
    path = Path(f"/proc/{pid}/stat")
    if not path.exists():
        return 0.0
    fields = path.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    print(measure())
