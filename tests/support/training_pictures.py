"""Stand-ins for the pictures and models that training fetches, so that its tests need no network."""

from pathlib import Path

import numpy as np

from training.models import Model, Part, write
from training.shapes import box

CUBE = box((0.3, 0.3, 0.3))


def write_stand_ins(cache: Path) -> None:
    """Two panoramas of noise, three square stickers and a cube for each family of models, in the cache's own files."""
    rng = np.random.default_rng(1)
    alpha = np.zeros((3, 128, 128, 1), np.uint8)
    alpha[:, 30:100, 20:110] = 255
    cache.mkdir(parents=True, exist_ok=True)
    np.save(cache / "panoramas.npy", rng.uniform(0, 2, (2, 256, 512, 3)).astype(np.float16))
    np.save(cache / "stickers.npy", np.concatenate([rng.integers(0, 255, (3, 128, 128, 3), np.uint8), alpha], -1))
    write(cache, [_cube(name, category) for name, category in MODELS], [rng.integers(0, 255, (256, 256, 3), np.uint8)])


MODELS = (
    ("Mug", "Kitchen"), ("Sofa", "Living room"), ("Jacket", "Bedroom"), ("Fern plant", "Living room"),
    ("Trampoline", "Exterior"), ("Van", "Vehicles"), ("Female", "Characters"),
)  # fmt: skip


def _cube(name: str, category: str) -> Model:
    size = 1.0 if name in ("Sofa", "Trampoline") else 0.3
    vertices = CUBE.vertices.astype(np.float32) * (size / 0.3)
    which = np.arange(len(CUBE.triangles), dtype=np.int16) % 2
    parts = (Part((0.8, 0.2, 0.2), 0.1, 10, 1, -1), Part((1, 1, 1), 0.5, 200, 1, 0))
    return Model(name, category, "", "", vertices, vertices[:, :2].copy(), CUBE.triangles, which, parts)
