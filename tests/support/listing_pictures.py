"""Drawing listing pictures: shaded things, shadows, text, logos and props on a ground, from a seed."""

import io
import math
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

SIDE = 1200
FINE = 2
"""Pictures are drawn at this many times their size."""
WHITE = (255, 255, 255)
PRODUCTS = ("box", "bottle", "mug", "vase", "shirt", "ring", "lamp", "shoe", "bag", "plant")
PROPS = ("leaf", "ball", "flower", "stick")

Color = tuple[int, int, int]
Layer = Image.Image


class _Pen:
    """Draws on a square of 100 × 100 units."""

    def __init__(self, side: int) -> None:
        self.layer = Image.new("RGBA", (side, side), (0, 0, 0, 0))
        self.draw = ImageDraw.Draw(self.layer)
        self.unit = side / 100

    def at(self, *points: float) -> list[float]:
        return [point * self.unit for point in points]

    def width(self, units: float) -> int:
        return round(units * self.unit)

    def box(self, *corners: float, fill: Color, round_by: float = 0) -> None:
        self.draw.rounded_rectangle(self.at(*corners), round_by * self.unit, fill=fill)

    def oval(self, *corners: float, fill: Color) -> None:
        self.draw.ellipse(self.at(*corners), fill=fill)

    def shape(self, *points: float, fill: Color) -> None:
        self.draw.polygon(self.at(*points), fill=fill)

    def line(self, *points: float, fill: Color, width: float) -> None:
        self.draw.line(self.at(*points), fill=fill, width=self.width(width))

    def label(self, *corners: float, color: Color, random: Random) -> None:
        left, top, right, bottom = corners
        self.box(*corners, fill=_scaled(color, 0.5, 150))
        font = ImageFont.load_default(self.width((bottom - top) * 0.4))
        word = random.choice(("TEA", "No. 7", "MINT", "Oslo"))
        middle = self.at((left + right) / 2, (top + bottom) / 2)
        self.draw.text((middle[0], middle[1]), word, font=font, fill=_scaled(color, 0.3), anchor="mm")


def color_of(random: Random, low: int = 30, high: int = 200) -> Color:
    return random.randint(low, high), random.randint(low, high), random.randint(low, high)


def product(kind: str, random: Random) -> Layer:
    """A thing as RGBA, shaded, cut to its own box."""
    pen = _Pen(SIDE * FINE)
    _DRAWN[kind](pen, color_of(random), color_of(random), random)
    return _shaded(pen.layer)


