"""What the pipeline returns: pixels, how sure it is, what it doubts, what it checked, how long each stage took."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from services.studio.comparison import Comparison
from services.studio.marketplaces import Product

Pixels = npt.NDArray[np.uint8]


class Cancelled(Exception):
    """The person cancelled the job; the pipeline stopped between two stages."""


@dataclass(frozen=True)
class Check:
    """One thing looked at in a result: a stable name, whether it passed, and what was found in plain words."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True)
class Stage:
    """One stage of a run and its duration in seconds."""

    name: str
    seconds: float


@dataclass(frozen=True)
class Rendered:
    """A result in memory.

    pixels: H×W×3 or H×W×4 uint8 sRGB; four channels only where something is transparent.
    confidence: 0..1 of the least certain cut-out, None when nothing was cut out.
    doubts: plain sentences for the shop owner.
    cut_out_by: "built-in" or "rembg:<model>", None when nothing was cut out.
    subject_box: (left, top, right, bottom) of the product in pixels, where the pipeline knows it.
    product: the same as a matte, with the sides at which the photo cut the product off.
    comparison: how it lies over the picture it was made from, and where its edge is worth a look.
    matte: H×W uint8 of the cut-out that was made, of the picture as it was then and before strokes corrected it.
    """

    pixels: Pixels
    confidence: float | None
    doubts: tuple[str, ...]
    checks: tuple[Check, ...]
    stages: tuple[Stage, ...]
    cut_out_by: str | None = None
    subject_box: tuple[int, int, int, int] | None = None
    product: Product | None = None
    comparison: Comparison = field(default_factory=Comparison)
    matte: Pixels | None = None
