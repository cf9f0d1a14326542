"""Devices, tools and toys built of a body with things put on it, and loose small parts in sets."""

import math

import numpy as np

from training.objects.thing import ANY, HARD, TRAINED, Thing, chance, one_of
from training.objects.vessels import smooth
from training.shapes import Mesh, bent, box, cylinder, ellipsoid, fur, rotation, tube, turned_body

SIDES = (("x", 0, 1), ("x", 0, -1), ("y", 1, -1), ("y", 1, 1), ("z", 2, 1))


def _body(rng: np.random.Generator) -> Mesh:
    kind = one_of(rng, "box", "box", "drum", "egg", "lathe")
    if kind == "box":
        return box(tuple(rng.uniform(0.3, 1, 3)), rng.uniform(0.05, 0.5))
    if kind == "drum":
        return cylinder(rng.uniform(0.2, 0.5), rng.uniform(0.3, 1.4), rng.uniform(0.7, 1.2))
    if kind == "egg":
        size = tuple(rng.uniform(0.4, 1, 3))
        return ellipsoid(size, (rng.uniform(0.3, 1.2), rng.uniform(0.3, 1.2))).moved((0, 0, size[2] / 2))
    t = np.linspace(0, 1, 40)
    radius = smooth(np.interp(t, np.linspace(0, 1, 6), rng.uniform(0.1, 0.45, 6)), 3)
    return turned_body(np.r_[0, radius, 0], np.r_[0, t, 1] * rng.uniform(0.5, 1.5))


def _part(rng: np.random.Generator) -> Mesh:
    kind = one_of(rng, "knob", "knob", "lens", "block", "stick", "ball")
    if kind == "knob":
        return cylinder(rng.uniform(0.04, 0.2), rng.uniform(0.03, 0.3), rng.uniform(0.7, 1.2))
    if kind == "lens":
        t = np.array([0, 0, 1, 1.05, 1, 0.8, 0.8])
        size = rng.uniform(0.12, 0.3)
        return turned_body(np.array([0, 1, 1, 0.95, 0.85, 0.8, 0]) * size, t * rng.uniform(0.1, 0.5))
    if kind == "block":
        return box(tuple(rng.uniform(0.08, 0.4, 3)), rng.uniform(0.05, 0.4))
    if kind == "stick":
        return cylinder(rng.uniform(0.02, 0.05), rng.uniform(0.2, 0.9))
    size = rng.uniform(0.1, 0.3)
    return ellipsoid((size, size, size))


@TRAINED.add(4.5)
def device(rng: np.random.Generator) -> Thing:
    """A body with knobs, lenses, blocks and rods on its sides: cameras, mixers, radios, lamps, toys."""
    body = _body(rng)
    low, high = body.vertices.min(0), body.vertices.max(0)
    middle, size = (low + high) / 2, high - low
    meshes = [body]
    for _ in range(int(rng.integers(1, 8))):
        name, axis, sign = SIDES[int(rng.integers(len(SIDES)))]
        part = _part(rng).scaled(float(size.max()) * rng.uniform(0.3, 0.9))
        if name == "x":
            part = part.turned(rotation("y", sign * math.pi / 2))
        elif name == "y":
            part = part.turned(rotation("x", -sign * math.pi / 2))
        spot = middle + rng.uniform(-0.35, 0.35, 3) * size
        spot[axis] = middle[axis] + sign * size[axis] * 0.46
        meshes.append(part.moved(spot).of(one_of(rng, 1, 2)))
        if chance(rng, 0.3):
            other = part.moved(spot)
            meshes.append(other.scaled((-1, 1, 1)).moved((2 * middle[0], 0, 0)).of(1))
    if chance(rng, 0.15):
        meshes += [m.moved((0, size[1] * 1.1, 0)) for m in list(meshes)]
    return Thing(meshes, (HARD, (*HARD, "glass", "wood"), HARD), ("stands", "stands", "stands", "lies", "any"))


@TRAINED.add(1.5)
def slab(rng: np.random.Generator) -> Thing:
    """Telephones, tablets, screens, keyboards, cards, consoles: flat with a face."""
    wide, tall, thick = rng.uniform(0.4, 1.4), rng.uniform(0.5, 1), rng.uniform(0.03, 0.12)
    body = box((wide, thick, tall), rng.uniform(0.06, 0.25))
    meshes = [body, box((wide * 0.93, 0.02, tall * 0.93), 0.06).moved((0, -thick / 2, tall * 0.035)).of(1)]
    if chance(rng, 0.35):
        for z in np.linspace(0.12, tall - 0.12, int(rng.integers(2, 6))):
            for x in np.linspace(-wide * 0.4, wide * 0.4, int(rng.integers(3, 9))):
                meshes.append(box((wide * 0.07, 0.05, tall * 0.09), 0.15).moved((x, -thick / 2 - 0.02, z)).of(2))
    if chance(rng, 0.4):
        meshes = [m.turned(rotation("x", -rng.uniform(0.05, 0.5))) for m in meshes]
        meshes.append(box((wide * 0.5, 0.4, 0.04), 0.1).moved((0, 0.2, 0)).of(2))
    return Thing(meshes, (HARD, ("gloss", "gloss", "matte", "glass"), HARD), ("stands", "lies", "any"), faces=True)


