"""Chairs, tables, shelves, sofas, boxes and books. They are products, and they furnish drawn rooms."""

import math

import numpy as np

from training.objects.thing import HARD, SOFT, TRAINED, Thing, chance, one_of
from training.shapes import Mesh, bent, box, cylinder, ellipsoid, fur, rotation, tube

WOODEN = ("wood", "wood", "matte", "plastic", "metal", "gloss")


def legs(rng: np.random.Generator, wide: float, deep: float, tall: float, splay: float | None = None) -> list[Mesh]:
    """Four legs, straight or spread, round or square."""
    thick, spread = rng.uniform(0.02, 0.05), rng.uniform(0, 0.18) if splay is None else splay
    square, taper = one_of(rng, 1.0, 0.4), rng.uniform(0.4, 1)
    made = []
    for sx in (-1, 1):
        for sy in (-1, 1):
            foot = np.array([sx * (wide / 2 + spread * tall * 0.7), sy * (deep / 2 + spread * tall * 0.7), 0])
            top = np.array([sx * wide / 2 * 0.9, sy * deep / 2 * 0.9, tall])
            path = foot + (top - foot) * np.linspace(0, 1, 6)[:, None]
            made.append(tube(path, thick * np.linspace(taper, 1, 6), squareness=square, points=10))
    return made


@TRAINED.add(1.8, furniture=True)
def chair(rng: np.random.Generator) -> Thing:
    wide, deep, seat = rng.uniform(0.4, 0.6), rng.uniform(0.38, 0.55), rng.uniform(0.4, 0.5)
    meshes = [mesh.of(1) for mesh in legs(rng, wide, deep, seat)]
    meshes.append(box((wide, deep, rng.uniform(0.03, 0.12)), rng.uniform(0.1, 0.6)).moved((0, 0, seat)))
    back, lean = rng.uniform(0.3, 0.6), rng.uniform(0, 0.25)
    kind = one_of(rng, "board", "rods", "none", "shell")
    if kind == "board":
        rest = box((wide, 0.04, back * rng.uniform(0.3, 1)), rng.uniform(0.1, 0.5)).turned(rotation("x", lean))
        meshes.append(rest.moved((0, deep / 2, seat + rng.uniform(0.05, 0.25))))
        for sx in (-1, 1):
            meshes.append(
                cylinder(0.02, back).turned(rotation("x", lean)).moved((sx * wide * 0.4, deep / 2, seat)).of(1)
            )
    elif kind == "rods":
        for x in np.linspace(-wide * 0.44, wide * 0.44, int(rng.integers(3, 10))):
            meshes.append(cylinder(0.012, back).turned(rotation("x", lean)).moved((x, deep / 2, seat)).of(1))
        top = deep / 2 + math.sin(-lean) * -back
        bow = np.linspace(-1, 1, 14)
        rail = np.stack([bow * wide / 2, np.full(14, top), seat + back * math.cos(lean) + 0.04 * (1 - bow**2)], -1)
        meshes.append(tube(rail, 0.025, flatness=1.4))
    elif kind == "shell":
        u = np.linspace(-1, 1, 20)
        grid = np.stack(
            [
                np.repeat(u[None] * wide / 2, 20, 0),
                deep / 2 + 0.1 * np.repeat(((u + 1) / 2)[:, None], 20, 1) - 0.25 * np.repeat(u[None] ** 2, 20, 0),
                np.repeat((seat + (u + 1) / 2 * back)[:, None], 20, 1) * (1 - 0.12 * np.repeat(u[None] ** 4, 20, 0)),
            ],
            -1,
        )
        from training.shapes import skin

        both = np.concatenate([grid, grid[:, ::-1] + np.array([0, 0.03, 0])], 1)
        meshes.append(skin(both))
    return Thing(meshes, ((*WOODEN, *SOFT), (*WOODEN, "chrome"), WOODEN))


