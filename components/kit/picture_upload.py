"""Adding photos: drop, choose, paste, photograph or name an address; below, what was added and what was not."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from html import escape

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from components.kit import triggers
from components.kit.counts import counted
from components.kit.parts import parts
from components.kit.session import session_of

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
    """One photo that was added; `thumb` is a signed URL, `clear` marks transparency."""

    id: str
    name: str
    thumb: str
    clear: bool = False


@dataclass(frozen=True)
class UploadIntent:
    """New files as (name, bytes getter), names of files too large to be sent, an address to fetch from, photos to
    remove, and whether the refusals were dismissed."""

    files: tuple[tuple[str, Callable[[], bytes]], ...] = ()
    url: str | None = None
    too_large: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    dismiss: bool = False


@dataclass
class UploadSession:
    """`turn` numbers the drop zones: each batch of files gets a new one. `returned` are the ids of the files that the
    present one has given already, `photo` that of the camera's last one."""

    turn: int = 0
    returned: frozenset[str] = frozenset()
    photo: str | None = None


def clear_drop_zone() -> None:
    """A new drop zone takes the place of the one that still shows the last files."""
    session = session_of(UploadSession)
    session.turn, session.returned = session.turn + 1, frozenset()


def picture_upload(pictures: Sequence[TrayPicture], refusals: Sequence[Refusal]) -> UploadIntent:
    """The drop zone and the tray. Each new file is returned once."""
    with st.container(key="vt_upload"):
        files = _dropped()
        with st.container(horizontal=True, gap="small"):
            url = _address()
            photo = _camera()
    dismiss = _refusals(refusals)
    data = {"pictures": tuple(asdict(each) for each in pictures)}
    _tray(data=data, key=_TRAY, **triggers.callbacks(_TRAY, "remove", "refused"))
    too_large = tuple(name for names in triggers.take(_TRAY, "refused") for name in names)
    removed = tuple(triggers.take(_TRAY, "remove"))
    return UploadIntent((*_once(files), *photo), url, too_large, removed, dismiss)


def _dropped() -> Sequence[UploadedFile]:
    """Files just dropped.

    The server lets somewhat larger files through than the library takes, so that those get the library's own message.
    """
    return st.file_uploader(
        "Photos of your products",
        accept_multiple_files=True,
        key=f"vt_files_{session_of(UploadSession).turn}",
        label_visibility="collapsed",
    )


def _once(files: Sequence[UploadedFile]) -> tuple[tuple[str, Callable[[], bytes]], ...]:
    """Those that no run was given before; a new widget takes their place, so that they are not kept in memory.

    Not before everything is drawn: a click that interrupts the drawing would leave the next run without them. That next
    run may begin while this one ends, with the same files: hence their ids.
    """
    session = session_of(UploadSession)
    new = [file for file in files if file.file_id not in session.returned]
    if files:
        clear_drop_zone()
        session.returned = frozenset(file.file_id for file in files)
    return tuple((file.name, file.getvalue) for file in new)


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
    if photo is None or photo.file_id == session_of(UploadSession).photo:
        return ()
    session_of(UploadSession).photo = photo.file_id
    return (("Photo.jpg", photo.getvalue),)


def _refusals(refusals: Sequence[Refusal]) -> bool:
    """What could not be added and why; whether the person has dismissed it."""
    if not refusals:
        return False
    title = "This file was not added" if len(refusals) == 1 else f"{counted(len(refusals), 'file')} were not added"
    lines = "".join(f"<li><strong>{escape(each.name)}</strong> {escape(each.reason)}</li>" for each in refusals)
    st.html(
        f'<div class="vt-notice vt-notice-error" role="alert"><strong>{title}</strong><ul>{lines}</ul>'
        "<p>Nothing was charged.</p></div>"
    )
    return st.button("Dismiss", key="vt_refusals_read", type="tertiary")