@TRAINED.add(1.5)
def tool(rng: np.random.Generator) -> Thing:
    """Handles with heads: brushes, knives, hammers, torches, hair dryers, pens, cutlery."""
    t = np.linspace(0, 1, 36)
    grip = smooth(0.05 + 0.03 * np.sin(t * rng.uniform(2, 9) + rng.uniform(0, 3)) + rng.uniform(0, 0.06), 2)
    long = rng.uniform(0.5, 1.2)
    meshes = [turned_body(np.r_[0, grip, 0], np.r_[0, t, 1] * long, one_of(rng, 1.0, 0.6), rng.uniform(0.4, 1))]
    kind = one_of(rng, "blade", "head", "cone", "bristles", "loop")
    if kind == "blade":
        meshes.append(box((rng.uniform(0.08, 0.3), 0.02, rng.uniform(0.4, 1)), 0.2).moved((0.02, 0, long)).of(1))
    elif kind == "head":
        drum = cylinder(rng.uniform(0.08, 0.25), rng.uniform(0.3, 0.9), rng.uniform(0.6, 1.4))
        meshes.append(drum.turned(rotation("y", math.pi / 2)).moved((-rng.uniform(0.1, 0.4), 0, long)).of(1))
    elif kind == "cone":
        meshes.append(cylinder(0.08, rng.uniform(0.1, 0.5), rng.uniform(1.2, 2.6)).moved((0, 0, long)).of(1))
        meshes.append(cylinder(0.13, 0.02).moved((0, 0, long + 0.35)).of(2))
    elif kind == "bristles":
        meshes.append(cylinder(0.1, 0.08, squareness=0.5).moved((0, 0, long)).of(1))
        for _ in range(int(rng.integers(15, 40))):
            x, y = rng.uniform(-0.08, 0.08, 2)
            path = np.linspace([x, y, long + 0.05], [x * 1.5, y * 1.5, long + rng.uniform(0.25, 0.32)], 4)
            meshes.append(tube(path, 0.007, points=5).of(2))
    else:
        ring = np.linspace(0, 2 * math.pi, 36, endpoint=False)
        size = rng.uniform(0.12, 0.4)
        hoop = np.stack([size * np.cos(ring), 0 * ring, long + size + size * rng.uniform(0.8, 1.3) * np.sin(ring)], -1)
        meshes.append(tube(hoop, rng.uniform(0.02, 0.05), closed=True).of(1))
    return Thing(
        meshes,
        ((*HARD, "wood", "leather"), ("chrome", "metal", "plastic", "gloss"), ("fabric", "glass", "matte")),
        ("stands", "lies", "any", "any"),
    )


@TRAINED.add(1.2)
def loose_parts(rng: np.random.Generator) -> Thing:
    """A set laid out: pens, spoons, cubes, pebbles, sweets; each is part of the product."""
    count, meshes = int(rng.integers(3, 14)), []
    draw = one_of(
        rng,
        lambda: ellipsoid(tuple(rng.uniform(0.1, 0.35, 3)), (1, 1), 20),
        lambda: box(tuple(rng.uniform(0.1, 0.4, 3)), rng.uniform(0.05, 0.4)),
        lambda: cylinder(0.03, 0.9).turned(rotation("y", math.pi / 2)),
        lambda: cylinder(rng.uniform(0.1, 0.25), rng.uniform(0.03, 0.4)),
    )
    in_row = chance(rng, 0.5)
    for i in range(count):
        part = draw().turned(rotation("z", 0.0 if in_row else rng.uniform(0, 6.3)))
        spot = (0, i * 0.32, 0) if in_row else (*(rng.normal(size=2) * 0.12 * count**0.6 * 2), 0)
        low = part.vertices[:, 2].min()
        meshes.append(part.moved(spot).moved((0, 0, -low)).of(i % 3))
    return Thing(meshes, (ANY, ANY, ANY))


@TRAINED.add(1)
def soft_toy(rng: np.random.Generator) -> Thing:
    """Lumps of lumps: toys, bread, fruit, cushions, stones."""
    meshes, spot = [], np.zeros(3)
    for i in range(int(rng.integers(1, 8))):
        size = tuple(rng.uniform(0.25, 0.7, 3))
        meshes.append(bent(ellipsoid(size), rng, rng.uniform(0, 0.03), rng.uniform(3, 9)).moved(spot).of(int(i > 3)))
        spot = meshes[int(rng.integers(len(meshes)))].vertices.mean(0) + rng.normal(size=3) * 0.25 * np.array(
            [1.4, 1, 1]
        )
    if chance(rng, 0.45):
        long = rng.uniform(0.03, 0.16)
        meshes += [fur(mesh, rng, 2500, long, rng.uniform(0.006, 0.02), rng.uniform(0, 0.8)) for mesh in meshes]
    return Thing(meshes, (("fabric", "matte", "gloss"), ("fabric", "matte", "plastic")), ("stands", "any"))
