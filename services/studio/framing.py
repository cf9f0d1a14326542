"""Sizes of pictures, as pure arithmetic."""

from dataclasses import dataclass

from services.errors import Invalid

MAX_PIXELS = 50_000_000


class PictureTooLarge(Invalid):
    """A step would make more pixels than the studio handles."""

    message = "The result would be too large."


@dataclass(frozen=True)
class Frame:
    """Width and height in pixels."""

    width: int
    height: int

    @property
    def pixels(self) -> int:
        return self.width * self.height

    @property
    def size(self) -> tuple[int, int]:
        return self.width, self.height

    def scaled(self, scale: float) -> "Frame":
        """The frame of the same shape at another scale, at least one pixel each way."""
        return Frame(max(1, round(self.width * scale)), max(1, round(self.height * scale)))


def within_limits(frame: Frame) -> Frame:
    """The same frame, or PictureTooLarge with the figures."""
    if frame.pixels > MAX_PIXELS:
        raise PictureTooLarge(
            f"The result would have {frame.width}×{frame.height} pixels ({frame.pixels / 1e6:.0f} megapixels). "
            f"Choose a smaller size: up to {MAX_PIXELS // 1_000_000} megapixels are possible."
        )
    return frame
