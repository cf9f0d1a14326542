"""What the gallery remembers between reruns."""

from dataclasses import dataclass

from components.kit.session import session_of


@dataclass
class GallerySession:
    """Ids of the pictures that were just moved to the trash, for Undo."""

    trashed: tuple[str, ...] = ()


def gallery_session() -> GallerySession:
    """The gallery's session of this tab."""
    return session_of(GallerySession)
