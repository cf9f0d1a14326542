"""Where the points of one picture lie in another that was made of it: affine maps, composed step by step.

Coordinates are pixels counted from the picture's corner, so that the middle of the first pixel is at 0.5 and scaling is
a factor without an offset.
"""

import math
from dataclasses import dataclass
from typing import Self

Size = tuple[int, int]
"""Width and height in pixels."""


@dataclass(frozen=True)
class Affine:
    """(x, y) goes to (a·x + c·y + e, b·x + d·y + f): named and ordered as in CSS's `matrix()`."""

    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 1.0
    e: float = 0.0
    f: float = 0.0

    def then(self, after: Self) -> "Affine":
        """This map, and `after` on where it leads."""
        return Affine(
            after.a * self.a + after.c * self.b,
            after.b * self.a + after.d * self.b,
            after.a * self.c + after.c * self.d,
            after.b * self.c + after.d * self.d,
            after.a * self.e + after.c * self.f + after.e,
            after.b * self.e + after.d * self.f + after.f,
        )

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a point goes."""
        return self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f

    def in_shares(self, source: Size, result: Size) -> tuple[float, float, float, float, float, float]:
        """The six numbers of the map from shares of the source's sides to shares of the result's."""
        across, down = result
        return (
            self.a * source[0] / across,
            self.b * source[0] / down,
            self.c * source[1] / across,
            self.d * source[1] / down,
            self.e / across,
            self.f / down,
        )


def shift(x: float, y: float) -> Affine:
    """Moved right and down."""
    return Affine(e=x, f=y)


def scale(before: Size, after: Size) -> Affine:
    """A picture of one size brought to another."""
    return Affine(a=after[0] / before[0], d=after[1] / before[1])


def quarter_turn(turns: int, size: Size) -> Affine:
    """A picture of that size turned clockwise by a number of quarter turns."""
    width, height = size
    return (
        Affine(),
        Affine(0.0, 1.0, -1.0, 0.0, height, 0.0),
        Affine(-1.0, 0.0, 0.0, -1.0, width, height),
        Affine(0.0, -1.0, 1.0, 0.0, 0.0, width),
    )[turns % 4]


def tilt(degrees: float, before: Size, after: Size) -> Affine:
    """A picture turned clockwise about its middle, which becomes the middle of a frame of another size."""
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    turned = Affine(cosine, sine, -sine, cosine)
    return shift(-before[0] / 2, -before[1] / 2).then(turned).then(shift(after[0] / 2, after[1] / 2))
