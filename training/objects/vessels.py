"""Cups, bottles, jars, bowls, vases, pans, lamps: bodies turned on a lathe, with lids, handles and what is in them."""

import math

import numpy as np

from training.objects.thing import CLAY, HARD, TRAINED, Thing, chance, one_of
from training.shapes import Array, Mesh, cylinder, rotation, tube, turned_body


def smooth(values: Array, steps: int) -> Array:
    window = np.hanning(2 * steps + 3)
    return np.convolve(np.pad(values, steps + 1, "edge"), window / window.sum(), "valid")


def hollow(radius: Array, height: Array, wall: float) -> tuple[Array, Array]:
    """The profile of an open vessel with that wall: up outside, down inside."""
    inner = np.maximum(radius[::-1] - wall, 0.004)
    return np.r_[0, radius, inner, 0], np.r_[0, height, np.maximum(height[::-1], wall), wall]


def handle(rng: np.random.Generator, reach: float, low: float, high: float) -> Mesh:
    bow = np.linspace(-math.pi / 2, math.pi / 2, 24)
    out = rng.uniform(0.12, 0.35)
    middle, half = (low + high) / 2, (high - low) / 2
    path = np.stack([reach * 0.94 + out * np.cos(bow), 0 * bow, middle + half * np.sin(bow)], -1)
    return tube(path, rng.uniform(0.02, 0.06), flatness=rng.uniform(0.5, 1.6))


@TRAINED.add(2.5)
def cup(rng: np.random.Generator) -> Thing:
    t = np.linspace(0, 1, 40)
    width, tall = rng.uniform(0.28, 0.5), rng.uniform(0.5, 1.2)
    radius = width * (1 + t * rng.uniform(-0.15, 0.4)) * np.minimum(1, (t * 12 + 0.6)) ** rng.uniform(0.1, 0.6)
    profile = hollow(radius, t * tall, rng.uniform(0.015, 0.05))
    meshes = [turned_body(*profile)]
    if chance(rng, 0.75):
        meshes.append(handle(rng, float(radius[20]), tall * rng.uniform(0.1, 0.3), tall * rng.uniform(0.65, 0.92)).of(
            int(chance(rng, 0.3))
        ))  # fmt: skip
    if chance(rng, 0.4):
        level = rng.uniform(0.5, 0.92)
        meshes.append(
            cylinder(float(np.interp(level, t, radius)) * 0.97, 0.01, bevel=0).moved((0, 0, level * tall)).of(2)
        )
    if chance(rng, 0.25):
        saucer = hollow(rng.uniform(0.6, 0.9) * np.linspace(0.4, 1, 12) ** 0.6, np.linspace(0, 0.1, 12), 0.02)
        meshes.append(turned_body(*saucer).moved((0, 0, -0.08)))
    return Thing(meshes, (CLAY, CLAY, ("matte", "gloss")))


@TRAINED.add(2.5)
def bottle(rng: np.random.Generator) -> Thing:
    t = np.linspace(0, 1, 48)
    shoulder, body, neck = rng.uniform(0.45, 0.75), rng.uniform(0.18, 0.36), rng.uniform(0.05, 0.12)
    radius = smooth(np.where(t < shoulder, body, neck), int(rng.integers(1, 7)))
    if chance(rng, 0.3):
        radius[:24] *= 1 - rng.uniform(0, 0.2) * np.sin(np.linspace(0, math.pi, 24))
    tall = rng.uniform(0.9, 2)
    square, depth = (rng.uniform(0.25, 0.7), rng.uniform(0.4, 1)) if chance(rng, 0.3) else (1.0, 1.0)
    meshes = [turned_body(np.r_[0, radius, 0], np.r_[0, t * tall, tall], square, depth)]
    if chance(rng, 0.8):
        meshes.append(cylinder(neck * rng.uniform(1.05, 1.9), rng.uniform(0.08, 0.35)).moved((0, 0, tall * 0.97)).of(1))
    if chance(rng, 0.2):
        spray = cylinder(neck * 0.6, neck * 3).turned(rotation("y", math.pi / 2))
        meshes.append(spray.moved((0, 0, tall + 0.25)).of(1))
    if chance(rng, 0.45):  # a label round the body
        low, high = sorted(rng.uniform(0.05, shoulder - 0.05, 2))
        inside = (t >= low) & (t <= max(high, low + 0.12))
        meshes.append(turned_body(radius[inside] + 0.006, t[inside] * tall, square, depth).of(2))
    kinds = ("glass", "glass", "plastic", "gloss", "matte", "metal")
    return Thing(meshes, (kinds, HARD, ("matte", "plastic")), ("stands", "stands", "lies"))


