"""The renderer's two inner loops: which triangle each pixel shows, and what colour it has. Compiled by numba."""

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Buffer = NDArray[np.float32]

FAR = np.float32(1e9)


@njit(cache=True, fastmath=True)
def _span(a, b, c, size):  # type: ignore[no-untyped-def]
    """The first and last of `size` pixels whose middles lie between the least and the greatest of three places."""
    return max(0, math.ceil(min(a, b, c) - 0.5)), min(size - 1, math.floor(max(a, b, c) - 0.5))


@njit(cache=True, fastmath=True)
def _rasterise(x, y, z, triangles, limit, farthest, ids, depth, first, second):  # type: ignore[no-untyped-def]
    rows, columns = ids.shape
    for t in range(triangles.shape[0]):
        i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        if z[i] <= 0.02 or z[j] <= 0.02 or z[k] <= 0.02:
            continue
        x0, y0, x1, y1, x2, y2 = x[i], y[i], x[j], y[j], x[k], y[k]
        area = (y1 - y2) * (x0 - x2) + (x2 - x1) * (y0 - y2)
        if abs(area) < 1e-9:
            continue
        left, right = _span(x0, x1, x2, columns)
        top, bottom = _span(y0, y1, y2, rows)
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                px, py = column + 0.5, row + 0.5
                a = ((y1 - y2) * (px - x2) + (x2 - x1) * (py - y2)) / area
                b = ((y2 - y0) * (px - x2) + (x0 - x2) * (py - y2)) / area
                c = 1 - a - b
                if a >= -1e-6 and b >= -1e-6 and c >= -1e-6:
                    here = 1 / (a / z[i] + b / z[j] + c / z[k])
                    nearer = here > depth[row, column] if farthest else here < depth[row, column]
                    if nearer and here < limit[row, column]:
                        depth[row, column] = here
                        ids[row, column] = t
                        first[row, column] = a * here / z[i]
                        second[row, column] = b * here / z[j]


@njit(cache=True, fastmath=True)
def cover(x, y, triangles, mask):  # type: ignore[no-untyped-def]
    """Set every pixel of `mask` that a triangle covers: a shadow on a plane."""
    rows, columns = mask.shape
    for t in range(triangles.shape[0]):
        i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        x0, y0, x1, y1, x2, y2 = x[i], y[i], x[j], y[j], x[k], y[k]
        area = (y1 - y2) * (x0 - x2) + (x2 - x1) * (y0 - y2)
        if abs(area) < 1e-9:
            continue
        left, right = _span(x0, x1, x2, columns)
        top, bottom = _span(y0, y1, y2, rows)
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                if mask[row, column] != 0:
                    continue
                px, py = column + 0.5, row + 0.5
                a = ((y1 - y2) * (px - x2) + (x2 - x1) * (py - y2)) / area
                b = ((y2 - y0) * (px - x2) + (x0 - x2) * (py - y2)) / area
                if a >= -1e-6 and b >= -1e-6 and a + b <= 1 + 1e-6:
                    mask[row, column] = 1


def rasterise(
    x: Buffer,
    y: Buffer,
    z: Buffer,
    triangles: NDArray[np.int32],
    shape: tuple[int, int],
    limit: Buffer | None = None,
    farthest: bool = False,
) -> tuple[NDArray[np.int32], Buffer, Buffer, Buffer]:
    """The nearest (or farthest) triangle at each pixel, its depth and two barycentric weights; -1 where none is.

    Only what is nearer than `limit` counts.
    """
    ids = np.full(shape, -1, np.int32)
    depth = np.full(shape, 0 if farthest else FAR, np.float32)
    first, second = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    if limit is None:
        limit = np.full(shape, FAR, np.float32)
    _rasterise(x, y, z, triangles, limit, farthest, ids, depth, first, second)
    return ids, depth, first, second


# These two are inlined before the compiler sees them; as calls, they round a scene's light differently.
@njit(inline="always")
def _normal(vertices, i, j, k):  # type: ignore[no-untyped-def]
    """The cross product of two sides of a triangle: its normal, as long as twice its area."""
    ax, ay, az = vertices[j, 0] - vertices[i, 0], vertices[j, 1] - vertices[i, 1], vertices[j, 2] - vertices[i, 2]
    bx, by, bz = vertices[k, 0] - vertices[i, 0], vertices[k, 1] - vertices[i, 1], vertices[k, 2] - vertices[i, 2]
    return ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx


