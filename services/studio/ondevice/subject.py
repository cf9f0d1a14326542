"""Where the product of a picture is, where it goes, and what grounds it."""

from dataclasses import dataclass

from services.studio.ondevice import geometry, grounding
from services.studio.ondevice.work import Pixels


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels: left and top inclusive, right and bottom exclusive."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top


def placed(subject: Box, size: tuple[int, int], fill: float) -> tuple[float, float, float]:
    """(scale, left, top): how to scale a product and where its box is then, centred and spanning `fill` of a frame."""
    width, height = size
    scale = min(fill * width / subject.width, fill * height / subject.height)
    return scale, (width - subject.width * scale) / 2, (height - subject.height * scale) / 2


def grown(box: Box, size: tuple[int, int]) -> Box:
    """The box with room for its soft edge, inside a picture of `size`."""
    margin = 4 + round(0.01 * max(box.width, box.height))
    return Box(
        max(0, box.left - margin),
        max(0, box.top - margin),
        min(size[0], box.right + margin),
        min(size[1], box.bottom + margin),
    )


def part(plane: Pixels, box: Box) -> Pixels:
    """The pixels inside the box."""
    return geometry.cropped(plane, box.left, box.top, box.right, box.bottom)


def shadow_layer(
    kind: str, strength: float, rgb: Pixels, matte: Pixels, left: int, top: int, size: tuple[int, int], clear: int
) -> grounding.Layer:
    """The contact shadow or reflection of a product whose corner is at (left, top) in a frame of `size`."""
    if kind == "reflection":
        return grounding.reflection(rgb, matte, left, top, size, strength, clear)
    return grounding.contact_shadow(matte, left, top, size, strength, clear)
