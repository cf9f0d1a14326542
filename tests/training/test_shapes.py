"""The meshes that scenes are drawn from."""

import numpy as np
import pytest

from training.objects import HELD_OUT, TRAINED
from training.objects.thing import Family
from training.objects.wearables import drawing
from training.shapes import cylinder, ellipsoid, fur, plate, rotation

FAMILIES = [*TRAINED.members, *HELD_OUT.members]


def test_a_rotation_keeps_lengths_and_turns_by_its_angle() -> None:
    turn = rotation("z", np.pi / 2)
    assert np.allclose(turn @ turn.T, np.eye(3))
    assert np.allclose(turn @ [1, 0, 0], [0, 1, 0])


def test_a_cylinder_stands_on_the_floor_with_its_radius_and_height() -> None:
    vertices = cylinder(0.5, 2.0).vertices
    assert vertices[:, 2].min() == 0
    assert vertices[:, 2].max() == 2
    assert np.isclose(np.linalg.norm(vertices[:, :2], axis=1).max(), 0.5)


def test_a_plate_keeps_the_hole_of_its_drawing() -> None:
    angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    circle = np.stack([np.cos(angle), np.sin(angle)], -1)
    ring = plate(drawing(circle * 0.45, circle * 0.2), thickness=0.1)
    distance = np.linalg.norm(ring.vertices[:, :2], axis=1)
    assert distance.min() == pytest.approx(0.2, abs=0.02)
    assert distance.max() == pytest.approx(0.45, abs=0.02)


def test_no_family_is_both_trained_and_measured_on() -> None:
    assert not {family.name for family in TRAINED.members} & {family.name for family in HELD_OUT.members}


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_every_family_draws_whole_meshes_whose_materials_it_names(family: Family) -> None:
    for seed in range(4):
        thing = family.draw(np.random.default_rng(seed))
        for mesh in thing.meshes:
            assert np.isfinite(mesh.vertices).all()
            assert mesh.triangles.min() >= 0
            assert mesh.triangles.max() < len(mesh.vertices)


def test_a_family_draws_the_same_thing_from_the_same_seed() -> None:
    first, second = (TRAINED.members[0].draw(np.random.default_rng(7)).meshes[0] for _ in range(2))
    assert np.array_equal(first.vertices, second.vertices)


def test_fur_stands_on_its_mesh_and_no_hair_is_longer_than_asked() -> None:
    ball = ellipsoid((2, 2, 2))
    hairs = fur(ball, np.random.default_rng(2), 200, long=0.3, thick=0.01, droop=0.0)
    away = np.linalg.norm(hairs.vertices.reshape(200, 5, 3), axis=-1)
    assert np.allclose(away[:, :2], 1, atol=0.05)
    assert away[:, 4].min() > 1.05
    assert away[:, 4].max() < 1 + 0.3 * 1.2 + 0.05
