"""What a marketplace's rule is, and the finished picture as a rule sees it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from services.studio.marketplaces.beside import Beside, sort_out
from services.studio.marketplaces.cut_off import Side, sides_cut
from services.studio.marketplaces.regions import Box, Mask
from services.studio.marketplaces.scene import Scene, on_white, see
from services.studio.marketplaces.sharpness import Softness, softness

Pixels = npt.NDArray[np.uint8]
Sold = Literal["one", "set"]
"""What is sold by the picture."""
SOLD: Mapping[str, str] = MappingProxyType({"one": "One item", "set": "A set or pair"})
"""The same in words."""


@dataclass(frozen=True)
class Source:
    """Where a rule is written down, and when that was read. `official` is false where the marketplace's own page could
    not be read and the rule comes from a guide that quotes it."""

    url: str
    read_on: date
    official: bool = True


@dataclass(frozen=True)
class Product:
    """Where the product of a picture is, as told by who made the picture.

    matte: H×W uint8. cut_off: the sides at which the photo ended before the product did, as they lie in the picture.
    """

    matte: Pixels
    cut_off: tuple[Side, ...] = ()


@dataclass(frozen=True)
class Finished:
    """A finished picture (H×W×3 or 4 uint8, as decoded from its file) and what is known of it; measured when asked."""

    pixels: Pixels
    content_type: str
    n_bytes: int
    product: Product | None = None
    sold: Sold = "one"

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])

    @cached_property
    def scene(self) -> Scene:
        """Ground, product and what stands beside it."""
        return see(self.pixels, None if self.product is None else self.product.matte)

    @cached_property
    def beside(self) -> Beside:
        """What the parts beside the product are."""
        return sort_out(self.scene)

    @cached_property
    def covered(self) -> Mask:
        """What is not ground, on the scene's grid: the product and what stands beside it, but no dirt, and no holes
        where the product's place is known."""
        mask, written = self.scene.product.copy(), np.zeros(self.scene.ink.shape, bool)
        for part in self.scene.beside:
            mask |= part.mask
        for part in self.beside.marks:
            written |= part.mask
        return (mask & self.scene.ink) | self.scene.veil | written

    @cached_property
    def shown(self) -> Mask:
        """The product and the things beside it, on the scene's grid; not the text."""
        mask = self.scene.product.copy()
        for part in (*self.beside.items, *self.beside.props):
            mask |= part.mask
        return mask

    @cached_property
    def cut_by_frame(self) -> tuple[Side, ...]:
        """The sides of this picture that cut something off."""
        return sides_cut(self.shown)

    @cached_property
    def softness(self) -> Softness | None:
        """How sharp the product is; None where that cannot be told."""
        scene = self.scene
        if scene.product_box is None:
            return None
        left, top, right, bottom = scene.product_box
        longest = max(right - left, bottom - top)
        room, (rows, columns) = max(4, longest // 25), scene.product.shape
        box = max(0, left - room), max(0, top - room), min(columns, right + room), min(rows, bottom + room)
        mask = scene.product[box[1] : box[3], box[0] : box[2]]
        return softness(on_white(self.pixels), scene.place(box), mask, longest * scene.block)


@dataclass(frozen=True)
class Measured:
    """What came of a rule: whether it holds (None where that cannot be told), one sentence with what was measured, and
    where, in pixels of the picture."""

    holds: bool | None
    detail: str
    places: tuple[Box, ...] = ()


Measure = Callable[[Finished], Measured]
_AS_IT_COMES: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Rule:
    """One version of a rule: what it asks, where that is written, how it is measured and what would mend it.

    fix: one sentence in which `{card}` stands for the marketplace's card. fix_params: what to set on that card, None
    where no card can mend it. in_force_from: the day from which this version binds; None if it did when it was read.
    """

    id: str
    title: str
    source: Source
    measure: Measure
    fix: str
    fix_params: Mapping[str, Any] | None = field(default_factory=lambda: _AS_IT_COMES)
    in_force_from: date | None = None


def in_force(rules: tuple[Rule, ...], day: date) -> tuple[tuple[Rule, bool], ...]:
    """The rules that bind on a day, and those that are coming (True): of a rule with several versions, the newest that
    binds already and all later ones."""

    def binds(rule: Rule) -> bool:
        return rule.in_force_from is None or rule.in_force_from <= day

    newest = {rule.id: rule for rule in sorted(rules, key=_begin) if binds(rule)}
    return tuple((rule, not binds(rule)) for rule in rules if not binds(rule) or newest[rule.id] is rule)


def _begin(rule: Rule) -> date:
    return rule.in_force_from or date.min
