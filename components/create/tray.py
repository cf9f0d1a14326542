"""Adding photos: they are uploaded one after the other, and what could not be added says why."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

import streamlit as st

from components.kit import picture_upload
from components.kit.counts import counted
from components.kit.picture_upload import REFUSALS_KEPT, Refusal, UploadIntent
from services.errors import ServiceError
from services.library.views import AssetView

_TOO_LARGE = "This file is too large. Photos may have up to 25 MB: save it smaller, or as JPEG, and try again."
_Load = tuple[str, Callable[[], AssetView | None]]


@dataclass
class PhotoTray:
    """The photos added so far, those still to be added (they wait in the tab, so an upload that is cut short goes on
    with the next rerun), and the files that could not be added and have not been dismissed.

    Streamlit starts the next run before the one it replaces has noticed: `adding` lets one of them add at a time.
    """

    pictures: tuple[AssetView, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    waiting: list[_Load] = field(default_factory=list)
    adding: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def refuse(self, refused: Iterable[Refusal]) -> None:
        self.refusals = (*self.refusals, *refused)[-REFUSALS_KEPT:]


def add_photos(
    tray: PhotoTray,
    intent: UploadIntent,
    upload: Callable[[bytes, str], AssetView | None],
    fetch: Callable[[str], AssetView | None],
) -> None:
    """Do what was asked for in the drop zone: `upload(data, name)` stores a file, `fetch(url)` a picture of the web;
    what they return is kept in the tray."""
    tray.pictures = tuple(each for each in tray.pictures if each.id not in intent.remove)
    tray.refuse(Refusal(name, _TOO_LARGE) for name in intent.too_large)
    if intent.dismiss:
        tray.refusals = ()
    if intent.dismiss or intent.too_large:
        picture_upload.clear_drop_zone()
    tray.waiting += [(name, partial(_upload, upload, data, name)) for name, data in intent.files]
    if intent.url:
        tray.waiting.append((intent.url, partial(fetch, intent.url)))
    if tray.waiting:
        with tray.adding:
            _add_waiting(tray)
    elif not (intent.remove or intent.too_large or intent.dismiss):
        return
    st.rerun()


def _add_waiting(tray: PhotoTray) -> None:
    count = len(tray.waiting)
    words = "Opening your photo…" if count == 1 else f"Opening {counted(count, 'photo')}…"
    bar = st.progress(0.0, words)
    while left := len(tray.waiting):  # none, where the run before has just added them
        bar.progress((count - left) / count, words if count == 1 else f"{words} {count - left} of {count}")
        name, load = tray.waiting[0]
        try:
            added = load()
            tray.pictures = tray.pictures if added is None else (*tray.pictures, added)
        except ServiceError as error:
            tray.refuse([Refusal(name, error.message)])
        tray.waiting = tray.waiting[1:]


def _upload(upload: Callable[[bytes, str], AssetView | None], data: Callable[[], bytes], name: str) -> AssetView | None:
    return upload(data(), name)
