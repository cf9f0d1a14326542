"""Garments laid flat or hung, shoes, bags, hats, towels, and plates of any outline."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from training import assets
from training.objects.thing import ANY, HARD, SOFT, TRAINED, Thing, chance, one_of
from training.shapes import Array, Mesh, bent, box, cylinder, ellipsoid, fur, plate, power, rotation, skin, tube

SIDE = 240


def drawing(*outlines: Array) -> NDArray[np.uint8]:
    """Filled outlines `n×2` in -0.5 to 0.5 (y up) on a square; each further one cuts a hole."""
    canvas = np.zeros((SIDE, SIDE), np.uint8)
    for i, outline in enumerate(outlines):
        spot = np.stack([outline[:, 0] + 0.5, 0.5 - outline[:, 1]], -1) * SIDE * 16
        cv2.fillPoly(canvas, [spot.round().astype(np.int32)], 0 if i else 255, cv2.LINE_AA, 4)
    return canvas


def rounded(corners: Array, rng: np.random.Generator, soft: float = 2.0) -> Array:
    """A closed outline through corners, its corners rounded and its sides a little uneven."""
    count = len(corners)
    steps = np.linspace(0, 1, 14, endpoint=False)[:, None]
    path = np.concatenate([corners[i] + (corners[(i + 1) % count] - corners[i]) * steps for i in range(count)])
    path += 0.004 * np.sin(np.arange(len(path)) * rng.uniform(0.2, 0.9))[:, None] * rng.uniform(0, 1)
    window = np.hanning(int(2 * soft) + 3)
    window /= window.sum()
    reach = len(window) // 2
    wrapped = np.concatenate([path[-reach:], path, path[:reach]])
    return np.stack([np.convolve(wrapped[:, d], window, "valid") for d in (0, 1)], -1)


def hung(mesh: Mesh, rng: np.random.Generator) -> Mesh:
    """A flat garment stood up, its cloth in waves."""
    return bent(mesh, rng, rng.uniform(0.005, 0.02), rng.uniform(4, 10)).turned(rotation("x", math.pi / 2))


@TRAINED.add(3)
def garment(rng: np.random.Generator) -> Thing:
    """Shirts, jumpers, dresses, trousers, skirts, socks: laid flat, hung or as on an unseen wearer."""
    kind = one_of(rng, "top", "top", "trousers", "dress", "skirt", "sock")
    wide, neck = rng.uniform(0.2, 0.28), rng.uniform(0.05, 0.11)
    if kind in ("top", "dress"):
        sleeve, drop = rng.uniform(0, 0.45), rng.uniform(0.2, 1.4)
        cuff, slope = rng.uniform(0.08, 0.16), rng.uniform(0.02, 0.08)
        hem = -0.48 if kind == "dress" else rng.uniform(-0.45, -0.2)
        flare = rng.uniform(1.0, 1.9) if kind == "dress" else rng.uniform(0.85, 1.15)
        half = [(neck, 0.46), (wide, 0.46 - slope)]
        if sleeve > 0.08:
            end = np.array([wide + sleeve * math.cos(drop) * 0.6, 0.46 - slope - sleeve * math.sin(drop)])
            across = np.array([-math.sin(drop), -math.cos(drop)]) * cuff
            half += [tuple(end), tuple(end + across * (1, 1))]
        half += [(wide * 0.95, 0.46 - slope - cuff * 1.4), (wide * rng.uniform(0.75, 1), 0.05), (wide * flare, hem)]
        scoop = 0.46 - rng.uniform(0.02, 0.16)
        corners = half + [(-x, y) for x, y in half[::-1]] + [(-neck * 0.5, scoop), (neck * 0.5, scoop)]
    elif kind == "trousers":
        leg, crotch, hem = rng.uniform(0.07, 0.14), rng.uniform(0.1, 0.25), rng.uniform(-0.48, 0.1)
        spread = rng.uniform(0.02, 0.12)
        half = [(0.17, 0.48), (0.2, 0.3), (spread + leg * 1.6, hem), (spread + leg * 0.2, hem)]
        corners = [*half, (0.0, crotch), *[(-x, y) for x, y in half[::-1]]]
    elif kind == "skirt":
        corners = [(0.17, 0.3), (rng.uniform(0.2, 0.45), -0.3), (-rng.uniform(0.2, 0.45), -0.3), (-0.17, 0.3)]
    else:
        corners = [(-0.1, 0.48), (0.1, 0.48), (0.1, -0.15), (0.38, -0.3), (0.36, -0.45), (0.0, -0.42), (-0.12, -0.2)]
    outline = rounded(np.array(corners, float) + rng.normal(size=(len(corners), 2)) * 0.006, rng)
    body = plate(drawing(outline), 0.012, rng.uniform(0.01, 0.09))
    meshes = [hung(body, rng)]
    if kind == "top" and chance(rng, 0.4):
        for z in np.linspace(-0.2, 0.3, int(rng.integers(2, 7))):
            meshes.append(ellipsoid((0.025, 0.02, 0.025), detail=10).moved((0, -0.06, z)).of(1))
    if kind == "sock" and chance(rng, 0.7):
        meshes.append(meshes[0].turned(rotation("y", rng.normal() * 0.15)).moved((0.35, 0.03, 0.03)))
    if kind == "top" and chance(rng, 0.2):
        bow = np.linspace(-0.3, 1.3, 16) * math.pi
        meshes.append(tube(np.stack([0.04 * np.cos(bow), 0 * bow, 0.52 + 0.04 * np.sin(bow)], -1), 0.006).of(1))
        meshes.append(tube(np.array([[-0.2, 0, 0.42], [0, 0, 0.48], [0.2, 0, 0.42]]), 0.012).of(1))
    return Thing(
        meshes,
        (("fabric", "fabric", "fabric", "matte", "leather"), (*HARD, "wood")),
        ("stands", "stands", "lies"),
        faces=True,
    )


def shoe_body(rng: np.random.Generator, high: float, heel: float) -> list[Mesh]:
    """One shoe along x, toe at +x."""
    t = np.linspace(0, 1, 52)
    ends = np.minimum(1, 9 * np.minimum(t, 1 - t) + 0.02) ** 0.5
    wide = (0.16 + 0.09 * np.sin(t * 3.1) + 0.04 * np.sin(t * 6 + 1.2)) * ends
    top = np.interp(t, [0, 0.08, 0.3, 0.42, 0.72, 1], [high, high * 1.05, high, 0.36, 0.22, 0.12]) * rng.uniform(
        0.9, 1.15
    )
    lift = heel * np.interp(t, [0, 0.3, 0.7, 1], [1, 0.85, 0.05, 0.0])
    angle = np.linspace(0, 2 * math.pi, 34, endpoint=False)
    across, upright = power(np.cos(angle), 0.8), power(np.sin(angle), 0.6)
    grid = np.stack(
        [
            np.repeat((t * 1.6 - 0.8)[:, None], 34, 1),
            wide[:, None] * across,
            (top / 2 + lift)[:, None] + (top / 2 * ends)[:, None] * upright,
        ],
        -1,
    )
    upper = skin(grid, capped=True)
    thick = rng.uniform(0.05, 0.16)
    sole = np.stack(
        [grid[..., 0] * 1.03, grid[..., 1] * 1.08, lift[:, None] + thick * (upright + 1) / 2 - thick * 0.4], -1
    )
    meshes = [upper, skin(sole, capped=True).of(1)]
    opening = ellipsoid((0.5 if high < 0.6 else 0.36, 0.26, 0.06), detail=24)
    meshes.append(opening.moved((-0.5, 0, float(np.interp(0.18, t, top + lift)) - 0.01)).of(2))
    if heel > 0.1:
        meshes.append(cylinder(rng.uniform(0.03, 0.12), heel, 1.3).moved((-0.68, 0, -0.03)).of(1))
    if chance(rng, 0.6):
        for x in np.linspace(-0.2, 0.22, int(rng.integers(3, 7))):
            i = int((x + 0.8) / 1.6 * 51)
            arch = np.linspace(0.45, math.pi - 0.45, 8)
            z = lift[i] + top[i] / 2 + top[i] / 2 * np.sin(arch) + 0.01
            meshes.append(tube(np.stack([0 * arch + x, wide[i] * 0.9 * np.cos(arch), z], -1), 0.014, points=6).of(3))
    if chance(rng, 0.4):  # a stripe or panel
        meshes.append(
            ellipsoid((rng.uniform(0.2, 0.6), 0.5, 0.12))
            .moved((rng.uniform(-0.4, 0.2), 0, 0.25 + heel * 0.5))
            .scaled((1, 0.92, 1))
            .of(3)
        )
    return meshes


@TRAINED.add(2.6)
def shoes(rng: np.random.Generator) -> Thing:
    """One shoe or a pair: trainers, boots, loafers, heels."""
    high, heel = one_of(rng, (0.5, 0.0), (0.45, 0.0), (0.9, 0.05), (1.3, 0.1), (0.35, 0.45), (0.4, 0.02))
    one = shoe_body(rng, high * rng.uniform(0.85, 1.15), heel)
    meshes = list(one)
    if chance(rng, 0.6):
        turn, gap = rotation("z", rng.normal() * 0.35), np.array([rng.normal() * 0.2, rng.uniform(0.5, 0.75), 0])
        if chance(rng, 0.2):
            turn = turn @ rotation("x", math.pi / 2)
        second = [m.scaled((1, -1, 1)).turned(turn).moved(gap) for m in one]
        low = min(m.vertices[:, 2].min() for m in second)
        meshes += [m.moved((0, 0, -low)) for m in second]
    return Thing(
        meshes,
        ((*SOFT, "plastic"), ("matte", "plastic", "leather"), ("fabric", "matte"), ("fabric", "plastic", "leather")),
    )


@TRAINED.add(1.6)
def bag(rng: np.random.Generator) -> Thing:
    """Totes, satchels, purses, suitcases, with straps and clasps."""
    wide, deep, tall = rng.uniform(0.5, 1), rng.uniform(0.15, 0.4), rng.uniform(0.4, 0.9)
    body = box((wide, deep, tall), rng.uniform(0.15, 0.6))
    narrow = 1 - rng.uniform(-0.1, 0.3) * body.vertices[:, 2] / tall
    body.vertices[:, :2] *= narrow[:, None]
    meshes = [bent(body, rng, 0.01, 5)]
    drop, half = rng.uniform(0.15, 0.7), wide * rng.uniform(0.15, 0.4)
    bow = np.linspace(0, math.pi, 30)
    for y in (-deep * 0.35, deep * 0.35) if chance(rng, 0.6) else (0.0,):
        path = np.stack([half * power(np.cos(bow), 0.7), 0 * bow + y, tall * 0.9 + drop * np.sin(bow) ** 0.7], -1)
        meshes.append(tube(path, rng.uniform(0.015, 0.04), flatness=rng.uniform(0.4, 1.5)).of(1))
    if chance(rng, 0.5):
        flap = box((wide * 0.98, 0.05, tall * rng.uniform(0.3, 0.6)), 0.2)
        meshes.append(flap.moved((0, -deep * 0.5, tall * 0.45)).of(one_of(rng, 0, 1)))
    if chance(rng, 0.6):
        clasp = one_of(rng, box((0.1, 0.06, 0.08)), ellipsoid((0.1, 0.08, 0.1)))
        meshes.append(clasp.moved((0, -deep * 0.55, tall * rng.uniform(0.4, 0.7))).of(2))
    return Thing(
        meshes,
        (("leather", "leather", "fabric", "plastic", "gloss"), ("leather", "fabric", "metal"), ("chrome", "metal")),
        ("stands", "stands", "lies"),
        faces=True,
    )


@TRAINED.add(0.8)
def hat(rng: np.random.Generator) -> Thing:
    dome = ellipsoid((0.9, 1, rng.uniform(0.7, 1.3)), (rng.uniform(0.5, 1), 1))
    dome.vertices[:, 2] = np.maximum(dome.vertices[:, 2], 0)
    if chance(rng, 0.5):
        brim = ellipsoid((rng.uniform(1.4, 2.1), rng.uniform(1.4, 2.1), 0.05))
        brim.vertices[:, 2] += rng.uniform(-0.1, 0.25) * brim.vertices[:, 0] ** 2
    else:
        brim = ellipsoid((0.8, 0.9, 0.06)).moved((0, -0.55, 0))
        brim.vertices[:, 2] -= 0.3 * brim.vertices[:, 0] ** 2
    meshes = [bent(dome, rng, 0.01, 4), brim.of(one_of(rng, 0, 1))]
    if chance(rng, 0.3):
        meshes.append(fur(meshes[0], rng, 5000, rng.uniform(0.03, 0.15), 0.012))
    return Thing(meshes, (SOFT, SOFT))


@TRAINED.add(1.6)
def flat_shape(rng: np.random.Generator) -> Thing:
    """Plates of any outline, with holes: tools, frames, stars, letters, toys, leaves."""
    kind = one_of(rng, "blob", "star", "frame", "letters", "sticker", "sticker", "sticker")
    angle = np.linspace(0, 2 * math.pi, 160, endpoint=False)
    round_ = np.stack([np.cos(angle), np.sin(angle)], -1)
    if kind == "blob":
        size = 0.33 + sum(
            rng.uniform(0, 0.09) / (k + 1) * np.cos((k + 1) * angle + rng.uniform(0, 6)) for k in range(1, 6)
        )
        picture = drawing(round_ * size[:, None], *([round_ * 0.1] if chance(rng, 0.3) else []))
    elif kind == "star":
        points = int(rng.integers(3, 12))
        size = np.where(np.arange(2 * points) % 2, rng.uniform(0.15, 0.4), 0.46)
        turn = np.arange(2 * points) * math.pi / points
        picture = drawing(np.stack([size * np.cos(turn), size * np.sin(turn)], -1))
    elif kind == "frame":
        wide, tall, edge = 0.45, rng.uniform(0.25, 0.45), rng.uniform(0.03, 0.12)
        shape = power(round_, rng.uniform(0.1, 1))
        picture = drawing(shape * (wide, tall), shape * (wide - edge, tall - edge))
    elif kind == "letters":
        picture = np.zeros((SIDE, SIDE), np.uint8)
        text = "".join(chr(int(c)) for c in rng.integers(48, 91, int(rng.integers(1, 4))))
        scale = 7.0 / len(text)
        cv2.putText(
            picture,
            text,
            (10, 120 + int(scale * 11)),
            int(rng.integers(5)),
            scale,
            255,
            int(rng.integers(8, 30)),
            cv2.LINE_AA,
        )
    else:
        stickers = assets.load().stickers
        alpha = stickers[int(rng.integers(len(stickers)))][..., 3]
        picture = np.pad(cv2.resize(alpha, (SIDE - 16, SIDE - 16), interpolation=cv2.INTER_CUBIC), 8)
    thick = one_of(rng, rng.uniform(0.01, 0.04), rng.uniform(0.04, 0.25))
    upright = rotation("x", math.pi / 2)
    return Thing(
        [plate(picture, thick, rng.uniform(0, 0.12)).turned(upright)], (ANY,), ("stands", "lies", "any"), faces=True
    )


@TRAINED.add(0.8)
def towels(rng: np.random.Generator) -> Thing:
    """Folded cloth in a pile."""
    meshes, z = [], 0.0
    for i in range(int(rng.integers(1, 5))):
        tall = rng.uniform(0.06, 0.16)
        one = bent(box((rng.uniform(0.8, 1), rng.uniform(0.6, 0.8), tall), rng.uniform(0.3, 0.6)), rng, 0.012, 6)
        meshes.append(one.turned(rotation("z", rng.normal() * 0.06)).moved((0, 0, z)).of(i % 3))
        z += tall * 0.92
    return Thing(meshes, (("fabric",), ("fabric",), ("fabric",)))
