"""Scenes on disk, and the batches made of them."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from training import pool
from training.loading import Pool, batch, edges, varied


@pytest.fixture
def squares(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scenes of white squares on black, in place of drawn ones: the square is the product."""

    def drawn(seed: int, count: int, held_out: bool = False) -> list[tuple[np.ndarray, np.ndarray]]:
        packed = []
        for number in range(count):
            coverage = np.zeros((96, 96), np.uint8)
            coverage[20 + seed % 7 : 60, 30 : 70 + number % 5] = 255
            picture = cv2.imencode(".png", np.repeat(coverage[..., None], 3, 2))[1].reshape(-1)
            packed.append((picture, cv2.imencode(".png", coverage)[1].reshape(-1)))
        return packed

    monkeypatch.setattr(pool, "drawn", drawn)


@pytest.mark.usefixtures("squares")
def test_a_shard_gives_back_what_was_drawn(tmp_path: Path) -> None:
    pool.write(tmp_path, 3, count=4)
    scenes = Pool(tmp_path)
    assert len(scenes) == 4
    picture, coverage = scenes.scene(2)
    assert picture.shape == (96, 96, 3)
    assert np.array_equal(picture[..., 0], coverage)
    assert coverage[40, 50] == 255


@pytest.mark.usefixtures("squares")
def test_a_pool_may_grow_and_a_half_written_shard_is_not_in_it(tmp_path: Path) -> None:
    pool.write(tmp_path, 0, count=3)
    scenes = Pool(tmp_path)
    (tmp_path / "000001.bin").write_bytes(b"half")
    scenes.look_again()
    assert len(scenes) == 3
    pool.write(tmp_path, 1, count=3)
    scenes.look_again()
    assert len(scenes) == 6


@pytest.mark.usefixtures("squares")
def test_filling_draws_only_the_shards_that_are_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "SHARD", 2)
    pool.fill(tmp_path, 4)
    first = (tmp_path / "000000.bin").stat().st_mtime_ns
    pool.fill(tmp_path, 6)
    assert len(pool.shards(tmp_path)) == 3
    assert (tmp_path / "000000.bin").stat().st_mtime_ns == first


@pytest.mark.usefixtures("squares")
def test_a_batch_is_the_same_from_the_same_seed(tmp_path: Path) -> None:
    pool.write(tmp_path, 0, count=3)
    first, again = (batch(Pool(tmp_path), 5, 64, np.random.default_rng([1, 9])) for _ in range(2))
    assert first[0].shape == (5, 64, 64, 3)
    assert first[1].shape == (5, 64, 64)
    assert np.array_equal(first[0], again[0])
    assert np.array_equal(first[1], again[1])


def test_what_moves_a_picture_moves_its_coverage_alike() -> None:
    coverage = np.zeros((96, 96), np.uint8)
    coverage[25:70, 30:60] = 255
    picture = np.repeat(coverage[..., None], 3, 2)
    for seed in range(40):
        seen, where = varied(picture, coverage, 96, np.random.default_rng(seed))
        inside, outside = seen[where > 250].mean(), seen[where < 5].mean()
        assert inside > outside + 60


def test_edges_lie_within_three_pixels_of_a_step() -> None:
    coverage = np.zeros((1, 20, 20), np.uint8)
    coverage[0, :, 10:] = 200
    found = edges(coverage)[0]
    assert (found[:, 7:13] == 200).all()
    assert (found[:, :7] == 0).all()
    assert (found[:, 13:] == 0).all()
