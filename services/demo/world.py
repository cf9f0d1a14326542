"""Sixty days of fifty shops: they join, work, buy, want refunds. The same for the same seed and end."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from sqlmodel import Session

import db
from db.ids import new_id
from db.models import AssetKind, Product, ProductPicture, ProductStatus, User
from services.accounts.actor import Actor
from services.accounts.sessions import actor_of
from services.billing.gateway.simulated import is_simulated
from services.billing.pricing import PACKS, Offer, custom
from services.credits import ledger
from services.demo import past
from services.demo.products import MORE_PRODUCTS, SAMPLE_PRODUCTS
from services.demo.shops import Shop
from services.demo.stock import Stock
from services.library.results import new_row
from services.studio.recipes import BUILT_IN_RECIPES, Recipe

DAYS = 60
PICTURED = (*SAMPLE_PRODUCTS, *MORE_PRODUCTS)
_REFUNDS = (4, 9)  # which purchases, counted from the first, are refunded: one fully, the other partly
_DISPUTES = {6: "lost", 14: "needs_response"}


@dataclass
class World:
    """The world so far. `later` holds what is going to happen on a future day."""

    until: datetime
    stock: Stock
    password_hash: str
    pick: random.Random
    purchases: int = 0
    later: dict[int, list[Callable[[datetime], None]]] = field(default_factory=dict)

    def live(self, people: list[Shop], days: int) -> None:
        """Simulate the `days` days before `until`."""
        first = datetime.combine(self.until.date(), time(), tzinfo=UTC) - timedelta(days=days - 1)
        for number in range(days):
            midnight = first + timedelta(days=number)
            past.go_to(midnight + timedelta(minutes=5))
            ledger.lapse_due(db.now())
            for happen in self.later.pop(number, []):
                self._unless_to_come(midnight + timedelta(hours=8), happen)
            for shop in people:
                if shop.joins_on == number:
                    self._unless_to_come(midnight + timedelta(minutes=self.pick.randrange(420, 1300)), self._join(shop))
                if shop.actor is not None and shop.joins_on <= number and self.pick.random() < shop.diligence:
                    self._work(shop, midnight, number)

    def _unless_to_come(self, at: datetime, happen: Callable[[datetime], None]) -> None:
        if at < self.until:
            happen(at)

    def _join(self, shop: Shop) -> Callable[[datetime], None]:
        def happen(at: datetime) -> None:
            past.go_to(at)
            with db.transaction() as session:
                user = User(
                    email=shop.email, email_key=shop.email, name=shop.name, password_hash=self.password_hash,
                    terms_accepted_at=db.now(),
                )  # fmt: skip
                session.add(user)
                session.flush()
                ledger.open_account(session, user.id)
                shop.actor, shop.joined_at = actor_of(user), at
                for _ in range(self.pick.randint(2, 5)):
                    shop.products.append(self._photographed(session, user.id, len(shop.products)))

        return happen

    def _photographed(self, session: Session, user_id: str, position: int) -> tuple[str, str, int]:
        number = self.pick.randrange(len(self.stock.originals))
        shown = PICTURED[number]
        product = Product(
            user_id=user_id,
            sku=f"{shown.sku[:3]}-{position + 1:03}",
            sku_key=f"{shown.sku[:3].lower()}-{position + 1:03}",
            title=shown.title,
            title_key=shown.title.casefold(),
            category=shown.category,
            price=shown.price,
            status=ProductStatus.ACTIVE,
        )
        session.add(product)
        session.flush()
        asset = new_row(
            self.stock.originals[number], user_id=user_id, kind=AssetKind.ORIGINAL, id=new_id("ast"),
            product_id=product.id,
        )  # fmt: skip
        session.add(asset)
        session.flush()
        session.add(ProductPicture(product_id=product.id, asset_id=asset.id, position=0))
        return product.id, asset.id, number

    def _work(self, shop: Shop, midnight: datetime, day: int) -> None:
        """An hour or so at the studio, until the work is done or the credits are spent."""
        actor = shop.actor
        assert actor is not None and shop.joined_at is not None
        at = midnight + timedelta(minutes=self.pick.randrange(420, 1300), seconds=self.pick.randrange(60))
        at = max(at, shop.joined_at + timedelta(minutes=5))
        for _ in range(self.pick.choice((2, 3, 6, 10))):
            if at > self.until - timedelta(minutes=5):
                return
            product_id, asset_id, number = self.pick.choice(shop.products)
            name = self.pick.choice(list(self.stock.made[number]))
            recipe: Recipe = BUILT_IN_RECIPES[name].recipe
            outcome = self.stock.made[number][name]
            if shop.likes_restyle and self.pick.random() < 0.4:
                recipe, outcome = past.RESTYLE, self.stock.restyled[number]
            placed = product_id if self.pick.random() < 0.5 else None
            end = past.worked(actor, recipe, asset_id, placed, outcome, at, self.pick)
            if end is None:
                if self.pick.random() >= shop.budget or not is_simulated():
                    return
                self._buy(actor, at, day)
                end = at + timedelta(seconds=90)
            at = end + timedelta(seconds=self.pick.randrange(5, 240))

    def _buy(self, actor: Actor, at: datetime, day: int) -> None:
        if self.pick.random() < 0.15:
            payment_id = past.opened_checkout(actor, self._offer(), at)
            self._after(day + 1, lambda moment: past.expired(payment_id, moment))
            return
        offer = self._offer()
        payment_id = past.bought(actor, offer, at, declined_first=self.pick.random() < 0.1)
        self.purchases += 1
        if self.purchases in _REFUNDS:
            cents = offer.price.total if self.purchases == _REFUNDS[0] else offer.price.total // 3
            self._after(day + 6, lambda moment: past.refunded(actor, payment_id, cents, moment))
        if status := _DISPUTES.get(self.purchases):
            self._after(day + 4, lambda moment: past.disputed(actor, payment_id, "needs_response", moment))
            if status != "needs_response":
                self._after(day + 11, lambda moment: past.disputed(actor, payment_id, status, moment))

    def _offer(self) -> Offer:
        small, middle, large = PACKS
        return self.pick.choice(
            (small, small, small, middle, middle, large, custom(self.pick.randrange(300, 3001, 50)))
        )

    def _after(self, day: int, happen: Callable[[datetime], None]) -> None:
        self.later.setdefault(day, []).append(happen)
