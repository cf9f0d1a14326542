"""The demo: a shop with photos, results and jobs that the worker will run, in a world of other shops, and its staff."""

import io
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import select

import db
from config import settings
from db.models import Role, SecurityEvent, User
from services.accounts import passwords, registration
from services.accounts.actor import Actor
from services.accounts.security_events import record
from services.billing.gateway.simulated import is_simulated
from services.billing.pricing import PACKS
from services.catalog import pictures, products
from services.catalog.fields import ProductFields
from services.demo import past, shops, stock
from services.demo.products import MORE_PRODUCTS, SAMPLE_PRODUCTS, SampleProduct
from services.demo.world import DAYS, World
from services.errors import Conflict
from services.insights.rollup import rebuild as bring_figures_up_to_date
from services.jobs import submission
from services.library import assets
from services.studio.recipes import BUILT_IN_RECIPES

EMAIL = "demo@example.com"
PASSWORD = "vitrine demo shop"  # noqa: S105  printed for whoever starts the demo, on a demo installation only
STAFF = {
    "staff@example.com": Role.SUPER_ADMIN,
    "support@example.com": Role.SUPPORT_ADMIN,
    "finance@example.com": Role.FINANCE_ADMIN,
}
SEED = 20_261_121
_FINISHED = "demo_made"  # the event that is recorded last
_OTHERS = 46  # with the demo shop and the staff fifty
_RECIPES = ("amazon_main", "etsy", "instagram_square")
_FIRST_RUNS = ("amazon_main", "cut-out", "etsy", "enhance", "amazon_main")


@dataclass(frozen=True)
class Login:
    """An account that a visitor of the demo can sign in to."""

    email: str
    password: str
    role: str


LOGINS = (Login(EMAIL, PASSWORD, "the demo shop"), *(Login(email, PASSWORD, role) for email, role in STAFF.items()))


def seed(*, days: int = DAYS, others: int = _OTHERS, earlier: int = len(MORE_PRODUCTS), number: int = SEED) -> bool:
    """Create the demo: a shop with photos, `earlier` products and queued jobs, `others` more shops with `days` days
    of history, staff, and the daily figures. Returns False, and does nothing, if it is there. Raises Conflict in
    production, and where there are accounts but no finished demo: its passwords are public."""
    if _is_there():
        return False
    pick, until = random.Random(number), db.now()  # noqa: S311  a world, not a secret
    with past.moved_clock():
        past.go_to(until - timedelta(days=days, hours=3))
        for email, role in STAFF.items():
            registration.create_user(email, PASSWORD, role=role, name=f"Demo {role.value.replace('_', ' ')}")
        owner = registration.create_user(EMAIL, PASSWORD, name="Demo shop", credits=100)
        kept, shown = _past_of(owner, MORE_PRODUCTS[:earlier], until - timedelta(days=days), until, pick)
        world = World(until, kept, passwords.hash_password(PASSWORD), pick)
        world.live(shops.make(others, days, pick), days)
    _present_of(owner, shown)
    bring_figures_up_to_date()
    with db.transaction() as session:
        record(session, _FINISHED, user_id=owner.id)
    return True


def _is_there() -> bool:
    """Whether the finished demo is here. Raises Conflict where it must not be created."""
    if settings().env == "production":
        raise Conflict("The demo is not for production: its passwords are in the source.")
    with db.snapshot() as session:
        if session.exec(select(SecurityEvent.id).where(SecurityEvent.kind == _FINISHED)).first():
            return True
        emails = session.exec(select(User.email_key)).all()
    if EMAIL in emails or any(email in emails for email in STAFF):
        raise Conflict(
            f"A demo was started here and not finished. Delete its data ({settings().data_dir}, or the database and "
            "the storage you set) and run this again."
        )
    if emails:
        raise Conflict(
            "This installation has accounts of its own, and the demo adds staff whose passwords are in the source. "
            "Create it on an installation without accounts: set VITRINE_DATA_DIR to another folder."
        )
    return False


def _past_of(
    owner: Actor, more: Sequence[SampleProduct], first: datetime, until: datetime, pick: random.Random
) -> tuple[stock.Stock, list[str]]:
    """What the demo shop did in earlier weeks: products, photos, results, a purchase. Returns the pictures, which all
    shops show, and the ids of the photos that it has not worked on yet."""
    shown = (*SAMPLE_PRODUCTS, *more)
    ids = [_taken_in(owner, product) for product in shown]
    recipes = [_FIRST_RUNS[at % 4 : at % 4 + (1 if at < len(SAMPLE_PRODUCTS) else 2)] for at in range(len(ids))]
    kept = stock.make(owner, shown, ids, recipes)
    fresh, old = ids[: len(SAMPLE_PRODUCTS)], ids[len(SAMPLE_PRODUCTS) :]
    for position, (product, asset_id) in enumerate(zip(more, old, strict=True)):
        at = first + (until - first) * (position + 1) / (len(more) + 2)
        if position == len(more) // 2 and is_simulated():
            past.bought(owner, PACKS[1], at - timedelta(minutes=10))
        past.go_to(at)
        product_id = _listed(owner, product, asset_id)
        for name, outcome in kept.made[len(SAMPLE_PRODUCTS) + position].items():
            at += timedelta(minutes=2)
            past.worked(owner, BUILT_IN_RECIPES[name].recipe, asset_id, product_id, outcome, at, pick)
    return kept, fresh


def _present_of(owner: Actor, fresh: list[str]) -> None:
    """Today: the rest of its products, and jobs that wait for the worker."""
    for position, (product, asset_id) in enumerate(zip(SAMPLE_PRODUCTS, fresh, strict=True)):
        product_id = _listed(owner, product, asset_id)
        chosen = BUILT_IN_RECIPES[_RECIPES[position % len(_RECIPES)]]
        submission.submit(owner, chosen.recipe.canonical(), asset_id, product_id=product_id)


def _listed(owner: Actor, product: SampleProduct, asset_id: str) -> str:
    fields = ProductFields(
        sku=product.sku,
        title=product.title,
        category=product.category,
        tags=product.tags,
        price=product.price,
        status="active",
    )
    made = products.create_product(owner, fields)
    pictures.add_pictures(owner, made.id, [asset_id])
    return made.id


def _taken_in(actor: Actor, product: SampleProduct) -> str:
    file = io.BytesIO()
    product.photo().save(file, "JPEG", quality=92)
    return assets.upload(actor, file.getvalue(), stock.filename_of(product)).id
