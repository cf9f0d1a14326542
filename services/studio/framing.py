"""Sizes and places, as pure arithmetic: what frame each step of a recipe makes of a picture of a given size."""

import math
from dataclasses import dataclass

from services.errors import Invalid
from services.studio.marketplaces import PRESETS
from services.studio.operations import BackgroundParams, CropParams, ResizeParams, RotateParams, UpscaleParams
from services.studio.recipes import Recipe, Step

MAX_PIXELS = 50_000_000
DEFAULT_FILL = 0.85


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

    def as_tuple(self) -> tuple[int, int, int, int]:
        return self.left, self.top, self.right, self.bottom


def crop_box(frame: Frame, params: CropParams) -> Box:
    """The pixels a crop keeps: at least one, the ratio (if any) as large as it fits into the box."""
    left, top = params.x * frame.width, params.y * frame.height
    width, height = params.width * frame.width, params.height * frame.height
    if params.ratio is not None:
        across, down = (float(part) for part in params.ratio.split(":"))
        kept_width, kept_height = min(width, height * across / down), min(height, width * down / across)
        horizontal = {"left": 0.0, "right": 1.0}.get(params.anchor, 0.5)
        vertical = {"top": 0.0, "bottom": 1.0}.get(params.anchor, 0.5)
        left, top = left + (width - kept_width) * horizontal, top + (height - kept_height) * vertical
        width, height = kept_width, kept_height
    x = min(frame.width - 1, round(left))
    y = min(frame.height - 1, round(top))
    return Box(x, y, min(frame.width, x + max(1, round(width))), min(frame.height, y + max(1, round(height))))


def resized(frame: Frame, params: ResizeParams) -> tuple[Frame, Frame]:
    """(size the picture is scaled to, size of the result) for a resize; they differ for cover and pad."""
    if params.width is None or params.height is None or params.fit == "inside":
        by_width = math.inf if params.width is None else params.width / frame.width
        by_height = math.inf if params.height is None else params.height / frame.height
        scaled = _scaled(frame, min(by_width, by_height))
        return scaled, scaled
    wanted = Frame(params.width, params.height)
    across, down = wanted.width / frame.width, wanted.height / frame.height
    if params.fit == "stretch":
        return wanted, wanted
    if params.fit == "cover":
        scaled = _scaled(frame, max(across, down))
        return Frame(max(scaled.width, wanted.width), max(scaled.height, wanted.height)), wanted
    scaled = _scaled(frame, min(across, down))
    return Frame(min(scaled.width, wanted.width), min(scaled.height, wanted.height)), wanted


def upscaled(frame: Frame, params: UpscaleParams) -> Frame:
    return _scaled(frame, params.factor)


def rotated(frame: Frame, params: RotateParams) -> Frame:
    """Size after turning: exact for quarter turns, the largest upright part (`crop`) or all of it otherwise."""
    turns, rest = divmod(params.angle % 360, 90)
    upright = Frame(frame.height, frame.width) if turns % 2 else frame
    if rest == 0:
        return upright
    return largest_upright(upright, rest) if params.corners == "crop" else surrounding(upright, rest)


def largest_upright(frame: Frame, degrees: float) -> Frame:
    """The largest axis-parallel rectangle inside a rectangle turned by 0 < degrees < 90.

    The long side either spans the turned rectangle's width (half-constrained) or all four corners touch.
    """
    angle = math.radians(degrees)
    sine, cosine = abs(math.sin(angle)), abs(math.cos(angle))
    long, short = max(frame.width, frame.height), min(frame.width, frame.height)
    if short <= 2.0 * sine * cosine * long or abs(sine - cosine) < 1e-9:
        half = 0.5 * short
        width, height = (half / sine, half / cosine) if frame.width >= frame.height else (half / cosine, half / sine)
    else:
        double = cosine * cosine - sine * sine
        width = (frame.width * cosine - frame.height * sine) / double
        height = (frame.height * cosine - frame.width * sine) / double
    return Frame(max(1, math.floor(width)), max(1, math.floor(height)))


def surrounding(frame: Frame, degrees: float) -> Frame:
    """The smallest axis-parallel rectangle around a rectangle turned by `degrees`."""
    angle = math.radians(degrees)
    sine, cosine = abs(math.sin(angle)), abs(math.cos(angle))
    return Frame(
        max(1, math.ceil(frame.width * cosine + frame.height * sine - 1e-6)),
        max(1, math.ceil(frame.width * sine + frame.height * cosine - 1e-6)),
    )


def backdrop_frame(frame: Frame, params: BackgroundParams) -> Frame:
    """The frame a background step makes: asked for, the preset's, or the photo's own."""
    if params.size is not None:
        return Frame(params.size.width, params.size.height)
    if params.preset is not None:
        return Frame(*PRESETS[params.preset].size)
    return frame


def fill_ratio(params: BackgroundParams, frame: Frame) -> float | None:
    """Share of the tighter side the product spans in `frame`, or None to leave the product where it is in the photo."""
    if params.fill is not None:
        return params.fill
    if params.margin is not None:
        return 1 - 2 * params.margin
    if params.preset is not None:
        return PRESETS[params.preset].fill
    return DEFAULT_FILL if params.size is not None else None


def placed(subject: Box, frame: Frame, fill: float) -> tuple[float, float, float]:
    """(scale, left, top): how to scale a product and where its box then lies, centred and spanning `fill`."""
    scale = min(fill * frame.width / subject.width, fill * frame.height / subject.height)
    left = (frame.width - subject.width * scale) / 2
    top = (frame.height - subject.height * scale) / 2
    return scale, left, top


def expected_frame(frame: Frame, recipe: Recipe) -> Frame | None:
    """The size of a recipe's result, or None when it depends on the picture (a shadow may need room below)."""
    known = True
    for step in recipe.steps:
        frame = step_frame(frame, step)
        known = step.op != "shadow" and (known or _fixes_frame(step))
    return frame if known else None


def step_frame(frame: Frame, step: Step) -> Frame:
    """The size one step makes of a picture of a given size."""
    params = step.params
    if isinstance(params, CropParams):
        box = crop_box(frame, params)
        return Frame(box.width, box.height)
    if isinstance(params, ResizeParams):
        return resized(frame, params)[1]
    if isinstance(params, RotateParams):
        return rotated(frame, params)
    if isinstance(params, UpscaleParams):
        return upscaled(frame, params)
    if isinstance(params, BackgroundParams):
        return backdrop_frame(frame, params)
    return frame


def within_limits(frame: Frame) -> Frame:
    """The same frame, or PictureTooLarge with the figures."""
    if frame.pixels > MAX_PIXELS:
        raise PictureTooLarge(
            f"The result would have {frame.width}×{frame.height} pixels ({frame.pixels / 1e6:.0f} megapixels). "
            f"Choose a smaller size: up to {MAX_PIXELS // 1_000_000} megapixels are possible."
        )
    return frame


def _fixes_frame(step: Step) -> bool:
    params = step.params
    if isinstance(params, BackgroundParams):
        return params.size is not None or params.preset is not None
    return isinstance(params, ResizeParams) and params.fit != "inside"


def _scaled(frame: Frame, scale: float) -> Frame:
    return Frame(max(1, round(frame.width * scale)), max(1, round(frame.height * scale)))
