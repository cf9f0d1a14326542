"""What surfaces are made of, as the renderer's numbers, and the patterns that they are drawn with."""

import colorsys
import math
from dataclasses import dataclass, field
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from training import assets, models
from training.shapes import any_rotation

Colour = NDArray[np.float32]
COLUMNS = 41
_SIDE = 256
CLOUDS = 14
"""The first patterns are clouds of several grains: the ones fit for bumps."""


@dataclass(frozen=True)
class Material:
    """A surface: linear colour, gloss, pattern, bumps, print, and how much light passes through.

    `texture` is one of `models.textures()`, seen through the colour.
    """

    colour: Colour
    second: Colour | None = None
    pattern: int = -1
    mixed: float = 0.0
    scale: float = 1.0
    metal: bool = False
    roughness: int = 2
    shine: float = 0.5
    bumps: int = -1
    bump: float = 0.0
    bump_scale: float = 1.0
    sticker: int = -1
    sticker_scale: float = 1.0
    sticker_across: bool = True
    floor: bool = False
    clear: float = 0.0
    rim: float = 0.5
    body: float = 0.2
    bending: float = 0.0
    texture: int = -1
    axes: NDArray[np.float64] = field(default_factory=lambda: np.eye(3))

    def row(self) -> NDArray[np.float32]:
        """The numbers that `raster.shade` reads."""
        row = np.zeros(COLUMNS, np.float32)
        row[0:3] = self.colour
        row[3:6] = self.colour if self.second is None else self.second
        row[6], row[7] = self.pattern, self.mixed
        row[8:14] = self.axes[:2].reshape(-1)
        row[14], row[15], row[16], row[17] = self.scale, self.metal, self.roughness, self.shine
        row[18], row[19] = self.bumps, self.bump
        row[20:26] = self.axes[:2].reshape(-1)
        row[26] = self.bump_scale
        row[27], row[28] = self.sticker, self.sticker_scale
        row[29:35] = [1, 0, 0, 0, 0, -1] if self.sticker_across else [1, 0, 0, 0, -1, 0]
        row[35], row[36], row[37], row[38], row[39] = self.floor, self.clear, self.rim, self.body, self.bending
        row[40] = self.texture
        return row


def linear(colour: tuple[float, ...] | NDArray[np.float32]) -> Colour:
    """Linear light from display values 0 to 1."""
    return np.asarray(colour, np.float32) ** np.float32(2.2)


def grey(value: float, rng: np.random.Generator, tint: float = 0.03) -> Colour:
    return linear(tuple(np.clip(value * (1 + rng.uniform(-tint, tint, 3)), 0, 1)))


def any_colour(rng: np.random.Generator) -> Colour:
    """A product's colour: white, black, grey or any hue."""
    kind = rng.random()
    if kind < 0.2:
        return grey(rng.uniform(0.7, 1), rng, 0.04)
    if kind < 0.38:
        return grey(rng.uniform(0.02, 0.2), rng, 0.1)
    if kind < 0.5:
        return grey(rng.uniform(0.2, 0.7), rng)
    if kind < 0.62:  # leather, wood, skin, straw
        return linear(colorsys.hsv_to_rgb(rng.uniform(0.03, 0.12), rng.uniform(0.2, 0.75), rng.uniform(0.25, 0.9)))
    return linear(colorsys.hsv_to_rgb(rng.uniform(), rng.uniform(0.2, 1), rng.uniform(0.15, 1)))


def wall_colour(rng: np.random.Generator) -> Colour:
    """A ground's or wall's colour: mostly light and pale."""
    kind = rng.random()
    if kind < 0.5:
        return grey(rng.uniform(0.55, 1), rng, 0.05)
    if kind < 0.62:
        return grey(rng.uniform(0.08, 0.5), rng, 0.05)
    return linear(colorsys.hsv_to_rgb(rng.uniform(), rng.uniform(0.05, 0.5), rng.uniform(0.45, 1)))


METALS = ((0.9, 0.9, 0.9), (0.95, 0.76, 0.42), (0.93, 0.62, 0.5), (0.33, 0.33, 0.36), (0.75, 0.74, 0.7))
KINDS = ("plastic", "matte", "fabric", "gloss", "leather", "wood", "metal", "chrome", "glass")


