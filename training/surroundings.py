"""What stands round a product: paper sweeps, table tops, rooms with furniture and other things, places outdoors.

The camera looks along +y; the product stands at the origin on z = 0 and is 2 from corner to corner.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from training import materials, models
from training.materials import Colour, Material
from training.objects.thing import Families, chance, one_of
from training.shapes import Mesh, box, rotation, skin
from training.solids import Solid, palette, placed, solid, together

ACROSS = np.array([[1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0]])
UPRIGHT = np.array([[1.0, 0, 0], [0, 0, 1.0], [0, 1.0, 0]])
SIDEWAYS = np.array([[0, 1.0, 0], [0, 0, 1.0], [1.0, 0, 0]])


def _sheet(corner: tuple[float, ...], along: tuple[float, ...], up: tuple[float, ...], cells: int = 20) -> Mesh:
    """A flat grid from a corner along two edges; cut small, since the renderer drops what passes behind the eye."""
    t = np.linspace(0, 1, cells + 1)
    points = np.asarray(corner) + t[None, :, None] * np.asarray(along) + t[:, None, None] * np.asarray(up)
    mesh = skin(np.concatenate([points, points[:, ::-1]], 1))
    columns = mesh.triangles % (2 * (cells + 1))
    return replace(mesh, triangles=mesh.triangles[(columns <= cells).all(1)])


def ground_material(rng: np.random.Generator, kind: str, colour: Colour | None = None) -> Material:
    """Paper, fabric, wood, stone, tiles or grass to stand on, now and then photographed or with painted marks."""
    if colour is None and kind not in ("paper", "grass") and chance(rng, 0.3):
        return _photographed(rng, ACROSS)
    look = _drawn_ground(rng, kind, colour)
    if colour is None and kind != "wood" and chance(rng, 0.18):
        return replace(
            look,
            pattern=materials.pattern("markings", rng),
            second=materials.any_colour(rng),
            mixed=rng.uniform(0.6, 1),
            scale=10 ** rng.uniform(-1.1, -0.3),
            axes=rotation("z", rng.uniform(0, 6.3)),
        )
    return look


def _photographed(rng: np.random.Generator, axes: NDArray[np.float64]) -> Material:
    """A surface with a photographic texture, tinted a little."""
    tint = np.minimum(np.exp(rng.normal(size=3) * 0.08) * rng.uniform(0.6, 1.1), 1.2).astype(np.float32)
    turned = rotation("z", rng.uniform(0, 6.3)) if axes is ACROSS and chance(rng, 0.6) else axes
    return Material(
        tint,
        roughness=3,
        shine=rng.uniform(0, 0.5),
        axes=turned,
        floor=axes is ACROSS,
        scale=10 ** rng.uniform(-0.8, 0.4),
        texture=one_of(rng, *models.surfaces()),
    )


def _drawn_ground(rng: np.random.Generator, kind: str, colour: Colour | None) -> Material:
    base = materials.wall_colour(rng) if colour is None else colour
    look = Material(base, roughness=3, shine=rng.uniform(0, 0.3), axes=ACROSS, floor=True)
    second = np.clip(base * rng.uniform(0.55, 1.25), 0, 1).astype(np.float32)
    if kind == "paper":
        if chance(rng, 0.4):
            grain = materials.pattern("clouds", rng)
            look = replace(
                look, pattern=grain, second=second, mixed=rng.uniform(0.02, 0.2), scale=10 ** rng.uniform(-1, 1)
            )
        return look
    if kind == "fabric":
        name = one_of(rng, "weave", "weave", "clouds", "stripes", "checks", "dots")
        look = replace(look, pattern=materials.pattern(name, rng), second=second, mixed=rng.uniform(0.2, 1))
        bumps = {
            "bumps": int(rng.integers(materials.CLOUDS)),
            "bump": rng.uniform(0.3, 4),
            "bump_scale": rng.uniform(0.2, 3),
        }
        return replace(look, scale=10 ** rng.uniform(-0.5, 0.7), **bumps)
    if kind == "wood":
        wood = materials.material("wood", rng)
        name = one_of(rng, "grain", "boards", "boards")
        turn = rotation("z", rng.uniform(0, 6.3)) if chance(rng, 0.5) else ACROSS
        wood = replace(wood, floor=True, axes=turn, pattern=materials.pattern(name, rng))
        return replace(wood, scale=10 ** rng.uniform(-0.9, 0.2), shine=rng.uniform(0, 0.8))
    if kind == "tiles":
        name = one_of(rng, "boards", "checks")
        return replace(
            look,
            pattern=materials.pattern(name, rng),
            second=second,
            mixed=rng.uniform(0.3, 1),
            scale=10 ** rng.uniform(-1, 0),
        )
    stone = replace(
        look, pattern=materials.pattern("clouds", rng), mixed=rng.uniform(0.3, 1), scale=10 ** rng.uniform(-0.6, 0.8)
    )
    if kind == "grass":
        green = materials.linear((rng.uniform(0.15, 0.4), rng.uniform(0.3, 0.6), rng.uniform(0.05, 0.25)))
        stone = replace(stone, colour=green, second=(green * rng.uniform(0.3, 0.6)).astype(np.float32))
    elif chance(rng, 0.7):
        tone = materials.grey(rng.uniform(0.3, 0.8), rng)
        stone = replace(stone, colour=tone, second=(tone * rng.uniform(0.4, 0.9)).astype(np.float32))
    return replace(
        stone, bumps=int(rng.integers(materials.CLOUDS)), bump=rng.uniform(0.5, 4), bump_scale=rng.uniform(0.5, 4)
    )


def sweep(rng: np.random.Generator, ground: Material, near: float, wall: bool) -> Solid:
    """One ground to the horizon, or up to a wall behind."""
    wide, far = 30.0, rng.uniform(0.6, 4) if wall else 30.0
    parts, looks = [_sheet((-wide, near, 0), (2 * wide, 0, 0), (0, far - near, 0), 40)], [ground]
    if wall:
        parts.append(_sheet((-wide, far, 0), (2 * wide, 0, 0), (0, 0, 20), 16).of(1))
        tone = ground.colour * rng.uniform(0.75, 1.05) if chance(rng, 0.6) else materials.wall_colour(rng)
        looks.append(replace(ground, colour=np.minimum(tone, 1).astype(np.float32), floor=False, axes=UPRIGHT))
    return solid(parts, looks)


def _wall_material(rng: np.random.Generator) -> Material:
    if chance(rng, 0.15):
        return _photographed(rng, UPRIGHT)
    look = Material(materials.wall_colour(rng), roughness=3, shine=rng.uniform(0, 0.15), axes=UPRIGHT)
    if chance(rng, 0.45):
        name = one_of(rng, "clouds", "stripes", "boards", "weave", "dots", "checks")
        other = np.clip(look.colour * rng.uniform(0.5, 1.2), 0, 1).astype(np.float32)
        look = replace(
            look,
            pattern=materials.pattern(name, rng),
            second=other,
            mixed=rng.uniform(0.1, 0.9),
            scale=10 ** rng.uniform(-1.2, 0),
        )
    return look


def _on_wall(rng: np.random.Generator, far: float, scale: float, floor: float) -> Solid:
    """A picture, a window, a board with things on it, a door or a radiator on the wall behind."""
    x = rng.uniform(-2.5, 2.5) * scale
    kind = one_of(rng, "picture", "picture", "window", "board", "door", "curtain")
    if kind == "picture":
        wide, tall, z = rng.uniform(0.3, 1.2), rng.uniform(0.3, 1.2), rng.uniform(0.6, 1.6)
        frame = box((wide, 0.04, tall), 0.05)
        inner = box((wide * 0.88, 0.05, tall * 0.88), 0.03).moved((0, 0, tall * 0.06)).of(1)
        printed = replace(
            materials.material("matte", rng), sticker=0, sticker_scale=1 / (wide * scale), sticker_across=True
        )
        made, looks = [frame, inner], [materials.material(one_of(rng, "wood", "metal", "matte"), rng), printed]
    elif kind == "window":
        wide, tall, z = rng.uniform(0.6, 1.8), rng.uniform(0.8, 1.6), rng.uniform(0.3, 0.9)
        bright = Material(np.full(3, rng.uniform(1.5, 6), np.float32), roughness=3, shine=0.0)
        made = [box((wide + 0.1, 0.04, tall + 0.1), 0.03), box((wide, 0.05, tall), 0.03).moved((0, 0, 0.05)).of(1)]
        made += [box((0.05, 0.07, tall), 0.03).moved((0, 0, 0.05))]
        looks = [materials.material("matte", rng, materials.grey(0.9, rng)), bright]
    elif kind == "board":
        z, wide = rng.uniform(0.4, 1.5), rng.uniform(0.6, 1.6)
        made, looks = (
            [box((wide, 0.25, 0.04), 0.05)],
            [materials.material("wood", rng), materials.material("matte", rng), materials.material("gloss", rng)],
        )
        for _ in range(int(rng.integers(2, 8))):
            size = rng.uniform(0.04, 0.12, 3)
            thing = box(tuple(size * (1, 1, 3)), one_of(rng, 0.05, 0.5, 1.0))
            made.append(thing.moved((rng.uniform(-0.45, 0.45) * wide, 0, 0.04)).of(one_of(rng, 1, 2)))
    elif kind == "door":
        z, wide = 0.0, rng.uniform(0.8, 1)
        made = [box((wide, 0.05, 2.0), 0.03), box((0.12, 0.12, 0.03)).moved((wide * 0.4, -0.05, 1)).of(1)]
        looks = [materials.material("matte", rng, materials.wall_colour(rng)), materials.material("metal", rng)]
    else:
        z, wide, tall = 0.0, rng.uniform(0.5, 1.5), 2.4
        t, rows = np.linspace(-0.5, 0.5, 60), np.linspace(0, tall, 8)
        wave = 0.06 * np.sin(t * rng.uniform(30, 80))
        front = np.stack(
            [np.repeat(t[None] * wide, 8, 0), np.repeat(wave[None], 8, 0) - 0.1, np.repeat(rows[:, None], 60, 1)], -1
        )
        made = [skin(np.concatenate([front, front[:, ::-1] + np.array([0, 0.02, 0])], 1))]
        looks = [materials.material("fabric", rng, materials.wall_colour(rng))]
    moved = [mesh.scaled(scale).moved((0, -0.06 * scale, 0)) for mesh in made]
    return solid(moved, looks).moved((x, far, floor + z * scale))


def room(
    rng: np.random.Generator, others: Families, scale: float, floor: float, ground: Material, near: float
) -> Solid:
    """Floor, walls and what stands along them. `scale` is a metre; the floor lies at z = `floor`."""
    far = rng.uniform(0.6, 3.5) * scale + 1
    wide = rng.uniform(1.5, 4) * scale + 2
    parts = [_sheet((-wide, near, floor), (2 * wide, 0, 0), (0, far - near, 0), 40)]
    looks = [ground if floor == 0 else replace(ground, floor=False, scale=ground.scale / scale * 1.5)]
    wall = replace(_wall_material(rng))
    wall = replace(wall, scale=wall.scale * 3 / scale)
    parts.append(_sheet((-wide, far, floor), (2 * wide, 0, 0), (0, 0, 3 * scale), 16).of(1))
    looks.append(wall)
    if chance(rng, 0.6):
        side = one_of(rng, -1, 1)
        parts.append(_sheet((side * wide, near, floor), (0, far - near, 0), (0, 0, 3 * scale), 16).of(2))
        looks.append(replace(wall, axes=SIDEWAYS))
    else:
        looks.append(wall)
    parts.append(box((2 * wide, 0.03 * scale, 0.1 * scale), 0.03).moved((0, far - 0.02 * scale, floor)).of(3))
    looks.append(materials.material("matte", rng, materials.grey(rng.uniform(0.6, 1), rng)))
    made = [solid(parts, looks)]
    made += [_on_wall(rng, far, scale, floor) for _ in range(int(rng.integers(1, 6)))]
    standing = Families([family for family in others.members if family.furniture])
    for _ in range(int(rng.integers(1, 7))):
        thing = standing.pick(rng).draw(rng)
        size = rng.uniform(0.4, 1.1) * scale
        spot = (
            rng.uniform(-0.9, 0.9) * wide,
            far - rng.uniform(0.3, 0.9) * size - rng.uniform(0, 0.4) * (far - 1),
            floor,
        )
        made.append(scaled(placed(thing, palette(thing, rng), rng), size).moved(spot))
    return together(made)


def scaled(one: Solid, by: float) -> Solid:
    return replace(one, vertices=one.vertices * np.float32(by))


def beside(rng: np.random.Generator, others: Families, reach: NDArray[np.float64], count: int) -> list[Solid]:
    """Other things near the product, behind it or beside it, never in front: they are not in the matte."""
    made, lifeless = [], Families([family for family in others.members if not family.wearing])
    for _ in range(count):
        thing = lifeless.pick(rng).draw(rng)
        size = rng.uniform(0.2, 0.85)
        behind = rng.uniform(0.1, 2.2) + float(reach[1]) + size * 0.6
        one = scaled(placed(thing, palette(thing, rng), rng), size)
        made.append(one.moved((rng.normal() * (0.8 + behind * 0.5), behind, 0)))
    return made


def tabletop(rng: np.random.Generator, near: float) -> tuple[Solid, float]:
    """A table's top with its far edge behind the product, and how far down the floor is."""
    back, wide = rng.uniform(0.9, 4), rng.uniform(1.6, 9)
    look = ground_material(rng, one_of(rng, "wood", "wood", "paper", "fabric", "stone", "tiles"))
    top = _sheet((-wide, near, 0), (2 * wide, 0, 0), (0, back - near, 0), 40)
    edge = _sheet((-wide, back, -0.15), (2 * wide, 0, 0), (0, 0, 0.149), 8).of(1)
    return solid([top, edge], [look, replace(look, floor=False)]), back
