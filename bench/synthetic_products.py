"""Drawn product photos with a known matte, from a seed: for the cut-out's benchmark and its tests.

Each picture is a shape with a material, light and texture on a ground, with the shadow such a product would throw, lens
blur, sensor noise and JPEG. The four kinds differ in how fair the task is: `plain` is what a careful seller takes,
`tone_on_tone` nearly hides the product, `glass` shows the ground through it, `busy` has a cluttered ground.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Kind = Literal["plain", "tone_on_tone", "glass", "busy"]

SUPERSAMPLING = 3
MIX: dict[Kind, int] = {"plain": 56, "tone_on_tone": 8, "glass": 6, "busy": 10}


@dataclass(frozen=True)
class Composite:
    """rgb: H×W×3 uint8 sRGB. alpha: H×W float32 0..1, the truth. kind: what makes it easy or hard."""

    rgb: Array
    alpha: Array
    kind: Kind


def composites(seed: int = 20) -> Iterator[Composite]:
    """The 80 pictures of the benchmark, one at a time, the same on every machine."""
    for kind, count in MIX.items():
        for index in range(count):
            yield draw(kind, seed * 1000 + index)


def draw(kind: Kind, seed: int) -> Composite:
    """One picture of a kind."""
    rng = np.random.default_rng([seed, list(MIX).index(kind)])
    height, width = (int(side) for side in rng.integers(480, 900, 2))
    alpha = _silhouette(rng, height, width)
    ground = _clutter(rng, height, width) if kind == "busy" else _plain_ground(rng, height, width)
    ground_colour = ground.reshape(-1, 3).mean(axis=0)
    colour = _product_colour(rng, ground_colour, kind)
    product = _material(rng, alpha, colour)
    shaded = ground * _shadow(rng, alpha)[..., None]
    if kind == "glass":
        product = _see_through(rng, alpha, product, shaded)
    picture = shaded * (1 - alpha[..., None]) + product * alpha[..., None]
    return Composite(_photographed(rng, picture), alpha, kind)


def _silhouette(rng: np.random.Generator, height: int, width: int) -> Array:
    """An antialiased product outline, H×W float32: blob, mug, ring, bottle, strap, box or a set of small parts."""
    scale = SUPERSAMPLING
    canvas: Array = np.zeros((height * scale, width * scale), np.uint8)
    reach = min(height, width) * scale * rng.uniform(0.22, 0.40)
    centre = np.array([width, height]) * scale / 2 + rng.uniform(-0.06, 0.06, 2) * reach
    painters = (_blob, _mug, _ring, _bottle, _strap, _box, _parts)
    painter = painters[rng.integers(len(painters))]
    painter(rng, canvas, centre, reach)
    turn = cv2.getRotationMatrix2D(centre.tolist(), float(rng.uniform(-25, 25)), 1.0)
    canvas = cv2.warpAffine(canvas, turn, canvas.shape[::-1])
    small = cv2.resize(canvas, (width, height), interpolation=cv2.INTER_AREA)
    return small.astype(np.float32) / 255


def _blob(rng: np.random.Generator, canvas: Array, centre: Array, reach: float) -> None:
    angle = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    radius = np.full_like(angle, 0.75)
    for wave in range(2, 6):
        radius += rng.uniform(-0.18, 0.18) / wave * np.cos(wave * angle + rng.uniform(0, 6.28))
    points = centre + reach * np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1)
    cv2.fillPoly(canvas, [points.astype(np.int32)], 255)


def _mug(rng: np.random.Generator, canvas: Array, centre: Array, reach: float) -> None:
    x, y = centre
    half, tall = reach * rng.uniform(0.4, 0.55), reach * rng.uniform(0.6, 0.8)
    body = np.array(
        [[x - half, y - tall], [x + half, y - tall], [x + half * 0.85, y + tall], [x - half * 0.85, y + tall]]
    )
    cv2.fillPoly(canvas, [body.astype(np.int32)], 255)
    handle = (int(x + half), int(y))
    cv2.ellipse(canvas, handle, (int(half * 0.7), int(tall * 0.55)), 0, -90, 90, 255, max(6, int(reach * 0.12)))


def _ring(rng: np.random.Generator, canvas: Array, centre: Array, reach: float) -> None:
    axes = (int(reach * 0.8), int(reach * rng.uniform(0.55, 0.8)))
    cv2.ellipse(canvas, centre.astype(int).tolist(), axes, 0, 0, 360, 255, max(8, int(reach * rng.uniform(0.12, 0.3))))


def _bottle(rng: np.random.Generator, canvas: Array, centre: Array, reach: float) -> None:
    x, y = centre.astype(int)
    half, neck = int(reach * rng.uniform(0.25, 0.4)), int(reach * rng.uniform(0.08, 0.16))
    cv2.rectangle(canvas, (x - half, int(y - reach * 0.3)), (x + half, int(y + reach)), 255, -1)
    cv2.ellipse(canvas, (x, int(y - reach * 0.3)), (half, int(half * 0.8)), 0, 180, 360, 255, -1)
    cv2.rectangle(canvas, (x - neck, int(y - reach)), (x + neck, y), 255, -1)


def _strap(rng: np.random.Generator, canvas: Array, centre: Array, reach: float) -> None:
    along = np.linspace(-1, 1, 60)
    bend = rng.uniform(-0.3, 0.3)
    points = centre + reach * np.stack([along, bend * (along**2 - 0.5)], axis=-1)
    cv2.polylines(canvas, [points.astype(np.int32)], False, 255, max(6, int(reach * rng.uniform(0.08, 0.16))))
    cv2.circle(canvas, points[30].astype(int).tolist(), int(reach * 0.22), 255, -1)


def _box(rng: np.random.Generator, canvas: Array, centre: Array, reach: float) -> None:
    wide, tall, slant = reach * rng.uniform(0.5, 0.9), reach * rng.uniform(0.4, 0.8), reach * rng.uniform(0.1, 0.3)
    x, y = centre
    corners = [[x - wide, y - tall], [x - wide + slant, y - tall - slant], [x + wide + slant, y - tall - slant]]
    corners += [[x + wide + slant, y + tall - slant], [x + wide, y + tall], [x - wide, y + tall]]
    cv2.fillPoly(canvas, [np.array(corners, np.int32)], 255)


def _parts(rng: np.random.Generator, canvas: Array, centre: Array, reach: float) -> None:
    for painter, side in zip((_blob, _box, _strap), rng.permutation([0.0, 2.1, 4.2]), strict=True):
        place = centre + 0.62 * reach * np.array([np.cos(side), np.sin(side)])
        painter(rng, canvas, place, reach * 0.42)


def _plain_ground(rng: np.random.Generator, height: int, width: int) -> Array:
    """White to grey mostly, sometimes coloured or dark; even, sloping or with fall-off towards the corners."""
    level = rng.choice([rng.uniform(0.85, 1.0), rng.uniform(0.5, 0.85), rng.uniform(0.08, 0.3)], p=[0.65, 0.25, 0.1])
    tint = rng.uniform(-1, 1, 3) * (0.25 if rng.random() < 0.3 else 0.02) * level
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    slope = rng.uniform(-0.12, 0.12, 2)
    light: Array = 1 + slope[0] * x + slope[1] * y - rng.uniform(0, 0.15) * (x * x + y * y)
    ground: Array = np.clip((level + tint) * light[..., None], 0, 1).astype(np.float32)
    return ground


def _clutter(rng: np.random.Generator, height: int, width: int) -> Array:
    """A table full of things: coloured shapes of all sizes over wood-like stripes."""
    ground = np.empty((height, width, 3), np.float32)
    ground[:] = rng.uniform(0.2, 0.8, 3)
    for _ in range(60):
        colour = rng.uniform(0, 1, 3).tolist()
        at = (int(rng.integers(0, width)), int(rng.integers(0, height)))
        size = (int(rng.integers(10, width // 4)), int(rng.integers(10, height // 4)))
        cv2.ellipse(ground, at, size, float(rng.uniform(0, 180)), 0, 360, colour, -1, cv2.LINE_AA)
    grain = cv2.resize(rng.normal(0, 0.08, (height, 8)).astype(np.float32), (width, height))
    clutter: Array = np.clip(cv2.GaussianBlur(ground, (0, 0), 1.5) + grain[..., None], 0, 1)
    return clutter


def _product_colour(rng: np.random.Generator, ground: Array, kind: Kind) -> Array:
    colour: Array
    if kind == "tone_on_tone":
        colour = np.clip(ground + rng.uniform(-0.035, 0.035, 3), 0, 1)
        return colour
    if kind == "glass":
        return ground
    while True:
        colour = rng.choice(
            [rng.uniform(0, 1, 3), np.full(3, rng.uniform(0.02, 0.25)), np.full(3, rng.uniform(0.3, 0.7))]
        )
        if np.abs(colour - ground).max() > 0.25:
            return colour


def _material(rng: np.random.Generator, alpha: Array, colour: Array) -> Array:
    """Colour with roundness, a lighting direction, sometimes stripes or a label, grain and a highlight."""
    height, width = alpha.shape
    depth: Array = cv2.distanceTransform((alpha > 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    depth /= max(1.0, float(depth.max()))
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    towards = rng.uniform(-0.25, 0.25, 2)
    light = 0.8 + 0.25 * np.sqrt(depth) + towards[0] * x + towards[1] * y
    surface: Array = colour * light[..., None]
    if rng.random() < 0.4:
        surface = surface * (1 + 0.25 * np.sign(np.sin((x * rng.uniform(-1, 1) + y) * rng.uniform(15, 50))))[..., None]
    if rng.random() < 0.3:
        label = (np.abs(x - towards[0]) < 0.12) & (np.abs(y) < 0.08)
        surface[label] = rng.uniform(0, 1, 3)
    surface = surface + rng.normal(0, rng.uniform(0, 0.03), (height, width, 1))
    highlight = np.exp(-((x - towards[0]) ** 2 + (y - towards[1]) ** 2) / 0.01) * rng.uniform(0, 0.5)
    lit: Array = np.clip(surface + highlight[..., None], 0, 1).astype(np.float32)
    return lit


def _shadow(rng: np.random.Generator, alpha: Array) -> Array:
    """Share of light left, H×W: a broad cast shadow and a narrow dark one where the product stands."""
    reach = max(alpha.shape)
    light: Array = np.ones_like(alpha)
    for strength, blur, offset in ((rng.uniform(0, 0.45), 0.03, 0.05), (rng.uniform(0, 0.5), 0.008, 0.010)):
        move = np.array([[1, 0, rng.uniform(-1, 1) * offset * reach], [0, 1, rng.uniform(0.2, 1) * offset * reach]])
        cast = cv2.warpAffine(alpha, move.astype(np.float32), alpha.shape[::-1])
        light *= 1 - strength * cv2.GaussianBlur(cast, (0, 0), blur * reach)
    return light


def _see_through(rng: np.random.Generator, alpha: Array, product: Array, ground: Array) -> Array:
    """Mostly what lies behind, with thin darker rims and a reflection, under an opaque lid."""
    inside = cv2.distanceTransform((alpha > 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    rim = np.exp(-inside / 3.0) * rng.uniform(0.1, 0.3)
    glass = ground * (0.97 - rim)[..., None]
    rows = np.nonzero(alpha.max(axis=1) > 0.5)[0]
    lid = np.zeros(alpha.shape, bool)
    lid[: rows[0] + max(4, (rows[-1] - rows[0]) // 4)] = True
    opaque = np.clip(product * rng.uniform(0.3, 0.6, 3), 0, 1)
    return np.where(lid[..., None], opaque, glass).astype(np.float32)


def _photographed(rng: np.random.Generator, picture: Array) -> Array:
    """Lens blur, sensor noise and JPEG."""
    picture = cv2.GaussianBlur(picture.astype(np.float32), (0, 0), rng.uniform(0.4, 1.1))
    picture = picture + rng.normal(0, rng.uniform(0, 0.012), picture.shape)
    levels = np.clip(picture * 255 + 0.5, 0, 255).astype(np.uint8)
    _, coded = cv2.imencode(".jpg", levels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(80, 97))])
    decoded = cv2.imdecode(coded, cv2.IMREAD_COLOR)
    assert decoded is not None
    return cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB)
