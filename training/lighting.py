"""Light: a panorama or a studio's lamps all round, and up to two key lights that throw shadows."""

import math
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from training import assets, raster
from training.objects.thing import chance
from training.solids import Solid

Array = NDArray[np.float32]

MAP = 176
"""Points a side in the maps of shadow on the floor, and in the depth maps of the key lights."""


@dataclass(frozen=True)
class Light:
    """`around` is the panorama, sharp and in four blurs, `5×rows×columns×3`; keys are directions, colours, softness."""

    around: Array
    turn: float
    ambient: float
    directions: NDArray[np.float64]
    colours: NDArray[np.float64]
    softness: NDArray[np.float64]

    def from_above(self) -> NDArray[np.float64]:
        """The panorama's light on a level floor."""
        return self.around[4, 0].mean(0).astype(np.float64) * self.ambient


@dataclass(frozen=True)
class Shadows:
    """Depth maps of the keys round a centre, and open sky and keys over the floor."""

    axes: NDArray[np.float64]
    depths: Array
    centre: NDArray[np.float64]
    radius: float
    floor: Array
    floor_centre: NDArray[np.float64]
    floor_reach: float


def _blurred(panorama: Array) -> Array:
    """The panorama at mean 0.6, and what ever rougher surfaces mirror of it; the last is what a matte one collects."""
    panorama = cv2.resize(panorama, (256, 128), interpolation=cv2.INTER_AREA)
    panorama = np.minimum(panorama, 60)
    panorama = panorama / max(float(panorama.mean()), 1e-3) * 0.6
    levels = [panorama]
    for sigma in (1.5, 6, 18, 36):
        wide = np.pad(panorama, ((0, 0), (96, 96), (0, 0)), "wrap")
        levels.append(cv2.GaussianBlur(wide, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)[:, 96:-96])
    return np.stack(levels).astype(np.float32)


@cache
def _studios() -> list[Array]:
    """Soft boxes in dark and light studios."""
    rng = np.random.default_rng(11)
    made = []
    for _ in range(16):
        room = np.full((256, 512, 3), rng.uniform(0.05, 0.8), np.float32)
        for _ in range(int(rng.integers(1, 6))):
            x, y = int(rng.integers(512)), int(rng.integers(5, 150))
            wide, tall = int(rng.integers(10, 150)), int(rng.integers(8, 90))
            room[y : y + tall, np.arange(x, x + wide) % 512] = rng.uniform(2, 12)
        made.append(_blurred(cv2.GaussianBlur(room, (0, 0), rng.uniform(0.5, 5))))
    return made


@cache
def _places() -> list[Array]:
    return [_blurred(panorama.astype(np.float32)) for panorama in assets.load().panoramas]


def any_light(rng: np.random.Generator, studio: float = 0.4) -> Light:
    """A studio's light with that probability, else a real place's; none, one or two keys."""
    rooms = _studios() if chance(rng, studio) else _places()
    keys = int(rng.choice([0, 1, 2], p=[0.25, 0.55, 0.2]))
    directions, colours, softness = [], [], []
    for _ in range(keys):
        side, height = rng.uniform(0, 2 * math.pi), rng.uniform(0.35, 1.45)
        directions.append([math.cos(height) * math.cos(side), math.cos(height) * math.sin(side), math.sin(height)])
        warm = np.array([1, rng.uniform(0.85, 1), rng.uniform(0.72, 1)]) if chance(rng, 0.4) else np.ones(3)
        colours.append(warm * rng.uniform(0.2, 1.6))
        softness.append(10 ** rng.uniform(-2.2, -0.35))
    return Light(
        rooms[int(rng.integers(len(rooms)))],
        rng.uniform(0, 2 * math.pi),
        rng.uniform(0.35, 1.1),
        np.array(directions).reshape(-1, 3),
        np.array(colours).reshape(-1, 3),
        np.array(softness),
    )


def _on_floor(solid: Solid, directions: NDArray[np.float64], centre: NDArray[np.float64], reach: float) -> Array:
    """How much of light from these directions the solid keeps from the floor: 0 to 1."""
    total = np.zeros((MAP, MAP), np.float32)
    above = solid.vertices[:, 2].min() > -1e-2
    triangles = solid.triangles if above else solid.triangles[(solid.vertices[solid.triangles, 2] > -1e-2).all(1)]
    for direction in directions:
        along = solid.vertices[:, 2:] / max(direction[2], 0.12)
        spot = (solid.vertices - direction * along)[:, :2] - centre
        place = (spot / reach * MAP / 2 + MAP / 2).astype(np.float32)
        mask = np.zeros((MAP, MAP), np.uint8)
        raster.cover(place[:, 0].copy(), place[:, 1].copy(), triangles, mask)
        total += mask
    return total / max(len(directions), 1)


def shadows(solid: Solid, product: Solid, light: Light, rng: np.random.Generator) -> Shadows:
    """The shadows of `solid` (everything that stands about), in maps centred on the product."""
    low, high = product.vertices.min(0), product.vertices.max(0)
    centre = ((low + high) / 2).astype(np.float64)
    reach = max(float(np.abs(product.vertices[:, :2] - centre[:2]).max()), 0.3) * 2.8 + float(high[2]) * 0.8
    height = np.sqrt((np.arange(14) + 0.5) / 14)
    round_ = np.arange(14) * 2.4 + rng.uniform(0, 1)
    flat = np.sqrt(1 - height**2)
    sky = np.stack([flat * np.cos(round_), flat * np.sin(round_), height], -1)
    floor = [1 - cv2.GaussianBlur(_on_floor(solid, sky, centre[:2], reach), (0, 0), 1.2)]
    axes, depths = [], []
    radius = float(np.linalg.norm(high - low)) * 0.8 + 1e-3
    for direction, soft in zip(light.directions, light.softness, strict=True):
        spread = direction + rng.normal(size=(1 if soft < 0.02 else 8, 3)) * soft
        spread[0] = direction
        spread[:, 2] = np.maximum(spread[:, 2], 0.1)
        spread /= np.linalg.norm(spread, axis=1, keepdims=True)
        shade = cv2.GaussianBlur(_on_floor(solid, spread, centre[:2], reach), (0, 0), 0.6 + soft * 4)
        floor.append(1 - shade)
        right = np.cross(direction, [0.3, 0.5, 0.81])
        right /= np.linalg.norm(right)
        down = np.cross(direction, right)
        away = solid.vertices - centre.astype(np.float32)
        x = ((away @ right / radius + 1) * MAP / 2).astype(np.float32)
        y = ((away @ down / radius + 1) * MAP / 2).astype(np.float32)
        z = (5 * radius - away @ direction).astype(np.float32)
        depths.append(raster.rasterise(x, y, z, solid.triangles, (MAP, MAP))[1])
        axes.append([right, down])
    return Shadows(
        np.array(axes).reshape(-1, 2, 3),
        np.array(depths, np.float32).reshape(-1, MAP, MAP),
        centre,
        radius,
        np.stack(floor).astype(np.float32),
        centre[:2],
        reach,
    )
