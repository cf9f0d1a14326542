"""What the ground behind a product looks like: one smooth colour field, fitted robustly to the picture's border."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.studio.ondevice.arrays import Field, Mask

BORDER_SHARE = 0.03
MAX_SAMPLES = 4000
ROUNDS = 8


@dataclass(frozen=True)
class BackgroundModel:
    """A fitted ground.

    field: H×W×3 float Lab, the colour the ground would have at each pixel if no product stood there.
    spread: noise and texture of the ground around the field, one standard deviation in Lab units.
    unexplained: share 0..1 of the border that is not ground (a product that touches it, or no plain ground at all).
    """

    field: Field
    spread: float
    unexplained: float


def fit_border(lab: Field) -> BackgroundModel:
    """Fit a quadratic Lab field to the border of `lab` (H×W×3 float32), ignoring whatever juts into it."""
    height, width = lab.shape[:2]
    thickness = max(1, round(BORDER_SHARE * max(height, width)))
    border = np.ones((height, width), bool)
    if height > 2 * thickness and width > 2 * thickness:
        border[thickness:-thickness, thickness:-thickness] = False
    terms, colours = _samples(lab, border)

    fits = [_settle(terms, colours, start) for start in _starting_guesses(terms, colours)]
    coefficients, spread, kept = max(fits, key=lambda fit: float(fit[2].mean()) - 0.02 * fit[1])
    return BackgroundModel(_evaluate(coefficients, height, width), spread, float(1 - kept.mean()))


def refit(lab: Field, ground: Mask, border_fit: BackgroundModel) -> BackgroundModel:
    """Fit again to every pixel now known to be ground (H×W bool): the border alone says little about the middle."""
    if ground.sum() < 200:
        return border_fit
    terms, colours = _samples(lab, ground)
    coefficients, spread, _ = _settle(terms, colours, np.ones(len(colours), bool))
    field = _evaluate(coefficients, *lab.shape[:2])
    return BackgroundModel(field, min(spread, border_fit.spread * 1.5), border_fit.unexplained)


def _starting_guesses(terms: Field, colours: Field) -> list[Mask]:
    """Border pixels to begin from: near the commonest colour, so that a product at the edge cannot win, or all."""
    bins = (colours / np.array([8, 6, 6], np.float32)).astype(np.int32)
    _, member, counts = np.unique(bins, axis=0, return_inverse=True, return_counts=True)
    commonest = colours[member.ravel() == counts.argmax()].mean(axis=0)
    near = np.linalg.norm(colours - commonest, axis=1) < 18
    return [near, np.ones(len(colours), bool)]


def _settle(terms: Field, colours: Field, kept: Mask) -> tuple[Field, float, Mask]:
    """Least squares and dropping outliers in turn until nothing changes. Returns coefficients, spread, kept samples."""
    coefficients = _least_squares(terms[kept], colours[kept])
    spread = 1.0
    for _ in range(ROUNDS):
        distance = np.linalg.norm(colours - terms @ coefficients, axis=1)
        spread = float(1.4826 * np.median(distance[kept]) + 0.3)
        now = distance < max(3 * spread, 3.0)
        if now.sum() < 0.2 * len(now) or (now == kept).all():
            break
        kept = now
        coefficients = _least_squares(terms[kept], colours[kept])
    return coefficients.astype(np.float32), spread, kept


def _least_squares(terms: Field, colours: Field) -> Field:
    """By the normal equations: a fifth of the time of a decomposition, and six smooth terms are well conditioned."""
    terms, colours = terms.astype(np.float64), colours.astype(np.float64)
    coefficients: Field = np.linalg.lstsq(terms.T @ terms, terms.T @ colours, rcond=None)[0]
    return coefficients


def _samples(lab: Field, where: Mask) -> tuple[Field, Field]:
    rows, columns = np.nonzero(where)
    step = max(1, len(rows) // MAX_SAMPLES)
    # A fixed shuffle: a plain stride would line up with rows of the picture.
    chosen = np.random.default_rng(0).permutation(len(rows))[: len(rows) // step]
    rows, columns = rows[chosen], columns[chosen]
    return _quadratic(rows, columns, *lab.shape[:2]), lab[rows, columns].astype(np.float32)


def _quadratic(rows: npt.NDArray[np.intp], columns: npt.NDArray[np.intp], height: int, width: int) -> Field:
    y = (rows / max(height - 1, 1) * 2 - 1).astype(np.float32)
    x = (columns / max(width - 1, 1) * 2 - 1).astype(np.float32)
    return np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=-1)


def _evaluate(coefficients: Field, height: int, width: int) -> Field:
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :, None]
    one, by_x, by_y, by_xx, by_yy, by_xy = coefficients
    # Summed along rows and columns first: a matrix of six terms for every pixel costs ten times as much.
    field: Field = (one + by_x * x + by_xx * x * x) + (by_y * y + by_yy * y * y)
    field += by_xy * y * x
    return field
