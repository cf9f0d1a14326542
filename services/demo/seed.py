"""The demo shop: one account, the sample products as uploads, and jobs that the worker will run."""

import io
from pathlib import PurePath

from sqlmodel import select

import db
from db.models import User
from services.accounts import registration
from services.accounts.actor import Actor
from services.demo.products import SAMPLE_PRODUCTS
from services.jobs import jobs
from services.library import assets
from services.studio.recipes import BUILT_IN_RECIPES

EMAIL = "demo@example.com"
PASSWORD = "vitrine demo shop"  # noqa: S105  printed for whoever starts the demo, on a demo installation only
_RECIPES = ("amazon_main", "etsy", "instagram_square")


def seed() -> bool:
    """Make the demo account with its photos and queued jobs. Returns False, and does nothing, if it is there."""
    if _exists():
        return False
    actor = registration.create_user(EMAIL, PASSWORD, name="Demo shop", credits=100)
    originals = [_upload(actor, index) for index in range(len(SAMPLE_PRODUCTS))]
    for position, asset_id in enumerate(originals):
        chosen = BUILT_IN_RECIPES[_RECIPES[position % len(_RECIPES)]]
        jobs.submit(actor, chosen.recipe.canonical(), [asset_id])
    return True


def _exists() -> bool:
    with db.snapshot() as session:
        return session.exec(select(User).where(User.email_key == EMAIL)).first() is not None


def _upload(actor: Actor, index: int) -> str:
    product = SAMPLE_PRODUCTS[index]
    file = io.BytesIO()
    product.photo().save(file, "JPEG", quality=92)
    name = PurePath(product.title.lower().replace(" ", "-")).with_suffix(".jpg")
    return assets.upload(actor, file.getvalue(), str(name)).id
