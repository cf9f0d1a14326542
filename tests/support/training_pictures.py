"""Stand-ins for the pictures that training fetches, so that its tests need no network."""

from pathlib import Path

import numpy as np


def write_stand_ins(cache: Path) -> None:
    """Two panoramas of noise and three square stickers, in the cache's own files."""
    rng = np.random.default_rng(1)
    alpha = np.zeros((3, 128, 128, 1), np.uint8)
    alpha[:, 30:100, 20:110] = 255
    cache.mkdir(parents=True, exist_ok=True)
    np.save(cache / "panoramas.npy", rng.uniform(0, 2, (2, 256, 512, 3)).astype(np.float16))
    np.save(cache / "stickers.npy", np.concatenate([rng.integers(0, 255, (3, 128, 128, 3), np.uint8), alpha], -1))
