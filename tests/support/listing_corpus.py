"""Drawn listing pictures by number: some break one rule in one way, the others break none."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import numpy as np
from PIL import Image, ImageFilter

from services.studio.marketplaces import Sold
from tests.support.listing_pictures import (
    FINE,
    PRODUCTS,
    PROPS,
    SIDE,
    Layer,
    finished,
    ground,
    logo,
    product,
    prop,
    put,
    scaled,
    soft_shadow,
    words,
)

ACROSS = SIDE * FINE


@dataclass(frozen=True)
class Listing:
    """A picture, what it is meant for, and the one rule it breaks, if any."""

    name: str
    pixels: np.ndarray
    preset: str
    sold: Sold
    breaks: str | None


def breaking(number: int) -> Listing:
    """A picture that breaks one rule in one way; the ways come in turn."""
    name, rule, preset, draw = _WAYS[number % len(_WAYS)]
    seed = number // len(_WAYS) + 3 * (number % len(_WAYS))
    return Listing(f"{number}, {name}", draw(seed, Random(1000 + number)), preset, "one", rule)


def keeping(number: int) -> Listing:
    """A picture that breaks no rule: alone, in a soft shadow, as a set, or on a ground that is white enough."""
    random = Random(5000 + number)
    kind, draw = PRODUCTS[number % 10], (_alone_on_white, _in_a_soft_shadow, _a_set, _on_nearly_white)[number // 10 % 4]
    canvas = draw(number, kind, random)
    noise, jpeg = random.choice((0, 0, 4)), random.choice((95, 92, 85))
    preset = "google_merchant" if draw is _on_nearly_white else "amazon_main"
    pixels = finished(canvas, noise=noise, seed=number, jpeg=jpeg)
    return Listing(f"{number}, {kind}", pixels, preset, "set" if draw is _a_set else "one", None)


def _alone_on_white(number: int, kind: str, random: Random) -> Image.Image:
    canvas = ground()
    put(canvas, scaled(product(kind, random), random.uniform(0.86, 0.95)))
    return canvas


def _in_a_soft_shadow(number: int, kind: str, random: Random) -> Image.Image:
    canvas, thing = ground(), scaled(product(kind, random), random.uniform(0.86, 0.89))
    soft_shadow(canvas, thing, random.uniform(0.2, 0.5))
    put(canvas, thing)
    return canvas


def _a_set(number: int, kind: str, random: Random) -> Image.Image:
    """Two, three or four things, of one kind or of several."""
    count = 2 + number % 3
    kinds = [PRODUCTS[(number + place * (number % 2)) % 10] for place in range(count)]
    return _row([scaled(product(each, random), 0.88 / count) for each in kinds])


def _on_nearly_white(number: int, kind: str, random: Random) -> Image.Image:
    level = random.randint(251, 254)
    canvas = ground((level, level, level))
    put(canvas, scaled(product(kind, random), random.uniform(0.77, 0.89)))
    return canvas


def _row(things: list[Layer]) -> Image.Image:
    """Things side by side, from 6 to 94 % of the picture's width."""
    canvas = ground()
    first, last = 0.06 + things[0].width / ACROSS / 2, 0.94 - things[-1].width / ACROSS / 2
    for place, thing in enumerate(things):
        put(canvas, thing, first + (last - first) * place / (len(things) - 1))
    return canvas


def _alone(seed: int, random: Random, span: float = 0.88) -> Image.Image:
    canvas = ground()
    put(canvas, scaled(product(PRODUCTS[seed % 10], random), span))
    return canvas


def _grey_field(seed: int, random: Random) -> np.ndarray:
    canvas = ground()
    border, level = round(ACROSS * random.uniform(0.015, 0.045)), random.choice((245, 236, 225, 205))
    canvas.paste((level, level, level), (border, border, ACROSS - border, ACROSS - border))
    put(canvas, scaled(product(PRODUCTS[seed % 10], random), 0.86))
    return finished(canvas)


def _grey_ground(seed: int, random: Random) -> np.ndarray:
    level = random.choice((253, 246, 232, 210))
    canvas = ground((level, level, level))
    put(canvas, scaled(product(PRODUCTS[seed % 10], random), 0.88))
    return finished(canvas)


def _uneven_light(seed: int, random: Random) -> np.ndarray:
    ramp = np.linspace(255, random.randint(190, 235), ACROSS).astype(np.uint8)
    canvas = Image.fromarray(np.tile(ramp[:, None, None], (1, ACROSS, 3)))
    put(canvas, scaled(product(PRODUCTS[seed % 10], random), 0.88))
    return finished(canvas)


