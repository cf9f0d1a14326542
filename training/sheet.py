"""A contact sheet of scenes, to be looked at: `python -m training.sheet FILE [SEED] [SETTING] [SUBJECT]`."""

import sys

import cv2
import numpy as np
from numpy.typing import NDArray

from training.objects import HELD_OUT, TRAINED
from training.objects.thing import Families
from training.scene import Recipe, Scene, Unusable, any_recipe, draw

COLUMNS = 8


def tile(scene: Scene, side: int = 200) -> NDArray[np.uint8]:
    """The picture, and beside it the product on magenta, `side×2·side×3`."""
    coverage = scene.coverage[..., None]
    cut = scene.picture * coverage + np.array([255, 0, 255]) * (1 - coverage)
    pair = np.concatenate([scene.picture, cut.astype(np.uint8)], 1)
    return cv2.resize(pair, (2 * side, side), interpolation=cv2.INTER_AREA)


def sheet(
    seed: int, count: int, families: Families, setting: str | None = None, subject: str | None = None
) -> NDArray[np.uint8]:
    """`count` scenes from `seed` on, RGB."""
    tiles: list[NDArray[np.uint8]] = []
    while len(tiles) < count:
        seed += 1
        chosen = any_recipe(np.random.default_rng(seed))
        recipe = Recipe(subject or chosen.subject, setting or chosen.setting)
        try:
            tiles.append(tile(draw(seed, families, TRAINED, recipe, (256, 256))))
        except Unusable:
            continue
    width = COLUMNS // 2
    return np.concatenate([np.concatenate(tiles[i : i + width], 1) for i in range(0, count, width)])


if __name__ == "__main__":
    file, *rest = sys.argv[1:]
    start = int(rest[0]) if rest else 1
    held_out = "held-out" in rest
    words = [word for word in rest[1:] if word != "held-out"] + [None, None]
    picture = sheet(start, 24, HELD_OUT if held_out else TRAINED, words[0], words[1])
    cv2.imwrite(file, picture[..., ::-1])
