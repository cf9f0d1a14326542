"""Whether a picture that has transparent parts is a cut-out. Plain numpy, for the app's process asks as well."""

import numpy as np
import numpy.typing as npt

SOLID = 128
"""Alpha from which a pixel counts as there."""
LEAST_CLEAR = 0.01
"""Share of the box around what is there that has to be clear: less is dirt, or the corners of a card."""
MARGIN = 0.02
"""Share of the picture's side from which a clear margin is one that a cut-out has around it."""
MIDDLE = (0.35, 0.65)
"""The stretch of each side of that box that is looked at."""
WHOLE = 0.98


def is_cut_out(alpha: npt.NDArray[np.uint8]) -> bool:
    """Whether an alpha channel (H×W) shows a product without its ground.

    A photo with rounded corners, a clear edge, a clear pixel or the same transparency everywhere is none: what is there
    is a rectangle that fills the picture, but for its corners. A book that was cut out and trimmed to its box cannot be
    told from those, and is cut out again; one with room around it can.
    """
    solid = alpha >= SOLID
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    if not rows.size:
        return False
    height, width = solid.shape
    gaps = (rows[0] / height, 1 - (rows[-1] + 1) / height, columns[0] / width, 1 - (columns[-1] + 1) / width)
    if sum(gap > MARGIN for gap in gaps) >= 3:
        return True
    box = solid[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    if float(box.mean()) > 1 - LEAST_CLEAR:
        return False
    return not all(float(side.mean()) >= WHOLE for side in _middles(box))


def _middles(box: npt.NDArray[np.bool_]) -> list[npt.NDArray[np.bool_]]:
    """The middle stretches of the four sides."""
    height, width = box.shape
    down = slice(int(MIDDLE[0] * height), int(MIDDLE[1] * height) + 1)
    across = slice(int(MIDDLE[0] * width), int(MIDDLE[1] * width) + 1)
    return [box[0, across], box[-1, across], box[down, 0], box[down, -1]]
