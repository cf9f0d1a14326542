"""The shops of the demo world: made-up names, when they joined, how busy they are."""

import random
from dataclasses import dataclass, field
from datetime import datetime

from services.accounts.actor import Actor

_MAKERS = (
    "Anna", "Bruno", "Chiara", "Dario", "Elsa", "Farid", "Greta", "Hugo", "Ines", "Jonas",
    "Kira", "Luis", "Mina", "Noor", "Oskar", "Priya", "Quentin", "Rosa", "Sami", "Thea",
)  # fmt: skip
_PLACES = ("Harbour", "Meadow", "Copper", "Juniper", "Linden", "Pebble", "Saffron", "Willow", "Amber", "Birch")
_GOODS = ("Ceramics", "Candles", "Jewellery", "Leather", "Prints", "Soaps", "Textiles", "Toys", "Woodwork", "Glass")


@dataclass
class Shop:
    """One shop owner. `joins_on` counts days from the world's first; `diligence` is the chance to work on a day,
    `budget` the chance to buy when credits run out."""

    name: str
    email: str
    joins_on: int
    diligence: float
    budget: float
    likes_restyle: bool
    actor: Actor | None = None
    joined_at: datetime | None = None
    products: list[tuple[str, str, int]] = field(default_factory=list)
    """(product id, original's asset id, number of the picture in stock)"""


def make(count: int, days: int, pick: random.Random) -> list[Shop]:
    """`count` shops with names of their own; a third joined in the first week."""
    shops = []
    for number in range(count):
        maker, goods = _MAKERS[number % len(_MAKERS)], _GOODS[(number * 3 + number // 10) % len(_GOODS)]
        name = f"{maker}'s {goods}" if number % 2 else f"{_PLACES[number // 2 % 10]} {goods}"
        shops.append(
            Shop(
                name=name,
                email=f"{name.lower().replace(chr(39), '').replace(' ', '.')}.{number + 1}@example.com",
                joins_on=pick.randrange(days // 8 + 1) if number % 3 == 0 else pick.randrange(max(1, days - 1)),
                diligence=pick.choice((0.05, 0.12, 0.22, 0.4)),
                budget=pick.choice((0.3, 0.7, 0.95)),
                likes_restyle=pick.random() < 0.35,
            )
        )
    return sorted(shops, key=lambda shop: shop.joins_on)
