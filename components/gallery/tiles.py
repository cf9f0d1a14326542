"""A picture of the library as a tile of the gallery."""

from components.kit.facts import format_words
from components.kit.gallery_grid import Tile
from components.recipes.words import made_by
from services.library.views import AssetView


def tile_of(asset: AssetView) -> Tile:
    """The tile of a picture: what made it, its size and its format on one line."""
    made = made_by(asset.operations, asset.details.get("recipe")) or "Your photo"
    meta = f"{made} · {asset.width} × {asset.height} · {format_words(asset.content_type)}"
    return Tile(asset.id, asset.filename, meta, asset.urls.thumb, asset.has_alpha, asset.is_favorite)
