"""What is kept with a result so that it can be compared with the picture it was made from, point by point."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

Registration = tuple[float, float, float, float, float, float]
"""(a, b, c, d, e, f): what is at (x, y) in the source is at (a·x + c·y + e, b·x + d·y + f) in the result. Both count
from the left upper corner, in shares of the picture's sides."""

_LARGEST = 1000.0
_FLATTEST = 1e-6
_MOST_EDGES = 12


@dataclass(frozen=True)
class Comparison:
    """registration: where the source's points are in the result, None where that cannot be said: a provider drew it.
    edges: places on the product's edge that are worth a close look, (x, y) in shares of the result's sides."""

    registration: Registration | None = None
    edges: tuple[tuple[float, float], ...] = ()

    def stored(self) -> dict[str, Any]:
        """What is kept among a result's details, as `comparison`."""
        return asdict(self)


def stored_comparison(details: Mapping[str, Any]) -> Comparison:
    """What a picture's details say, as far as it can be true."""
    kept = details.get("comparison")
    if not isinstance(kept, Mapping):
        return Comparison()
    places = kept.get("edges")
    edges = [_numbers(one, 2) for one in places[:_MOST_EDGES]] if isinstance(places, list | tuple) else []
    inside = [(one[0], one[1]) for one in edges if one and all(0 <= share <= 1 for share in one)]
    return Comparison(_registration(kept.get("registration")), tuple(inside))


def _registration(value: object) -> Registration | None:
    numbers = _numbers(value, 6)
    if numbers is None or any(abs(number) > _LARGEST for number in numbers):
        return None
    a, b, c, d, e, f = numbers
    return None if abs(a * d - b * c) < _FLATTEST else (a, b, c, d, e, f)


def _numbers(value: object, count: int) -> list[float] | None:
    if not isinstance(value, list | tuple) or len(value) != count:
        return None
    if not all(isinstance(one, int | float) and not isinstance(one, bool) and math.isfinite(one) for one in value):
        return None
    return [float(one) for one in value]
