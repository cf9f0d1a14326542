"""The marketplace presets and their picture rules, in one table, and the check of a finished picture against them.

Each rule names the page it comes from and the day it was read. `official` is false where the marketplace's own page
could not be read and the figure comes from a guide that quotes it. Plain numpy: this runs in the app process too.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

PresetId = Literal[
    "amazon_main", "ebay", "etsy", "google_merchant", "shopify", "instagram_square", "instagram_portrait"
]
Pixels = npt.NDArray[np.uint8]

READ_ON = date(2026, 11, 21)
FILL_TOLERANCE = 0.01
MIB = 1024 * 1024


@dataclass(frozen=True)
class Source:
    """Where a rule is written down."""

    url: str
    read_on: date = READ_ON
    official: bool = True


AMAZON_TECHNICAL = Source("https://sellercentral.amazon.com/gp/help/external/G9FUUH87RBNXGKB7")
AMAZON_MAIN = Source("https://mercatuslab.com/blog/amazon-product-image-requirements", official=False)
AMAZON_BYTES = Source("https://changethisfile.com/blog/convert-images-for-amazon-seller-central", official=False)
EBAY_POLICY = Source("https://www.ebay.com/help/policies/listing-policies/picture-policy?id=4370")
EBAY_UPLOAD = Source("https://developer.ebay.com/api-docs/commerce/media/resources/image/methods/createImageFromFile")
EBAY_QUALITY = Source("https://developer.ebay.com/support/kb-article?KBid=1489")
EBAY_BYTES = Source("https://plomz.com/guide/ebay-image-requirements-for-sellers-2026", official=False)
ETSY_GUIDE = Source("https://hauld.app/blog/etsy-listing-photo-checklist", official=False)
GOOGLE_IMAGE = Source("https://support.google.com/merchants/answer/6324350")
GOOGLE_FRAMING = Source("https://sharpfeed.io/docs/fields/image-link", official=False)
GOOGLE_2027 = Source("https://emberfeed.com/specs/google-merchant-image-requirements-2026", official=False)
SHOPIFY_MEDIA = Source("https://shopify.dev/docs/apps/online-store/media/products")
SHOPIFY_LIMITS = Source("https://sellshot.ai/en/blog/shopify-product-image-size-guide", official=False)
INSTAGRAM_PUBLISH = Source("https://developers.facebook.com/docs/instagram-api/content-publishing")
INSTAGRAM_WIDTH = Source("https://www.ayrshare.com/docs/media-guidelines/instagram.md", official=False)


@dataclass(frozen=True)
class Finished:
    """A finished picture as a rule sees it. `subject_box` is (left, top, right, bottom) in pixels where known."""

    pixels: Pixels
    content_type: str
    n_bytes: int
    subject_box: tuple[int, int, int, int] | None

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])


Verdict = tuple[bool, str]
"""Passed, and one sentence with what was measured."""


@dataclass(frozen=True)
class Rule:
    """One testable rule: what it asks, where it is written, how it is measured and what would fix it."""

    id: str
    title: str
    source: Source
    measure: Callable[[Finished], Verdict]
    fix: str
    fix_params: Mapping[str, Any]


@dataclass(frozen=True)
class RuleResult:
    """The outcome of one rule. `fix` is a sentence and `fix_step` the recipe step that does it; None when passed."""

    rule: str
    passed: bool
    detail: str
    fix: str | None
    title: str = ""
    fix_step: Mapping[str, Any] | None = None
    source: Source | None = None


@dataclass(frozen=True)
class Preset:
    """What the `background` operation makes for one marketplace, and the rules its result is held against.

    `size` is (width, height) in pixels, `color` the backdrop, `fill` the share of the tighter side the product spans.
    """

    id: PresetId
    title: str
    summary: str
    size: tuple[int, int]
    color: str
    fill: float
    shadow: Literal["none", "contact", "reflection"]
    rules: tuple[Rule, ...]


def check(
    pixels: Pixels,
    content_type: str,
    n_bytes: int,
    preset: str,
    subject_box: tuple[int, int, int, int] | None = None,
) -> tuple[RuleResult, ...]:
    """Hold a finished picture (H×W×3 or 4, uint8 sRGB, as decoded from its file) against every rule of a preset.

    `subject_box` is where the product stands, if the caller knows; otherwise it is measured against the background.
    Raises KeyError for an unknown preset.
    """
    finished = Finished(pixels, content_type, n_bytes, subject_box)
    return tuple(_result(rule, finished, preset) for rule in PRESETS[preset].rules)


def _result(rule: Rule, finished: Finished, preset: str) -> RuleResult:
    passed, detail = rule.measure(finished)
    if passed:
        return RuleResult(rule.id, True, detail, None, rule.title, None, rule.source)
    step = {"op": "background", "params": {"preset": preset, **rule.fix_params}}
    if rule.id == "format":
        step = {"output": {"format": "jpeg"}}
    return RuleResult(rule.id, False, detail, rule.fix, rule.title, step, rule.source)


def subject_extent(pixels: Pixels) -> tuple[int, int, int, int] | None:
    """(left, top, right, bottom) of what differs from a plain background, or None where there is nothing to see.

    A transparent picture is measured at half opacity, an opaque one against the colour of its outermost pixels.
    """
    if pixels.shape[2] == 4 and int(pixels[..., 3].min()) < 128:
        mask = pixels[..., 3] >= 128
    else:
        rgb = pixels[..., :3]
        edge = np.concatenate([rgb[0], rgb[-1], rgb[:, 0], rgb[:, -1]])
        backdrop = np.median(edge, axis=0).astype(np.int16)
        low = np.clip(backdrop - 10, 0, 255).astype(np.uint8)
        high = np.clip(backdrop + 10, 0, 255).astype(np.uint8)
        mask = ((rgb < low) | (rgb > high)).any(axis=2)
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    if not columns.size:
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def ring_width(width: int, height: int) -> int:
    """Pixels from the edge that belong to the background: 20 on a 2000 px frame."""
    return max(1, round(0.01 * min(width, height)))


def _ring(pixels: Pixels) -> Pixels:
    n = ring_width(pixels.shape[1], pixels.shape[0])
    channels = pixels.shape[2]
    parts = (pixels[:n], pixels[-n:], pixels[n:-n, :n], pixels[n:-n, -n:])
    return np.concatenate([part.reshape(-1, channels) for part in parts])


def _white(tolerance: int, transparent_ok: bool = False) -> Callable[[Finished], Verdict]:
    def measure(finished: Finished) -> Verdict:
        ring = _ring(finished.pixels)
        if ring.shape[1] == 4:
            clear = ring[:, 3] < 255
            if clear.any() and not transparent_ok:
                return False, "The background is transparent."
            ring = ring[~clear]
        off = int((ring[:, :3] < 255 - tolerance).any(axis=1).sum())
        if off:
            darkest = ring[:, :3].min(axis=0)
            return False, f"{off} pixels at the edge are not white; the darkest is {tuple(int(c) for c in darkest)}."
        return True, "The background is pure white all around." if tolerance == 0 else "The background is white."

    return measure


def _fill(low: float, high: float) -> Callable[[Finished], Verdict]:
    def measure(finished: Finished) -> Verdict:
        box = finished.subject_box or subject_extent(finished.pixels)
        if box is None:
            return False, "No product can be seen in this picture."
        left, top, right, bottom = box
        share = max((right - left) / finished.width, (bottom - top) / finished.height)
        passed = low - FILL_TOLERANCE <= share <= high + (FILL_TOLERANCE if high < 1 else 0)
        return passed, f"The product spans {share:.0%} of the frame."

    return measure


def _longest(at_least: int, at_most: int | None = None) -> Callable[[Finished], Verdict]:
    def measure(finished: Finished) -> Verdict:
        side = max(finished.width, finished.height)
        detail = f"The longest side has {side} pixels."
        return side >= at_least and (at_most is None or side <= at_most), detail

    return measure


def _shortest(at_least: int) -> Callable[[Finished], Verdict]:
    def measure(finished: Finished) -> Verdict:
        side = min(finished.width, finished.height)
        return side >= at_least, f"The shortest side has {side} pixels."

    return measure


def _width(at_least: int, at_most: int) -> Callable[[Finished], Verdict]:
    return lambda finished: (at_least <= finished.width <= at_most, f"The picture is {finished.width} pixels wide.")


def _pixels(at_most: int) -> Callable[[Finished], Verdict]:
    def measure(finished: Finished) -> Verdict:
        count = finished.width * finished.height
        return count <= at_most, f"The picture has {count / 1e6:.1f} megapixels."

    return measure


def _format(*allowed: str) -> Callable[[Finished], Verdict]:
    def measure(finished: Finished) -> Verdict:
        name = finished.content_type.removeprefix("image/")
        return name in allowed, f"The file is {name.upper()}."

    return measure


def _ratio(low: float, high: float) -> Callable[[Finished], Verdict]:
    def measure(finished: Finished) -> Verdict:
        ratio = finished.width / finished.height
        return low - 0.005 <= ratio <= high + 0.005, f"The picture is {finished.width}×{finished.height}."

    return measure


def _rule(
    id: str, title: str, source: Source, measure: Callable[[Finished], Verdict], fix: str, **fix_params: Any
) -> Rule:
    return Rule(id, title, source, measure, fix, MappingProxyType(fix_params))


USE_PRESET = "Run the Background step with this preset."
USE_JPEG = "Choose JPEG as the output format."
LOWER_QUALITY = "Lower the output quality a little, or use the preset's own size."


def _file_up_to(megabytes: int, source: Source) -> Rule:
    def measure(finished: Finished) -> Verdict:
        return finished.n_bytes <= megabytes * MIB, f"The file has {finished.n_bytes / MIB:.1f} MB."

    return _rule("bytes", f"File up to {megabytes} MB", source, measure, LOWER_QUALITY)


_ALL = (
    Preset(
        "amazon_main",
        "Amazon main image",
        "Pure white, square, the product at 85% of the frame.",
        size=(2000, 2000),
        color="#ffffff",
        fill=0.85,
        shadow="none",
        rules=(
            _rule(
                "background",
                "Pure white background (255, 255, 255)",
                AMAZON_MAIN,
                _white(0),
                USE_PRESET,
                color="#ffffff",
            ),
            _rule(
                "fill", "Product fills at least 85% of the frame", AMAZON_MAIN, _fill(0.85, 1), USE_PRESET, fill=0.85
            ),
            _rule(
                "size",
                "Longest side 1,000 to 10,000 pixels, so that zoom works",
                AMAZON_TECHNICAL,
                _longest(1000, 10_000),
                USE_PRESET,
            ),
            _rule(
                "format", "JPEG, PNG, TIFF or GIF", AMAZON_TECHNICAL, _format("jpeg", "png", "tiff", "gif"), USE_JPEG
            ),
            _file_up_to(10, AMAZON_BYTES),
        ),
    ),
    Preset(
        "ebay",
        "eBay",
        "White, square, 1600 pixels, so that buyers can zoom.",
        size=(1600, 1600),
        color="#ffffff",
        fill=0.88,
        shadow="none",
        rules=(
            _rule("size", "Longest side at least 500 pixels", EBAY_POLICY, _longest(500), USE_PRESET),
            _rule(
                "sharpness",
                "Longest side of 1,000 pixels or more is recommended",
                EBAY_QUALITY,
                _longest(1000),
                USE_PRESET,
            ),
            _rule(
                "format",
                "JPEG, PNG, WebP, AVIF, GIF, BMP, TIFF or HEIC",
                EBAY_UPLOAD,
                _format("jpeg", "png", "webp", "avif", "gif", "bmp", "tiff", "heic"),
                USE_JPEG,
            ),
            _file_up_to(12, EBAY_BYTES),
        ),
    ),
    Preset(
        "etsy",
        "Etsy",
        "A warm off-white with a soft shadow, 2000 pixels square.",
        size=(2000, 2000),
        color="#f7f5f1",
        fill=0.78,
        shadow="contact",
        rules=(
            _rule("size", "Shortest side at least 2,000 pixels", ETSY_GUIDE, _shortest(2000), USE_PRESET),
            _rule("format", "JPEG, PNG or GIF", ETSY_GUIDE, _format("jpeg", "png", "gif"), USE_JPEG),
            _file_up_to(10, ETSY_GUIDE),
        ),
    ),
    Preset(
        "google_merchant",
        "Google Merchant",
        "White, square, the product at 75 to 90% of the frame.",
        size=(1500, 1500),
        color="#ffffff",
        fill=0.85,
        shadow="none",
        rules=(
            _rule(
                "background",
                "White or transparent background",
                GOOGLE_FRAMING,
                _white(5, transparent_ok=True),
                USE_PRESET,
                color="#ffffff",
            ),
            _rule(
                "fill",
                "Product fills 75 to 90% of the frame",
                GOOGLE_FRAMING,
                _fill(0.75, 0.90),
                USE_PRESET,
                fill=0.85,
            ),
            _rule(
                "size",
                "At least 500×500 pixels (binding from 31 January 2027)",
                GOOGLE_2027,
                _shortest(500),
                USE_PRESET,
            ),
            _rule("pixels", "At most 64 megapixels", GOOGLE_FRAMING, _pixels(64_000_000), USE_PRESET),
            _rule(
                "format",
                "JPEG, WebP, PNG, GIF, BMP or TIFF",
                GOOGLE_IMAGE,
                _format("jpeg", "webp", "png", "gif", "bmp", "tiff"),
                USE_JPEG,
            ),
            _file_up_to(16, GOOGLE_FRAMING),
        ),
    ),
    Preset(
        "shopify",
        "Shopify",
        "White, square, 2048 pixels: sharp in every theme.",
        size=(2048, 2048),
        color="#ffffff",
        fill=0.85,
        shadow="none",
        rules=(
            _rule("shape", "Square pictures look best in product grids", SHOPIFY_MEDIA, _ratio(1, 1), USE_PRESET),
            _rule("size", "At least 800 pixels, so that zoom works", SHOPIFY_LIMITS, _shortest(800), USE_PRESET),
            _rule("max_size", "At most 4,472 pixels on a side", SHOPIFY_MEDIA, _longest(1, 4472), USE_PRESET),
            _rule("format", "JPEG, PNG, GIF or WebP", SHOPIFY_LIMITS, _format("jpeg", "png", "gif", "webp"), USE_JPEG),
            _file_up_to(20, SHOPIFY_LIMITS),
        ),
    ),
    Preset(
        "instagram_square",
        "Instagram square",
        "1080×1080 on a light grey with a soft shadow.",
        size=(1080, 1080),
        color="#f4f4f3",
        fill=0.75,
        shadow="contact",
        rules=(
            _rule("shape", "Square, 1:1", INSTAGRAM_WIDTH, _ratio(1, 1), USE_PRESET),
            _rule("size", "320 to 1,440 pixels wide", INSTAGRAM_WIDTH, _width(320, 1440), USE_PRESET),
            _rule("format", "JPEG or PNG", INSTAGRAM_PUBLISH, _format("jpeg", "png"), USE_JPEG),
            _file_up_to(8, INSTAGRAM_PUBLISH),
        ),
    ),
    Preset(
        "instagram_portrait",
        "Instagram portrait",
        "1080×1350, the tallest a feed shows, on a light grey with a soft shadow.",
        size=(1080, 1350),
        color="#f4f4f3",
        fill=0.80,
        shadow="contact",
        rules=(
            _rule("shape", "Portrait, 4:5", INSTAGRAM_PUBLISH, _ratio(0.8, 0.8), USE_PRESET),
            _rule("size", "320 to 1,440 pixels wide", INSTAGRAM_WIDTH, _width(320, 1440), USE_PRESET),
            _rule("format", "JPEG or PNG", INSTAGRAM_PUBLISH, _format("jpeg", "png"), USE_JPEG),
            _file_up_to(8, INSTAGRAM_PUBLISH),
        ),
    ),
)

PRESETS: Mapping[str, Preset] = MappingProxyType({preset.id: preset for preset in _ALL})
