"""Real objects of each kind that an id in a path can name, made for one person."""

import io
import re
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageDraw

from services.accounts import api_keys
from services.batches import batches
from services.billing import checkout, pricing
from services.catalog import products
from services.catalog.fields import ProductFields
from services.catalog.pictures import add_pictures
from services.jobs import cancellation, submission
from services.library import assets
from tests.api.conftest import Person

RECIPE = {"steps": [{"op": "background", "params": {"preset": "amazon_main"}}]}


@dataclass(frozen=True)
class SampleObjects:
    """Ids by the name of the path parameter."""

    ids: dict[str, str]

    def ids_in(self, path: str) -> dict[str, str]:
        """The values of the parameters in a path template. A parameter without a sample is an error: add one."""
        names = re.findall(r"\{(\w+)\}", path)
        missing = [name for name in names if name not in self.ids]
        if missing:
            raise LookupError(f"{path} takes {missing}, of which there is no sample: make one in make_samples()")
        return {name: self.ids[name] for name in names}


@cache
def mug(size: tuple[int, int] = (320, 240)) -> bytes:
    """A small JPEG of a mug-like shape on a plain ground."""
    image = Image.new("RGB", size, "#e8e6e1")
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((100, 60, 200, 190), 12, fill="#24506e")
    draw.ellipse((185, 90, 235, 150), outline="#24506e", width=12)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90)
    return out.getvalue()


def make_samples(person: Person) -> SampleObjects:
    """One of each kind, all of them the person's own."""
    asset = assets.upload(person.actor, mug(), "mug.jpg")
    job = submission.submit(person.actor, RECIPE, asset.id)
    cancellation.cancel_job(person.actor, job.id)  # ended, so that a stream of its events ends too
    batch = batches.make_batch(person.actor, RECIPE, asset_ids=[asset.id])
    key = api_keys.create_api_key(person.actor, "sample")
    product = products.create_product(person.actor, ProductFields(sku="SAMPLE-1", title="Sample mug"))
    add_pictures(person.actor, product.id, [asset.id])
    payment = checkout.start(person.actor, pricing.PACKS[0])
    ids = {"product_id": product.id, "asset_id": asset.id, "key_id": key.key.id, "job_id": job.id, "batch_id": batch.id}
    return SampleObjects(ids | {"payment_id": payment.payment_id, "prompt_id": "pmt_shipped_restyle"})