@njit(inline="always")
def _bilinear(top_left, top_right, bottom_left, bottom_right, x, y):  # type: ignore[no-untyped-def]
    """The value between four neighbours; `x` and `y` count from the top left one, 0 to 1."""
    top = top_left * (1 - x) + top_right * x
    bottom = bottom_left * (1 - x) + bottom_right * x
    return top * (1 - y) + bottom * y


@njit(cache=True, fastmath=True)
def _spot(image, u, v):  # type: ignore[no-untyped-def]
    """One bilinear sample; `u` and `v` count pixels and lie inside the picture."""
    x, y = int(u), int(v)
    return _bilinear(image[y, x], image[y, x + 1], image[y + 1, x], image[y + 1, x + 1], u - x, v - y)


@njit(cache=True, fastmath=True)
def _sample(image, u, v):  # type: ignore[no-untyped-def]
    """One bilinear sample of a tiling grey picture; `u` and `v` count whole pictures."""
    rows, columns = image.shape
    fx, fy = (u - math.floor(u)) * columns, (v - math.floor(v)) * rows
    x0, y0 = int(fx) % columns, int(fy) % rows
    x1, y1 = (x0 + 1) % columns, (y0 + 1) % rows
    return _bilinear(image[y0, x0], image[y0, x1], image[y1, x0], image[y1, x1], fx - int(fx), fy - int(fy))


@njit(cache=True, fastmath=True)
def _surrounding(around, dx, dy, dz, turn, out):  # type: ignore[no-untyped-def]
    """What light comes from a direction, read bilinearly from a panorama."""
    rows, columns = around.shape[0], around.shape[1]
    u = (math.atan2(dy, dx) + turn) / (2 * math.pi)
    u = (u - math.floor(u)) * columns
    v = math.acos(min(1.0, max(-1.0, dz))) / math.pi * (rows - 1)
    x0, y0 = int(u) % columns, min(int(v), rows - 1)
    x1, y1 = (x0 + 1) % columns, min(y0 + 1, rows - 1)
    ax, ay = u - int(u), v - int(v)
    for c in range(3):
        out[c] = _bilinear(around[y0, x0, c], around[y0, x1, c], around[y1, x0, c], around[y1, x1, c], ax, ay)


@njit(cache=True, fastmath=True)
def _lit(maps, k, axes, centre, radius, soft, px, py, pz, directions):  # type: ignore[no-untyped-def]
    """How much of light `k` reaches a point: nine looks into its depth map."""
    size = maps.shape[1]
    qx, qy, qz = px - centre[0], py - centre[1], pz - centre[2]
    u = ((qx * axes[k, 0, 0] + qy * axes[k, 0, 1] + qz * axes[k, 0, 2]) / radius + 1) * size / 2
    v = ((qx * axes[k, 1, 0] + qy * axes[k, 1, 1] + qz * axes[k, 1, 2]) / radius + 1) * size / 2
    here = 5 * radius - (qx * directions[k, 0] + qy * directions[k, 1] + qz * directions[k, 2])
    step = 0.6 + soft[k] * size * 0.06
    total = 0.0
    for a in range(-1, 2):
        for b in range(-1, 2):
            x, y = int(u + a * step), int(v + b * step)
            if x < 0 or y < 0 or x >= size or y >= size or maps[k, y, x] > here - radius * 0.03:
                total += 1
    return total / 9


