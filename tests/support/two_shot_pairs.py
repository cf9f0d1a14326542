"""Drawn pairs of photographs of one thing, on white and on black paper, with the alpha they were composed with."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Pixels = npt.NDArray[np.uint8]

KINDS = ("glass", "mesh", "lace", "wire", "hair", "opaque")


@dataclass(frozen=True)
class Camera:
    """How the second photograph differs from the first, and what both suffer.

    shift: pixels right and down. turn: degrees. scale: a factor. exposure: light of the shot on black over that on
    white. balance: how far red and blue of the two differ. noise: levels. quality: of JPEG. shadow: share of light that
    the thing takes from the paper beside it.
    """

    shift: tuple[float, float] = (0.0, 0.0)
    turn: float = 0.0
    scale: float = 1.0
    exposure: float = 1.0
    balance: float = 0.0
    noise: float = 1.0
    quality: int = 95
    shadow: float = 0.0


@dataclass(frozen=True)
class Pair:
    """white, black: H×W×3 uint8 sRGB. alpha: H×W float32 and colour: H×W×3 float32 levels, both where the thing is in
    the shot on white."""

    white: Pixels
    black: Pixels
    alpha: Array
    colour: Array


def any_camera(seed: int, side: int = 800) -> Camera:
    """A camera within the bounds that the feature has to stand: ± 6 px and 1° between the shots at two megapixels."""
    rng = np.random.default_rng([7, seed])
    reach = 6 * max(1.0, side / 1600)
    return Camera(
        shift=(float(rng.uniform(-reach, reach)), float(rng.uniform(-reach, reach))),
        turn=float(rng.uniform(-1, 1)),
        scale=float(rng.uniform(0.995, 1.005)),
        exposure=float(rng.uniform(0.8, 1.4)),
        balance=float(rng.uniform(-0.06, 0.06)),
        noise=float(rng.uniform(0.5, 2.5)),
        quality=int(rng.integers(85, 97)),
        shadow=float(rng.uniform(0, 0.35)),
    )


def draw_pair(kind: str, seed: int, camera: Camera | None = None, size: tuple[int, int] = (640, 800)) -> Pair:
    """One pair; `size` is height and width."""
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    camera = camera if camera is not None else any_camera(seed, max(size))
    alpha, colour = _DRAWN[kind](rng, *size)
    blur = float(rng.uniform(0.5, 0.9))
    covered = cv2.GaussianBlur(colour * alpha[..., None], (0, 0), blur)
    alpha = cv2.GaussianBlur(alpha, (0, 0), blur)
    colour = covered / np.maximum(alpha, 1e-3)[..., None]
    shade = _shade(rng, alpha, camera.shadow)
    white = covered + (1 - alpha[..., None]) * _paper(rng, rng.uniform(205, 250), size) * shade
    black = covered + (1 - alpha[..., None]) * _paper(rng, rng.uniform(14, 45), size) * shade
    gains = camera.exposure * np.array([1 + camera.balance, 1, 1 - camera.balance])
    black = moved(_exposed(black, gains), camera)
    return Pair(_taken(rng, white, camera), _taken(rng, black, camera), alpha, colour)


def _paper(rng: np.random.Generator, level: float, size: tuple[int, int]) -> Array:
    """Paper of a level with a tint, light from one side and darker corners."""
    y, x = np.meshgrid(np.linspace(-1, 1, size[0]), np.linspace(-1, 1, size[1]), indexing="ij")
    slope = rng.uniform(-0.08, 0.08, 2)
    light = 1 + slope[0] * x + slope[1] * y - rng.uniform(0.02, 0.1) * (x * x + y * y)
    tint = 1 + rng.uniform(-0.025, 0.025, 3)
    paper: Array = np.minimum(level * light[..., None] * tint, 253).astype(np.float32)
    return paper


def _shade(rng: np.random.Generator, alpha: Array, strength: float) -> Array:
    """Share of light left on the paper, H×W×1: a soft shadow to one side, deeper where the thing stands."""
    side = max(alpha.shape)
    light = np.ones_like(alpha)
    for share, soft, far in ((strength, 0.03, 0.04), (0.7 * strength, 0.012, 0.012)):
        move = np.array([[1, 0, rng.uniform(-1, 1) * far * side], [0, 1, rng.uniform(0.3, 1) * far * side]])
        cast = cv2.warpAffine(alpha, move, alpha.shape[::-1])
        light *= 1 - share * cv2.GaussianBlur(cast, (0, 0), soft * side)
    return light[..., None]


def _exposed(levels: Array, gains: npt.NDArray[np.float64]) -> Array:
    """sRGB levels after more or less light, by channel (IEC 61966-2-1)."""
    share = np.clip(levels / 255, 0, 1)
    light = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4) * gains
    again = np.where(light <= 0.0031308, light * 12.92, 1.055 * np.maximum(light, 1e-6) ** (1 / 2.4) - 0.055)
    exposed: Array = (255 * np.clip(again, 0, 1)).astype(np.float32)
    return exposed


def moved(levels: Array, camera: Camera) -> Array:
    """What the second photograph shows where the first shows `levels`."""
    height, width = levels.shape[:2]
    matrix = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), camera.turn, camera.scale))
    matrix[:, 2] += np.array(camera.shift)
    return cv2.warpAffine(levels, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def _taken(rng: np.random.Generator, levels: Array, camera: Camera) -> Pixels:
    noisy = np.clip(levels + rng.normal(0, camera.noise, levels.shape) + 0.5, 0, 255).astype(np.uint8)
    _, coded = cv2.imencode(".jpg", noisy[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, camera.quality])
    decoded = cv2.imdecode(coded, cv2.IMREAD_COLOR)
    assert decoded is not None
    return np.ascontiguousarray(decoded[..., ::-1])


def _grid(height: int, width: int) -> tuple[Array, Array]:
    """Rows and columns in units of the shorter side's half, from the middle."""
    side = min(height, width) / 2
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return (y - height / 2) / side, (x - width / 2) / side


