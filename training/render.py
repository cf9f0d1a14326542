"""A solid seen through a camera: its light and how much of what is behind it shows, pixel by pixel."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from training import raster
from training.lighting import Light, Shadows
from training.materials import patterns
from training.models import textures
from training.solids import Solid

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Camera:
    """Where the eye is and what it looks along; `focal` is in half picture heights, the picture is `rows×columns`."""

    eye: NDArray[np.float64]
    forward: NDArray[np.float64]
    right: NDArray[np.float64]
    up: NDArray[np.float64]
    focal: float
    rows: int
    columns: int

    def seen(self, vertices: Array) -> tuple[Array, Array, Array]:
        """Columns, rows and depths of points."""
        away = vertices - self.eye.astype(np.float32)
        depth = away @ self.forward.astype(np.float32)
        size = self.focal * self.rows / 2 / np.maximum(depth, 0.02)
        x = (away @ self.right.astype(np.float32)) * size + self.columns / 2
        y = self.rows / 2 - (away @ self.up.astype(np.float32)) * size
        return x.astype(np.float32), y.astype(np.float32), depth.astype(np.float32)

    def directions(self) -> Array:
        """Where each pixel looks, `rows×columns×3`, unit length."""
        x = (np.arange(self.columns, dtype=np.float32) + 0.5 - self.columns / 2) / (self.rows / 2) / self.focal
        y = (self.rows / 2 - np.arange(self.rows, dtype=np.float32) - 0.5) / (self.rows / 2) / self.focal
        way = self.forward + x[None, :, None] * self.right + y[:, None, None] * self.up
        return (way / np.linalg.norm(way, axis=-1, keepdims=True)).astype(np.float32)


def camera(
    eye: NDArray[np.float64], target: NDArray[np.float64], focal: float, roll: float, size: tuple[int, int]
) -> Camera:
    forward = target - eye
    forward = forward / np.linalg.norm(forward)
    right = np.cross(forward, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right) + 1e-9
    up = np.cross(right, forward)
    cosine, sine = math.cos(roll), math.sin(roll)
    return Camera(eye, forward, cosine * right + sine * up, cosine * up - sine * right, focal, *size)


@dataclass(frozen=True)
class Sheet:
    """One surface's light, what it lets through, and how it bends that, where `hit`."""

    light: Array
    through: Array
    bend: Array
    hit: NDArray[np.bool_]


@dataclass(frozen=True)
class Layer:
    """A solid's sheets, the farthest first, where it is at all (`covered`), and the depth of its opaque parts."""

    sheets: tuple[Sheet, ...]
    covered: NDArray[np.bool_]
    depth: Array

    def over(self, behind: Array, bending: float = 1.0) -> Array:
        """The layer in front of a picture in linear light."""
        picture = behind
        for sheet in self.sheets:
            seen = picture
            if bending and np.any(sheet.bend):
                rows, columns = np.mgrid[: behind.shape[0], : behind.shape[1]].astype(np.float32)
                scale = bending * behind.shape[0] / 480
                seen = cv2.remap(
                    picture,
                    columns - sheet.bend[..., 0] * scale,
                    rows + sheet.bend[..., 1] * scale,
                    cv2.INTER_LINEAR,
                    borderMode=cv2.BORDER_REFLECT,
                )
            picture = np.where(sheet.hit[..., None], sheet.light + sheet.through * seen, picture)
        return picture

    def bends(self) -> NDArray[np.bool_]:
        bent = np.zeros(self.covered.shape, bool)
        for sheet in self.sheets:
            bent |= np.abs(sheet.bend).max(-1) > 0
        return bent

    def passing(self) -> Array:
        """How much of what is behind passes straight through all sheets, 0 to 1."""
        left = np.ones((*self.covered.shape, 3), np.float32)
        for sheet in self.sheets:
            left = np.where(sheet.hit[..., None], left * sheet.through, left)
        return left.mean(-1)


def _occlusion(hit: NDArray[np.bool_], depth: Array, strength: float) -> Array:
    """Darkening in hollows: where the surface lies deeper than its neighbourhood."""
    sigma = hit.shape[0] / 60
    weight = cv2.GaussianBlur(hit.astype(np.float32), (0, 0), sigma)
    mean = cv2.GaussianBlur(np.where(hit, depth, 0).astype(np.float32), (0, 0), sigma) / np.maximum(weight, 1e-3)
    return np.clip(1 - (depth - mean) * strength, 0.35, 1.1).astype(np.float32)


@dataclass(frozen=True)
class Studio:
    """What everything in one scene is seen and lit by; `stickers` are the pictures that it may bear in print."""

    view: Camera
    light: Light
    shadows: Shadows
    floor_colour: NDArray[np.float64]
    stickers: Array


def render(solid: Solid, studio: Studio, hollows: float = 3.0) -> Layer:
    """The solid as the camera sees it, its hollows darkened by that much."""
    view, light, shadows = studio.view, studio.light, studio.shadows
    shape = (view.rows, view.columns)
    x, y, z = view.seen(solid.vertices)
    table = np.stack([material.row() for material in solid.palette])
    normals = raster.vertex_normals(solid.vertices, solid.triangles)
    clear = solid.clear
    sheets: list[Sheet] = []

    def sheet(
        triangles: NDArray[np.int32], which: NDArray[np.int32], drawn: tuple[NDArray[np.int32], Array, Array, Array]
    ) -> Sheet:
        ids, depth, first, second = drawn
        hit = ids >= 0
        light_out, through = np.zeros((*shape, 3), np.float32), np.zeros((*shape, 3), np.float32)
        bend = np.zeros((*shape, 2), np.float32)
        raster.shade(
            ids, first, second, _occlusion(hit, depth, hollows), solid.vertices, solid.places, normals, triangles,
            which, table, patterns(), studio.stickers, textures(), light.around, light.turn, light.ambient,
            studio.floor_colour, view.eye,
            light.directions, light.colours, light.softness, shadows.axes, shadows.depths, shadows.centre,
            shadows.radius, shadows.floor, shadows.floor_centre, shadows.floor_reach, light_out, through, bend,
        )  # fmt: skip
        return Sheet(light_out, through, bend, hit)

    opaque, which = solid.triangles[~clear], solid.materials[~clear]
    drawn = raster.rasterise(x, y, z, opaque, shape)
    covered, depth = drawn[0] >= 0, drawn[1]
    if covered.any():
        sheets.append(sheet(opaque, which, drawn))
    if clear.any():
        glass, which = solid.triangles[clear], solid.materials[clear]
        near = raster.rasterise(x, y, z, glass, shape, depth)
        far = raster.rasterise(x, y, z, glass, shape, depth, farthest=True)
        twice = (far[0] >= 0) & (far[1] > near[1] + 1e-4)
        far[0][~twice] = -1
        sheets += [sheet(glass, which, far), sheet(glass, which, near)]
        covered = covered | (near[0] >= 0)
    return Layer(tuple(sheets), covered, depth)
