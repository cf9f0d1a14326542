"""The process that takes uploads stays small."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.services.library.conftest import drawn, encoded

SCRIPT = """
import sys, threading
from pathlib import Path
from services.library.intake import read_upload

def memory(kind):
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(kind))
    return int(line.split()[1]) // 1024

data = Path(sys.argv[1]).read_bytes()
read_upload(data, "warm.jpg")
before = memory("VmRSS")
uploads = [threading.Thread(target=read_upload, args=(data, "x.jpg")) for _ in range(4)]
for upload in uploads: upload.start()
for upload in uploads: upload.join()
print(memory("VmRSS") - before, memory("VmHWM") - before, "cv2" in sys.modules, "boto3" in sys.modules)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_four_photos_of_twelve_megapixels_at_once_cost_the_memory_of_one(tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(encoded(drawn((4000, 3000))))

    done = subprocess.run([sys.executable, "-c", SCRIPT, str(photo)], capture_output=True, text=True, check=True)
    kept, peak, cv2, boto3 = done.stdout.split()

    assert int(kept) < 25
    assert int(peak) < 120
    assert (cv2, boto3) == ("False", "False")
