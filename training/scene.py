"""One drawn photograph of a product, and exactly where the product is in it.

A scene is a function of its seed, its recipe and its size alone.
"""

import math
from contextlib import suppress
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from training import camera_effects, materials, surroundings
from training.lighting import Light, any_light, shadows
from training.materials import Material
from training.objects.thing import Families, Family, Thing, chance, one_of
from training.render import Array, Camera, Layer, Studio, camera, render
from training.solids import EMPTY, Solid, palette, placed, together

SETTINGS = ("plain", "topdown", "table", "room", "outdoors", "picture")
SUBJECTS = ("any", "white", "black", "glass", "shiny")
OVERSAMPLING = 1.4


@dataclass(frozen=True)
class Recipe:
    """What a scene is to show: a subject of `SUBJECTS` in a setting of `SETTINGS`."""

    subject: str
    setting: str


@dataclass(frozen=True)
class Scene:
    """`picture` is `h×w×3` sRGB uint8 after the camera. In linear light before it, `h×w` and `h×w×3` float32:

    composed = foreground + ground * (1 - alpha), where `foreground` is already multiplied by its alpha. `coverage` is
    where the product is at all: glass, whose alpha is partial, has coverage 1. The network learns coverage.
    """

    picture: NDArray[np.uint8]
    composed: Array
    foreground: Array
    ground: Array
    alpha: Array
    coverage: Array


class Unusable(Exception):
    """The draw shows too little or too much of its product: take the next seed."""


def any_recipe(rng: np.random.Generator) -> Recipe:
    """The training mix: rooms, white on white and glass weigh most, since those are what fails first."""
    subject = str(rng.choice(SUBJECTS, p=[0.5, 0.17, 0.08, 0.17, 0.08]))
    if subject in ("white", "black"):
        shares = [0.52, 0.12, 0.14, 0.12, 0.02, 0.08]
    else:
        shares = [0.26, 0.1, 0.17, 0.27, 0.1, 0.1]
    return Recipe(subject, str(rng.choice(SETTINGS, p=shares)))


def _looks(thing: Thing, recipe: Recipe, ground: Material, rng: np.random.Generator) -> list[Material]:
    looks = palette(thing, rng)
    fixed = (thing.skin, thing.leaf)
    if recipe.subject == "glass" and thing.skin < 0 and thing.leaf < 0:
        hollow = None if chance(rng, 0.5) else True
        some = looks[0] if chance(rng, 0.6) else None
        look = materials.glass(rng, hollow)
        looks = [look if i not in fixed and (i == 0 or some is None) else each for i, each in enumerate(looks)]
    elif recipe.subject == "shiny":
        look = materials.material(one_of(rng, "chrome", "chrome", "metal", "gloss"), rng)
        looks = [look if i == 0 or chance(rng, 0.4) else each for i, each in enumerate(looks)]
    elif recipe.subject in ("white", "black"):
        kinds = [kind for kind in ("matte", "plastic", "gloss", "fabric") if kind in thing.kinds[0]] or ["matte"]
        for i in range(len(looks)):
            if i in fixed or (i and chance(rng, 0.3)):
                continue
            tone = np.clip(ground.colour * rng.uniform(0.75, 1.12), 0, 0.95).astype(np.float32)
            look = materials.material(one_of(rng, *kinds), rng, tone)
            looks[i] = replace(look, second=tone * np.float32(rng.uniform(0.8, 1.05)), sticker=-1)
    return looks


