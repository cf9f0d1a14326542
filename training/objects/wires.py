"""Cables, chains, jewellery, spectacles, racks, bicycles, tools with rods: thin parts and holes."""

import math

import numpy as np

from training.objects.thing import HARD, SHINY, TRAINED, Thing, chance, one_of
from training.shapes import Array, Mesh, box, cylinder, ellipsoid, rotation, tube


def circle(points: int = 48) -> Array:
    angle = np.linspace(0, 2 * math.pi, points, endpoint=False)
    return np.stack([np.cos(angle), np.sin(angle), 0 * angle], -1)


def wandering(rng: np.random.Generator, points: int = 100, flat: float = 0.1) -> Array:
    """A smooth line that wanders about, as a cable does that was put down."""
    t = np.linspace(0, 1, points)
    line = np.zeros((points, 3))
    for k in range(4):
        wave = 2 * math.pi * (k + 1) * rng.uniform(0.3, 0.8) * t + rng.uniform(0, 6)
        line += rng.normal(size=3) * np.sin(wave)[:, None] / (k + 1) ** 1.2
    return line * np.array([1, 1, flat])


@TRAINED.add(1.5)
def cable(rng: np.random.Generator) -> Thing:
    """Cables, ropes, belts and leads, loose or coiled, with plugs at their ends."""
    if chance(rng, 0.35):
        turn = np.linspace(0, rng.uniform(8, 30), 160)
        size = 0.5 + rng.uniform(-0.1, 0.3) * np.sin(turn * rng.uniform(0.05, 0.3))
        path = np.stack(
            [size * np.cos(turn), size * np.sin(turn) * rng.uniform(0.5, 1), turn * rng.uniform(0, 0.02)], -1
        )
        path = np.concatenate([path, path[-1] + (wandering(rng, 40) - wandering(rng, 1)) * 0.1])[:-40]
    else:
        path = wandering(rng, 140)
    thick = rng.uniform(0.015, 0.06)
    meshes = [tube(path, thick, flatness=one_of(rng, 1, 1, 0.3, 2.0))]
    for end, way in ((path[0], path[0] - path[2]), (path[-1], path[-1] - path[-3])):
        if chance(rng, 0.7):
            turn = rotation("z", math.atan2(way[1], way[0])) @ rotation("y", math.pi / 2)
            meshes.append(box((thick * 4, thick * 6, rng.uniform(0.1, 0.35)), 0.3).turned(turn).moved(end).of(1))
    return Thing(meshes, (("plastic", "matte", "fabric", "leather"), HARD), ("stands", "stands", "any"))


def chain_along(path: Array, link: float, material: int = 0) -> list[Mesh]:
    """Links along a line, each turned a quarter from the one before."""
    steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
    length = np.r_[0, np.cumsum(steps)]
    spots = np.arange(0, length[-1], link * 1.5)
    made = []
    ring = circle(14) * np.array([link, link * 0.6, 0])
    for i, spot in enumerate(spots):
        here = np.array([np.interp(spot, length, path[:, d]) for d in range(3)])
        ahead = np.array([np.interp(spot + 0.01, length, path[:, d]) for d in range(3)]) - here
        turn = rotation("z", math.atan2(ahead[1], ahead[0])) @ rotation("x", (i % 2) * math.pi / 2 + 0.4)
        made.append(tube(ring, link * 0.2, closed=True, points=6).turned(turn).moved(here).of(material))
    return made


