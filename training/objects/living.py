"""Plants in pots, bouquets, and people who wear or hold things: what they wear is the product, and so are they."""

import math

import numpy as np

from training.objects.thing import CLAY, HARD, SOFT, TRAINED, Thing, chance, one_of
from training.shapes import Array, Mesh, bent, box, cylinder, ellipsoid, fur, rotation, skin, tube, turned_body


def leaf(rng: np.random.Generator, long: float, wide: float, curl: float) -> Mesh:
    """A leaf from the origin along +x, bending down by `curl`."""
    t = np.linspace(0, 1, 14)
    half = wide * np.sin(np.pi * t ** rng.uniform(0.6, 1.2)) ** 0.8 + 0.004
    x, z = long * t, -curl * t**2 * long
    fold = wide * rng.uniform(0, 0.4)
    edge = np.stack([x, half, z + fold * half / wide], -1)
    other = edge * np.array([1, -1, 1])
    spine = np.stack([x, 0 * t, z], -1)
    grid = np.stack([edge, spine, other, spine - np.array([0, 0, 0.006])], 1)
    return skin(grid, capped=True)


@TRAINED.add(1.8)
def plant(rng: np.random.Generator) -> Thing:
    """Pot plants, succulents, cacti, bouquets."""
    t = np.linspace(0, 1, 20)
    tall, wide = rng.uniform(0.25, 0.6), rng.uniform(0.18, 0.35)
    radius = wide * (0.75 + 0.25 * t ** rng.uniform(0.5, 2))
    pot = turned_body(
        np.r_[0, radius, radius[-1] - 0.03, radius[-1] - 0.03, 0], np.r_[0, t * tall, tall, tall * 0.9, tall * 0.9]
    )
    meshes = [pot]
    if chance(rng, 0.5):
        meshes.append(cylinder(wide * 1.06, 0.1).moved((0, 0, tall - 0.09)))
    meshes.append(cylinder(wide * 0.9, 0.03).moved((0, 0, tall * 0.88)).of(2))
    kind = one_of(rng, "leaves", "leaves", "cactus", "blades", "flowers")
    if kind == "cactus":
        for i in range(one_of(rng, 1, 1, 2, 3)):
            high, thick = rng.uniform(0.3, 1), rng.uniform(0.08, 0.16)
            column = ellipsoid((thick * 2, thick * 2, high), (0.6, 1))
            angle = np.arctan2(column.vertices[:, 1], column.vertices[:, 0])
            column.vertices[:, :2] *= (1 + 0.12 * np.cos(angle * 11))[:, None]
            lean = rotation("y", rng.normal() * 0.15 + i * 0.3)
            meshes.append(
                column.moved((0, 0, high / 2)).turned(lean).moved((rng.normal() * 0.05, 0, tall * 0.85)).of(1)
            )
    else:
        count = int(rng.integers(8, 34))
        for i in range(count):
            out, turn = rng.uniform(0.05, 0.6), i * 2.4 + rng.normal() * 0.3
            rise = rng.uniform(0.1, 0.9) * (1.4 if kind != "leaves" else 1)
            reach = rotation("z", turn)
            tip = np.array([out * 0.6, 0, tall * 0.85 + rise * 0.8])
            if kind == "blades":
                steep = rotation("y", -rng.uniform(0.7, 1.5))
                blade = leaf(rng, rng.uniform(0.5, 1.2), rng.uniform(0.02, 0.06), rng.uniform(-0.1, 0.6))
                meshes.append(blade.turned(steep).moved((0.04, 0, tall * 0.85)).turned(reach).of(1))
                continue
            stem = (
                np.linspace([0.02, 0, tall * 0.85], tip, 6)
                + np.array([0, 0, 0.05]) * np.sin(np.linspace(0, 3.1, 6))[:, None]
            )
            meshes.append(tube(stem, 0.008, points=5).turned(reach).of(1))
            if kind == "flowers" and chance(rng, 0.5):
                meshes.append(ellipsoid((0.16, 0.16, 0.12), (0.7, 1.3), 16).moved(tip).turned(reach).of(3))
            else:
                one = leaf(rng, rng.uniform(0.2, 0.5), rng.uniform(0.05, 0.2), rng.uniform(0, 1))
                meshes.append(one.turned(rotation("y", rng.uniform(-1, 0.4))).moved(tip).turned(reach).of(1))
    return Thing(meshes, ((*CLAY, "wood"), ("matte",), ("matte",), ("matte", "fabric")), leaf=1)