@TRAINED.add(2.2)
def jar(rng: np.random.Generator) -> Thing:
    t = np.linspace(0, 1, 40)
    width, tall = rng.uniform(0.25, 0.5), rng.uniform(0.3, 1.3)
    radius = smooth(width * np.where(t < 0.86, 1, rng.uniform(0.75, 1)), 2)
    meshes = [turned_body(*hollow(radius, t * tall, 0.02))]
    lid = cylinder(float(radius[-1]) * rng.uniform(1.0, 1.1), rng.uniform(0.06, 0.25))
    if chance(rng, 0.75):
        meshes.append(lid.moved((0, 0, tall * 0.97)).of(1))
    else:
        meshes.append(lid.moved((width * 1.7, rng.uniform(-0.4, 0.2), 0)).of(1))
    if chance(rng, 0.6):
        meshes.append(cylinder(width * 0.95, tall * rng.uniform(0.2, 0.85)).moved((0, 0, 0.02)).of(2))
    return Thing(meshes, (("glass", "glass", "glass", "matte", "gloss"), (*HARD, "wood"), ("matte", "gloss", "fabric")))


@TRAINED.add(1.5)
def wine_glass(rng: np.random.Generator) -> Thing:
    t = np.linspace(0, 1, 24)
    foot, stem, bowl = rng.uniform(0.22, 0.34), rng.uniform(0.0, 0.6), rng.uniform(0.2, 0.38)
    rise = np.sqrt(np.sin(np.minimum(t * rng.uniform(1.6, 2.4), 3.0)) + 0.01) * bowl
    radius, height = hollow(np.maximum(rise, 0.02), 0.1 + stem + t * rng.uniform(0.5, 0.9), 0.012)
    leg = np.linspace(0, 1, 12)
    legs = foot * np.maximum((1 - leg) ** 6, 0.08)
    meshes = [
        turned_body(np.r_[0, legs, 0.02], np.r_[0, leg * (0.1 + stem), 0.1 + stem]),
        turned_body(radius, height),
    ]
    if chance(rng, 0.5):
        n = int(rng.integers(8, 18))
        meshes.append(
            turned_body(np.r_[rise[:n] * 0.96, 0], np.r_[0.1 + stem + t[:n] * 0.6, 0.1 + stem + t[n - 1] * 0.6]).of(1)
        )
    return Thing(meshes, (("glass",), ("gloss", "glass"), ("matte",)))


@TRAINED.add(1.2)
def tumblers(rng: np.random.Generator) -> Thing:
    """Several drinking glasses, or one large: walls alone, hardly there."""
    count = one_of(rng, 1, 1, 2, 3, 4)
    t = np.linspace(0, 1, 24)
    tall, flare = rng.uniform(0.6, 1.4), rng.uniform(-0.1, 0.35)
    profile = hollow(0.3 * (1 + t * flare), t * tall, rng.uniform(0.012, 0.04))
    square = 1.0 if chance(rng, 0.8) else 0.5
    one = turned_body(*profile, square)
    meshes = [one.moved((i * 0.75 + rng.normal() * 0.05, rng.normal() * 0.15, 0)) for i in range(count)]
    if chance(rng, 0.3):
        meshes.append(cylinder(0.29, tall * rng.uniform(0.2, 0.8)).of(1))
    return Thing(meshes, (("glass",), ("glass", "gloss", "matte"), ("matte",)))


@TRAINED.add(1.6)
def bowl(rng: np.random.Generator) -> Thing:
    t = np.linspace(0, 1, 36)
    radius, tall = 0.12 + rng.uniform(0.35, 0.7) * t ** rng.uniform(0.3, 0.8), rng.uniform(0.08, 0.7)
    meshes = [turned_body(*hollow(radius, t * tall, rng.uniform(0.01, 0.05)), 1.0 if chance(rng, 0.8) else 0.6)]
    if chance(rng, 0.3):
        from training.shapes import ellipsoid

        for _ in range(int(rng.integers(3, 9))):
            size = rng.uniform(0.15, 0.3)
            spot = rng.uniform(-0.25, 0.25, 2)
            meshes.append(ellipsoid((size, size, size)).moved((*spot, tall * 0.75)).of(one_of(rng, 1, 2)))
    return Thing(meshes, (CLAY, ("matte", "gloss"), ("matte", "gloss")), ("stands", "stands", "any"))


