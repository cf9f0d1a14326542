"""Triangle meshes from a few plain shapes: turned bodies, tubes, rounded boxes, plates cut from a drawn outline.

Lengths are arbitrary here; a scene scales each object. z points up.
"""

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Triangles = NDArray[np.int32]


@dataclass(frozen=True)
class Mesh:
    """Vertices `N×3`, triangles `M×3` into them, and which of an object's materials covers it all.

    A mesh with texture coordinates `N×2` is drawn with them instead of with its places.
    """

    vertices: Array
    triangles: Triangles
    material: int = 0
    coordinates: Array | None = None

    def moved(self, by: tuple[float, float, float] | Array) -> "Mesh":
        return replace(self, vertices=self.vertices + np.asarray(by))

    def scaled(self, by: float | tuple[float, float, float]) -> "Mesh":
        return replace(self, vertices=self.vertices * np.asarray(by))

    def turned(self, rotation: Array) -> "Mesh":
        return replace(self, vertices=self.vertices @ rotation.T)

    def of(self, material: int) -> "Mesh":
        return replace(self, material=material)


def rotation(axis: str | Array, angle: float) -> Array:
    """The 3×3 matrix that turns by `angle` radians about an axis, given by its name or as a vector."""
    vector = np.eye(3)["xyz".index(axis)] if isinstance(axis, str) else axis / np.linalg.norm(axis)
    x, y, z = vector
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + math.sin(angle) * cross + (1 - math.cos(angle)) * cross @ cross


def any_rotation(rng: np.random.Generator) -> Array:
    return rotation(rng.normal(size=3), rng.uniform(0, 2 * math.pi))


def power(values: Array, exponent: float) -> Array:
    """`|v| ** exponent` with the sign of `v`: squares off a circle below 1, pinches it above."""
    return np.sign(values) * np.abs(values) ** exponent


def ring(points: int, squareness: float = 1.0) -> tuple[Array, Array]:
    """Cosine and sine once round, squared off for a `squareness` below 1."""
    angle = np.linspace(0, 2 * math.pi, points, endpoint=False)
    return power(np.cos(angle), squareness), power(np.sin(angle), squareness)


def skin(points: Array, closed_rows: bool = False, capped: bool = False) -> Mesh:
    """The surface over a grid of points `rows×columns×3`, closed round the columns."""
    rows, columns = points.shape[:2]
    index = np.arange(rows * columns).reshape(rows, columns)
    below, right = np.roll(index, -1, 0), np.roll(index, -1, 1)
    corner = np.roll(below, -1, 1)
    quads = np.stack([index, below, corner, right], -1)
    if not closed_rows:
        quads = quads[:-1]
    quads = quads.reshape(-1, 4)
    triangles = [quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]
    vertices = points.reshape(-1, 3)
    if capped:
        fan = np.arange(1, columns - 1)
        for row in (index[0], index[-1]):
            triangles.append(np.stack([np.full(columns - 2, row[0]), row[fan], row[fan + 1]], -1))
    return Mesh(vertices.astype(np.float64), np.concatenate(triangles).astype(np.int32))


def turned_body(radius: Array, height: Array, squareness: float = 1.0, depth: float = 1.0, points: int = 44) -> Mesh:
    """A body turned on a lathe: `radius` at each `height`; `depth` flattens it front to back."""
    cosine, sine = ring(points, squareness)
    grid = np.stack(
        [radius[:, None] * cosine, radius[:, None] * sine * depth, np.repeat(height[:, None], points, 1)], -1
    )
    return skin(grid)


def cylinder(
    radius: float, height: float, taper: float = 1.0, bevel: float = 0.08, squareness: float = 1.0, points: int = 40
) -> Mesh:
    """Stands on z = 0, its edges rounded by `bevel` of the smaller side."""
    edge = min(radius, height) * bevel
    heights = np.array([0, 0, edge * 0.3, edge, height - edge, height - edge * 0.3, height, height])
    top = radius * taper
    radii = np.array([0, radius - edge, radius - edge * 0.3, radius, top, top - edge * 0.3, top - edge, 0])
    return turned_body(np.maximum(radii, 0), heights, squareness, points=points)