def _glass(rng: np.random.Generator, height: int, width: int) -> tuple[Array, Array]:
    """A lathe-turned vessel: clear walls that thicken to the rim, streaks of light, rings, at times a lid."""
    y, x = _grid(height, width)
    waves = rng.uniform(-0.09, 0.09, 3)
    radius = np.full_like(y, rng.uniform(0.36, 0.5))
    for number, wave in enumerate(waves):
        radius += wave * np.sin((number + 1.3) * 2.1 * y + rng.uniform(0, 6))
    top, foot = rng.uniform(-0.8, -0.62), rng.uniform(0.62, 0.8)
    inside = np.clip((radius - np.abs(x)) * min(height, width) / 2 + 0.5, 0, 1)
    inside *= np.clip((y - top) * min(height, width) / 2, 0, 1) * np.clip((foot - y) * min(height, width) / 2, 0, 1)
    across = np.clip(np.abs(x) / np.maximum(radius, 0.05), 0, 1)
    alpha = rng.uniform(0.04, 0.3) + (0.85 - 0.3) * across ** rng.uniform(5, 12)
    colour = np.full((height, width, 3), rng.uniform(60, 170), np.float32) * (1 - 0.6 * across[..., None] ** 6)
    colour += rng.uniform(-14, 14, 3)
    for _ in range(int(rng.integers(2, 5))):
        at, wide = rng.uniform(-0.8, 0.8), rng.uniform(0.012, 0.06)
        streak = np.exp(-(((x / np.maximum(radius, 0.05)) - at) ** 2) / wide**2) * rng.uniform(0.3, 0.9)
        streak *= np.exp(-((y - rng.uniform(-0.4, 0.4)) ** 2) / rng.uniform(0.05, 0.5))
        colour = colour * (1 - streak[..., None]) + 245 * streak[..., None]
        alpha = np.maximum(alpha, streak)
    for at in (top + 0.02, foot - 0.04, *rng.uniform(top, foot, 2)):
        ring = np.exp(-((y - at - 0.05 * np.sqrt(np.clip(1 - across**2, 0, 1))) ** 2) / 0.00015) * 0.6
        colour = colour * (1 - ring[..., None]) + 40 * ring[..., None]
        alpha = np.maximum(alpha, ring)
    if rng.random() < 0.6:
        lid = np.clip((top + rng.uniform(0.12, 0.3) - y) * min(height, width) / 2, 0, 1)
        shine = rng.uniform(30, 220, 3) * (0.75 + 0.35 * np.cos(1.4 * x / np.maximum(radius, 0.05)))[..., None]
        alpha = alpha * (1 - lid) + lid
        colour = colour * (1 - lid[..., None]) + shine * lid[..., None]
    return (alpha * inside).astype(np.float32), np.clip(colour, 0, 250).astype(np.float32)