def _limb(start: Array, bend: Array, end: Array, thick: tuple[float, float]) -> Mesh:
    a, b = np.linspace(start, bend, 9), np.linspace(bend, end, 9)[1:]
    path = np.concatenate([a, b])
    path[1:-1] = (path[:-2] + path[1:-1] * 2 + path[2:]) / 4
    return tube(path, np.linspace(*thick, len(path)), points=16)


def _hand(rng: np.random.Generator, at: Array, way: Array) -> list[Mesh]:
    way = way / (np.linalg.norm(way) + 1e-9)
    palm = ellipsoid((0.09, 0.05, 0.11)).moved(at + way * 0.05)
    made = [palm]
    side = np.cross(way, [0, 1.0, 0.2])
    for i in range(4):
        start = at + way * 0.09 + side * (i - 1.5) * 0.022
        curl = np.array([0, -0.03, 0]) * rng.uniform(0, 1)
        made.append(tube(np.linspace(start, start + way * rng.uniform(0.05, 0.09) + curl, 4), 0.011, points=7))
    return made


@TRAINED.add(3, wearing=True)
def person(rng: np.random.Generator) -> Thing:
    """A person in clothes, of skin 0, with legs, arms, hair; the picture may cut any part away."""
    meshes: list[Mesh] = []
    sleeves, skirt = rng.uniform(0, 1), chance(rng, 0.4)
    t = np.linspace(0, 1, 24)
    build = rng.uniform(0.85, 1.2)
    torso = np.interp(t, [0, 0.3, 0.75, 0.93, 1], [0.175, 0.145, 0.2, 0.17, 0.07]) * build * (1 + rng.uniform(0, 0.15))
    lean = rng.normal() * 0.03
    spine = np.stack([lean * t, 0 * t, 0.85 + t * 0.63], -1)
    meshes.append(bent(tube(spine, torso, flatness=rng.uniform(0.55, 0.75), points=28), rng, 0.006, 12).of(1))
    meshes.append(tube(np.linspace([lean, 0, 1.42], [lean, 0, 1.58], 5), 0.055, points=14))
    head = np.array([lean, -0.02, 1.66])
    meshes.append(ellipsoid((0.19, 0.22, 0.27)).moved(head))
    if chance(rng, 0.9):
        hair = ellipsoid((0.23, 0.25, 0.24)).moved(head + np.array([0, 0.035, 0.045]))
        meshes.append(bent(hair, rng, 0.02, 9).of(4))
        if chance(rng, 0.6):
            meshes.append(fur(meshes[-1], rng, 1500, rng.uniform(0.03, 0.12), 0.006, rng.uniform(0.2, 1)))
        if chance(rng, 0.45):
            fall = ellipsoid((0.3, 0.14, rng.uniform(0.3, 0.7)), (0.7, 1)).moved(head + np.array([0, 0.09, -0.15]))
            meshes.append(bent(fall, rng, 0.02, 9).of(4))
    for sx in (-1, 1):
        shoulder = np.array([sx * 0.19 * build + lean, 0, 1.39])
        out, fold = rng.uniform(-0.05, 0.7), rng.uniform(-0.3, 1.6)
        elbow = shoulder + 0.29 * np.array([sx * math.sin(out + 0.1), -rng.uniform(0, 0.25), -math.cos(out)])
        wrist = elbow + 0.26 * np.array([sx * math.sin(out - fold), -rng.uniform(0.05, 0.6), -math.cos(out - fold)])
        meshes.append(_limb(shoulder, elbow, wrist, (0.055, 0.03)))
        meshes += _hand(rng, wrist, wrist - elbow)
        end = shoulder + (elbow - shoulder) * min(1, sleeves * 2)
        last = elbow + (wrist - elbow) * max(0.02, sleeves * 2 - 1) if sleeves > 0.5 else end
        if sleeves > 0.15:
            middle = elbow if sleeves > 0.5 else (shoulder + end) / 2
            meshes.append(bent(_limb(shoulder, middle, last, (0.085, rng.uniform(0.045, 0.08))), rng, 0.006, 14).of(1))
        step = rng.uniform(-0.02, 0.22)
        hip = np.array([sx * 0.095, 0, 0.88])
        knee = hip + np.array([sx * step * 0.4, -rng.uniform(0, 0.2), -0.43])
        ankle = knee + np.array([sx * step * 0.3, rng.uniform(-0.05, 0.2), -0.4])
        cloth = 2 if not skirt else 0
        meshes.append(_limb(hip, knee, ankle, (0.105, 0.06 if cloth else 0.045)).of(cloth))
        shoe = ellipsoid((0.1, 0.27, 0.11), (0.6, 0.8)).moved(ankle + np.array([0, -0.07, -0.02]))
        meshes.append(shoe.of(3))
    if skirt:
        hem, flare = rng.uniform(0.15, 0.7), rng.uniform(0.2, 0.42)
        radius, height = np.linspace(0.17, flare, 14), np.linspace(0.95, hem, 14)
        cone = turned_body(np.r_[radius, radius[::-1] - 0.01], np.r_[height, height[::-1]])
        angle = np.arctan2(cone.vertices[:, 1], cone.vertices[:, 0])
        cone.vertices[:, :2] *= (1 + rng.uniform(0, 0.08) * np.sin(angle * int(rng.integers(5, 14))))[:, None]
        meshes.append(cone.of(one_of(rng, 1, 2)))
    if chance(rng, 0.3):
        held = one_of(rng, box((0.25, 0.1, 0.3), 0.2), cylinder(0.05, 0.25), ellipsoid((0.25, 0.25, 0.25)))
        meshes.append(held.moved(wrist + np.array([0, -0.06, -0.08])).of(5))
    return Thing(
        _part_of(rng, meshes),
        (("matte",), SOFT, SOFT, (*SOFT, "plastic"), ("fabric", "matte"), HARD),
        skin=0,
        faces=True,
    )