def prop(kind: str, span: float) -> Layer:
    """A small thing that is not sold."""
    pen = _Pen(SIDE)
    if kind == "leaf":
        for ring in range(12):
            wide, high = 40 * (1 - ring / 14), 15 * (1 - ring / 14)
            pen.oval(50 - wide, 50 - high, 50 + wide, 50 + high, fill=(50 + ring * 6, 100 + ring * 8, 50 + ring * 3))
        pen.line(10, 50, 98, 50, fill=(40, 80, 40), width=2.5)
    elif kind == "ball":
        for ring in range(24):
            r = 45 * (1 - ring / 26)
            pen.oval(50 - r, 50 - r, 50 + r, 50 + r, fill=(120 + ring * 5, 60 + ring * 4, 40 + ring * 3))
    elif kind == "flower":
        for turn in range(0, 360, 45):
            x, y = 50 + 26 * math.cos(math.radians(turn)), 50 + 26 * math.sin(math.radians(turn))
            pen.oval(x - 16, y - 16, x + 16, y + 16, fill=(210, 120 + turn // 6, 160))
        pen.oval(38, 38, 62, 62, fill=(220, 180, 60))
    else:
        pen.box(5, 42, 95, 58, fill=(150, 110, 70))
        for column in range(10, 90, 6):
            pen.line(column, 42, column + 3, 58, fill=(120, 80, 50), width=1.1)
    return scaled(_shaded(pen.layer), span)


def scaled(layer: Layer, span: float) -> Layer:
    """The thing with its longer side at a share of the picture's."""
    factor = span * SIDE * FINE / max(layer.size)
    return layer.resize((round(layer.width * factor), round(layer.height * factor)), Image.Resampling.LANCZOS)


def ground(color: Color = WHITE) -> Image.Image:
    return Image.new("RGB", (SIDE * FINE, SIDE * FINE), color)


def put(canvas: Image.Image, layer: Layer, x: float = 0.5, y: float = 0.5) -> None:
    """Lay a thing on a picture with its middle at (x, y), in shares of the sides."""
    corner = round(x * canvas.width - layer.width / 2), round(y * canvas.height - layer.height / 2)
    canvas.paste(layer, corner, layer)


def soft_shadow(canvas: Image.Image, layer: Layer, strength: float) -> None:
    """What a thing in the middle of the picture casts on the ground below it."""
    x, y, wide, high = canvas.width / 2, (canvas.height + layer.height) / 2, layer.width * 0.4, layer.height * 0.05
    shade = Image.new("L", canvas.size, 0)
    ImageDraw.Draw(shade).ellipse((x - wide, y - high, x + wide, y + 0.4 * high), fill=round(255 * strength))
    canvas.paste((0, 0, 0), mask=shade.filter(ImageFilter.GaussianBlur(canvas.width * 0.014)))


def words(canvas: Image.Image, text: str, at: tuple[float, float], height: float, fill: Color, turn: float = 0) -> None:
    """Text laid over a picture, its middle at `at`."""
    font = ImageFont.load_default(round(height * canvas.height))
    box = font.getbbox(text)
    layer = Image.new("RGBA", (round(box[2]) + 8, round(box[3]) + 8), (0, 0, 0, 0))
    ImageDraw.Draw(layer).text((4, 4), text, font=font, fill=(*fill, 255))
    put(canvas, layer.rotate(turn, expand=True, resample=Image.Resampling.BICUBIC), *at)


def logo(canvas: Image.Image, at: tuple[float, float], size: float, random: Random) -> None:
    """A round badge with a triangle in it."""
    pen = _Pen(round(size * canvas.width))
    pen.oval(0, 0, 99, 99, fill=color_of(random, 20, 160))
    pen.shape(50, 20, 75, 75, 25, 75, fill=WHITE)
    put(canvas, pen.layer, *at)


def finished(canvas: Image.Image, *, noise: float = 0, seed: int = 0, jpeg: int = 92) -> np.ndarray:
    """The picture at its own size, out of a JPEG; noise lies on all but what is overexposed."""
    small = np.asarray(canvas.resize((SIDE, SIDE), Image.Resampling.BOX), np.float64)
    if noise:
        grain = np.random.default_rng(seed).normal(0, noise, (SIDE, SIDE, 1))
        small = small + grain * (small.min(axis=2, keepdims=True) < 250)
    buffer = io.BytesIO()
    Image.fromarray(np.clip(small, 0, 255).astype(np.uint8)).save(buffer, "JPEG", quality=jpeg)
    return np.asarray(Image.open(buffer).convert("RGB"), np.uint8)


def _shaded(layer: Layer) -> Layer:
    """Cut to its box and darker to the right, as a thing in light from the left."""
    pixels = np.asarray(layer.crop(layer.getbbox())).astype(np.float32)
    pixels[..., :3] *= np.linspace(1.08, 0.72, pixels.shape[1], dtype=np.float32)[None, :, None]
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8), "RGBA")


def _scaled(color: Color, factor: float, plus: int = 0) -> Color:
    red, green, blue = (max(0, min(255, round(plus + part * factor))) for part in color)
    return red, green, blue


def _box(pen: _Pen, main: Color, second: Color, random: Random) -> None:
    pen.box(15, 25, 85, 80, fill=main)
    pen.shape(15, 25, 28, 14, 96, 14, 85, 25, fill=_scaled(main, 1, 30))
    pen.shape(85, 25, 96, 14, 96, 68, 85, 80, fill=_scaled(main, 0.66))
    pen.label(28, 42, 72, 62, color=second, random=random)


def _bottle(pen: _Pen, main: Color, second: Color, random: Random) -> None:
    pen.box(34, 30, 66, 96, fill=main, round_by=6)
    pen.box(43, 12, 57, 32, fill=main)
    pen.box(41, 4, 59, 14, fill=second)
    pen.label(34, 50, 66, 76, color=second, random=random)