def _subjects(families: Families, recipe: Recipe, ground: Material, rng: np.random.Generator) -> tuple[Family, Solid]:
    """One product or a set of them, standing together; all of it is the product."""
    family = families.pick(rng)
    count = 1 if family.wearing or family.furniture else int(rng.choice([1, 2, 3, 5], p=[0.76, 0.14, 0.06, 0.04]))
    apart = recipe.setting in ("plain", "topdown", "picture")  # elsewhere a set of unlike things has no visible end
    same = not apart or chance(rng, 0.5)
    thing = family.draw(rng)
    turn = rng.normal() * 0.5 if thing.faces and chance(rng, 0.85) else None
    looks = _looks(thing, recipe, ground, rng)
    parts = [placed(thing, looks, rng, turn)]
    for _ in range(count - 1):
        if not same:
            thing = Families([each for each in families.members if not each.wearing]).pick(rng).draw(rng)
            looks = _looks(thing, recipe, ground, rng)
        other = rng.normal() * 0.5 if thing.faces else None
        one = surroundings.scaled(placed(thing, looks, rng, other), rng.uniform(0.5, 1) if not same else 1.0)
        last = parts[-1].vertices
        middle, reach = (last.min(0) + last.max(0)) / 2, np.ptp(last[:, :2], axis=0).max() / 2
        gap = (reach + np.ptp(one.vertices[:, :2], axis=0).max() / 2) * rng.uniform(0.75, 1.3)
        way = rng.uniform(0, 2 * math.pi) if chance(rng, 0.5) else one_of(rng, 0.0, math.pi)
        parts.append(one.moved((middle[0] + gap * math.cos(way), middle[1] + gap * math.sin(way), 0)))
    whole = together(parts)
    middle = (whole.vertices.min(0) + whole.vertices.max(0)) / 2
    return family, whole.moved((-middle[0], -middle[1], 0))


def _view(product: Solid, setting: str, wearing: bool, size: tuple[int, int], rng: np.random.Generator) -> Camera:
    """A photographer's stand: the product mostly whole and near the middle, sometimes small, sometimes cut."""
    heights = {"topdown": (50, 89), "room": (2, 30), "table": (4, 42), "outdoors": (1, 35), "picture": (0, 30)}
    low, high = heights.get(setting, one_of(rng, (2, 14), (5, 28), (15, 50)))
    if wearing:
        low, high = 0, 8
    height = math.radians(rng.uniform(low, high))
    focal = rng.uniform(1.9, 6)
    back = np.array([0, -math.cos(height), math.sin(height)])
    points = product.vertices.astype(np.float64)
    corner = camera(back * 100, np.zeros(3), focal, 0, size)
    across, along = points @ corner.right, points @ corner.up
    shape = size[1] / size[0]
    half = max(np.ptp(along) / 2, np.ptp(across) / 2 / shape)
    middle = corner.right * (across.max() + across.min()) / 2 + corner.up * (along.max() + along.min()) / 2
    small = setting in ("room", "outdoors", "table") and chance(rng, 0.45)
    fill = rng.uniform(0.25, 0.6) if small else rng.uniform(0.55, 0.97)
    if chance(rng, 0.5 if wearing else 0.14):  # cut by the frame
        fill = rng.uniform(1.0, 1.7)
    away = half / fill * focal + np.ptp(points @ corner.forward) * 0.35
    stray = half * (0.1 if chance(rng, 0.75) else 0.4) / min(fill, 1.0) ** 0.5
    target = middle + corner.right * rng.normal() * stray + corner.up * rng.normal() * stray
    eye = target + back * away
    if setting != "picture":
        eye[2] = max(eye[2], 0.05)
    roll = rng.normal() * 0.02 if chance(rng, 0.9) or setting != "topdown" else rng.uniform(-math.pi, math.pi)
    return camera(eye, eye - back * away, focal, roll, size)