def _cut_off(seed: int, random: Random) -> np.ndarray:
    """A quarter of the thing lies outside, on one side."""
    canvas, thing = ground(), scaled(product(PRODUCTS[seed % 10], random), 1.0)
    wide, high = thing.width / ACROSS, thing.height / ACROSS
    places = ((0.5, 1 - high / 4), (0.5, high / 4), (wide / 4, 0.5), (1 - wide / 4, 0.5))
    put(canvas, thing, *random.choice(places))
    return finished(canvas)


def _too_small(seed: int, random: Random) -> np.ndarray:
    return finished(_alone(seed, random, random.uniform(0.3, 0.78)))


def _too_large(seed: int, random: Random) -> np.ndarray:
    return finished(_alone(seed, random, random.uniform(0.93, 0.97)))


def _blurred(seed: int, random: Random) -> np.ndarray:
    return finished(_alone(seed, random).filter(ImageFilter.GaussianBlur(random.uniform(12, 30))))


def _tiny_enlarged(seed: int, random: Random) -> np.ndarray:
    tiny = _alone(seed, random).resize((120, 120), Image.Resampling.BOX)
    return finished(tiny.resize((ACROSS, ACROSS), Image.Resampling.BICUBIC))


def _words(seed: int, random: Random) -> np.ndarray:
    canvas = _alone(seed, random, 0.86)
    text = random.choice(("SALE -20%", "Best seller", "NEW 2026", "Free delivery", "100% cotton"))
    color = random.choice(((20, 20, 20), (200, 30, 30), (40, 80, 160)))
    words(canvas, text, (0.25, 0.035), random.uniform(0.025, 0.045), color)
    return finished(canvas)


def _watermark(seed: int, random: Random) -> np.ndarray:
    """Pale letters on the ground, upright or slanting."""
    canvas = ground()
    put(canvas, scaled(product("vase" if seed % 2 else "bottle", random), 0.88))
    level = random.randint(190, 215)
    words(canvas, "Studio24", (0.12, 0.5), 0.03, (level, level, level), random.choice((0, 30, 45)))
    return finished(canvas)


def _logo(seed: int, random: Random) -> np.ndarray:
    canvas = _alone(seed, random, 0.86)
    free = {"box": (0.05, 0.93), "shirt": (0.07, 0.93), "bag": (0.07, 0.1), "mug": (0.93, 0.08)}
    logo(canvas, free.get(PRODUCTS[seed % 10], (0.06, 0.07)), random.uniform(0.06, 0.09), random)
    return finished(canvas)


def _several(seed: int, random: Random) -> np.ndarray:
    """Two of a kind or two kinds."""
    thing = scaled(product(PRODUCTS[seed % 10], random), 0.42)
    other = thing if seed % 2 else scaled(product(PRODUCTS[(seed + 3) % 10], random), 0.42)
    return finished(_row([thing, other]))


def _with_a_prop(seed: int, random: Random) -> np.ndarray:
    canvas = ground()
    kind = ("bottle", "vase", "lamp", "box", "plant")[seed % 5]
    put(canvas, scaled(product(kind, random), 0.86 if seed % 5 < 3 else 0.66), 0.4)
    put(canvas, prop(PROPS[seed % 4], random.uniform(0.12, 0.16)), 0.9, random.uniform(0.75, 0.9))
    return finished(canvas)


_WAYS: tuple[tuple[str, str, str, Callable[[int, Random], np.ndarray]], ...] = (
    ("a grey field inside a white border", "background", "amazon_main", _grey_field),
    ("a grey ground", "background", "amazon_main", _grey_ground),
    ("a ground lit unevenly", "background", "amazon_main", _uneven_light),
    ("cut off", "cut_off", "amazon_main", _cut_off),
    ("too small", "fill", "amazon_main", _too_small),
    ("too large", "fill", "google_merchant", _too_large),
    ("blurred", "sharp", "amazon_main", _blurred),
    ("a tiny photo enlarged", "sharp", "amazon_main", _tiny_enlarged),
    ("words beside it", "overlay", "amazon_main", _words),
    ("a pale watermark", "overlay", "amazon_main", _watermark),
    ("a logo in the corner", "overlay", "amazon_main", _logo),
    ("two of them", "one_item", "amazon_main", _several),
    ("a prop", "props", "amazon_main", _with_a_prop),
)
"""Each way to break a rule: what it is called, the rule, the marketplace, and how it is drawn."""
