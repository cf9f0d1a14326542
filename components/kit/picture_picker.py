"""Choosing some of the pictures shown."""

from collections.abc import Sequence
from dataclasses import asdict

import streamlit as st

from components.kit import triggers
from components.kit.parts import parts
from components.kit.picture_upload import TrayPicture

_picker = st.components.v2.component("vitrine_picture_picker", **parts("kit/picture_picker"))


def picture_picker(pictures: Sequence[TrayPicture], *, key: str) -> tuple[str, ...]:
    """Show `pictures` to choose from; the ids of those that were chosen and are to be added, once."""
    _picker(data={"items": tuple(asdict(each) for each in pictures)}, key=key, **triggers.callbacks(key, "add"))
    return tuple(id for ids in triggers.take(key, "add") for id in ids)