@TRAINED.add(1.6, furniture=True)
def armchair(rng: np.random.Generator) -> Thing:
    """Armchairs and sofas: cushions on a frame with short legs."""
    seats = one_of(rng, 1, 1, 1, 2, 3)
    wide, deep, low = 0.6 * seats, rng.uniform(0.5, 0.7), rng.uniform(0.08, 0.28)
    plump, arm, back = rng.uniform(0.25, 0.7), rng.uniform(0.1, 0.22), rng.uniform(0.3, 0.7)
    meshes = [mesh.of(1) for mesh in legs(rng, wide, deep * 0.9, low + 0.04)]
    meshes.append(box((wide + arm, deep, 0.2), 0.3).moved((0, 0, low)))
    for i in range(seats):
        x = (i - (seats - 1) / 2) * 0.6
        meshes.append(bent(box((0.6, deep, 0.16), plump), rng, 0.01, 4).moved((x, -0.02, low + 0.17)).of(2))
        rest = bent(box((0.6, 0.18, back), plump), rng, 0.01, 4).turned(rotation("x", rng.uniform(-0.02, 0.25)))
        meshes.append(rest.moved((x, deep / 2 - 0.05, low + 0.22)).of(2))
    meshes.append(box((wide + arm, 0.12, back + 0.2), 0.4).moved((0, deep / 2 + 0.02, low)))
    if chance(rng, 0.85):
        for sx in (-1, 1):
            side = box((arm, deep, rng.uniform(0.35, 0.5)), rng.uniform(0.15, 0.7))
            meshes.append(side.moved((sx * (wide + arm) / 2, 0, low)))
    if chance(rng, 0.3):
        meshes.append(pillow(rng).scaled(0.45).turned(rotation("x", 1.2)).moved((wide * 0.2, 0, low + 0.55)).of(3))
    cloth = one_of(rng, "fabric", "leather", "fabric")
    return Thing(meshes, ((cloth,), (*WOODEN, "chrome"), (cloth,), SOFT))


def pillow(rng: np.random.Generator) -> Mesh:
    return bent(ellipsoid((1, 1, rng.uniform(0.25, 0.4)), (1.0, 0.35), 40), rng, 0.02, 5)


@TRAINED.add(1.6, furniture=True)
def table(rng: np.random.Generator) -> Thing:
    """Tables, stools, bedside tables; something may stand on it and belongs to it."""
    wide, deep, tall = rng.uniform(0.3, 1.4), rng.uniform(0.3, 0.8), rng.uniform(0.25, 0.9)
    thick = rng.uniform(0.02, 0.08)
    if chance(rng, 0.5):
        top = box((wide, deep, thick), 0.08)
        meshes = [m.of(1) for m in legs(rng, wide * 0.92, deep * 0.92, tall)]
    else:
        top = cylinder(wide / 2, thick)
        meshes = [m.of(1) for m in legs(rng, wide * 0.6, wide * 0.6, tall)]
    meshes.append(top.moved((0, 0, tall)))
    if chance(rng, 0.25):
        meshes.append(box((wide * 0.8, deep * 0.8, 0.02), 0.05).moved((0, 0, tall * rng.uniform(0.2, 0.5))))
    if chance(rng, 0.35):
        for _ in range(int(rng.integers(1, 4))):
            x, y = rng.uniform(-0.3, 0.3, 2) * (wide, min(deep, wide))
            size = rng.uniform(0.06, 0.2)
            stands = one_of(
                rng, cylinder(size, size * rng.uniform(1, 4)), box((size * 2, size, size * 2)), ellipsoid((size,) * 3)
            )
            low = float(stands.vertices[:, 2].min())
            meshes.append(stands.moved((x, y, tall + thick - low)).of(one_of(rng, 2, 3)))
    return Thing(meshes, (WOODEN, (*WOODEN, "chrome"), HARD, ("matte", "glass", "gloss")))