@TRAINED.add(1.8)
def jewellery(rng: np.random.Generator) -> Thing:
    """Rings, bracelets, earrings, necklaces with a pendant."""
    kind = one_of(rng, "ring", "ring", "necklace", "bracelet", "earrings")
    meshes: list[Mesh] = []
    if kind == "ring":
        for i in range(one_of(rng, 1, 1, 2, 3)):
            band = tube(circle() * 0.5, rng.uniform(0.03, 0.12), flatness=rng.uniform(0.4, 2), closed=True)
            turn = rotation("x", rng.uniform(0, 1.6)) if chance(rng, 0.6) else np.eye(3)
            meshes.append(band.turned(turn).moved((i * 0.8, rng.normal() * 0.2, 0)))
            if chance(rng, 0.6):
                gem = ellipsoid((0.25, 0.25, 0.2), (1.6, one_of(rng, 1, 1.4, 0.5)), 12)
                meshes.append(gem.moved((0.5, 0, 0)).turned(turn).moved((i * 0.8, 0, 0)).of(1))
    elif kind == "necklace":
        t = np.linspace(0, 2 * math.pi, 120)
        loop = np.stack([np.cos(t) * 0.8, np.sin(t) * rng.uniform(0.5, 1), 0.02 * np.sin(3 * t)], -1)
        loop += wandering(rng, 120, 0) * 0.06 * np.sin(t / 2)[:, None] ** 2
        if chance(rng, 0.5):
            meshes += chain_along(loop, rng.uniform(0.025, 0.06))
        else:
            size = rng.uniform(0.03, 0.09)
            beads = loop[:: max(1, int(size * 26))]
            meshes += [ellipsoid((size * 1.7,) * 3, detail=14).moved(bead).of(one_of(rng, 0, 0, 1)) for bead in beads]
        low = loop[int(np.argmin(loop[:, 1]))]
        pendant = one_of(rng, ellipsoid((0.2, 0.25, 0.06)), cylinder(0.12, 0.03), box((0.16, 0.22, 0.05)))
        meshes.append(pendant.moved(low + np.array([0, -0.14, 0])).of(1))
    elif kind == "bracelet":
        for i in range(one_of(rng, 1, 1, 2, 4)):
            loop = circle(100) * rng.uniform(0.5, 0.55) * np.array([1, rng.uniform(0.8, 1), 1])
            if chance(rng, 0.4):
                meshes += [m.moved((0, 0, i * 0.15)) for m in chain_along(loop, rng.uniform(0.05, 0.1))]
            else:
                wall = tube(loop, rng.uniform(0.02, 0.07), flatness=rng.uniform(0.5, 3), closed=True)
                meshes.append(wall.turned(rotation("x", rng.normal() * 0.15)).moved((0, 0, i * 0.14)).of(i % 2))
    else:
        for x in (-0.4, 0.4):
            hook = circle(30)[:22] * 0.15
            meshes.append(tube(hook[:, [0, 2, 1]] + np.array([0, 0, 0.5]), 0.015).moved((x, 0, 0)))
            hoop = tube(circle()[:, [0, 2, 1]] * 0.25, rng.uniform(0.02, 0.06), closed=True).moved((0, 0, 0.15))
            drop = one_of(rng, hoop, ellipsoid((0.2, 0.1, 0.4)), ellipsoid((0.25, 0.25, 0.25)))
            meshes.append(drop.moved((x, 0, 0.1)).of(1))
    return Thing(meshes, (SHINY, (*SHINY, "glass", "plastic")), ("stands", "lies", "any"))


@TRAINED.add(1.2)
def spectacles(rng: np.random.Generator) -> Thing:
    wide, tall, thick = rng.uniform(0.36, 0.48), rng.uniform(0.26, 0.42), rng.uniform(0.012, 0.05)
    squareness = rng.uniform(0.6, 1.1)
    angle = np.linspace(0, 2 * math.pi, 48, endpoint=False)
    cosine = np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** squareness
    sine = np.sign(np.sin(angle)) * np.abs(np.sin(angle)) ** squareness
    meshes, fold = [], rng.uniform(0, 1.5)
    for sx in (-1, 1):
        rim = np.stack([sx * 0.55 + wide * cosine, 0 * angle, tall + tall * sine], -1)
        meshes.append(tube(rim, thick, closed=True, points=10))
        if chance(rng, 0.9):
            lens = ellipsoid((2 * wide, 0.04, 2 * tall), (squareness, squareness))
            meshes.append(lens.moved((sx * 0.55, 0, tall)).of(1))
        t = np.linspace(0, 1, 12)
        side = np.stack(
            [sx * (1 - 0.7 * t * math.sin(fold)), t * 1.1 * max(0.12, math.cos(fold)), tall * 1.2 - 0.25 * t**4], -1
        )
        meshes.append(tube(side, thick * 1.1, points=8))
    t = np.linspace(-1, 1, 10)
    meshes.append(tube(np.stack([t * 0.12, 0 * t, tall * 1.15 + 0.06 * (1 - t**2)], -1), thick))
    return Thing(
        meshes, (("metal", "plastic", "gloss", "chrome"), ("glass", "glass", "gloss")), ("stands", "stands", "any")
    )


