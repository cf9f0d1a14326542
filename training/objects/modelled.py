"""Modelled things of the furniture library: they are products, and they furnish drawn rooms."""

from dataclasses import replace
from functools import cache

import numpy as np

from training import materials, models
from training.materials import Material
from training.models import Model, Part
from training.objects.thing import ANY, TRAINED, Thing, chance, one_of
from training.shapes import Mesh

WORN = [
    "dress",
    "jacket",
    "short",
    "skirt",
    "trousers",
    "suit",
    "cap",
    "hat",
    "helmet",
    "shoes",
    "sneakers",
    "mocassin",
    "slippers",
    "bootie",
    "glove",
    "socket",
    "clothes",
    "handbag",
    "briefcase",
    "sunglasses",
    "glasses",
]
GREEN = [
    "plant",
    "tree",
    "flower",
    "cactus",
    "orchid",
    "tulip",
    "lily",
    "yucca",
    "ficus",
    "palm",
    "bamboo",
    "bonsai",
    "spathiphyllum",
    "maple",
    "cypress",
    "pine",
    "bush",
    "acacia",
    "poplar",
    "hedge",
]
INDOORS = ("Living room", "Bedroom", "Office", "Kitchen", "Bathroom", "Lights", "Miscellaneous")


def group(model: Model) -> str:
    """The family that a model belongs to."""
    name = model.name.lower()
    if model.category == "Characters" and ("male" in name or name in ("boy", "girl")):
        return "figure"
    if any(word.removesuffix("s") in WORN or word in WORN for word in name.split()):
        return "clothing"
    if any(word in name for word in GREEN):
        return "greenery"
    if model.category == "Vehicles":
        return "vehicle"
    if model.category in INDOORS and model.size > 0.45:
        return "furniture"
    return "small" if model.size <= 0.45 else "outdoors"


@cache
def members(name: str) -> tuple[Model, ...]:
    """The models of a family."""
    return tuple(model for model in models.load() if group(model) == name)


def _drawn(name: str, rng: np.random.Generator, poses: tuple[str, ...] = ("stands",), faces: bool = False) -> Thing:
    """One model of a family, mostly in its own colours, sometimes in others or other proportions."""
    model = one_of(rng, *members(name))
    looks = [_material(part) for part in model.parts]
    if chance(rng, 0.35):
        tint = np.exp(rng.normal(size=3) * 0.25 + rng.normal() * 0.2)
        looks = [_tinted(look, tint) for look in looks]
    if name != "figure" and chance(rng, 0.3):
        looks = [materials.material(one_of(rng, *ANY[:-2]), rng) if chance(rng, 0.5) else look for look in looks]
    stretch = np.exp(rng.normal(size=3) * (0.03 if name == "figure" else 0.1))
    points, coordinates = np.asarray(model.vertices, np.float64) * stretch, np.asarray(model.coordinates, np.float64)
    meshes = []
    for part in range(len(model.parts)):
        triangles = np.asarray(model.triangles[model.which == part])
        used, triangles = np.unique(triangles, return_inverse=True)
        if len(used):
            flat = triangles.reshape(-1, 3).astype(np.int32)
            meshes.append(Mesh(points[used], flat, part, coordinates[used]))
    return Thing(meshes, (ANY[:-1],) * len(looks), poses, faces=faces, looks=tuple(looks))


def _material(part: Part) -> Material:
    rough = 3 if part.gloss < 20 else 2 if part.gloss < 80 else 1 if part.gloss < 300 else 0
    colour = (1.0, 1.0, 1.0) if part.texture >= 0 else part.colour
    clear = min(1 - part.opacity, 0.97) if part.opacity < 0.85 else 0.0
    return Material(
        materials.linear(colour),
        roughness=0 if clear else rough,
        shine=0.1 + min(part.mirror, 1.0),
        clear=clear,
        texture=part.texture,
    )


def _tinted(look: Material, tint: np.ndarray) -> Material:
    return replace(look, colour=np.minimum(look.colour * tint, 1).astype(np.float32))


@TRAINED.add(9)
def modelled_small_thing(rng: np.random.Generator) -> Thing:
    return _drawn("small", rng, ("stands", "stands", "stands", "lies"))


@TRAINED.add(9, furniture=True)
def modelled_furniture(rng: np.random.Generator) -> Thing:
    return _drawn("furniture", rng, faces=chance(rng, 0.7))


@TRAINED.add(4)
def modelled_clothing(rng: np.random.Generator) -> Thing:
    return _drawn("clothing", rng, ("stands", "stands", "lies"))


@TRAINED.add(2)
def modelled_plant(rng: np.random.Generator) -> Thing:
    return _drawn("greenery", rng)


@TRAINED.add(2.5)
def modelled_outdoor_thing(rng: np.random.Generator) -> Thing:
    return _drawn("outdoors", rng)


@TRAINED.add(1.2)
def modelled_vehicle(rng: np.random.Generator) -> Thing:
    return _drawn("vehicle", rng)


@TRAINED.add(3, wearing=True)
def modelled_figure(rng: np.random.Generator) -> Thing:
    return _drawn("figure", rng, faces=True)
