"""Measures of what the picture shows: its ground, where the product ends, how sharp it is, what stands beside it."""

import numpy as np

from services.studio.marketplaces.cut_off import SIDES, strip
from services.studio.marketplaces.ground import off_white
from services.studio.marketplaces.regions import Region, box_of
from services.studio.marketplaces.rule import Finished, Measure, Measured

FILL_TOLERANCE = 0.01
RISE = 2.5
"""An edge rises over this many sigmas of its blur."""
OTHER_EDGE = 0.5
"""Share of the frame's edge that has to be off white for a ground to be called so where nothing can be told apart."""

_NOT_PLAIN = "The background is not plain, so we could not tell the product from it."
_NOTHING = "No product can be seen in this picture."


def white_ground(tolerance: int, transparent_ok: bool = False) -> Measure:
    """Every pixel of the ground white, to within some levels; soft shadows of the product aside."""

    def measure(finished: Finished) -> Measured:
        pixels, scene = finished.pixels, finished.scene
        whole = (0, 0, finished.width, finished.height)
        if pixels.shape[2] == 4 and not transparent_ok and int(pixels[..., 3].min()) < 255:
            return Measured(False, "The background is transparent.", (whole,))
        if not scene.plain:
            edge = np.concatenate([scene.rgb[0], scene.rgb[-1], scene.rgb[:, 0], scene.rgb[:, -1]])
            if float((edge < 255 - tolerance).any(axis=1).mean()) >= OTHER_EDGE:
                return Measured(False, "The background is not white, nor of any one colour.", (whole,))
            return Measured(None, _NOT_PLAIN)
        found = off_white(pixels, scene, finished.covered, tolerance, _blur(finished))
        if found is None:
            white = "pure white" if tolerance == 0 else "white"
            return Measured(True, f"The whole background is {white}, not only along the edge.")
        noun = "pixel" if found.pixels == 1 else "pixels"
        verb = "is" if found.pixels == 1 else "are"
        detail = f"{found.pixels:,} {noun} of the background ({_share(found.share)}) {verb} not white; the darkest"
        return Measured(False, f"{detail} is {found.darkest}.", found.places)

    return measure


def fills(low: float, high: float) -> Measure:
    """How much of the frame the product spans, across or down, whichever is more."""

    def measure(finished: Finished) -> Measured:
        if not finished.scene.plain:
            return Measured(None, _NOT_PLAIN)
        box = box_of(finished.shown)
        if box[2] == 0:
            return Measured(False, _NOTHING)
        if finished.cut_by_frame:
            return Measured(None, "The product runs on beyond the picture, so its size cannot be told.")
        rows, columns = finished.shown.shape
        share = max((box[2] - box[0]) / columns, (box[3] - box[1]) / rows)
        holds = low - FILL_TOLERANCE <= share <= high + (FILL_TOLERANCE if high < 1 else 0)
        size = "too small" if share < low else "too large"
        words = "" if holds else f", which is {size}"
        return Measured(holds, f"The product spans {share:.0%} of the frame{words}.", (finished.scene.place(box),))

    return measure


def whole_product(finished: Finished) -> Measured:
    """Whether the product was cut off, by the photo's edge or by the picture's own."""
    known = () if finished.product is None else finished.product.cut_off
    if not finished.scene.plain:
        return Measured(None, _NOT_PLAIN)
    sides = [side for side in SIDES if side in known or side in finished.cut_by_frame]
    if not finished.shown.any():
        return Measured(None, _NOTHING)
    if not sides:
        return Measured(True, "The product ends inside the picture on every side.")
    box = finished.scene.place(box_of(finished.shown))
    size = (finished.width, finished.height)
    at = " and ".join({"left": "on the left", "right": "on the right"}.get(side, f"at the {side}") for side in sides)
    return Measured(False, f"The product is cut off {at}.", tuple(strip(box, side, size) for side in sides))


def sharp(finished: Finished) -> Measured:
    """Whether the product's own edges are sharp, for its size."""
    scene, soft = finished.scene, finished.softness
    if not scene.plain:
        return Measured(None, _NOT_PLAIN)
    if soft is None or scene.product_box is None:
        return Measured(None, "The product has too few edges to tell how sharp it is.")
    width, limit = f"{RISE * soft.share:.1%}", f"{RISE * soft.limit:.1%}"
    if soft.blurred:
        detail = f"The product is blurred: its sharpest edges are {width} of its size wide, sharp are up to {limit}."
        return Measured(False, detail, (scene.place(scene.product_box),))
    return Measured(True, f"The product's sharpest edges are {width} of its size wide; up to {limit} is sharp.")


def nothing_written(finished: Finished) -> Measured:
    """Whether text, a logo or a watermark stands beside the product. What is printed on the product is no matter."""
    found = finished.beside.marks
    good = "No text, logo or watermark stands beside the product."
    return _none_of(finished, found, good, "Text, a logo or a watermark stands beside the product.")


def one_item(finished: Finished) -> Measured:
    """Whether more than one thing is shown, where one is sold."""
    if finished.sold == "set":
        return Measured(True, "It is sold as a set, so its parts are not counted.")
    found = finished.beside.items
    return _none_of(finished, found, "One item is shown.", f"{len(found) + 1} items are shown, and one is sold.")


def no_props(finished: Finished) -> Measured:
    """Whether something smaller stands beside the product that is not sold with it."""
    if finished.sold == "set":
        return Measured(True, "It is sold as a set, so its parts are not counted.")
    found = finished.beside.props
    things = "Something small stands" if len(found) == 1 else f"{len(found)} small things stand"
    return _none_of(finished, found, "Nothing but the product is shown.", f"{things} beside the product.")


def _none_of(finished: Finished, found: tuple[Region, ...], good: str, bad: str) -> Measured:
    if not finished.scene.plain:
        return Measured(None, _NOT_PLAIN)
    places = tuple(finished.scene.place(part.box) for part in found)
    return Measured(not found, bad if found else good, places)


def _blur(finished: Finished) -> float:
    """How far a blurred product runs into the ground, in pixels."""
    soft, box = finished.softness, finished.scene.product_box
    if soft is None or box is None or not soft.blurred:
        return 0.0
    return soft.share * finished.scene.block * max(box[2] - box[0], box[3] - box[1])


def _share(share: float) -> str:
    return "less than 0.1%" if share < 0.001 else f"{share:.1%}"