@TRAINED.add(1.2)
def rack(rng: np.random.Generator) -> Thing:
    """Wire baskets, dish racks, bird cages, whisks, tripods."""
    kind, meshes = one_of(rng, "basket", "basket", "whisk", "tripod", "grid"), []
    thin = rng.uniform(0.01, 0.03)
    if kind == "basket":
        count, tall, narrow = int(rng.integers(8, 24)), rng.uniform(0.3, 1.2), rng.uniform(-0.3, 0.4)
        z = np.linspace(0, 1, 10)
        for i in range(count):
            a = i * 2 * math.pi / count
            size = 0.5 * (1 - narrow * (1 - z))
            meshes.append(tube(np.stack([size * math.cos(a), size * math.sin(a), z * tall], -1), thin, points=7))
        for level in np.linspace(0, 1, int(rng.integers(2, 7))):
            ring = circle(40) * 0.5 * (1 - narrow * (1 - level)) + np.array([0, 0, level * tall])
            meshes.append(tube(ring, thin * 1.2, closed=True, points=7))
        if chance(rng, 0.4):
            bow = np.linspace(0, math.pi, 24)
            meshes.append(tube(np.stack([0.5 * np.cos(bow), 0 * bow, tall + 0.5 * np.sin(bow)], -1), thin * 1.5))
    elif kind == "whisk":
        t = np.linspace(0, math.pi, 26)
        for i in range(int(rng.integers(4, 8))):
            a = i * math.pi / 5
            for sign in (-1, 1):
                out = sign * 0.3 * np.sin(t) ** 0.8
                meshes.append(
                    tube(
                        np.stack([out * math.cos(a), out * math.sin(a), 0.8 + 0.45 * (1 - np.cos(t))], -1),
                        thin * 0.7,
                        points=7,
                    )
                )
        meshes.append(cylinder(rng.uniform(0.05, 0.09), 0.85).of(1))
    elif kind == "tripod":
        for i in range(3):
            a = i * 2.1
            leg = np.array([[0, 0, 1.0]]) + np.linspace(0, 1, 6)[:, None] * np.array(
                [0.5 * math.cos(a), 0.5 * math.sin(a), -1]
            )
            meshes.append(tube(leg, rng.uniform(0.02, 0.04)))
        meshes.append(box((0.35, 0.25, 0.25), 0.2).moved((0, 0, 1)).of(1))
        meshes.append(cylinder(0.1, 0.2).turned(rotation("x", math.pi / 2)).moved((0, -0.1, 1.12)).of(2))
    else:
        wide, tall, step = rng.uniform(0.6, 1.2), rng.uniform(0.4, 1), rng.uniform(0.08, 0.2)
        for x in np.arange(-wide / 2, wide / 2 + 0.01, step):
            meshes.append(tube(np.array([[x, 0, 0], [x, 0, tall / 2], [x, 0, tall]]), thin, points=7))
        for z in (0, tall):
            meshes.append(tube(np.array([[-wide / 2, 0, z], [0, 0, z], [wide / 2, 0, z]]), thin * 1.5, points=7))
        meshes += [m.moved((0, 0.3, 0)) for m in list(meshes)] if chance(rng, 0.5) else []
    return Thing(
        meshes, (("chrome", "metal", "plastic", "matte", "wood"), (*HARD, "wood"), HARD), ("stands", "stands", "any")
    )


def wheel(rng: np.random.Generator, spokes: int) -> list[Mesh]:
    """A wheel in x and z round the origin, of radius 0.35."""
    upright = rotation("x", math.pi / 2)
    meshes = [
        tube(circle() * 0.33, rng.uniform(0.015, 0.04), closed=True).turned(upright).of(1),
        tube(circle() * 0.305, 0.015, closed=True).turned(upright).of(2),
        cylinder(0.03, 0.1).moved((0, 0, -0.05)).turned(upright).of(2),
    ]
    for i in range(spokes):
        a = i * 2 * math.pi / spokes
        end = np.array([math.cos(a) * 0.31, 0, math.sin(a) * 0.31])
        meshes.append(tube(np.stack([end * 0.1, end * 0.5, end]), 0.004 if spokes > 10 else 0.02, points=6).of(2))
    return meshes


@TRAINED.add(0.9)
def wheels(rng: np.random.Generator) -> Thing:
    """Scooters, prams, trolleys, skateboards on wheels: a frame of tubes over two or four wheels."""
    gap, meshes = rng.uniform(0.7, 1.2), []
    rods = chance(rng, 0.6)
    for x in (-gap / 2, gap / 2):
        for y in (-0.2, 0.2) if not rods else (0.0,):
            size = 1.0 if rods else rng.uniform(0.2, 0.5)
            meshes += [m.scaled(size).moved((x, y, 0.35 * size)) for m in wheel(rng, one_of(rng, 6, 12, 20))]
    if rods:
        spots = [
            (-gap / 2, 0.35),
            (gap / 2, 0.35),
            (-gap * 0.1, 0.4),
            (gap * 0.35, 0.85),
            (-gap * 0.25, 0.85),
            (gap * 0.3, 1.0),
        ]
        points = [np.array([x, 0.0, z]) for x, z in spots]
        for a, b in ((0, 2), (2, 3), (4, 3), (4, 2), (4, 0), (1, 5)):
            meshes.append(tube(np.linspace(points[a], points[b], 5), rng.uniform(0.018, 0.03)))
        meshes.append(ellipsoid((0.28, 0.14, 0.06)).moved((-gap * 0.27, 0, 0.93)).of(3))
        bow = np.linspace(-1, 1, 12)
        meshes.append(
            tube(np.stack([gap * 0.3 + 0.1 * np.abs(bow), bow * 0.25, 1.02 - 0.05 * bow**2], -1), 0.018).of(3)
        )
    else:
        deck = box((gap * 1.35, 0.35, rng.uniform(0.03, 0.3)), one_of(rng, 0.1, 0.4))
        meshes.append(deck.moved((0, 0, 0.3)))
    return Thing(
        meshes,
        (("metal", "gloss", "plastic", "wood"), ("matte", "plastic"), ("chrome", "metal"), ("leather", "plastic")),
    )
