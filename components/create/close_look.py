"""A picture of the library in the viewer, compared with what it was made from as far as that is known."""

from components.kit.viewer import Picture, viewer
from services.library.views import AssetView
from services.studio.comparison import stored_comparison


def close_look(picture: AssetView, before: AssetView | None, *, name: str, key: str) -> None:
    """The picture, with a slider to `before` if there is one."""
    known = stored_comparison(picture.details)
    viewer(
        _shown(picture),
        _shown(before) if before else None,
        id=picture.id,
        name=name,
        registration=known.registration,
        edges=known.edges,
        key=key,
    )


def _shown(asset: AssetView) -> Picture:
    return Picture(asset.urls.preview, asset.urls.content, asset.width, asset.height, asset.has_alpha)