@TRAINED.add(2)
def vase(rng: np.random.Generator) -> Thing:
    knots = int(rng.integers(4, 8))
    spots = np.sort(np.r_[0, rng.uniform(0, 1, knots - 2), 1])
    t = np.linspace(0, 1, 48)
    radius = smooth(np.interp(t, spots, rng.uniform(0.1, 0.5, knots)), int(rng.integers(1, 6)))
    tall = rng.uniform(0.5, 1.8)
    if chance(rng, 0.5):
        profile = hollow(radius, t * tall, rng.uniform(0.015, 0.04))
    else:
        profile = (np.r_[0, radius, 0], np.r_[0, t * tall, tall])
    body = turned_body(*profile, 1.0 if chance(rng, 0.75) else rng.uniform(0.3, 0.7))
    if chance(rng, 0.15):  # fluted
        angle = np.arctan2(body.vertices[:, 1], body.vertices[:, 0])
        swell = 1 + rng.uniform(0.02, 0.1) * np.cos(int(rng.integers(5, 24)) * angle)
        body.vertices[:, :2] *= swell[:, None]
    meshes = [body]
    if chance(rng, 0.25):
        meshes.append(handle(rng, float(radius[30]), tall * 0.35, tall * 0.8))
    return Thing(meshes, (CLAY, CLAY, CLAY))


@TRAINED.add(1)
def pan(rng: np.random.Generator) -> Thing:
    t = np.linspace(0, 1, 20)
    wide, deep = rng.uniform(0.4, 0.6), rng.uniform(0.08, 0.6)
    meshes = [turned_body(*hollow(wide * (0.85 + 0.15 * t), t * deep, 0.02))]
    long = rng.uniform(0.3, 1)
    way = np.linspace(0, 1, 10)[:, None] * np.array([long, 0, rng.uniform(0, 0.3)]) + np.array(
        [wide * 0.97, 0, deep * 0.8]
    )
    meshes.append(tube(way, rng.uniform(0.025, 0.05), flatness=rng.uniform(0.5, 1)).of(1))
    if chance(rng, 0.4):
        meshes.append(cylinder(wide, 0.03).moved((0, 0, deep)).of(2))
        meshes.append(cylinder(0.06, 0.1, 1.3).moved((0, 0, deep + 0.03)).of(1))
    return Thing(meshes, (("metal", "chrome", "matte", "gloss"), (*HARD, "wood"), ("glass", "metal")))


@TRAINED.add(1.2)
def tin(rng: np.random.Generator) -> Thing:
    """Cans, candles, tubs, tubes of cream."""
    wide, tall = rng.uniform(0.15, 0.5), rng.uniform(0.1, 1.6)
    meshes = [cylinder(wide, tall, rng.uniform(0.85, 1.1), squareness=one_of(rng, 1.0, 1.0, 0.5))]
    if chance(rng, 0.6):
        meshes.append(cylinder(wide * rng.uniform(0.8, 1.04), rng.uniform(0.04, 0.4)).moved((0, 0, tall)).of(1))
    if chance(rng, 0.3):
        ring = np.linspace(0, 2 * math.pi, 24, endpoint=False)
        pull = np.stack([0.08 * np.cos(ring), 0.05 * np.sin(ring), 0 * ring], -1)
        meshes.append(tube(pull, 0.012, closed=True).moved((0.05, 0, tall + 0.02)).of(1))
    return Thing(meshes, (HARD, HARD, HARD), ("stands", "stands", "lies"))


@TRAINED.add(1)
def table_lamp(rng: np.random.Generator) -> Thing:
    t = np.linspace(0, 1, 24)
    stem = 0.05 + 0.12 * np.abs(np.sin(t * rng.uniform(2, 9) + rng.uniform(0, 3)))
    low, high = sorted(rng.uniform(0.15, 0.55, 2))[::-1]
    shade = np.linspace(low, high, 12)
    rise = np.linspace(0.8, 0.8 + rng.uniform(0.3, 0.7), 12)
    meshes = [
        cylinder(rng.uniform(0.2, 0.35), 0.05),
        turned_body(np.r_[stem, 0], np.r_[t * 0.9, 0.9]),
        turned_body(np.r_[shade, shade[::-1] - 0.01], np.r_[rise, rise[::-1]]).of(1),
    ]
    return Thing(meshes, ((*CLAY, "wood", "chrome"), ("fabric", "matte", "glass", "metal"), CLAY))