def ellipsoid(size: tuple[float, float, float], roundness: tuple[float, float] = (1.0, 1.0), detail: int = 32) -> Mesh:
    """Centred on the origin, `size` from side to side; a `roundness` below 1 squares it off."""
    upright = np.linspace(-math.pi / 2, math.pi / 2, detail * 2 // 3)
    cosine, sine = ring(detail, roundness[1])
    across = power(np.cos(upright), roundness[0])
    grid = np.stack(
        [
            across[:, None] * cosine,
            across[:, None] * sine,
            np.repeat(power(np.sin(upright), roundness[0])[:, None], detail, 1),
        ],
        -1,
    )
    return skin(grid * np.asarray(size) / 2)


def box(size: tuple[float, float, float], edge: float = 0.05) -> Mesh:
    """Stands on z = 0, centred in x and y, edges rounded by `edge` (0 to 1)."""
    return ellipsoid(size, (edge, edge), 24 if edge < 0.2 else 32).moved((0, 0, size[2] / 2))


def tube(
    path: Array,
    radius: float | Array,
    flatness: float = 1.0,
    squareness: float = 1.0,
    closed: bool = False,
    points: int = 14,
) -> Mesh:
    """A tube of `radius` (one, or one for each point) along a path `n×3`."""
    steps = np.roll(path, -1, 0) - np.roll(path, 1, 0) if closed else np.gradient(path, axis=0)
    along = steps / (np.linalg.norm(steps, axis=1, keepdims=True) + 1e-9)
    side = np.empty_like(path)
    start = np.array([0.0, 0.0, 1.0]) if abs(along[0, 2]) < 0.9 else np.array([1.0, 0.0, 0.0])
    for i, direction in enumerate(along):
        start = start - direction * (start @ direction)
        start = start / (np.linalg.norm(start) + 1e-9)
        side[i] = start
    across = np.cross(along, side)
    radii = np.broadcast_to(np.asarray(radius, float), (len(path),))[:, None, None]
    cosine, sine = ring(points, squareness)
    grid = path[:, None] + radii * (
        cosine[None, :, None] * side[:, None] + flatness * sine[None, :, None] * across[:, None]
    )
    return skin(grid, closed_rows=closed, capped=not closed)


def plate(outline: NDArray[np.uint8], thickness: float, pillow: float = 0.0, cells: int = 84) -> Mesh:
    """A plate cut from a drawing: solid where `outline` (`s×s`, 0 or 255) is set, holes kept.

    It lies in x and y from -0.5 to 0.5, front towards +z. `pillow` swells the middle by that much. Vertices near the
    edge are pulled onto the outline, so a coarse grid still has a clean edge.
    """
    size = outline.shape[0]
    inside = cv2.distanceTransform((outline > 127).astype(np.uint8), cv2.DIST_L2, 5)
    outside = cv2.distanceTransform((outline <= 127).astype(np.uint8), cv2.DIST_L2, 5)
    signed = cv2.GaussianBlur((inside - outside) / size, (0, 0), 1.2)
    down, right = cv2.Sobel(signed, cv2.CV_32F, 0, 1, scale=0.125), cv2.Sobel(signed, cv2.CV_32F, 1, 0, scale=0.125)
    spot = np.linspace(0, size - 1, cells + 1).round().astype(int)
    row, column = np.meshgrid(spot, spot, indexing="ij")
    distance = signed[row, column]
    slope = np.stack([right[row, column], down[row, column]], -1) * size
    slope /= np.linalg.norm(slope, axis=-1, keepdims=True) + 1e-6
    place = np.stack([column, row], -1) / (size - 1)
    near = np.abs(distance) < 0.8 / cells
    place = np.where(near[..., None], place - distance[..., None] * slope, place)
    kept = distance > -0.8 / cells
    quads = np.argwhere(kept[:-1, :-1] & kept[1:, :-1] & kept[:-1, 1:] & kept[1:, 1:])
    if not len(quads):
        return box((0.5, 0.5, thickness))
    depth = np.where(near, 0.0, np.maximum(distance, 0))
    height = thickness / 2 + pillow * np.sqrt(np.minimum(depth, 0.15) / 0.15)
    flat = np.stack([place[..., 0] - 0.5, 0.5 - place[..., 1]], -1)
    front = np.concatenate([flat, height[..., None]], -1).reshape(-1, 3)
    back = np.concatenate([flat, -height[..., None]], -1).reshape(-1, 3)
    width = cells + 1
    a = quads[:, 0] * width + quads[:, 1]
    corners = np.stack([a, a + width, a + width + 1, a + 1], -1)
    faces = np.concatenate([corners[:, [0, 1, 2]], corners[:, [0, 2, 3]]])
    edges = np.concatenate([corners[:, [i, (i + 1) % 4]] for i in range(4)])
    ordered = np.sort(edges, 1)
    _, first, count = np.unique(ordered[:, 0] * (width * width) + ordered[:, 1], return_index=True, return_counts=True)
    rim = edges[first[count == 1]]
    shift = width * width
    sides = np.concatenate(
        [
            np.stack([rim[:, 0], rim[:, 1], rim[:, 1] + shift], -1),
            np.stack([rim[:, 0], rim[:, 1] + shift, rim[:, 0] + shift], -1),
        ]
    )
    triangles = np.concatenate([faces, faces[:, ::-1] + shift, sides])
    used, renumbered = np.unique(triangles, return_inverse=True)
    return Mesh(np.concatenate([front, back])[used], renumbered.reshape(-1, 3).astype(np.int32))


def bent(mesh: Mesh, rng: np.random.Generator, amount: float, waves: float) -> Mesh:
    """The mesh pushed about by slow waves: nothing that was made by hand is quite straight."""
    vertices = mesh.vertices.copy()
    size = np.ptp(vertices, axis=0).max() + 1e-9
    for _ in range(3):
        push, wave = rng.normal(size=3), rng.normal(size=3) * waves / size
        push *= amount * size / np.linalg.norm(push)
        vertices = vertices + push * np.sin(vertices @ wave + rng.uniform(0, 6))[:, None]
    return replace(mesh, vertices=vertices)


def fur(mesh: Mesh, rng: np.random.Generator, count: int, long: float, thick: float, droop: float = 0.3) -> Mesh:
    """Hairs on a mesh: `count` thin triangles, `long` and `thick` at the root, that bend downwards by `droop`."""
    corners = mesh.vertices[mesh.triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    areas = np.linalg.norm(normals, axis=1)
    middle = mesh.vertices.mean(0)
    chosen = rng.choice(len(areas), count, p=areas / areas.sum())
    weights = rng.dirichlet((1, 1, 1), count)
    roots = (corners[chosen] * weights[..., None]).sum(1)
    out = normals[chosen] / (areas[chosen, None] + 1e-12)
    out *= np.sign(((roots - middle) * out).sum(1))[:, None]
    out += rng.normal(size=(count, 3)) * 0.25 + np.array([0, 0, -droop])
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    side = np.cross(out, rng.normal(size=(count, 3)))
    side *= thick / 2 / (np.linalg.norm(side, axis=1, keepdims=True) + 1e-9)
    reach = long * rng.uniform(0.5, 1.2, (count, 1))
    bend = roots + out * reach * 0.55
    tips = bend + (out + np.array([0, 0, -droop * 1.5]) + rng.normal(size=(count, 3)) * 0.15) * reach * 0.45
    vertices = np.stack([roots - side, roots + side, bend - side * 0.8, bend + side * 0.8, tips], 1).reshape(-1, 3)
    first = np.arange(count)[:, None, None] * 5
    triangles = (first + np.array([[0, 1, 2], [1, 3, 2], [2, 3, 4]])).reshape(-1, 3).astype(np.int32)
    return Mesh(vertices, triangles, mesh.material)
