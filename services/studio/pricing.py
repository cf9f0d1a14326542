"""What a recipe costs before anything runs: the sum of its operations, less what one of them includes."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session
from sqlmodel import select

import db
from db.models.credits import OperationPrice
from services.studio import engines
from services.studio.operations import registry
from services.studio.operations.contract import Engine
from services.studio.recipes import Recipe


@dataclass(frozen=True)
class QuoteLine:
    """One step of the recipe: credits a picture, the engine that runs it, and a note where the price needs one."""

    op: str
    title: str
    credits: int
    engine: Engine
    note: str | None = None


@dataclass(frozen=True)
class Quote:
    """Credits for one picture and for all of them."""

    credits_each: int
    credits_total: int
    lines: tuple[QuoteLine, ...]


def default_prices() -> dict[str, int]:
    """Credits by operation as the catalogue has them."""
    return {operation.id: operation.credits for operation in registry.operations()}


def quote(recipe: Recipe, prices: Mapping[str, int] | None = None, count: int = 1) -> Quote:
    """Price a recipe for `count` pictures. `prices` are credits by operation; missing ones cost the default.

    Each step is charged as often as it occurs. Each step that includes another operation (a background its cut-out)
    makes one occurrence of that operation free, wherever in the recipe it stands.
    """
    prices = {**default_prices(), **(prices or {})}
    included: Counter[str] = Counter()
    for step in recipe.steps:
        included.update(step.operation.includes)
    lines = []
    for step in recipe.steps:
        price, note = prices[step.op], None
        if included[step.op] > 0:
            included[step.op] -= 1
            host = next(other.operation for other in recipe.steps if step.op in other.operation.includes)
            price, note = 0, f"Included in {host.title}"
        engine = engines.would_run(step)
        lines.append(QuoteLine(op=step.op, title=step.operation.title, credits=price, engine=engine, note=note))
    each = sum(line.credits for line in lines)
    return Quote(credits_each=each, credits_total=each * count, lines=tuple(lines))


def quote_now(recipe: Recipe, count: int = 1) -> Quote:
    """The same at today's prices, for a recipe that can run now. Raises ProviderNotConfigured."""
    return quote(engines.settled(recipe), todays_prices(), count)


def current_prices(session: Session) -> dict[str, int]:
    """Credits by operation: what staff set, and the catalogue's price for the rest."""
    changed = {row.operation: row.credits for row in session.scalars(select(OperationPrice))}
    return {**default_prices(), **changed}


def todays_prices() -> dict[str, int]:
    """The same for a page or route that only shows prices."""
    with db.snapshot() as session:
        return current_prices(session)
