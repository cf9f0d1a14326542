"""People with pictures, for tests of jobs."""

import io
from functools import cache

import numpy as np
from PIL import Image, ImageDraw

from services.accounts.actor import Actor
from services.accounts.registration import create_user
from services.library import assets

PRESET = {"steps": [{"op": "background", "params": {"preset": "amazon_main"}}]}
TINY_ENHANCE = {"steps": [{"op": "rotate", "params": {"angle": 90}}, {"op": "enhance"}]}
FREE = {"steps": [{"op": "rotate", "params": {"angle": 90}}]}


@cache
def product_photo(side: int = 64, seed: int = 0) -> bytes:
    """A red mug-like shape with a little texture on a light, slightly noisy ground, as PNG."""
    noise = np.random.default_rng(seed).integers(-4, 4, (side, side, 3))
    image = Image.fromarray(np.clip(228 + noise, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((side * 0.3, side * 0.25, side * 0.7, side * 0.8), side * 0.06, fill=(176, 34, 40))
    draw.rectangle((side * 0.36, side * 0.35, side * 0.64, side * 0.45), fill=(240, 220, 90))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def shop_owner(email: str = "owner@example.com", credits: int = 0, tier: str = "free") -> Actor:
    """An account with a key's rights and `credits` on top of the welcome and daily ones."""
    return create_user(email, "correct horse battery", "user", tier, credits)


def picture(actor: Actor, *, side: int = 64, seed: int = 0, data: bytes | None = None) -> str:
    """The asset id of an uploaded picture."""
    return assets.upload(actor, data or product_photo(side, seed), "mug.png").id