def _behind(view: Camera, light: Light, rng: np.random.Generator) -> Array:
    """What is seen where nothing was drawn: a place's panorama, or one tone."""
    if chance(rng, 0.3):
        return np.broadcast_to(materials.wall_colour(rng) * light.ambient, (view.rows, view.columns, 3)).astype(
            np.float32
        )
    way = view.directions()
    panorama = light.around[int(rng.integers(0, 3))]
    rows, columns = panorama.shape[:2]
    u = ((np.arctan2(way[..., 1], way[..., 0]) + light.turn) / (2 * math.pi)) % 1 * columns
    v = np.arccos(np.clip(way[..., 2], -1, 1)) / math.pi * (rows - 1)
    wrapped = np.concatenate([panorama, panorama[:, :1]], 1)
    seen = cv2.remap(
        wrapped, u.astype(np.float32), v.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.minimum(seen * light.ambient, 4)


def _surroundings(
    recipe: Recipe,
    family: Family,
    product: Solid,
    ground: Material,
    view: Camera,
    others: Families,
    rng: np.random.Generator,
) -> tuple[Solid, list[Solid]]:
    """Ground and walls, and the other things that stand near enough to throw shadows."""
    near = float(view.eye[1]) + 0.06
    setting = recipe.setting
    reach = np.abs(product.vertices).max(0).astype(np.float64)
    metre = rng.uniform(1.2, 2.2) if family.furniture or family.wearing else rng.uniform(1.6, 7)
    if setting == "picture":
        return EMPTY, []
    if setting == "topdown":
        extra = surroundings.beside(rng, others, reach, int(rng.integers(1, 4))) if chance(rng, 0.25) else []
        return surroundings.sweep(rng, ground, near - 30, False), extra
    if setting == "plain":
        return surroundings.sweep(rng, ground, near, chance(rng, 0.55)), []
    count = int(rng.choice([0, 1, 2, 3, 5], p=[0.15, 0.25, 0.25, 0.2, 0.15]))
    extra = surroundings.beside(rng, others, reach, count)
    if setting == "outdoors":
        return surroundings.sweep(rng, ground, near, False), extra
    if setting == "table":
        top, back = surroundings.tabletop(rng, near)
        extra = [one for one in extra if one.vertices[:, 1].max() < back] if chance(rng, 0.7) else []
        floor = surroundings.ground_material(rng, one_of(rng, "wood", "tiles", "fabric", "paper"))
        deep = -0.75 * metre
        return together([top, surroundings.room(rng, others, metre, deep, floor, back + 0.2)]), extra
    return surroundings.room(rng, others, metre, 0.0, ground, near), extra


def _out_of_focus(picture: Array, depth: Array, focus: float, strength: float) -> Array:
    """The background as a lens focused on the product sees it, in three steps of blur."""
    size = picture.shape[0]
    circle = strength * np.abs(1 - focus / np.maximum(depth, 1e-3)) * size / 100
    levels, sigmas = [picture], [0.0]
    for share in (0.25, 0.5, 1.0):
        sigma = max(float(circle.max()) * share, 0.3)
        small = max(1, int(sigma / 3))
        shrunk = cv2.resize(picture, None, fx=1 / small, fy=1 / small, interpolation=cv2.INTER_AREA)
        soft = cv2.GaussianBlur(shrunk, (0, 0), sigma / small)
        levels.append(cv2.resize(soft, (picture.shape[1], size), interpolation=cv2.INTER_LINEAR))
        sigmas.append(sigma)
    blurred = picture.copy()
    for low, high, a, b in zip(levels, levels[1:], sigmas, sigmas[1:], strict=False):
        mix = np.clip((circle - a) / max(b - a, 1e-6), 0, 1)[..., None]
        blurred = np.where(circle[..., None] >= a, low + (high - low) * mix, blurred)
    return blurred.astype(np.float32)


def draw(
    seed: int, families: Families, others: Families, recipe: Recipe | None = None, size: tuple[int, int] = (352, 352)
) -> Scene:
    """Draw a scene of `size` rows and columns. Raises `Unusable` where chance made nothing worth learning from."""
    rng = np.random.default_rng(seed)
    recipe = recipe or any_recipe(rng)
    ground = _ground(recipe, rng)
    family, product = _subjects(families, recipe, ground, rng)
    if len(product.triangles) > 150_000:
        raise Unusable("too many triangles")
    drawn = (round(size[0] * OVERSAMPLING), round(size[1] * OVERSAMPLING))
    view = _view(product, recipe.setting, family.wearing, drawn, rng)
    light = any_light(rng, 0.6 if recipe.setting in ("plain", "topdown") else 0.15)
    far, near = _surroundings(recipe, family, product, ground, view, others, rng)
    cast = shadows(together([product, *near]), product, light, rng)
    floor_colour = (ground.colour * light.from_above()).astype(np.float64)
    studio = Studio(view, light, cast, floor_colour, materials.stickers(1, rng))
    behind = _behind(view, light, rng)
    scenery, depth = together([far, *near]), np.full(drawn, 60, np.float32)
    if len(scenery.triangles):
        layer = render(scenery, studio, hollows=rng.uniform(0.3, 1.5))
        behind, depth = layer.over(behind), np.where(layer.covered, np.minimum(layer.depth, 60), 60).astype(np.float32)
        if recipe.setting in ("plain", "table", "room") and chance(rng, 0.2):
            behind = _mirrored(behind, product, studio, rng)
    focus = float(np.median((product.vertices - view.eye.astype(np.float32)) @ view.forward.astype(np.float32)))
    if recipe.setting != "topdown" and chance(rng, 0.25 if recipe.setting == "plain" else 0.75):
        behind = _out_of_focus(behind, depth, focus, 10 ** rng.uniform(-0.3, 0.75))
    layer = render(product, studio, hollows=rng.uniform(1, 6))
    return _photograph(layer, behind, recipe, size, rng)


def draw_next(
    seed: int, families: Families, others: Families, recipe: Recipe | None, size: tuple[int, int]
) -> tuple[int, Scene]:
    """The first scene that can be used from the seeds after `seed`, and its seed before it; otherwise as `draw`."""
    while True:
        seed += 1
        with suppress(Unusable):
            return seed, draw(seed, families, others, recipe, size)


def _ground(recipe: Recipe, rng: np.random.Generator) -> Material:
    kinds = {
        "plain": ("paper", "paper", "paper", "fabric", "wood", "stone"),
        "topdown": ("paper", "fabric", "wood", "stone", "tiles", "wood"),
        "outdoors": ("stone", "stone", "grass", "boards", "tiles"),
        "room": ("wood", "wood", "tiles", "fabric", "paper", "stone"),
    }.get(recipe.setting, ("paper",))
    colour = None
    if recipe.subject == "white":
        kinds, colour = ("paper", "paper", "fabric"), materials.grey(rng.uniform(0.72, 1), rng, 0.03)
    elif recipe.subject == "black":
        kinds, colour = ("paper", "paper", "fabric"), materials.grey(rng.uniform(0.03, 0.22), rng, 0.1)
    elif recipe.setting == "plain" and chance(rng, 0.5):
        kinds, colour = ("paper",), materials.grey(rng.uniform(0.75, 1), rng, 0.02)
    kind = one_of(rng, *kinds)
    return surroundings.ground_material(rng, "wood" if kind == "boards" else kind, colour)


def _mirrored(behind: Array, product: Solid, studio: Studio, rng: np.random.Generator) -> Array:
    """The product's reflection in a glossy ground: part of the ground, not of the product."""
    layer = render(product.mirrored(), studio)
    sigma, strength = rng.uniform(0.5, 4), rng.uniform(0.08, 0.6)
    there = cv2.GaussianBlur(layer.covered.astype(np.float32), (0, 0), sigma)[..., None]
    seen = cv2.GaussianBlur(np.where(layer.covered[..., None], layer.over(behind), 0), (0, 0), sigma)
    return (behind * (1 - there * strength) + seen * strength).astype(np.float32)


def _photograph(layer: Layer, behind: Array, recipe: Recipe, size: tuple[int, int], rng: np.random.Generator) -> Scene:
    share = float(layer.covered.mean())
    if not 0.012 < share < 0.92:
        raise Unusable("hardly any product, or nothing else")
    alpha = np.where(layer.covered, 1 - layer.passing(), 0).astype(np.float32)
    alpha = np.where(layer.bends(), np.float32(1), alpha)
    whole = layer.over(behind)
    foreground = np.where(layer.covered[..., None], np.maximum(whole - behind * (1 - alpha[..., None]), 0), 0)
    columns, rows = size[1], size[0]

    def down(values: Array) -> Array:
        return cv2.resize(values.astype(np.float32), (columns, rows), interpolation=cv2.INTER_AREA)

    # The ground is scaled down weighted by what shows of it, so that the sum below holds at every pixel.
    shows = down(1 - alpha)
    ground = np.where(
        shows[..., None] > 1e-3,
        down(behind * (1 - alpha[..., None])) / np.maximum(shows, 1e-3)[..., None],
        down(behind),
    )
    foreground, alpha, coverage = down(foreground), 1 - shows, down(layer.covered)
    composed = foreground + ground * (1 - alpha)[..., None]
    if not np.isfinite(composed).all():
        raise Unusable("light out of bounds")
    gain = camera_effects.exposure(composed, coverage, recipe.subject, recipe.setting, rng)
    inside, outside = composed[coverage > 0.5] * gain, composed[coverage <= 0.5] * gain
    if np.abs(inside - outside.mean(0)).mean() < 0.008 or min(inside.mean(), 2) > 1.6 or inside.mean() < 0.003:
        raise Unusable("nothing can be told apart")
    picture = camera_effects.taken(composed * gain, rng)
    return Scene(picture, composed, foreground.astype(np.float32), ground.astype(np.float32), alpha, coverage)
