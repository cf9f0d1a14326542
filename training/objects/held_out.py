"""Families that are only measured on: shapes that none of the trained families draws."""

import math

import numpy as np

from training.objects.thing import CLAY, HARD, HELD_OUT, SOFT, Thing, chance, one_of
from training.objects.vessels import hollow, smooth
from training.objects.wearables import drawing, rounded
from training.objects.wires import circle, wheel
from training.shapes import Mesh, bent, box, cylinder, ellipsoid, plate, rotation, skin, tube, turned_body


@HELD_OUT.add(1.5)
def teapot(rng: np.random.Generator) -> Thing:
    t = np.linspace(0, 1, 40)
    radius = 0.12 + 0.38 * np.sin(np.pi * np.minimum(t * rng.uniform(0.85, 1), 1)) ** rng.uniform(0.5, 1)
    tall = rng.uniform(0.5, 0.9)
    spout = np.stack([np.linspace(0.4, 0.85, 14), np.zeros(14), tall * (0.4 + 0.6 * np.linspace(0, 1, 14) ** 1.6)], -1)
    bow = np.linspace(-math.pi / 2, math.pi / 2, 24)
    grip = np.stack([-0.42 - 0.28 * np.cos(bow), 0 * bow, tall * 0.5 + tall * 0.32 * np.sin(bow)], -1)
    lid = turned_body(np.array([0.2, 0.18, 0.1, 0.05, 0.07, 0]), tall + np.array([-0.02, 0.04, 0.08, 0.12, 0.17, 0.2]))
    body = turned_body(np.r_[0, radius, 0], np.r_[0, t * tall, tall])
    return Thing(
        [body, tube(spout, np.linspace(0.1, 0.045, 14)), tube(grip, 0.04).of(1), lid.of(2)], (CLAY, CLAY, CLAY)
    )


@HELD_OUT.add(1.5)
def headphones(rng: np.random.Generator) -> Thing:
    bow = np.linspace(-0.15, math.pi + 0.15, 40)
    band = np.stack([0.5 * np.cos(bow), 0 * bow, 0.45 + 0.55 * np.sin(bow)], -1)
    meshes = [tube(band, rng.uniform(0.03, 0.06), flatness=rng.uniform(1, 2))]
    for sx in (-1, 1):
        cup = cylinder(rng.uniform(0.2, 0.28), 0.14, bevel=0.3).turned(rotation("y", sx * math.pi / 2))
        pad = tube(circle() * 0.17, 0.06, closed=True).turned(rotation("y", math.pi / 2))
        meshes += [cup.moved((sx * 0.48, 0, 0.35)).of(1), pad.moved((sx * 0.44, 0, 0.35)).of(2)]
    return Thing(meshes, (HARD, HARD, SOFT), ("stands", "lies", "any"), faces=True)


