"""Choosing pictures of the library that belong to no product yet."""

from collections.abc import Sequence
from dataclasses import asdict

import streamlit as st

from components.frontend import parts
from components.heard import hearing, take
from components.picture_upload import TrayPicture
from services.library.views import AssetView

_picker = st.components.v2.component("vitrine_picture_picker", **parts("picture_picker"))


def picture_picker(pictures: Sequence[AssetView], *, key: str) -> tuple[str, ...]:
    """Show `pictures` to choose from; the ids of those that were chosen and are to be added, once."""
    items = [TrayPicture(each.id, each.filename, each.urls.thumb, each.has_alpha) for each in pictures]
    _picker(data={"items": tuple(asdict(item) for item in items)}, key=key, **hearing(key, "add"))
    return tuple(id for ids in take(key, "add") for id in ids)