def _mug(pen: _Pen, main: Color, second: Color, random: Random) -> None:
    pen.draw.ellipse(pen.at(58, 32, 92, 72), outline=main, width=pen.width(7))
    pen.box(12, 20, 72, 88, fill=main, round_by=5)
    pen.oval(12, 14, 72, 28, fill=_scaled(main, 0.5))
    pen.label(24, 42, 60, 62, color=second, random=random)


def _vase(pen: _Pen, main: Color, second: Color, random: Random) -> None:
    half = [(26 * math.sin(0.35 + 2.6 * step / 60), 6 + 1.5 * step) for step in range(60)]
    right, left = [(50 + wide, y) for wide, y in half], [(50 - wide, y) for wide, y in reversed(half)]
    pen.shape(*(value for point in (*right, *left) for value in point), fill=main)
    for row in range(24, 86, 12):
        pen.line(38, row, 62, row, fill=second, width=1.4)


def _shirt(pen: _Pen, main: Color, second: Color, random: Random) -> None:
    sleeves = (30, 12, 42, 16, 58, 16, 70, 12, 96, 34, 84, 46, 74, 38, 74, 92, 26, 92, 26, 38, 16, 46, 4, 34)
    pen.shape(*sleeves, fill=main)
    pen.draw.pieslice(pen.at(40, 8, 60, 24), 0, 180, fill=(0, 0, 0, 0))
    pen.label(36, 44, 64, 58, color=second, random=random)


def _ring(pen: _Pen, main: Color, second: Color, random: Random) -> None:
    pen.draw.ellipse(pen.at(16, 24, 84, 92), outline=main, width=pen.width(8))
    pen.shape(38, 16, 62, 16, 68, 24, 50, 38, 32, 24, fill=second)
    pen.line(32, 24, 68, 24, fill=_scaled(second, 0.5), width=1)


def _lamp(pen: _Pen, main: Color, second: Color, random: Random) -> None:
    pen.shape(30, 8, 70, 8, 86, 46, 14, 46, fill=main)
    pen.box(47, 46, 53, 90, fill=second)
    pen.oval(28, 86, 72, 96, fill=second)
    for away in range(-20, 21, 8):
        pen.line(50 + away * 0.6, 8, 50 + away * 1.6, 46, fill=_scaled(main, 0.75), width=0.8)


def _shoe(pen: _Pen, main: Color, second: Color, random: Random) -> None:
    pen.shape(8, 40, 30, 38, 44, 50, 84, 60, 94, 74, 92, 82, 8, 82, fill=main)
    pen.box(8, 80, 93, 88, fill=second)
    for column in range(34, 62, 7):
        pen.line(column, 46, column + 8, 58, fill=second, width=1.6)


def _bag(pen: _Pen, main: Color, second: Color, random: Random) -> None:
    pen.draw.arc(pen.at(30, 6, 70, 62), 180, 360, fill=second, width=pen.width(5))
    pen.box(12, 34, 88, 92, fill=main, round_by=8)
    pen.box(12, 52, 88, 56, fill=second)
    pen.label(34, 66, 66, 80, color=second, random=random)


def _plant(pen: _Pen, main: Color, second: Color, random: Random) -> None:
    for turn in range(-70, 71, 20):
        x, y = 50 + 38 * math.sin(math.radians(turn)), 56 - 48 * math.cos(math.radians(turn))
        pen.line(50, 62, x, y, fill=(40, 110, 50), width=4)
        pen.oval(x - 5, y - 5, x + 5, y + 5, fill=(60, 140, 60))
    pen.shape(30, 58, 70, 58, 64, 94, 36, 94, fill=main)
    pen.box(28, 56, 72, 64, fill=second)


_DRAWN = {
    "box": _box,
    "bottle": _bottle,
    "mug": _mug,
    "vase": _vase,
    "shirt": _shirt,
    "ring": _ring,
    "lamp": _lamp,
    "shoe": _shoe,
    "bag": _bag,
    "plant": _plant,
}
