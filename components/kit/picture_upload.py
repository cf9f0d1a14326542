"""Taking photos in: drop, choose, paste, photograph or name an address; below, what was taken and what was refused."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from html import escape

import streamlit as st

from components.kit import state, triggers
from components.kit.parts import parts

_tray = st.components.v2.component("vitrine_picture_tray", **parts("kit/picture_tray"))
_TRAY = "picture_tray"
REFUSALS_KEPT = 20


@dataclass(frozen=True)
class Refusal:
    """A file that could not be added, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class TrayPicture:
    """One photo taken in; `thumb` is a signed URL, `clear` marks transparency."""

    id: str
    name: str
    thumb: str
    clear: bool = False


@dataclass(frozen=True)
class UploadIntent:
    """New files as (name, bytes getter), names of files too large to be sent, an address to fetch from, photos to take
    out again, and whether the refusals have been read."""

    files: tuple[tuple[str, Callable[[], bytes]], ...] = ()
    url: str | None = None
    too_large: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    dismiss: bool = False


def picture_upload(pictures: Sequence[TrayPicture], refusals: Sequence[Refusal]) -> UploadIntent:
    """The drop zone and the tray. Each new file is told once."""
    with st.container(key="vt_upload"):
        files = _dropped()
        with st.container(horizontal=True, gap="small"):
            url = _address()
            photo = _camera()
    dismiss = _refusals(refusals)
    data = {"pictures": tuple(asdict(each) for each in pictures)}
    _tray(data=data, key=_TRAY, **triggers.callbacks(_TRAY, "remove", "refused"))
    too_large = tuple(name for names in triggers.take(_TRAY, "refused") for name in names)
    return UploadIntent((*files, *photo), url, too_large, tuple(triggers.take(_TRAY, "remove")), dismiss)


def _dropped() -> tuple[tuple[str, Callable[[], bytes]], ...]:
    """Files just dropped. A new widget takes their place, so that no photo is told twice or kept in memory.

    The server lets somewhat larger files through than the library takes, so that those get the library's own words.
    """
    turn = int(state.get("generate.upload_turn", 0))
    files = st.file_uploader(
        "Photos of your products",
        accept_multiple_files=True,
        key=f"vt_files_{turn}",
        label_visibility="collapsed",
    )
    if files:
        state.put("generate.upload_turn", turn + 1)
    return tuple((file.name, file.getvalue) for file in files)


def _address() -> str | None:
    with (
        st.popover("From a web address", icon=":material/link:", width="stretch"),
        st.form("vt_address", border=False, clear_on_submit=True),
    ):
        url = st.text_input("Address of a picture", placeholder="https://", type="url")
        return url.strip() if st.form_submit_button("Fetch picture") and url and url.strip() else None


def _camera() -> tuple[tuple[str, Callable[[], bytes]], ...]:
    """The camera is asked for only once its panel is open."""
    panel = st.popover(
        "Take a photo", icon=":material/photo_camera:", width="stretch", key="vt_camera", on_change="rerun"
    )
    if not panel.open:
        return ()
    with panel:
        photo = st.camera_input("Photograph your product", label_visibility="collapsed")
    if photo is None or photo.file_id == state.get("generate.camera_seen"):
        return ()
    state.put("generate.camera_seen", photo.file_id)
    return (("Photo.jpg", photo.getvalue),)


def _refusals(refusals: Sequence[Refusal]) -> bool:
    """What was refused and why; whether the person has read it."""
    if not refusals:
        return False
    title = "This file was not taken" if len(refusals) == 1 else f"{len(refusals)} files were not taken"
    lines = "".join(f"<li><strong>{escape(each.name)}</strong> {escape(each.reason)}</li>" for each in refusals)
    st.html(
        f'<div class="vt-notice vt-notice-error" role="alert"><strong>{title}</strong><ul>{lines}</ul>'
        "<p>Nothing was charged.</p></div>"
    )
    return st.button("Dismiss", key="vt_refusals_read", type="tertiary")