@TRAINED.add(1.2, furniture=True)
def shelf(rng: np.random.Generator) -> Thing:
    """Cupboards, shelves, chests of drawers."""
    wide, deep, tall = rng.uniform(0.5, 1.4), rng.uniform(0.25, 0.5), rng.uniform(0.5, 2)
    floors, columns = int(rng.integers(2, 6)), int(rng.integers(1, 4))
    meshes = []
    is_open = chance(rng, 0.5)
    if is_open:
        for z in np.linspace(0.02, tall - 0.03, floors + 1):
            meshes.append(box((wide, deep, 0.03), 0.05).moved((0, 0, z)))
        for x in np.linspace(-wide / 2, wide / 2, columns + 1):
            meshes.append(box((0.03, deep, tall), 0.05).moved((x, 0, 0)))
        if chance(rng, 0.6):
            meshes.append(box((wide, 0.02, tall), 0.05).moved((0, deep / 2, 0)))
    else:
        meshes.append(box((wide, deep, tall), 0.04).moved((0, 0, 0.06)))
        meshes += [m.of(1) for m in legs(rng, wide * 0.9, deep * 0.8, 0.08)]
        for i in range(floors):
            for j in range(columns):
                w, h = wide / columns, tall / floors
                x, z = (j + 0.5) * w - wide / 2, 0.06 + i * h
                meshes.append(box((w * 0.94, 0.03, h * 0.92), 0.05).moved((x, -deep / 2, z + h * 0.04)).of(2))
                knob = ellipsoid((0.04, 0.05, 0.04)) if chance(rng, 0.5) else box((w * 0.3, 0.04, 0.02))
                meshes.append(knob.moved((x, -deep / 2 - 0.03, z + h * 0.5)).of(1))
    return Thing(meshes, (WOODEN, ("metal", "chrome", "wood"), WOODEN))


@TRAINED.add(1.2, furniture=True)
def books(rng: np.random.Generator) -> Thing:
    """Books, boxes and parcels, one or a pile."""
    meshes, z = [], 0.0
    for i in range(one_of(rng, 1, 1, 2, 3, 5)):
        wide, deep, tall = rng.uniform(0.5, 1), rng.uniform(0.5, 1.3), rng.uniform(0.02, 0.3)
        turn = rotation("z", rng.normal() * 0.12)
        meshes.append(box((wide, deep, tall), rng.uniform(0.03, 0.08)).turned(turn).moved((0, 0, z)).of(i % 2))
        if chance(rng, 0.5):
            pages = box((wide * 0.98, deep * 0.97, tall * 0.8), 0.03).moved((0.02, 0, tall * 0.1)).turned(turn)
            meshes.append(pages.moved((0, 0, z)).of(2))
        z += tall
    return Thing(meshes, (("matte", "plastic", "gloss"), ("matte", "plastic"), ("matte",)), ("stands", "lies", "any"))


@TRAINED.add(1)
def carton(rng: np.random.Generator) -> Thing:
    """A product's box, upright or lying, maybe two or three of them."""
    size = rng.uniform(0.2, 1, 3)
    meshes = []
    for i in range(one_of(rng, 1, 1, 2, 3)):
        grow = rng.uniform(0.5, 1.1)
        one = box(tuple(size * grow), rng.uniform(0.02, 0.06)).turned(rotation("z", rng.uniform(-0.4, 0.4)))
        meshes.append(one.moved((i * size[0] * 1.2, rng.uniform(-0.3, 0.3), 0)).of(i))
    return Thing(meshes, (("matte", "gloss", "plastic"), ("matte", "gloss"), ("matte", "gloss")))


@TRAINED.add(0.8)
def cushion(rng: np.random.Generator) -> Thing:
    meshes = [pillow(rng)]
    if chance(rng, 0.3):
        meshes.append(pillow(rng).moved((0.15, 0.1, 0.3)).of(1))
    if chance(rng, 0.2):
        meshes += [fur(mesh, rng, 5000, rng.uniform(0.03, 0.12), rng.uniform(0.006, 0.015)) for mesh in meshes]
    return Thing([m.moved((0, 0, 0.2)) for m in meshes], (SOFT, SOFT, SOFT), ("stands", "lies", "any"))
