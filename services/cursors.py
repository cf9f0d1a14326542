"""Pages of a list: the first items in an order, and those after an item that this person has."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col

from db.models import Asset, Batch, Job, Payment, Product, UserNotification
from services.accounts.actor import Actor
from services.errors import FieldError, Invalid

Listed = type[Asset | Batch | Job | Payment | Product | UserNotification]
Query = TypeVar("Query", bound=sa.Select[Any])
Sort = TypeVar("Sort", bound=str)

MAX_LIMIT = 200
MAX_PAGE = 1_000_000


@dataclass(frozen=True)
class Order:
    """What a list of `model` is ordered by, all in one direction. The last column is unique: it settles every tie."""

    model: Listed
    columns: tuple[Mapped[Any], ...]
    descending: bool = True

    def rest_of(
        self, session: Session, actor: Actor, query: Query, starting_after: str | None, noun: str = "item"
    ) -> Query:
        """`query` in this order, from behind the row with the id `starting_after` on if one is given.

        Raises Invalid for an id that is nobody's or another person's.
        """
        clauses = [column.desc() if self.descending else column.asc() for column in self.columns]
        if starting_after is not None:
            query = query.where(self._behind(session, actor, starting_after, noun))
        return query.order_by(*clauses)

    def _behind(self, session: Session, actor: Actor, last_id: str, noun: str) -> sa.ColumnElement[bool]:
        own = sa.select(*self.columns).where(col(self.model.id) == last_id, col(self.model.user_id) == actor.id)
        last = session.execute(own).first()
        if last is None:
            raise Invalid(errors=(FieldError("starting_after", f"There is no {noun} of yours with this id."),))
        here = sa.tuple_(*self.columns)
        return here < tuple(last) if self.descending else here > tuple(last)


def newest(model: Listed) -> Order:
    """Newest first: ids sort by the time they were made."""
    return Order(model, (col(model.id),))


def require_page(sort: Sort, orders: Mapping[Sort, Order], limit: int, page: int | None) -> None:
    """Raise Invalid for an order that does not exist, or a page that is too large or too far."""
    if sort not in orders:
        raise Invalid(errors=(FieldError("sort", f"Choose one of: {', '.join(orders)}."),))
    if not 1 <= limit <= MAX_LIMIT:
        raise Invalid(errors=(FieldError("limit", f"Choose between 1 and {MAX_LIMIT}."),))
    if page is not None and not 1 <= page <= MAX_PAGE:
        raise Invalid(errors=(FieldError("page", f"Pages are counted from 1 to {MAX_PAGE:,}."),))
