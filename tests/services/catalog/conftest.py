"""A shop owner with products and pictures, and a worker inside the test process."""

import io
from collections.abc import Iterator

import pytest
from PIL import Image

import db
from config import Settings
from services.accounts.actor import Actor
from services.catalog.fields import ProductFields
from services.catalog.products import create_product
from services.catalog.views import ProductView
from services.library import assets, results
from tests.support.job_pictures import shop_owner
from tests.support.job_workers import InlineWorker


@pytest.fixture
def owner(vitrine: Settings) -> Actor:
    """A shop owner with 13 credits, on each database in turn."""
    return shop_owner()


@pytest.fixture
def owner_sqlite(vitrine_sqlite: Settings) -> Actor:
    """The same on SQLite only."""
    return shop_owner()


@pytest.fixture
def worker() -> Iterator[InlineWorker]:
    """The worker's code, run on demand."""
    inline = InlineWorker()
    yield inline
    inline.close()


def product(actor: Actor, sku: str = "MUG-1", title: str = "", **others: object) -> ProductView:
    """A product, titled by its SKU unless said otherwise."""
    return create_product(actor, ProductFields(sku=sku, title=title or f"Product {sku}", **others))  # type: ignore[arg-type]


def plain(color: str = "white") -> bytes:
    """A small PNG of one colour."""
    file = io.BytesIO()
    Image.new("RGB", (48, 40), color).save(file, "PNG")
    return file.getvalue()


def photo(actor: Actor, name: str = "photo.png") -> str:
    """The asset id of a photo in the library."""
    return assets.upload(actor, plain(), name).id


def result(actor: Actor, parent_id: str | None, details: dict[str, object] | None = None) -> str:
    """The asset id of a picture made from another."""
    prepared = results.prepare_result(plain("red"), "result.png")
    with db.transaction() as session:
        return results.add_result(
            session,
            prepared,
            user_id=actor.id,
            job_id=None,
            parent_id=parent_id,
            operations="background",
            details=details or {},
        )
