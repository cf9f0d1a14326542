"""Photos that are added while the screen is being redrawn."""

import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

from components.create import tray as trays
from components.create.tray import PhotoTray, add_photos
from components.kit.picture_upload import UploadIntent


@pytest.fixture(autouse=True)
def _no_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = SimpleNamespace(progress=lambda *_: SimpleNamespace(progress=lambda *_: None), rerun=lambda: None)
    monkeypatch.setattr(trays, "st", drawn)


def test_a_run_that_begins_while_the_one_before_still_uploads_adds_no_photo_twice() -> None:
    tray, uploads = PhotoTray(), []

    def upload(data: bytes, name: str) -> Any:
        uploads.append(name)
        time.sleep(0.2)
        return SimpleNamespace(id=name)

    dropped = UploadIntent(files=(("mug.jpg", lambda: b"mug"), ("jar.jpg", lambda: b"jar")))
    with ThreadPoolExecutor(2) as runs:
        first = runs.submit(add_photos, tray, dropped, upload, upload)
        while not uploads:
            time.sleep(0.01)
        second = runs.submit(add_photos, tray, UploadIntent(), upload, upload)
        first.result(), second.result()

    assert uploads == ["mug.jpg", "jar.jpg"]
    assert [each.id for each in tray.pictures] == ["mug.jpg", "jar.jpg"]
