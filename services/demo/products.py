"""Sample products for the demo shop, drawn by this code: soft studio light, a plain ground, a contact shadow."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
Box = tuple[float, float, float, float]
SIZE = (1200, 1500)
_OVERSAMPLE = 2


class Canvas:
    """A picture under construction in fractions of its width and height, drawn at twice its size for smooth edges."""

    def __init__(self, ground: Colour, scale: float = _OVERSAMPLE) -> None:
        self.width, self.height = round(SIZE[0] * scale), round(SIZE[1] * scale)
        self.picture = self._lit(ground, fall=0.16)

    def _lit(self, colour: Colour, fall: float) -> Image.Image:
        """A plain ground that gets darker away from the light, top left."""
        y, x = np.mgrid[0 : 1 : SIZE[1] * 1j, 0 : 1 : SIZE[0] * 1j]
        light = 1 - fall * np.hypot(x - 0.35, y - 0.25)
        pixels = np.clip(np.array(colour) * light[..., None], 0, 255).astype(np.uint8)
        return Image.fromarray(pixels).resize((self.width, self.height), Image.Resampling.BILINEAR)

    def _pixels(self, box: Box) -> tuple[int, int, int, int]:
        left, top, right, bottom = box
        return int(left * self.width), int(top * self.height), int(right * self.width), int(bottom * self.height)

    def shadow(self, box: Box, strength: float = 0.45) -> None:
        """A soft contact shadow: an ellipse in `box`."""
        mask = Image.new("L", (self.width // 4, self.height // 4))
        left, top, right, bottom = (value // 4 for value in self._pixels(box))
        ImageDraw.Draw(mask).ellipse((left, top, right, bottom), fill=int(255 * strength))
        mask = mask.filter(ImageFilter.GaussianBlur(self.width / 180)).resize(self.picture.size)
        self.picture.paste((30, 26, 24), (0, 0), mask)

    def solid(self, shape: Callable[[ImageDraw.ImageDraw], None], colour: Colour, gloss: float = 0.25) -> None:
        """A body lit from the left: `shape` draws its outline with fill 255."""
        mask = Image.new("L", self.picture.size)
        shape(ImageDraw.Draw(mask))
        box = mask.getbbox()
        if box is None:
            return
        across = np.linspace(-1, 1, box[2] - box[0])
        shade = 0.72 + 0.34 * np.cos((across + 0.35) * 1.25) + gloss * np.exp(-(((across + 0.5) / 0.13) ** 2))
        row = np.clip(np.array(colour) * shade[:, None], 0, 255).astype(np.uint8)
        body = Image.fromarray(np.broadcast_to(row, (box[3] - box[1], *row.shape)).copy())
        self.picture.paste(body, box[:2], mask.crop(box))

    def polygon(self, points: list[tuple[float, float]], colour: Colour, gloss: float = 0.0) -> None:
        scaled = [(x * self.width, y * self.height) for x, y in points]
        self.solid(lambda draw: draw.polygon(scaled, fill=255), colour, gloss)

    def ellipse(self, box: Box, colour: Colour, gloss: float = 0.0) -> None:
        self.solid(lambda draw: draw.ellipse(self._pixels(box), fill=255), colour, gloss)

    def rounded(self, box: Box, radius: float, colour: Colour, gloss: float = 0.25) -> None:
        size = int(radius * self.width)
        self.solid(lambda draw: draw.rounded_rectangle(self._pixels(box), size, fill=255), colour, gloss)

    def ring(self, box: Box, thickness: float, colour: Colour, gloss: float = 0.35) -> None:
        width = int(thickness * self.width)
        self.solid(lambda draw: draw.ellipse(self._pixels(box), outline=255, width=width), colour, gloss)

    def turned(self, profile: list[tuple[float, float]], centre: float, colour: Colour, gloss: float = 0.3) -> None:
        """A body of revolution: `profile` is (height, radius), joined smoothly, both as fractions."""
        heights, radii = (np.array(values) for values in zip(*profile, strict=True))
        y = np.linspace(heights[0], heights[-1], 200)
        knots = np.arange(len(heights))
        t = np.interp(y, heights, knots)
        low = np.clip(t.astype(int), 0, len(radii) - 2)
        smooth = (1 - np.cos((t - low) * np.pi)) / 2
        radius = radii[low] * (1 - smooth) + radii[low + 1] * smooth
        points = [(centre + r, h) for r, h in zip(radius, y, strict=True)]
        points += [(centre - r, h) for r, h in zip(radius[::-1], y[::-1], strict=True)]
        self.polygon(points, colour, gloss)

    def finished(self, seed: int) -> Image.Image:
        """The picture at its own size, with a little sensor noise."""
        small = np.asarray(self.picture.resize(SIZE, Image.Resampling.LANCZOS)).astype(np.float32)
        noise = np.random.default_rng(seed).normal(0, 1.6, small.shape[:2])[..., None]
        return Image.fromarray(np.clip(small + noise, 0, 255).astype(np.uint8))


@dataclass(frozen=True)
class SampleProduct:
    """A product of the demo shop and how to draw it."""

    sku: str
    title: str
    ground: Colour
    draw: Callable[[Canvas], None]
    category: str
    price: int  # US cents
    tags: tuple[str, ...]
    turn: int = 0  # rotation of its hues, in 256ths of the colour circle

    def photo(self) -> Image.Image:
        """An opaque 1200×1500 sRGB picture, as a phone would take it."""
        canvas = Canvas(self.ground)
        self.draw(canvas)
        return turned(canvas.finished(seed=sum(map(ord, self.sku))), self.turn)


def turned(picture: Image.Image, by: int) -> Image.Image:
    """The picture with its hues rotated, in 256ths of the colour circle."""
    if not by:
        return picture
    hue, saturation, value = picture.convert("HSV").split()
    hue = hue.point([(level + by) % 256 for level in range(256)])
    return Image.merge("HSV", (hue, saturation, value)).convert("RGB")


def _mug(c: Canvas) -> None:
    c.shadow((0.2, 0.68, 0.82, 0.76))
    c.ring((0.58, 0.42, 0.84, 0.63), 0.045, (196, 84, 58))
    c.turned([(0.36, 0.235), (0.64, 0.23), (0.71, 0.2), (0.725, 0.17)], 0.43, (204, 90, 62))
    c.ellipse((0.195, 0.335, 0.665, 0.385), (226, 122, 92))
    c.ellipse((0.215, 0.342, 0.645, 0.38), (92, 38, 28))


def _vase(c: Canvas) -> None:
    c.shadow((0.27, 0.8, 0.75, 0.87))
    c.turned([(0.2, 0.1), (0.27, 0.075), (0.5, 0.245), (0.7, 0.215), (0.84, 0.12)], 0.5, (54, 108, 116), 0.4)
    c.ellipse((0.4, 0.188, 0.6, 0.212), (84, 140, 148))
    c.ellipse((0.418, 0.193, 0.582, 0.208), (18, 44, 50))


def _bottle(c: Canvas) -> None:
    c.shadow((0.32, 0.83, 0.7, 0.89))
    c.turned([(0.3, 0.06), (0.36, 0.062), (0.44, 0.155), (0.84, 0.155), (0.865, 0.14)], 0.5, (66, 78, 52), 0.45)
    c.rounded((0.44, 0.17, 0.56, 0.305), 0.015, (34, 32, 30))
    c.rounded((0.346, 0.53, 0.654, 0.74), 0.004, (240, 232, 214), 0.05)
    c.rounded((0.39, 0.58, 0.61, 0.592), 0.004, (66, 78, 52), 0.0)
    c.rounded((0.42, 0.63, 0.58, 0.638), 0.003, (150, 140, 120), 0.0)
    c.rounded((0.42, 0.66, 0.58, 0.668), 0.003, (150, 140, 120), 0.0)


def _ring(c: Canvas) -> None:
    c.shadow((0.28, 0.72, 0.74, 0.78), 0.35)
    c.ring((0.25, 0.38, 0.75, 0.76), 0.05, (214, 168, 74), 0.6)
    c.polygon([(0.5, 0.41), (0.405, 0.33), (0.445, 0.285), (0.555, 0.285), (0.595, 0.33)], (64, 116, 190), 0.5)
    c.polygon([(0.405, 0.33), (0.445, 0.285), (0.555, 0.285), (0.595, 0.33)], (122, 168, 224), 0.4)


def _lamp(c: Canvas) -> None:
    c.shadow((0.28, 0.83, 0.74, 0.89))
    c.rounded((0.485, 0.4, 0.515, 0.84), 0.01, (150, 108, 66), 0.4)
    c.turned([(0.815, 0.05), (0.83, 0.17), (0.86, 0.18)], 0.5, (150, 108, 66))
    c.polygon([(0.4, 0.16), (0.6, 0.16), (0.735, 0.46), (0.265, 0.46)], (206, 142, 60), 0.12)
    c.ellipse((0.265, 0.44, 0.735, 0.48), (176, 112, 40))


def _gift(c: Canvas) -> None:
    c.shadow((0.16, 0.75, 0.86, 0.84))
    c.rounded((0.2, 0.46, 0.8, 0.8), 0.012, (150, 52, 78), 0.06)
    c.rounded((0.175, 0.4, 0.825, 0.485), 0.012, (168, 62, 90), 0.06)
    c.rounded((0.46, 0.4, 0.54, 0.8), 0.004, (236, 196, 110), 0.2)
    c.ring((0.33, 0.29, 0.5, 0.41), 0.034, (236, 196, 110))
    c.ring((0.5, 0.29, 0.67, 0.41), 0.034, (226, 184, 96))
    c.rounded((0.465, 0.365, 0.535, 0.41), 0.02, (244, 208, 130))


SAMPLE_PRODUCTS = (
    SampleProduct("MUG-01", "Terracotta mug", (228, 226, 222), _mug, "Tableware", 2400, ("ceramic", "kitchen")),
    SampleProduct("VAS-02", "Harbour vase", (232, 230, 228), _vase, "Decoration", 5900, ("ceramic", "flowers")),
    SampleProduct("OIL-03", "Olive oil bottle", (226, 230, 232), _bottle, "Pantry", 1850, ("kitchen", "gift")),
    SampleProduct("RNG-04", "Sapphire ring", (222, 222, 228), _ring, "Jewellery", 18900, ("gold", "gift")),
    SampleProduct("LMP-05", "Amber table lamp", (218, 224, 230), _lamp, "Lighting", 9900, ("wood", "light")),
    SampleProduct("GFT-06", "Gift box", (234, 232, 226), _gift, "Gifts", 3200, ("gift",)),
)
"""The products of the demo shop."""

MORE_PRODUCTS = (
    SampleProduct("MUG-07", "Lagoon mug", (228, 226, 222), _mug, "Tableware", 2400, ("ceramic", "kitchen"), 120),
    SampleProduct("VAS-08", "Plum vase", (232, 230, 228), _vase, "Decoration", 5900, ("ceramic", "flowers"), 90),
    SampleProduct("OIL-09", "Chili oil bottle", (226, 230, 232), _bottle, "Pantry", 1650, ("kitchen", "gift"), 200),
    SampleProduct("RNG-10", "Emerald ring", (222, 222, 228), _ring, "Jewellery", 21900, ("gold", "gift"), 200),
    SampleProduct("LMP-11", "Rose table lamp", (218, 224, 230), _lamp, "Lighting", 9900, ("wood", "light"), 225),
    SampleProduct("GFT-12", "Forest gift box", (234, 232, 226), _gift, "Gifts", 3400, ("gift",), 110),
)
"""Its products of earlier weeks: the same shapes in other colours."""