@HELD_OUT.add(1.5)
def watch(rng: np.random.Generator) -> Thing:
    t = np.linspace(0.5, 2 * math.pi - 0.5, 60)
    strap = np.stack([0.5 * np.sin(t), 0 * t, 0.5 - 0.5 * np.cos(t) * rng.uniform(0.75, 1)], -1)
    if chance(rng, 0.4):
        strap = np.stack([np.linspace(-1.1, 1.1, 60), 0 * t, 0.02 * np.sin(t * 3)], -1)
    top = strap[len(strap) // 2] if np.ptp(strap[:, 2]) < 0.2 else np.array([0, 0, strap[:, 2].max()])
    square = one_of(rng, 1.0, 1.0, 0.4)
    case = [
        cylinder(0.26, 0.1, squareness=square),
        tube(circle() * 0.23 + np.array([0, 0, 0.1]), 0.03, closed=True),
        cylinder(0.22, 0.02, squareness=square).moved((0, 0, 0.09)).of(2),
        cylinder(0.03, 0.08).turned(rotation("y", math.pi / 2)).moved((0.25, 0, 0.05)),
        box((0.015, 0.15, 0.01)).moved((0, 0.06, 0.115)).of(3),
    ]
    return Thing(
        [tube(strap, 0.1, flatness=0.2).of(1), *[mesh.moved(top) for mesh in case]],
        (("chrome", "metal", "gloss", "plastic"), ("leather", "metal", "plastic", "fabric"), ("matte", "gloss"), HARD),
        ("stands", "lies", "any"),
    )


@HELD_OUT.add(1.2, furniture=True)
def swivel_chair(rng: np.random.Generator) -> Thing:
    meshes: list[Mesh] = [cylinder(0.03, 0.4).moved((0, 0, 0.08)).of(1)]
    for i in range(5):
        a = i * 2 * math.pi / 5
        end = np.array([math.cos(a) * 0.32, math.sin(a) * 0.32, 0.08])
        meshes.append(tube(np.linspace([0, 0, 0.12], end, 5), 0.025).of(1))
        meshes.append(ellipsoid((0.07, 0.07, 0.08)).moved(end - np.array([0, 0, 0.04])).of(1))
    meshes.append(bent(box((0.5, 0.48, 0.1), 0.5), rng, 0.01, 4).moved((0, 0, 0.46)))
    back = box((0.46, 0.09, rng.uniform(0.4, 0.7)), 0.5).turned(rotation("x", rng.uniform(0, 0.25)))
    meshes.append(back.moved((0, 0.24, 0.6)))
    if chance(rng, 0.7):
        for sx in (-1, 1):
            arm = np.array([[sx * 0.27, 0.1, 0.5], [sx * 0.3, 0.1, 0.7], [sx * 0.3, -0.15, 0.72]])
            meshes.append(
                tube(np.concatenate([np.linspace(arm[0], arm[1], 6), np.linspace(arm[1], arm[2], 6)[1:]]), 0.025).of(2)
            )
    return Thing(meshes, (SOFT, ("chrome", "metal", "plastic"), HARD))


@HELD_OUT.add(1.2)
def backpack(rng: np.random.Generator) -> Thing:
    wide, tall = rng.uniform(0.5, 0.7), rng.uniform(0.7, 1)
    t = np.linspace(0, 1, 30)
    radius = smooth(wide / 2 * np.sin(np.pi * np.clip(t, 0.12, 0.94)) ** 0.35, 2)
    body = bent(turned_body(np.r_[0, radius, 0], np.r_[0, t * tall, tall], 0.6, 0.6), rng, 0.012, 5)
    meshes = [body, box((wide * 0.7, 0.14, tall * 0.35), 0.5).moved((0, -wide * 0.3, 0.08)).of(1)]
    for sx in (-1, 1):
        bow = np.linspace(-math.pi / 2, math.pi / 2, 20)
        strap = np.stack(
            [sx * wide * 0.25 + 0 * bow, wide * 0.28 + 0.18 * np.cos(bow), tall * 0.5 + tall * 0.36 * np.sin(bow)], -1
        )
        meshes.append(tube(strap, 0.05, flatness=0.3).of(2))
    grip = np.linspace(0, math.pi, 14)
    meshes.append(tube(np.stack([0.1 * np.cos(grip), 0 * grip, tall * 0.97 + 0.09 * np.sin(grip)], -1), 0.02).of(2))
    return Thing(meshes, (SOFT, SOFT, SOFT), faces=True)


@HELD_OUT.add(1.5)
def scent_bottle(rng: np.random.Generator) -> Thing:
    """A thick glass block with a chamber and a stopper."""
    sides = one_of(rng, 4, 6, 8)
    t = np.array([0, 0, 0.04, 0.96, 1, 1])
    radius = np.array([0, 0.9, 1, 1, 0.9, 0]) * rng.uniform(0.25, 0.45)
    tall = rng.uniform(0.4, 1)
    body = turned_body(radius, t * tall, 1.0, rng.uniform(0.4, 1), points=sides)
    core = turned_body(radius * 0.7, 0.08 + t * (tall - 0.2), 1.0, 0.6, points=24)
    neck = cylinder(0.1, 0.12).moved((0, 0, tall))
    stopper = one_of(rng, ellipsoid((0.3, 0.3, 0.3)), box((0.3, 0.2, 0.25), 0.1), cylinder(0.14, 0.28))
    low = float(stopper.vertices[:, 2].min())
    return Thing(
        [body, core.of(1), neck.of(2), stopper.moved((0, 0, tall + 0.1 - low)).of(3)],
        (("glass",), ("glass", "gloss"), ("metal", "chrome"), ("glass", "metal", "gloss", "wood")),
    )


@HELD_OUT.add(1.5)
def jug(rng: np.random.Generator) -> Thing:
    """Carafes and pitchers with a lip and a handle."""
    t = np.linspace(0, 1, 40)
    radius = smooth(np.interp(t, [0, 0.3, 0.7, 1], [0.3, rng.uniform(0.3, 0.5), 0.2, rng.uniform(0.22, 0.34)]), 3)
    tall = rng.uniform(0.8, 1.4)
    body = turned_body(*hollow(radius, t * tall, 0.02))
    high = np.clip((body.vertices[:, 2] / tall - 0.8) / 0.2, 0, 1)
    body.vertices[:, 0] += high**2 * 0.12 * np.maximum(body.vertices[:, 0], 0) / 0.3
    bow = np.linspace(-math.pi / 2, math.pi / 2, 24)
    grip = np.stack([-0.27 - 0.26 * np.cos(bow), 0 * bow, tall * 0.6 + tall * 0.28 * np.sin(bow)], -1)
    level = rng.uniform(0.3, 0.7)
    fill = turned_body(
        np.r_[0, radius[: int(40 * level)] * 0.93, 0],
        np.r_[0.03, 0.03 + t[: int(40 * level)] * tall, 0.03 + level * tall],
    )
    meshes = [body, tube(grip, 0.035)]
    if chance(rng, 0.4):
        meshes.append(fill.of(1))
    return Thing(meshes, (("glass", "glass", *CLAY), ("gloss", "glass", "matte")))


@HELD_OUT.add(1.2)
def scissors(rng: np.random.Generator) -> Thing:
    """Scissors, pliers and keys: flat metal with loops."""
    open_, meshes = rng.uniform(0.05, 0.5), []
    for sx in (-1, 1):
        blade = rounded(np.array([(0, -0.03), (0.48, 0.0), (0.02, 0.04), (-0.1, 0.03), (-0.1, -0.03)]), rng)
        part = [
            plate(drawing(blade), 0.02),
            tube(circle() * (0.13, 0.09, 0) + np.array([-0.28, 0.02, 0]), 0.03, closed=True).of(1),
        ]
        meshes += [
            m.scaled((1, sx, 1)).turned(rotation("z", sx * open_ / 2)).moved((0, 0, 0.02 * (sx + 1))) for m in part
        ]
    return Thing(meshes, (("chrome", "metal"), ("plastic", "gloss", "metal")), ("stands", "stands", "any"))


@HELD_OUT.add(1)
def bicycle(rng: np.random.Generator) -> Thing:
    gap, size = 0.98, 0.36
    meshes = [m.moved((x, 0, size)) for x in (-gap / 2, gap / 2) for m in wheel(rng, 24)]
    crank, saddle, head = np.array([-0.05, 0, 0.3]), np.array([-0.22, 0, 0.85]), np.array([0.33, 0, 0.85])
    back, front = np.array([-gap / 2, 0, size]), np.array([gap / 2, 0, size])
    for a, b in ((back, crank), (back, saddle), (saddle, crank), (crank, head), (saddle, head), (head, front)):
        meshes.append(tube(np.linspace(a, b, 5), rng.uniform(0.015, 0.028)))
    meshes.append(ellipsoid((0.27, 0.13, 0.06)).moved(saddle + np.array([0, 0, 0.06])).of(3))
    bar = np.array([[0.33, -0.25, 0.97], [0.34, -0.1, 0.98], [0.34, 0.1, 0.98], [0.33, 0.25, 0.97]])
    meshes += [tube(np.linspace(head, bar[1] * (1, 0, 1), 4), 0.018), tube(bar, 0.015).of(3)]
    meshes.append(cylinder(0.09, 0.02).turned(rotation("x", math.pi / 2)).moved(crank).of(2))
    return Thing(meshes, (("gloss", "metal", "matte"), ("matte",), ("chrome", "metal"), ("leather", "plastic")))


@HELD_OUT.add(1.2)
def umbrella(rng: np.random.Generator) -> Thing:
    ribs = int(rng.integers(6, 10))
    r, a = np.linspace(0.03, 1, 14), np.linspace(0, 2 * math.pi, 48, endpoint=False)
    sag = 0.06 * np.abs(np.sin(a * ribs / 2))
    top = 1.2 + 0.4 * np.cos(r * 1.3)[:, None] + r[:, None] * sag
    dome = np.stack([r[:, None] * np.cos(a), r[:, None] * np.sin(a), top], -1)
    both = np.concatenate([dome, dome[::-1] - np.array([0, 0, 0.012])])
    hook = np.linspace(math.pi, 2 * math.pi, 16)
    grip = np.stack([0.12 + 0.12 * np.cos(hook), 0 * hook, 0.12 + 0.12 * np.sin(hook)], -1)
    return Thing(
        [skin(both), cylinder(0.02, 1.7).moved((0, 0, 0.1)).of(1), tube(grip, 0.035).of(2)],
        (SOFT, ("metal", "wood"), (*HARD, "wood")),
        ("stands", "lies", "any"),
    )


@HELD_OUT.add(1)
def candle_stick(rng: np.random.Generator) -> Thing:
    meshes = [cylinder(0.28, 0.06)]
    arms = one_of(rng, 1, 2, 3)
    for i in range(arms):
        x = (i - (arms - 1) / 2) * 0.4
        path = np.array([[0, 0, 0.06], [0, 0, 0.4], [x * 0.7, 0, 0.45], [x, 0, 0.7]])
        knots = np.linspace(0, 1, 20)
        path = np.stack([np.interp(knots, np.linspace(0, 1, 4), path[:, d]) for d in range(3)], -1)
        meshes += [tube(path, 0.025), cylinder(0.08, 0.05).moved((x, 0, 0.7))]
        meshes.append(cylinder(rng.uniform(0.03, 0.05), rng.uniform(0.3, 0.7)).moved((x, 0, 0.74)).of(1))
    return Thing(meshes, (("metal", "chrome", "gloss", "wood", "glass"), ("matte", "gloss")), faces=True)
