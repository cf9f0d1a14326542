"""Models read from a furniture library."""

import io
import zipfile

import cv2
import numpy as np
import pytest

from training import models
from training.objects.modelled import group

CATALOGUE = """
id#1=a
name#1={name}
category#1=Living room
model#1=/box/box.obj
width#1=80
depth#1=40
height#1=20
creator#1=Someone
"""
OBJ = """
mtllib box.mtl
v 0 0 0
v 1 0 0
v 1 1 0
v 0 1 0
v 0 0 1
v 1 0 1
v 1 1 1
v 0 1 1
vt 0 0
vt 1 0
vt 1 1
usemtl plain
f 1 2 3 4
f 5 6 7 8
f 1 2 6 5
usemtl printed
f 3/1 4/2 8/3 7/1
f -7/1 -6/2 -2/3 -3/1
"""
MTL = """
newmtl plain
Kd 0.5 0.25 0
Ks 0.2 0.2 0.2
Ns 90
d 0.5
newmtl printed
Kd 1 1 1
map_Kd Print.png
"""


def library(name: str = "Sofa", picture: np.ndarray | None = None) -> zipfile.ZipFile:
    packed = io.BytesIO()
    picture = np.full((8, 8, 3), (0, 0, 200), np.uint8) if picture is None else picture
    with zipfile.ZipFile(packed, "w") as writing:
        writing.writestr("PluginFurnitureCatalog.properties", CATALOGUE.format(name=name))
        writing.writestr("box/box.obj", OBJ)
        writing.writestr("box/box.mtl", MTL)
        writing.writestr("box/print.png", cv2.imencode(".png", picture)[1].tobytes())
    return zipfile.ZipFile(packed)


def test_a_model_has_its_catalogue_size_with_its_height_upwards_and_its_front_towards_the_camera() -> None:
    (model,) = models.read_library("Some", library(), models.Textures())
    assert np.allclose(np.ptp(model.vertices, axis=0), (0.8, 0.4, 0.2))
    front = model.vertices[model.triangles[2:4].reshape(-1)]  # the second face lies at z = 1, which is the front
    assert np.allclose(front[:, 1], model.vertices[:, 1].min())
    assert len(model.triangles) == 10
    assert (model.name, model.creator, group(model)) == ("Sofa", "Someone", "furniture")


def test_its_parts_keep_colour_gloss_opacity_and_texture() -> None:
    textures = models.Textures()
    (model,) = models.read_library("Some", library(), textures)
    plain, printed = model.parts
    assert plain == models.Part((0.5, 0.25, 0.0), pytest.approx(0.2), 90.0, 0.5, -1)
    assert printed.texture == 0
    assert textures.pictures[0].shape == (256, 256, 3)
    assert textures.pictures[0][100, 100].tolist() == [200, 0, 0]
    assert np.bincount(model.which).tolist() == [6, 4]


def test_a_texture_that_two_models_share_is_kept_once() -> None:
    textures = models.Textures()
    for _ in range(2):
        models.read_library("Some", library(), textures)
    assert len(textures.pictures) == 1


@pytest.mark.parametrize("name", ["Teapot", "Mountain bike", "Watch"])
def test_families_that_are_only_measured_on_are_left_out(name: str) -> None:
    assert models.read_library("Some", library(name), models.Textures()) == []


def test_a_model_drawn_by_holes_in_its_texture_is_left_out() -> None:
    holes = np.full((8, 8, 4), 255, np.uint8)
    holes[:4, :, 3] = 0
    assert models.read_library("Some", library(picture=holes), models.Textures()) == []
