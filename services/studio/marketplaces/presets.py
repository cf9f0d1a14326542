"""The marketplaces and their picture rules, in one table.

Each rule names the page it comes from and the day it was read. A rule that a marketplace has announced stands here with
the day from which it binds, beside the version that binds until then.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Literal

from services.studio.marketplaces.file_measures import (
    bytes_up_to,
    longest_side,
    one_of_formats,
    pixels_up_to,
    shape,
    shortest_side,
    wide,
)
from services.studio.marketplaces.picture_measures import (
    fills,
    no_props,
    nothing_written,
    one_item,
    sharp,
    white_ground,
    whole_product,
)
from services.studio.marketplaces.rule import Measure, Rule, Source

PresetId = Literal[
    "amazon_main", "ebay", "etsy", "google_merchant", "shopify", "instagram_square", "instagram_portrait"
]
Shadow = Literal["none", "contact", "reflection"]

_EARLIER, _LATER = date(2026, 11, 21), date(2026, 11, 25)

AMAZON_TECHNICAL = Source("https://sellercentral.amazon.com/gp/help/external/G9FUUH87RBNXGKB7", _EARLIER)
AMAZON_GROUND = Source(
    "https://sellercentral.amazon.es/gp/help/external/help.html?itemID=75PWC4THA8J269P&language=es_ES", _LATER
)
AMAZON_MAIN = Source("https://mercatuslab.com/blog/amazon-product-image-requirements", _EARLIER, official=False)
AMAZON_PRODUCT_ONLY = Source("https://sellshot.ai/blog/amazon-main-image-requirements", _LATER, official=False)
AMAZON_ONE_UNIT = Source("https://f1-traders.store/?p=833", _LATER, official=False)
AMAZON_BYTES = Source(
    "https://changethisfile.com/blog/convert-images-for-amazon-seller-central", _EARLIER, official=False
)
EBAY_POLICY = Source("https://www.ebay.com/help/policies/listing-policies/picture-policy?id=4370", _LATER)
EBAY_UPLOAD = Source(
    "https://developer.ebay.com/api-docs/commerce/media/resources/image/methods/createImageFromFile", _EARLIER
)
EBAY_QUALITY = Source("https://developer.ebay.com/support/kb-article?KBid=1489", _EARLIER)
EBAY_BYTES = Source("https://plomz.com/guide/ebay-image-requirements-for-sellers-2026", _EARLIER, official=False)
ETSY_GUIDE = Source("https://hauld.app/blog/etsy-listing-photo-checklist", _EARLIER, official=False)
GOOGLE_IMAGE = Source("https://support.google.com/merchants/answer/6324350", _LATER)
GOOGLE_FRAMING = Source("https://sharpfeed.io/docs/fields/image-link", _EARLIER, official=False)
GOOGLE_OVERLAY = Source("https://www.gmcsuspension.com/blog-image-requirements-gmc.html", _LATER, official=False)
SHOPIFY_MEDIA = Source("https://shopify.dev/docs/apps/online-store/media/products", _EARLIER)
SHOPIFY_LIMITS = Source("https://sellshot.ai/en/blog/shopify-product-image-size-guide", _EARLIER, official=False)
INSTAGRAM_PUBLISH = Source("https://developers.facebook.com/docs/instagram-api/content-publishing", _EARLIER)
INSTAGRAM_WIDTH = Source("https://www.ayrshare.com/docs/media-guidelines/instagram.md", _EARLIER, official=False)

_FORMATS = {
    "jpeg": "JPEG",
    "png": "PNG",
    "webp": "WebP",
    "avif": "AVIF",
    "gif": "GIF",
    "bmp": "BMP",
    "tiff": "TIFF",
    "heic": "HEIC",
}


@dataclass(frozen=True)
class Preset:
    """What the `background` operation makes for one marketplace, and the rules its result is held against.

    `size` is (width, height) in pixels, `color` the backdrop, `fill` the share of the tighter side the product spans.
    `formats` and `shadows` are what the marketplace allows, its own choice of shadow being `shadow`.
    """

    id: PresetId
    title: str
    summary: str
    size: tuple[int, int]
    color: str
    fill: float
    shadow: Shadow
    formats: tuple[str, ...]
    rules: tuple[Rule, ...]
    shadows: tuple[Shadow, ...] = ("none", "contact", "reflection")

    @property
    def asks_for_one(self) -> bool:
        """Whether it matters here if one item is sold or a set."""
        return any(rule.id == "one_item" for rule in self.rules)


_CARD = "Choose the card {card}."
_CROP = "Crop it away with the card Crop and adjust, then make the picture again."


def _rule(id: str, title: str, source: Source, measure: Measure, **fix_params: Any) -> Rule:
    """A rule that the marketplace's own card mends."""
    return Rule(id, title, source, measure, _CARD, MappingProxyType(fix_params))


def _formats(allowed: tuple[str, ...], source: Source) -> Rule:
    *names, last = (_FORMATS[name] for name in allowed)
    return Rule(
        "format",
        f"{', '.join(names)} or {last}",
        source,
        one_of_formats(allowed),
        "Under the card's options, choose JPEG as the file.",
    )


def _file_up_to(megabytes: int, source: Source) -> Rule:
    return Rule(
        "bytes",
        f"File up to {megabytes} MB",
        source,
        bytes_up_to(megabytes),
        "Choose the card {card} with JPEG as the file: it makes a smaller one.",
    )


def _nothing_written(source: Source) -> Rule:
    return Rule("overlay", "No text, logo or watermark", source, nothing_written, _CROP, None)


