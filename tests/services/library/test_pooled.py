"""The process that takes uploads decodes none itself, and stays small."""

import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

import config
from config import Settings
from services import bootstrap
from services.library.intake import UnsupportedMedia, read_upload
from services.studio.encoding import ImageUnreadable
from tests.services.library.conftest import drawn, encoded

SCRIPT = """
import sys, threading
from pathlib import Path
from services import bootstrap
from services.library.intake import read_upload

def memory(kind):
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(kind))
    return int(line.split()[1]) // 1024

bootstrap.start(pixel_pool=True)
data = Path(sys.argv[1]).read_bytes()
read_upload(data, "warm.jpg")
before = memory("VmRSS")
uploads = [threading.Thread(target=read_upload, args=(data, "x.jpg")) for _ in range(4)]
for upload in uploads: upload.start()
for upload in uploads: upload.join()
print(memory("VmRSS") - before, memory("VmHWM") - before, sorted({"cv2", "boto3", "pillow_heif"} & set(sys.modules)))
bootstrap.stop()
"""


@pytest.fixture
def pooled() -> Iterator[None]:
    """This process set up as the app's: pictures are decoded in helper processes."""
    bootstrap.start(Settings(_env_file=None), pixel_pool=True)  # type: ignore[call-arg]
    yield
    bootstrap.stop()
    config.configure(None)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_four_photos_of_twelve_megapixels_at_once_cost_the_app_no_more_than_their_files(tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(encoded(drawn((4000, 3000))))

    done = subprocess.run([sys.executable, "-c", SCRIPT, str(photo)], capture_output=True, text=True, check=True)
    kept, peak, heavy = done.stdout.split(maxsplit=2)

    assert int(kept) < 10
    assert int(peak) < 30
    assert heavy.strip() == "[]"


def test_a_photo_comes_out_of_the_pool_as_it_does_without(pooled: None) -> None:
    data = encoded(drawn((640, 480), "RGBA"), "PNG")

    inside = read_upload(data, "mug.png")
    bootstrap.stop()

    assert inside == read_upload(data, "mug.png")
    assert Image.open(io.BytesIO(inside.thumb)).size == (320, 240)


def test_hostile_bytes_get_the_same_words_from_the_pool(pooled: None) -> None:
    for _ in range(2):
        with pytest.raises(UnsupportedMedia, match="a PDF document"):
            read_upload(b"%PDF-1.7 ...", "mug.jpg")
        with pytest.raises(ImageUnreadable):
            read_upload(encoded(drawn())[:-2000] + b"\xff" * 7, "mug.jpg")
        with pytest.raises(ImageUnreadable, match="10000 × 10000"):
            read_upload(encoded(Image.new("1", (10_000, 10_000)), "PNG"), "mug.png")
