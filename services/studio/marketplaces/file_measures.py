"""Measures of the file: its size, shape, format and bytes."""

from services.studio.marketplaces.rule import Finished, Measure, Measured

MIB = 1024 * 1024


def longest_side(at_least: int, at_most: int | None = None) -> Measure:
    """Pixels of the longest side."""

    def measure(finished: Finished) -> Measured:
        side = max(finished.width, finished.height)
        holds = side >= at_least and (at_most is None or side <= at_most)
        return Measured(holds, f"The longest side has {side} pixels.")

    return measure


def shortest_side(at_least: int) -> Measure:
    """Pixels of the shortest side."""

    def measure(finished: Finished) -> Measured:
        side = min(finished.width, finished.height)
        return Measured(side >= at_least, f"The shortest side has {side} pixels.")

    return measure


def wide(at_least: int, at_most: int) -> Measure:
    """Pixels of the width."""
    return lambda finished: Measured(
        at_least <= finished.width <= at_most, f"The picture is {finished.width} pixels wide."
    )


def pixels_up_to(at_most: int) -> Measure:
    """Pixels in all."""

    def measure(finished: Finished) -> Measured:
        count = finished.width * finished.height
        return Measured(count <= at_most, f"The picture has {count / 1e6:.1f} megapixels.")

    return measure


def shape(ratio: float) -> Measure:
    """Width by height."""

    def measure(finished: Finished) -> Measured:
        holds = abs(finished.width / finished.height - ratio) <= 0.005
        return Measured(holds, f"The picture is {finished.width}×{finished.height}.")

    return measure


def one_of_formats(allowed: tuple[str, ...]) -> Measure:
    """The file's format, as the second half of its content type."""

    def measure(finished: Finished) -> Measured:
        name = finished.content_type.removeprefix("image/")
        return Measured(name in allowed, f"The file is {name.upper()}.")

    return measure


def bytes_up_to(megabytes: int) -> Measure:
    """The file's size."""
    return lambda finished: Measured(
        finished.n_bytes <= megabytes * MIB, f"The file has {finished.n_bytes / MIB:.1f} MB."
    )