def _mesh(rng: np.random.Generator, height: int, width: int) -> tuple[Array, Array]:
    """A bag or sieve of crossing threads within a frame."""
    y, x = _grid(height, width)
    step, turn = rng.uniform(0.05, 0.11), rng.uniform(0, 1.5)
    thread = rng.uniform(0.012, 0.02)
    along, down = x * np.cos(turn) + y * np.sin(turn), -x * np.sin(turn) + y * np.cos(turn)
    along, down = along + 0.03 * np.sin(3 * y), down + 0.03 * np.cos(3 * x)
    side = min(height, width) / 2
    gaps = [np.abs((one / step) % 1 - 0.5) * step for one in (along, down)]
    alpha = np.maximum(*(np.clip((thread - (step / 2 - gap)) * side + 0.5, 0, 1) for gap in gaps))
    shape = (np.abs(x) / rng.uniform(0.55, 0.7)) ** 4 + (np.abs(y) / rng.uniform(0.6, 0.75)) ** 4
    frame = np.clip((0.13 - np.abs(shape - 1)) * 12, 0, 1)
    alpha = np.maximum(alpha * (shape < 1), frame)
    colour = _even(rng, height, width) * (0.85 + 0.15 * np.sin(90 * x + 70 * y))[..., None]
    return alpha.astype(np.float32), np.clip(colour, 4, 245).astype(np.float32)


def _lace(rng: np.random.Generator, height: int, width: int) -> tuple[Array, Array]:
    """A cloth of flowers joined by net, with a scalloped edge; thin enough to shine through."""
    y, x = _grid(height, width)
    radius, angle = np.hypot(x, y), np.arctan2(y, x)
    edge = 0.72 + 0.05 * np.cos(16 * angle)
    net = np.maximum(np.cos(70 * x) * np.cos(70 * y), 0) < 0.22
    petals = np.cos(6 * angle + 9 * radius) + np.cos(rng.uniform(14, 22) * radius)
    alpha = np.where(petals > 0.4, rng.uniform(0.75, 0.95), np.where(net, rng.uniform(0.5, 0.8), 0.0))
    alpha = np.where(np.abs(radius - edge + 0.03) < 0.03, 0.95, alpha) * (radius < edge)
    pale = rng.uniform(200, 236, 3) if rng.random() < 0.6 else rng.uniform(15, 60, 3)
    colour = np.asarray(pale, np.float32) * (0.9 + 0.1 * np.sin(50 * radius))[..., None]
    return cv2.GaussianBlur(alpha.astype(np.float32), (0, 0), 0.7), colour.astype(np.float32)