@njit(cache=True, fastmath=True)
def shade(  # type: ignore[no-untyped-def]
    ids, first, second, occlusion, vertices, places, normals, triangles, materials, table, textures, decals, skins,
    around, turn, ambient, floor_colour, eye, directions, colours, soft, axes, maps, centre, radius,
    floor_maps, floor_centre, floor_reach, out, through, bend,
):  # fmt: skip
    """Colour every pixel that shows a triangle.

    `out` gets the light that the surface sends (linear), `through` how much of what lies behind passes, `bend` how far
    aside the eye is led through it. `table` holds a row of numbers for each material; see `materials.Material.row`.
    """
    n, r, light, mirror = np.zeros(3), np.zeros(3), np.zeros(3), np.zeros(3)
    albedo = np.zeros(3)
    rows, columns = ids.shape
    for row in range(rows):
        for column in range(columns):
            t = ids[row, column]
            if t < 0:
                continue
            m = table[materials[t]]
            i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
            a, b = first[row, column], second[row, column]
            c = 1 - a - b
            px = vertices[i, 0] * a + vertices[j, 0] * b + vertices[k, 0] * c
            py = vertices[i, 1] * a + vertices[j, 1] * b + vertices[k, 1] * c
            pz = vertices[i, 2] * a + vertices[j, 2] * b + vertices[k, 2] * c
            ox = places[i, 0] * a + places[j, 0] * b + places[k, 0] * c
            oy = places[i, 1] * a + places[j, 1] * b + places[k, 1] * c
            oz = places[i, 2] * a + places[j, 2] * b + places[k, 2] * c
            fx, fy, fz = _normal(vertices, i, j, k)
            size = math.sqrt(fx * fx + fy * fy + fz * fz) + 1e-20
            for d in range(3):
                n[d] = normals[i, d] * a + normals[j, d] * b + normals[k, d] * c
            length = math.sqrt(n[0] ** 2 + n[1] ** 2 + n[2] ** 2) + 1e-9
            if (n[0] * fx + n[1] * fy + n[2] * fz) / (size * length) < 0.72:  # across an edge: keep it sharp
                n[0], n[1], n[2], length = fx, fy, fz, size
            vx, vy, vz = eye[0] - px, eye[1] - py, eye[2] - pz
            away = math.sqrt(vx * vx + vy * vy + vz * vz) + 1e-9
            vx, vy, vz = vx / away, vy / away, vz / away
            sign = 1.0 if n[0] * vx + n[1] * vy + n[2] * vz > 0 else -1.0
            for d in range(3):
                n[d] *= sign / length
            if m[18] >= 0:  # bumps
                grain = textures[int(m[18])]
                u = (ox * m[20] + oy * m[21] + oz * m[22]) * m[26]
                v = (ox * m[23] + oy * m[24] + oz * m[25]) * m[26]
                here = _sample(grain, u, v)
                du, dv = (_sample(grain, u + 0.006, v) - here) * m[19], (_sample(grain, u, v + 0.006) - here) * m[19]
                for d in range(3):
                    n[d] += du * m[20 + d] + dv * m[23 + d]
                length = math.sqrt(n[0] ** 2 + n[1] ** 2 + n[2] ** 2) + 1e-9
                for d in range(3):
                    n[d] /= length
            for d in range(3):
                albedo[d] = m[d]
            if m[40] >= 0:  # a texture
                picture = skins[int(m[40])]
                high, wide = picture.shape[0], picture.shape[1]
                u = (ox * m[8] + oy * m[9] + oz * m[10]) * m[14]
                v = (ox * m[11] + oy * m[12] + oz * m[13]) * m[14]
                fx, fy = (u - math.floor(u)) * wide, (1 - (v - math.floor(v))) * high
                x0, y0 = int(fx) % wide, int(fy) % high
                x1, y1 = (x0 + 1) % wide, (y0 + 1) % high
                ax, ay = fx - math.floor(fx), fy - math.floor(fy)
                for d in range(3):
                    top = picture[y0, x0, d] * (1 - ax) + picture[y0, x1, d] * ax
                    bottom = picture[y1, x0, d] * (1 - ax) + picture[y1, x1, d] * ax
                    albedo[d] *= ((top * (1 - ay) + bottom * ay) / 255) ** 2.2
            if m[6] >= 0:
                u = (ox * m[8] + oy * m[9] + oz * m[10]) * m[14]
                v = (ox * m[11] + oy * m[12] + oz * m[13]) * m[14]
                mix = _sample(textures[int(m[6])], u, v) * m[7]
                for d in range(3):
                    albedo[d] += (m[3 + d] - albedo[d]) * mix
            if m[27] >= 0:  # a printed picture
                picture = decals[int(m[27])]
                u = (ox * m[29] + oy * m[30] + oz * m[31]) * m[28] + 0.5
                v = (ox * m[32] + oy * m[33] + oz * m[34]) * m[28] + 0.5
                if 0 <= u < 1 and 0 <= v < 1:
                    cy, cx = int(v * picture.shape[0]), int(u * picture.shape[1])
                    strength = picture[cy, cx, 3]
                    for d in range(3):
                        albedo[d] += (picture[cy, cx, d] - albedo[d]) * strength
            facing = min(1.0, max(0.0, n[0] * vx + n[1] * vy + n[2] * vz))
            for d in range(3):
                r[d] = 2 * facing * n[d]
            r[0], r[1], r[2] = r[0] - vx, r[1] - vy, r[2] - vz
            rough = int(m[16])
            _surrounding(around[rough], r[0], r[1], r[2], turn, mirror)
            _surrounding(around[4], n[0], n[1], n[2], turn, light)
            up, hemisphere = min(1.0, max(0.0, r[2] * 6 + 0.3)), min(1.0, max(0.0, 0.5 + 0.5 * n[2]))
            shelter = occlusion[row, column]
            ground_open = 1.0
            on_floor = m[35] > 0 and abs(pz) < 1e-3
            if on_floor:
                hemisphere = 1.0
                mu = ((px - floor_centre[0]) / floor_reach + 1) * floor_maps.shape[2] / 2 - 0.5
                mv = ((py - floor_centre[1]) / floor_reach + 1) * floor_maps.shape[1] / 2 - 0.5
                inside = 0 <= mu < floor_maps.shape[2] - 1 and 0 <= mv < floor_maps.shape[1] - 1
                if inside:
                    ground_open = _spot(floor_maps[0], mu, mv)
            for d in range(3):
                mirror[d] = mirror[d] * ambient * up + floor_colour[d] * (1 - up)
                light[d] = (light[d] * ambient * hemisphere + floor_colour[d] * (1 - hemisphere) * 0.8) * shelter
                light[d] *= ground_open
            for q in range(directions.shape[0]):
                turned = n[0] * directions[q, 0] + n[1] * directions[q, 1] + n[2] * directions[q, 2]
                if turned <= 0:
                    continue
                if on_floor:
                    seen = _spot(floor_maps[1 + q], mu, mv) if inside else 1.0
                else:
                    seen = _lit(maps, q, axes, centre, radius, soft, px, py, pz, directions)
                hx, hy, hz = directions[q, 0] + vx, directions[q, 1] + vy, directions[q, 2] + vz
                half = math.sqrt(hx * hx + hy * hy + hz * hz) + 1e-9
                glint = max(0.0, (n[0] * hx + n[1] * hy + n[2] * hz) / half)
                if rough == 0:
                    glint, gain = glint**900, 8.0
                elif rough == 1:
                    glint, gain = glint**140, 3.0
                elif rough == 2:
                    glint, gain = glint**25, 0.8
                else:
                    glint, gain = glint**8, 0.3
                for d in range(3):
                    light[d] += turned * seen * colours[q, d]
                    mirror[d] += glint * gain * seen * colours[q, d]
            edge = (1 - facing) ** 5
            clear = m[36]
            if clear > 0:
                passes = clear * min(1.0, max(0.0, facing * 1.6 + 0.15)) ** m[37]
                shine = 0.05 + 0.95 * (1 - facing) ** 3.5
                for d in range(3):
                    body = light[d] * albedo[d] * (1 - passes)
                    out[row, column, d] = body * m[38] + mirror[d] * shine * m[17]
                    through[row, column, d] = passes * albedo[d]
                bend[row, column, 0], bend[row, column, 1] = n[0] * m[39] * (1 - facing), n[2] * m[39] * (1 - facing)
            elif m[15] > 0:
                for d in range(3):
                    out[row, column, d] = mirror[d] * albedo[d] * (0.75 + 0.25 * shelter)
            else:
                fresnel = 0.04 + 0.96 * edge
                for d in range(3):
                    out[row, column, d] = (
                        albedo[d] * light[d] * (1 - min(fresnel, 0.9)) + mirror[d] * fresnel * m[17] * shelter
                    )


@njit(cache=True, fastmath=True)
def vertex_normals(vertices: Any, triangles: Any) -> Any:
    """The normal at each vertex: that of its triangles, weighted by their areas."""
    normals = np.zeros(vertices.shape, np.float32)
    for t in range(triangles.shape[0]):
        i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        x, y, z = _normal(vertices, i, j, k)
        for c in triangles[t]:
            normals[c, 0] += x
            normals[c, 1] += y
            normals[c, 2] += z
    for c in range(vertices.shape[0]):
        length = math.sqrt(normals[c, 0] ** 2 + normals[c, 1] ** 2 + normals[c, 2] ** 2) + 1e-20
        for d in range(3):
            normals[c, d] /= length
    return normals