_AMAZON_FORMATS = ("jpeg", "png", "tiff", "gif")
_EBAY_FORMATS = ("jpeg", "png", "webp", "avif", "gif", "bmp", "tiff", "heic")
_ETSY_FORMATS = ("jpeg", "png", "gif")
_GOOGLE_FORMATS = ("jpeg", "webp", "png", "gif", "bmp", "tiff")
_SHOPIFY_FORMATS = ("jpeg", "png", "gif", "webp")
_INSTAGRAM_FORMATS = ("jpeg", "png")

_ALL = (
    Preset(
        "amazon_main",
        "Amazon main image",
        "Pure white, square, the product at 85% of the frame.",
        size=(2000, 2000),
        color="#ffffff",
        fill=0.85,
        shadow="none",
        shadows=("none", "contact"),
        formats=_AMAZON_FORMATS,
        rules=(
            _rule(
                "background",
                "Pure white background (255, 255, 255)",
                AMAZON_GROUND,
                white_ground(0),
                color="#ffffff",
            ),
            _rule("fill", "Product fills at least 85% of the frame", AMAZON_MAIN, fills(0.85, 1), fill=0.85),
            Rule(
                "cut_off",
                "The whole product is in the picture",
                AMAZON_PRODUCT_ONLY,
                whole_product,
                "No card can mend this: take the photo again, with room around the product.",
                None,
            ),
            Rule(
                "sharp",
                "Sharp, not blurred",
                AMAZON_ONE_UNIT,
                sharp,
                "No card can mend this: take the photo again, closer, with the camera held still.",
                None,
            ),
            _nothing_written(AMAZON_PRODUCT_ONLY),
            Rule(
                "one_item",
                "One item only",
                AMAZON_ONE_UNIT,
                one_item,
                "If they are sold together, choose A set or pair on the card {card}; else crop the photo to one.",
                MappingProxyType({"sold": "set"}),
            ),
            Rule(
                "props",
                "No props",
                AMAZON_PRODUCT_ONLY,
                no_props,
                "If it is sold with the product, choose A set or pair on the card {card}; else crop it away with the "
                "card Crop and adjust.",
                MappingProxyType({"sold": "set"}),
            ),
            _rule(
                "size",
                "Longest side 1,000 to 10,000 pixels, so that zoom works",
                AMAZON_TECHNICAL,
                longest_side(1000, 10_000),
            ),
            _formats(_AMAZON_FORMATS, AMAZON_TECHNICAL),
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
        formats=_EBAY_FORMATS,
        rules=(
            _rule("size", "Longest side at least 500 pixels", EBAY_POLICY, longest_side(500)),
            _rule("zoom", "Longest side of 1,000 pixels or more is recommended", EBAY_QUALITY, longest_side(1000)),
            _nothing_written(EBAY_POLICY),
            _formats(_EBAY_FORMATS, EBAY_UPLOAD),
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
        formats=_ETSY_FORMATS,
        rules=(
            _rule("size", "Shortest side at least 2,000 pixels", ETSY_GUIDE, shortest_side(2000)),
            _formats(_ETSY_FORMATS, ETSY_GUIDE),
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
        shadows=("none", "contact"),
        formats=_GOOGLE_FORMATS,
        rules=(
            _rule(
                "background",
                "White or transparent background",
                GOOGLE_FRAMING,
                white_ground(5, transparent_ok=True),
                color="#ffffff",
            ),
            _rule("fill", "Product fills 75 to 90% of the frame", GOOGLE_FRAMING, fills(0.75, 0.90), fill=0.85),
            _nothing_written(GOOGLE_OVERLAY),
            _rule("size", "At least 100×100 pixels", GOOGLE_OVERLAY, shortest_side(100)),
            Rule(
                "size",
                "At least 500×500 pixels",
                GOOGLE_IMAGE,
                shortest_side(500),
                _CARD,
                in_force_from=date(2027, 1, 31),
            ),
            _rule("pixels", "At most 64 megapixels", GOOGLE_IMAGE, pixels_up_to(64_000_000)),
            _formats(_GOOGLE_FORMATS, GOOGLE_IMAGE),
            _file_up_to(16, GOOGLE_IMAGE),
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
        formats=_SHOPIFY_FORMATS,
        rules=(
            _rule("shape", "Square pictures look best in product grids", SHOPIFY_MEDIA, shape(1)),
            _rule("size", "At least 800 pixels, so that zoom works", SHOPIFY_LIMITS, shortest_side(800)),
            _rule("max_size", "At most 4,472 pixels on a side", SHOPIFY_MEDIA, longest_side(1, 4472)),
            _formats(_SHOPIFY_FORMATS, SHOPIFY_LIMITS),
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
        formats=_INSTAGRAM_FORMATS,
        rules=(
            _rule("shape", "Square, 1:1", INSTAGRAM_WIDTH, shape(1)),
            _rule("size", "320 to 1,440 pixels wide", INSTAGRAM_WIDTH, wide(320, 1440)),
            _formats(_INSTAGRAM_FORMATS, INSTAGRAM_PUBLISH),
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
        formats=_INSTAGRAM_FORMATS,
        rules=(
            _rule("shape", "Portrait, 4:5", INSTAGRAM_PUBLISH, shape(0.8)),
            _rule("size", "320 to 1,440 pixels wide", INSTAGRAM_WIDTH, wide(320, 1440)),
            _formats(_INSTAGRAM_FORMATS, INSTAGRAM_PUBLISH),
            _file_up_to(8, INSTAGRAM_PUBLISH),
        ),
    ),
)

PRESETS: Mapping[str, Preset] = MappingProxyType({preset.id: preset for preset in _ALL})
