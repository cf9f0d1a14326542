"""What the product screens remember between reruns."""

from collections import defaultdict
from dataclasses import dataclass, field
from uuid import uuid4

from components.create.tray import PhotoTray
from components.kit.session import session_of
from services.catalog.views import ProductView, RemovedPictures
from services.library.views import AssetView


@dataclass
class ProductSession:
    """Of one product: the photos that are not to be used, the pictures just removed (for Undo), which filling of its
    form is on the screen and what it was filled from, the photos being added, the jobs on show, and what makes pressing
    the button twice one submission."""

    left_out: frozenset[str] = frozenset()
    removed: RemovedPictures | None = None
    filling: int = 0
    drawn: ProductView | None = None
    tray: PhotoTray = field(default_factory=PhotoTray)
    job_ids: tuple[str, ...] = ()
    key: str = field(default_factory=lambda: uuid4().hex)
    known: dict[str, AssetView | None] = field(default_factory=dict)


@dataclass
class ProductsSession:
    """Each product's own, and what names the form of a new one."""

    products: defaultdict[str, ProductSession] = field(default_factory=lambda: defaultdict(ProductSession))
    new: str = ""


def products_session() -> ProductsSession:
    """The session of this tab."""
    return session_of(ProductsSession)


def product_session(product_id: str) -> ProductSession:
    """What the tab remembers of one product."""
    return products_session().products[product_id]