def material(kind: str, rng: np.random.Generator, colour: Colour | None = None) -> Material:
    """A material of a kind, with chance's choice of everything that is not given."""
    base = any_colour(rng) if colour is None else colour
    look: dict[str, object] = {"axes": any_rotation(rng), "shine": rng.uniform(0.3, 1)}
    if kind == "metal" or kind == "chrome":
        tone = np.asarray(METALS[int(rng.integers(len(METALS)))]) * rng.uniform(0.7, 1.05)
        rough = 0 if kind == "chrome" else int(rng.integers(1, 3))
        look |= {"metal": True, "roughness": rough}
        if kind == "metal" and rng.random() < 0.3:
            look |= _bumps(rng, 0.4)
        return Material(np.minimum(tone, 1).astype(np.float32), **look)  # type: ignore[arg-type]
    if kind == "glass":
        return glass(rng)
    look["roughness"] = {"gloss": int(rng.integers(2)), "plastic": int(rng.integers(1, 3))}.get(kind, 3)
    if kind in ("matte", "fabric", "wood"):
        look["shine"] = rng.uniform(0, 0.25)
    if kind in ("wood", "fabric", "leather") and colour is None and rng.random() < 0.25:
        look |= {"texture": int(rng.choice(models.surfaces())), "scale": rng.uniform(0.4, 2)}
        base = np.exp(rng.normal(size=3) * 0.15) * rng.uniform(0.5, 1.2)
    elif kind == "wood":
        base = linear(colorsys.hsv_to_rgb(rng.uniform(0.05, 0.11), rng.uniform(0.2, 0.7), rng.uniform(0.2, 0.85)))
        look |= {"pattern": int(rng.choice(_of("grain"))), "mixed": rng.uniform(0.3, 0.9), "scale": rng.uniform(0.3, 2)}
        look["second"] = (base * rng.uniform(0.3, 0.8)).astype(np.float32)
    elif rng.random() < (0.6 if kind == "fabric" else 0.25):
        names = (
            ("weave", "stripes", "checks", "dots", "clouds", "letters") if kind == "fabric" else ("clouds", "letters")
        )
        other = any_colour(rng) if rng.random() < 0.5 else np.clip(base * rng.uniform(0.4, 1.8), 0, 1)
        look |= {"pattern": int(rng.choice(_of(str(rng.choice(names))))), "mixed": rng.uniform(0.2, 1)}
        look |= {"second": other.astype(np.float32), "scale": 10 ** rng.uniform(-0.2, 0.8)}
    if kind in ("fabric", "leather") or rng.random() < 0.12:
        look |= _bumps(rng, 2.5)
    if kind not in ("fabric", "wood") and rng.random() < 0.2:
        look |= {"sticker": 0, "sticker_scale": rng.uniform(1, 3), "sticker_across": rng.random() < 0.8}
    return Material(base.astype(np.float32), **look)  # type: ignore[arg-type]


def glass(rng: np.random.Generator, hollow: bool | None = None) -> Material:
    """Clear or tinted glass: a hollow vessel's thin wall leaves what is behind in place, a solid one bends it."""
    thin = rng.random() < 0.65 if hollow is None else hollow
    tint = np.full(3, rng.uniform(0.9, 1))
    if rng.random() < 0.3:
        tint = linear(colorsys.hsv_to_rgb(rng.uniform(), rng.uniform(0.1, 0.8), rng.uniform(0.6, 1)))
    return Material(
        tint.astype(np.float32),
        roughness=0,
        clear=rng.uniform(0.75, 0.97) if thin else rng.uniform(0.5, 0.92),
        rim=rng.uniform(0.15, 1),
        body=rng.uniform(0.1, 0.6),
        shine=rng.uniform(0.5, 1.2),
        bending=0.0 if thin else rng.uniform(4, 40),
    )


def _bumps(rng: np.random.Generator, most: float) -> dict[str, object]:
    return {
        "bumps": int(rng.integers(CLOUDS)),
        "bump": most * 10 ** rng.uniform(-1, 0.3),
        "bump_scale": 10 ** rng.uniform(-0.3, 0.9),
    }


