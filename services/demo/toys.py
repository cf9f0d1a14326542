"""The sample products as plush toys: what the demo shows in place of a provider's results."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from services.demo.products import Canvas, Colour, SampleProduct, turned

_PILE = 4.0  # how long the fibres are, in pixels
_SEAM = 8  # how far inside the edge the seam runs, in pixels


class _Cloth(Canvas):
    """Every body is stuffed and sewn: rounder than it was, fuzzy at its edge, matt, with a seam along it."""

    def __init__(self, ground: Colour) -> None:
        super().__init__(ground, scale=0.75)
        noise = np.random.default_rng(4).integers(0, 256, (self.height, self.width), np.uint8)
        fibres = np.asarray(Image.fromarray(noise).filter(ImageFilter.GaussianBlur(_PILE / 4)), np.float32)
        self._fibres = (fibres - fibres.mean()) / fibres.std()

    def solid(self, shape: Callable[[ImageDraw.ImageDraw], None], colour: Colour, gloss: float = 0.25) -> None:
        mask = Image.new("L", self.picture.size)
        shape(ImageDraw.Draw(mask))
        stuffed = mask.filter(ImageFilter.GaussianBlur(self.width / 45)).point(lambda level: 255 * (level > 70))
        blurred = stuffed.filter(ImageFilter.GaussianBlur(_PILE))
        box = blurred.getbbox()
        if box is None:
            return
        fibres = self._fibres[box[1] : box[3], box[0] : box[2]]
        soft = np.asarray(blurred.crop(box), np.float32) / 255
        frayed = (soft + 0.22 * fibres * (soft > 0.02) * (soft < 0.98)) > 0.5
        across, down = np.meshgrid(np.linspace(-1, 1, box[2] - box[0]), np.linspace(-1, 1, box[3] - box[1]))
        light = 1.16 - 0.3 * np.hypot(across + 0.3, down + 0.3)
        pale = np.array(colour) * 0.8 + 50
        inside = np.asarray(stuffed.filter(ImageFilter.GaussianBlur(_SEAM)).crop(box), np.int16)
        dashes = np.sin((across * fibres.shape[1] + down * fibres.shape[0]) / 5) > 0
        stitches = (inside > 205) & (inside < 232) & dashes
        cloth = (pale * light[..., None] + 9 * fibres[..., None]) * (1 - 0.3 * stitches[..., None])
        body = Image.fromarray(np.clip(cloth, 0, 255).astype(np.uint8))
        edge = Image.fromarray(frayed.astype(np.uint8) * 255).filter(ImageFilter.GaussianBlur(1))
        self.picture.paste(body, box[:2], edge)


def toy_of(product: SampleProduct) -> Image.Image:
    """An opaque 900×1125 sRGB picture of the product, sewn."""
    cloth = _Cloth(product.ground)
    product.draw(cloth)
    return turned(cloth.picture, product.turn)
