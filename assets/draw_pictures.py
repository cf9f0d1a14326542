"""Draws the pictures of the landing page: our sample products before, and what the studio makes of them after.

Run from the project's folder: `python -m assets.draw_pictures`. The results are small and live in assets/public.
"""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from services.demo.products import SAMPLE_PRODUCTS
from services.studio import pipeline
from services.studio.recipes import parse_recipe

PUBLIC = Path(__file__).parent / "public"
WIDTH = 900
SHOWN = {0: "amazon_main", 1: "etsy", 3: "instagram_square"}


def draw_before_and_after() -> None:
    """One photo and its result for each of a few products, as WebP."""
    for index, preset in SHOWN.items():
        photo = SAMPLE_PRODUCTS[index].photo()
        recipe = parse_recipe({"steps": [{"op": "background", "params": {"preset": preset, "shadow": "none"}}]})
        made = pipeline.run(np.asarray(photo.convert("RGBA")), recipe, cutout_model=None)
        after = Image.fromarray(made.pixels).convert("RGB")
        _save(photo.crop((0, 150, 1200, 1350)), f"before-{index}.webp")
        _save(after, f"after-{index}.webp")


def _save(picture: Image.Image, name: str) -> None:
    height = round(picture.height * WIDTH / picture.width)
    picture.resize((WIDTH, height), Image.Resampling.LANCZOS).save(PUBLIC / name, "WEBP", quality=82, method=6)


def draw_icon() -> None:
    """The mark of assets/public/mark.svg as a PNG for browsers' tabs."""
    s = 512
    icon = Image.new("RGBA", (s, s))
    pen = ImageDraw.Draw(icon)
    pen.rounded_rectangle((0, 0, s - 1, s - 1), 128, fill="#3f4ddb")
    pen.polygon([(112, 192), (400, 192), (366, 112), (146, 112)], fill="#b3b9f1")
    pen.line([(136, 224), (136, 400), (376, 400), (376, 224)], fill="white", width=32, joint="curve")
    pen.ellipse((204, 252, 308, 356), fill="white")
    icon.resize((96, 96), Image.Resampling.LANCZOS).save(PUBLIC / "favicon.png", optimize=True)


if __name__ == "__main__":
    draw_icon()
    draw_before_and_after()