def clouds(size: int, octaves: int, coarsest: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Tiling noise 0 to 1, from `coarsest` cells a side to finer ones."""
    total = np.zeros((size, size), np.float32)
    for octave in range(octaves):
        cells = coarsest * 2**octave
        if cells > size:
            break
        grid = np.pad(rng.normal(size=(cells, cells)).astype(np.float32), 2, "wrap")
        whole = cv2.resize(grid, None, fx=size / cells, fy=size / cells, interpolation=cv2.INTER_CUBIC)
        start = int(2 * size / cells)
        total += whole[start : start + size, start : start + size] * 0.6**octave
    return (total - total.min()) / (np.ptp(total) + 1e-6)


def _markings(rng: np.random.Generator) -> NDArray[np.float32]:
    """Lines, arcs and bands as they are painted on streets, courts and rugs."""
    page = np.zeros((_SIDE, _SIDE), np.uint8)
    for _ in range(int(rng.integers(1, 5))):
        ends, thick = rng.integers(-40, _SIDE + 40, 4).tolist(), int(rng.integers(4, 50))
        kind = rng.random()
        if kind < 0.6:
            for shift in range(int(rng.integers(1, 4)) if rng.random() < 0.5 else 1):
                by = shift * (thick * 2 + 6)
                cv2.line(page, (ends[0] + by, ends[1]), (ends[2] + by, ends[3]), 255, thick)
        elif kind < 0.85:
            cv2.circle(page, (ends[0], ends[1]), int(rng.integers(20, 150)), 255, thick // 2 + 2)
        else:
            cv2.rectangle(page, (ends[0], ends[1]), (ends[2], ends[3]), 255, -1 if rng.random() < 0.4 else thick // 2)
    worn = clouds(_SIDE, 6, 8, rng) > rng.uniform(0, 0.35)
    return cv2.GaussianBlur(page, (0, 0), 0.8).astype(np.float32) / 255 * (worn if rng.random() < 0.5 else 1)


@cache
def _bank() -> tuple[NDArray[np.float32], tuple[str, ...]]:
    rng = np.random.default_rng(5)
    v, u = np.mgrid[:_SIDE, :_SIDE].astype(np.float32) / _SIDE
    made: list[tuple[str, NDArray[np.float32]]] = []
    for _ in range(CLOUDS):
        made.append(("clouds", clouds(_SIDE, int(rng.integers(1, 7)), int(2 ** rng.integers(1, 6)), rng)))
    for _ in range(8):
        made.append(("stripes", (u * int(rng.integers(2, 30)) % 1 > rng.uniform(0.2, 0.8)).astype(np.float32)))
    for _ in range(4):
        count = int(rng.integers(2, 14))
        made.append(("checks", ((u * count % 1 > 0.5) ^ (v * count % 1 > 0.5)).astype(np.float32)))
    for _ in range(4):
        count, size = int(rng.integers(3, 20)), rng.uniform(0.15, 0.45)
        made.append(("dots", (np.hypot(u * count % 1 - 0.5, v * count % 1 - 0.5) < size).astype(np.float32)))
    for _ in range(6):
        swirl = clouds(_SIDE, 4, 2, rng)
        made.append(
            ("grain", 0.5 + 0.5 * np.sin((v * int(rng.integers(3, 16)) + swirl * rng.uniform(0.3, 3)) * 2 * math.pi))
        )
    for _ in range(5):
        count = int(rng.integers(12, 60)) * 2 * math.pi
        woven = 0.5 + 0.25 * np.sin(u * count) + 0.25 * np.sin(v * count)
        made.append(("weave", np.clip(woven * 0.9 + 0.2 * clouds(_SIDE, 6, 16, rng), 0, 1)))
    for _ in range(4):  # planks and tiles, with dark joints
        across, along = int(rng.integers(3, 12)), int(rng.integers(1, 8))
        shift = (np.floor(v * across) * 0.37) % 1 if rng.random() < 0.6 else 0
        joint = (v * across % 1 < 0.04) | ((u * along + shift) % 1 < 0.02)
        board = np.floor(v * across) * 7 + np.floor(u * along + shift)
        tone = 0.35 * (np.sin(board * 12.9898) * 43758.5 % 1) + 0.3 * clouds(_SIDE, 5, 4, rng)
        made.append(("boards", np.where(joint, 1.0, tone)))
    for _ in range(10):
        made.append(("markings", _markings(rng)))
    for _ in range(8):
        page = np.zeros((_SIDE, _SIDE), np.uint8)
        for _ in range(int(rng.integers(1, 12))):
            text = "".join(chr(int(c)) for c in rng.integers(65, 122, 12))
            place = (int(rng.integers(-40, 120)), int(rng.integers(20, _SIDE)))
            cv2.putText(page, text, place, int(rng.integers(7)), rng.uniform(0.4, 2.5), 255, int(rng.integers(1, 5)))
        made.append(("letters", page / np.float32(255)))
    return np.stack([picture for _, picture in made]).astype(np.float32), tuple(name for name, _ in made)


def patterns() -> NDArray[np.float32]:
    """All patterns, `n×256×256`, 0 to 1."""
    return _bank()[0]


@cache
def _of(name: str) -> tuple[int, ...]:
    return tuple(i for i, each in enumerate(_bank()[1]) if each == name)


def pattern(name: str, rng: np.random.Generator) -> int:
    """One pattern of that name: clouds, stripes, checks, dots, grain, weave, boards or letters."""
    return int(rng.choice(_of(name)))


def stickers(count: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Printed pictures `count×128×128×4`, linear colour and strength."""
    pictures = assets.load().stickers
    chosen = pictures[np.sort(rng.integers(len(pictures), size=count))].astype(np.float32) / 255
    chosen[..., :3] = linear(chosen[..., :3])
    return chosen