def _wire(rng: np.random.Generator, height: int, width: int) -> tuple[Array, Array]:
    """Bent wire with a thing hanging from it: earrings, a whisk, a basket."""
    side = min(height, width) / 2
    canvas = np.zeros((height * 2, width * 2), np.uint8)
    t = np.linspace(0, 1, 400)
    for _ in range(int(rng.integers(5, 9))):
        a, b, c = rng.uniform(0.2, 0.75, 3)
        turns = rng.uniform(1, 3)
        down = c * np.sin(turns * 6.28 * t + b) * (0.4 + 0.6 * t)
        points = np.stack([a * np.cos(turns * 6.28 * t) + 0.1 * b, down], -1)
        points = (points * side + (width / 2, height / 2)) * 2
        corners, thick = [np.round(points * 8).astype(np.int32)], int(rng.integers(3, 9))
        cv2.polylines(canvas, corners, False, 255, thick, cv2.LINE_AA, 3)
    middle = (int(width + rng.uniform(-0.3, 0.3) * width), int(height * 1.2))
    cv2.circle(canvas, middle, int(side * rng.uniform(0.2, 0.4)), 255, -1, cv2.LINE_AA)
    alpha = cv2.resize(canvas, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    y, x = _grid(height, width)
    metal = 0.6 + 0.4 * np.sin(9 * x + 5 * y + rng.uniform(0, 6))
    return alpha, np.clip(_even(rng, height, width) * metal[..., None], 4, 245).astype(np.float32)


def _hair(rng: np.random.Generator, height: int, width: int) -> tuple[Array, Array]:
    """A brush or doll's head: an opaque middle with single hairs all round."""
    side = min(height, width) / 2
    canvas = np.zeros((height * 2, width * 2), np.uint8)
    centre = np.array([width, height], float)
    cv2.circle(canvas, (width, height), int(0.7 * side), 255, -1, cv2.LINE_AA)
    for angle in rng.uniform(0, 6.28, 500):
        reach = np.linspace(0.5, rng.uniform(1.0, 1.5), 12)
        bend = angle + rng.uniform(-0.5, 0.5) * (reach - 0.5) ** 2
        points = centre + side * reach[:, None] * np.stack([np.cos(bend), np.sin(bend)], -1)
        cv2.polylines(canvas, [np.round(points * 8).astype(np.int32)], False, 255, 1, cv2.LINE_AA, 3)
    alpha = cv2.resize(canvas, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    y, x = _grid(height, width)
    strands = 0.8 + 0.2 * np.sin(60 * np.arctan2(y, x))
    return alpha, np.clip(_even(rng, height, width) * strands[..., None], 4, 245).astype(np.float32)


def _opaque(rng: np.random.Generator, height: int, width: int) -> tuple[Array, Array]:
    """A box with a print: sharp lines inside, which show every pixel by which the two shots differ."""
    side = min(height, width) / 2
    canvas = np.zeros((height * 2, width * 2), np.uint8)
    angle = rng.uniform(0, 6.28) + np.linspace(0, 6.28, int(rng.integers(5, 9)), endpoint=False)
    corners = np.array([width, height]) + 2 * side * rng.uniform(0.5, 0.75, (len(angle), 1)) * np.stack(
        [np.cos(angle), np.sin(angle)], -1
    )
    cv2.fillPoly(canvas, [np.round(corners * 8).astype(np.int32)], 255, cv2.LINE_AA, 3)
    alpha = cv2.resize(canvas, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    printed = _even(rng, height, width).astype(np.uint8)
    for _ in range(14):
        at = tuple(int(one) for one in rng.uniform(0.3, 0.7, 2) * (width, height))
        tint = tuple(float(one) for one in rng.uniform(5, 245, 3))
        size = float(rng.uniform(0.4, 1.4))
        cv2.putText(printed, "Vitrine 12", at, cv2.FONT_HERSHEY_SIMPLEX, size, tint, 2, cv2.LINE_AA)
    y, x = _grid(height, width)
    return alpha, np.clip(printed * (1 + 0.15 * x - 0.1 * y)[..., None], 4, 245).astype(np.float32)


def _even(rng: np.random.Generator, height: int, width: int) -> Array:
    """One colour, pale, dark or strong."""
    tone = [rng.uniform(170, 235, 3), rng.uniform(12, 60, 3), rng.uniform(20, 220, 3)][int(rng.integers(3))]
    return np.broadcast_to(np.asarray(tone, np.float32), (height, width, 3)).copy()


_DRAWN: dict[str, Callable[[np.random.Generator, int, int], tuple[Array, Array]]] = {
    "glass": _glass,
    "mesh": _mesh,
    "lace": _lace,
    "wire": _wire,
    "hair": _hair,
    "opaque": _opaque,
}
