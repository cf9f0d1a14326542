"""What a family draws: meshes with the kinds of material each may have, and the list of families."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from training.materials import Material
from training.shapes import Mesh

T = TypeVar("T")

ANY = ("plastic", "matte", "gloss", "fabric", "leather", "wood", "metal", "chrome", "glass")
HARD = ("plastic", "plastic", "matte", "gloss", "metal", "chrome")
SOFT = ("fabric", "fabric", "leather", "matte")
SHINY = ("chrome", "metal", "metal", "gloss")
CLAY = ("matte", "gloss", "plastic", "glass", "metal")
POSES = ("stands", "lies", "any")


@dataclass(frozen=True)
class Thing:
    """One drawn object: meshes, for each material number the kinds it may be, and how it may stand.

    `looks` are the materials of a thing that has its own. `skin` names the material that is a person's skin, `leaf` one
    that is green. What `faces` has a front and mostly shows it.
    """

    meshes: list[Mesh]
    kinds: tuple[tuple[str, ...], ...] = (ANY, ANY, ANY)
    poses: tuple[str, ...] = ("stands",)
    skin: int = -1
    leaf: int = -1
    faces: bool = False
    looks: tuple[Material, ...] = ()


@dataclass(frozen=True)
class Family:
    """A way to draw things of one sort, and how often it is drawn."""

    name: str
    draw: Callable[[np.random.Generator], Thing]
    weight: float = 1.0
    furniture: bool = False
    wearing: bool = False


@dataclass
class Families:
    """Families under their names; `pick` draws one with its weight."""

    members: list[Family] = field(default_factory=list)

    def add(
        self, weight: float = 1.0, furniture: bool = False, wearing: bool = False
    ) -> Callable[[Callable[[np.random.Generator], Thing]], Callable[[np.random.Generator], Thing]]:
        def register(draw: Callable[[np.random.Generator], Thing]) -> Callable[[np.random.Generator], Thing]:
            self.members.append(Family(draw.__name__, draw, weight, furniture, wearing))
            return draw

        return register

    def pick(self, rng: np.random.Generator) -> Family:
        weights = np.array([family.weight for family in self.members])
        return self.members[int(rng.choice(len(self.members), p=weights / weights.sum()))]

    def named(self, *names: str) -> "Families":
        return Families([family for family in self.members if family.name in names])


TRAINED = Families()
"""What the network is trained on."""

HELD_OUT = Families()
"""What it is only ever measured on."""


def one_of(rng: np.random.Generator, *choices: T) -> T:
    return choices[int(rng.integers(len(choices)))]


def chance(rng: np.random.Generator, probability: float) -> bool:
    return bool(rng.random() < probability)
