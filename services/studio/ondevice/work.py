"""What the pixels of a step get besides the picture, and where they note what they found.

The pixels of an operation are a function `apply(canvas, work, **plan) -> Canvas`; `plan` is what the operation's own
`plan` gave, by default its parameters. It may raise a Refusal.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]


@dataclass
class Work:
    """One run of a recipe, as its steps see it.

    pictures: other pictures the recipe names, H×W×4 uint8 RGBA by asset id. cutout_model: "auto", None for the built-in
    cut-out or a model's name; models_home: where models are kept. report: call with the share of this step done, 0..1;
    raises to stop a cancelled run. require_room: call with width and height before making a larger picture than the
    operation declared. cutting_side: longest side in pixels worth cutting out at, if the next step knows. matte: H×W
    uint8, of the cut-out that was made, before any strokes.
    """

    pictures: Mapping[str, Pixels]
    models_home: Path | None
    cutout_model: str | None
    report: Callable[[float], None]
    require_room: Callable[[int, int], None]
    cutting_side: int | None = None
    doubts: list[str] = field(default_factory=list)
    confidence: float | None = None
    cut_out_by: str | None = None
    matte: Pixels | None = None

    def doubt(self, *sentences: str) -> None:
        """Note plain sentences for the shop owner."""
        self.doubts.extend(sentences)

    def sure(self, confidence: float, engine: str) -> None:
        """Note how sure a cut-out is, 0..1, and what made it; of a run, the least sure one and the last count."""
        self.confidence = confidence if self.confidence is None else min(self.confidence, confidence)
        self.cut_out_by = engine

    def by_hand(self) -> None:
        """A person corrected the cut-out and stands for it: what the engine doubted counts no more."""
        self.confidence, self.cut_out_by = 1.0, f"{self.cut_out_by}, touched up by hand"
        self.doubts.clear()