def _part_of(rng: np.random.Generator, meshes: list[Mesh]) -> list[Mesh]:
    """The whole person, or those parts that lie in the upper or lower half: a scene cuts the rest off by its frame."""
    if chance(rng, 0.35):
        return meshes
    upper = chance(rng, 0.55)
    kept = [m for m in meshes if (m.vertices[:, 2].mean() > 0.85) == upper or m.material == 2 - int(upper)]
    return kept or meshes


@TRAINED.add(1.0, wearing=True)
def held(rng: np.random.Generator) -> Thing:
    """A hand and forearm from the frame's edge with a thing in it."""
    way = np.array([one_of(rng, -1, 1) * rng.uniform(0.3, 1), rng.uniform(-0.1, 0.2), rng.uniform(-1, -0.2)])
    way /= np.linalg.norm(way)
    start, wrist = way * rng.uniform(0.9, 1.6), way * 0.16
    meshes = [tube(np.linspace(start, wrist, 10), np.linspace(0.12, 0.06, 10), flatness=0.8, points=18)]
    if chance(rng, 0.5):
        meshes.append(
            tube(np.linspace(start, start * 0.45 + wrist * 0.55, 8), np.linspace(0.17, 0.11, 8), points=18).of(2)
        )
    palm = ellipsoid((0.2, 0.12, 0.24)).moved(way * 0.08)
    meshes.append(palm)
    for i in range(4):
        base = np.array([-0.09, 0.02, 0.05 - i * 0.055])
        bow = np.linspace(0, math.pi * 0.9, 8)
        finger = base + np.stack([0.09 * (1 - np.cos(bow)), -0.13 * np.sin(bow) ** 0.7, 0 * bow], -1)
        meshes.append(tube(finger, 0.028, points=9))
    size = rng.uniform(0.16, 0.5)
    thing = one_of(
        rng,
        cylinder(size * 0.3, size * 2).moved((0, 0, -size * 0.8)),
        box((size * 0.9, size * 0.3, size * 1.5), 0.2).moved((0, 0, -size * 0.6)),
        ellipsoid((size, size, size)),
        tube(
            np.stack(
                [
                    0.2 * np.cos(np.linspace(0, 6.28, 40)),
                    0 * np.linspace(0, 1, 40),
                    0.2 * np.sin(np.linspace(0, 6.28, 40)),
                ],
                -1,
            ),
            0.03,
        ),
    )
    meshes.append(thing.turned(rotation("y", rng.normal() * 0.4)).moved((0, -0.06, 0)).of(1))
    return Thing(meshes, (("matte",), (*HARD, "glass", "leather", "fabric"), SOFT), skin=0, faces=True)
