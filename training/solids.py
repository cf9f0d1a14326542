"""Things put in their places: one set of triangles with the materials of all, ready for the renderer."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from training import materials
from training.materials import Material
from training.objects.thing import Thing, chance, one_of
from training.shapes import Array, Mesh, any_rotation, rotation


@dataclass(frozen=True)
class Solid:
    """Vertices in the scene, where each lies on its own thing (for patterns), triangles, and a material for each."""

    vertices: NDArray[np.float32]
    places: NDArray[np.float32]
    triangles: NDArray[np.int32]
    materials: NDArray[np.int32]
    palette: tuple[Material, ...]

    @property
    def clear(self) -> NDArray[np.bool_]:
        """Which triangles light passes through."""
        if not self.palette:
            return np.zeros(0, bool)
        return np.array([material.clear > 0 for material in self.palette])[self.materials]

    def mirrored(self) -> "Solid":
        """Upside down, as a glossy floor shows it."""
        return replace(self, vertices=self.vertices * np.array([1, 1, -1], np.float32))

    def moved(self, by: Sequence[float]) -> "Solid":
        return replace(self, vertices=self.vertices + np.asarray(by, np.float32))


EMPTY = Solid(
    np.zeros((0, 3), np.float32), np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32), np.zeros(0, np.int32), ()
)


def together(solids: Sequence[Solid]) -> Solid:
    """Several solids as one."""
    solids = [solid for solid in solids if len(solid.triangles)]
    if not solids:
        return EMPTY
    points = np.cumsum([0] + [len(solid.vertices) for solid in solids])
    colours = np.cumsum([0] + [len(solid.palette) for solid in solids])
    return Solid(
        np.concatenate([solid.vertices for solid in solids]),
        np.concatenate([solid.places for solid in solids]),
        np.concatenate([solid.triangles + points[i] for i, solid in enumerate(solids)]).astype(np.int32),
        np.concatenate([solid.materials + colours[i] for i, solid in enumerate(solids)]).astype(np.int32),
        tuple(material for solid in solids for material in solid.palette),
    )


def solid(meshes: Sequence[Mesh], palette: Sequence[Material], places: Sequence[Array] | None = None) -> Solid:
    """Meshes with their materials; patterns follow `places`, which are the vertices unless given."""
    counts = np.cumsum([0] + [len(mesh.vertices) for mesh in meshes])
    vertices = np.concatenate([mesh.vertices for mesh in meshes]).astype(np.float32)
    return Solid(
        vertices,
        vertices if places is None else np.concatenate(places).astype(np.float32),
        np.concatenate([mesh.triangles + counts[i] for i, mesh in enumerate(meshes)]).astype(np.int32),
        np.concatenate([np.full(len(mesh.triangles), mesh.material) for mesh in meshes]).astype(np.int32),
        tuple(palette),
    )


def palette(thing: Thing, rng: np.random.Generator) -> list[Material]:
    """A material for each of a thing's material numbers, of the kinds that it allows."""
    if thing.looks:
        return list(thing.looks)
    chosen = []
    for number, kinds in enumerate(thing.kinds):
        if number == thing.skin:
            tone = np.array([0.85, 0.62, 0.5]) * rng.uniform(0.25, 1.1) + rng.uniform(-0.04, 0.04, 3)
            chosen.append(Material(materials.linear(np.clip(tone, 0.03, 1)), roughness=3, shine=0.3))
        elif number == thing.leaf:
            tone = np.array([rng.uniform(0.1, 0.5), rng.uniform(0.3, 0.65), rng.uniform(0.05, 0.35)])
            chosen.append(Material(materials.linear(tone), roughness=2, shine=rng.uniform(0.1, 0.7)))
        else:
            chosen.append(materials.material(one_of(rng, *kinds), rng))
    if len(chosen) > 1 and chance(rng, 0.25):  # all of one colour and kind
        chosen = [chosen[0] if i not in (thing.skin, thing.leaf) else each for i, each in enumerate(chosen)]
    return chosen


def placed(thing: Thing, looks: Sequence[Material], rng: np.random.Generator, turn: float | None = None) -> Solid:
    """The thing standing (or lying) on z = 0 round the origin, 2 from corner to corner."""
    pose = one_of(rng, *thing.poses)
    turned: Array = np.eye(3)
    if pose == "lies":
        turned = rotation(one_of(rng, "x", "y"), one_of(rng, -1, 1) * math.pi / 2)
    elif pose == "any":
        turned = any_rotation(rng)
    turned = rotation("z", rng.uniform(0, 2 * math.pi) if turn is None else turn) @ turned
    own = np.concatenate([mesh.vertices for mesh in thing.meshes])
    low, high = own.min(0), own.max(0)
    size = 2 / (np.linalg.norm(high - low) + 1e-9)
    own = (own - (low + high) / 2) * size
    stands = own @ turned.T
    low, high = stands.min(0), stands.max(0)
    stands = stands - np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]])
    counts = np.cumsum([0] + [len(mesh.vertices) for mesh in thing.meshes])
    parts = [
        replace(mesh, vertices=stands[counts[i] : counts[i + 1]], material=mesh.material % len(looks))
        for i, mesh in enumerate(thing.meshes)
    ]
    places = [
        own[counts[i] : counts[i + 1]] if mesh.coordinates is None else np.pad(mesh.coordinates, ((0, 0), (0, 1)))
        for i, mesh in enumerate(thing.meshes)
    ]
    return solid(parts, looks, places)
