"""An operation as an extension brings it: this file is all there is of it."""

from typing import Any

import numpy as np
from pydantic import Field

from services.studio.operations.contract import AssetId, Operation, Params, form


class InvertParams(Params):
    strength: float = Field(
        1.0, ge=0.1, le=1, title="How far", description="1 is the full negative.", json_schema_extra=form(percent=True)
    )
    keep_red: bool = Field(False, description="Leave the red of the photo as it is.")
    tint: str = Field("", max_length=20, description="A word for the log.")
    over: AssetId | None = Field(None, description="Its first colour is mixed into the negative.")
    broken: bool = Field(False, description="Fail, as pixels with a fault do.")


class Invert(Operation[InvertParams]):
    id = "invert"
    title = "Invert colours"
    summary = "Makes a negative of the photo."
    params = InvertParams
    credits = 2
    stage = "Inverting"
    pixels = "tests.support.extension_invert:apply"

    def file_word(self, params: InvertParams) -> str:
        return "negative"


OPERATION = Invert()


def apply(canvas: Any, work: Any, *, strength: float, keep_red: bool, tint: str, over: str | None, broken: bool) -> Any:
    """The pixels, in a worker."""
    if broken:
        raise RuntimeError("the pixels fail")
    inverted = np.rint(canvas.rgb * (1 - strength) + (255 - canvas.rgb) * strength).astype(np.uint8)
    if over is not None:
        inverted = np.asarray((inverted.astype(np.uint16) + work.pictures[over][0, 0, :3]) // 2, np.uint8)
    if keep_red:
        inverted[..., 0] = canvas.rgb[..., 0]
    return canvas.recolored(inverted)
