"""Draws the pictures of the screens: sample products before and after the studio, and the styles of Restyle.

Run from the project's folder: `python -m assets.draw_pictures`. The results are small and live in assets/public.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageColor, ImageDraw, ImageFilter

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


def draw_styles() -> None:
    """Our mug as a toy in each of the three styles of Restyle, as WebP."""
    for style, look in _LOOKS.items():
        _toy(look).resize((480, 360), Image.Resampling.LANCZOS).save(
            PUBLIC / f"restyle-{style}.webp", "WEBP", quality=84, method=6
        )


@dataclass(frozen=True)
class _Look:
    """How a style draws the mug: colours, how round its corners are, how long the pile, and what is drawn on top."""

    ground: str
    body: str
    inside: str
    corner: int
    width: int
    pile: float
    outline: int
    face: bool
    blush: bool


_LOOKS = {
    "cute": _Look("#fdeee6", "#f2a7a0", "#b56a63", 190, 540, 9.0, 0, face=True, blush=True),
    "realistic": _Look("#ece9e3", "#4f8286", "#2c5357", 70, 470, 5.0, 0, face=False, blush=False),
    "cartoon": _Look("#ffe9a8", "#37a6c9", "#14617a", 90, 500, 0.0, 16, face=True, blush=False),
}
_FRAME = (960, 720)


def _toy(look: _Look) -> Image.Image:
    scene = Image.new("RGB", _FRAME, look.ground)
    shadow = Image.new("L", _FRAME)
    ImageDraw.Draw(shadow).ellipse((210, 590, 750, 680), fill=90)
    scene.paste("#5b4a42", mask=shadow.filter(ImageFilter.GaussianBlur(22)))
    left, right = 470 - look.width // 2, 470 + look.width // 2
    handle, body, rim = (Image.new("L", _FRAME) for _ in range(3))
    pen = ImageDraw.Draw(handle)
    pen.ellipse((right - 110, 250, right + 130, 500), fill=255)
    pen.ellipse((right - 40, 320, right + 60, 430), fill=0)
    ImageDraw.Draw(body).rounded_rectangle((left, 150, right, 650), look.corner, fill=255)
    ImageDraw.Draw(rim).ellipse((left + 40, 140, right - 40, 240), fill=255)
    for shape, color in ((handle, look.body), (body, look.body), (rim, look.inside)):
        _sew(scene, shape, color, look)
    _dress(ImageDraw.Draw(scene), look, left, right)
    return scene


def _sew(scene: Image.Image, shape: Image.Image, color: str, look: _Look) -> None:
    """One piece of cloth: its edge frayed and its face shaded by the pile, or flat within a dark line."""
    if look.outline:
        scene.paste("#12323d", mask=shape.filter(ImageFilter.MaxFilter(look.outline * 2 + 1)))
        scene.paste(color, mask=shape)
        return
    random = np.random.default_rng(4)
    noise = Image.fromarray(random.integers(0, 256, (_FRAME[1], _FRAME[0]), np.uint8))
    fibres = np.asarray(noise.filter(ImageFilter.GaussianBlur(look.pile / 4)), np.float32)
    fibres = (fibres - fibres.mean()) / fibres.std()
    soft = np.asarray(shape.filter(ImageFilter.GaussianBlur(look.pile)), np.float32) / 255
    frayed = Image.fromarray(((soft + 0.22 * fibres * (soft > 0.02) * (soft < 0.98)) > 0.5).astype(np.uint8) * 255)
    y, x = np.mgrid[0 : _FRAME[1], 0 : _FRAME[0]].astype(np.float32)
    light = 1.12 - 0.42 * np.hypot((x - 400) / 620, (y - 300) / 520)
    base = np.array(ImageColor.getrgb(color), np.float32)
    cloth = base * light[..., None] + 11 * fibres[..., None]
    scene.paste(
        Image.fromarray(np.clip(cloth, 0, 255).astype(np.uint8)), mask=frayed.filter(ImageFilter.GaussianBlur(1))
    )


def _dress(pen: ImageDraw.ImageDraw, look: _Look, left: int, right: int) -> None:
    """Seam, eyes, mouth, cheeks."""
    seam = tuple(round(part * 0.68) for part in ImageColor.getrgb(look.body))
    if not look.outline:
        for at in range(left + 60, right - 50, 34):
            pen.line((at, 575, at + 18, 575), fill=seam, width=5)
    if not look.face:
        for at in range(270, 560, 30):
            pen.line((470, at, 470, at + 16), fill=seam, width=4)
        return
    big = 44 if look.blush else 34
    for x in (390, 550):
        pen.ellipse((x - big, 400 - big, x + big, 400 + big), fill="#23181a")
        pen.ellipse((x - big * 0.55, 400 - big * 0.65, x, 400 - big * 0.1), fill="#ffffff")
    pen.arc((425, 415, 515, 490), 20, 160, fill="#23181a", width=9)
    if look.blush:
        for x in (320, 620):
            pen.ellipse((x - 42, 450, x + 42, 500), fill="#f78f94")


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
    draw_styles()
