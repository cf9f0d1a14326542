"""Pictures that scenes draw with, fetched once from the npm registry into a cache.

Panoramas of real places light the scenes and stand far behind them; small rendered pictures serve as prints on
products and as outlines of flat things. Nothing here is a photograph of a product, and nothing comes with a label.
"""

import base64
import os
import re
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

CACHE = Path(os.environ.get("VITRINE_TRAINING_CACHE", Path(__file__).parent / ".cache"))
STICKERS = 1000


@dataclass(frozen=True)
class Source:
    """A package that is drawn with, and what its licence is."""

    package: str
    version: str
    licence: str
    serves: str


SOURCES = (
    Source("@pmndrs/assets", "1.7.0", "CC0-1.0", "panoramas that light scenes and lie far behind them"),
    Source("@lobehub/fluent-emoji-3d", "1.1.0", "MIT", "prints on products, outlines of flat things"),
)


@dataclass(frozen=True)
class Assets:
    """Panoramas `n×256×512×3` linear light; stickers `n×128×128×4` RGBA uint8."""

    panoramas: NDArray[np.float16]
    stickers: NDArray[np.uint8]


@cache
def load() -> Assets:
    """Open the cache; the arrays stay on disk until they are read."""
    files = [CACHE / f"{name}.npy" for name in ("panoramas", "stickers")]
    if not all(file.exists() for file in files):
        raise FileNotFoundError(f"no pictures to draw with in {CACHE}: run python -m training.fetch")
    return Assets(*(np.load(file, mmap_mode="r") for file in files))


def _unpack(source: Source, folder: Path) -> Path:
    packed = subprocess.run(
        ["npm", "pack", "--silent", f"{source.package}@{source.version}"],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()[-1]
    place = folder / packed.removesuffix(".tgz")
    with tarfile.open(folder / packed) as archive:
        archive.extractall(place, filter="data")
    return place / "package"


def _embedded(module: Path) -> bytes:
    found = re.search(r"base64,([^\"'`]+)", module.read_text(encoding="ascii"))
    if found is None:
        raise ValueError(f"{module} holds no picture")
    return base64.b64decode(found.group(1))


def _panorama(module: Path, folder: Path) -> NDArray[np.float16]:
    import OpenEXR

    file = folder / "panorama.exr"
    file.write_bytes(_embedded(module))
    pixels = OpenEXR.File(str(file)).channels()["RGB"].pixels.astype(np.float32)
    return cv2.resize(pixels, (512, 256), interpolation=cv2.INTER_AREA).astype(np.float16)


def _picture(data: bytes, size: int) -> NDArray[np.uint8]:
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    has_alpha = picture.ndim == 3 and picture.shape[2] == 4
    picture = picture[..., [2, 1, 0, 3]] if has_alpha else picture[..., ::-1]
    return cv2.resize(picture, (size, size), interpolation=cv2.INTER_AREA)


def fetch() -> None:
    """Fetch both packages, check that they can be read, and write the cache."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        places, prints = (_unpack(source, folder) for source in SOURCES)
        panoramas = np.stack([_panorama(module, folder) for module in sorted((places / "hdri").glob("*.js"))])
        drawn = sorted((prints / "assets").glob("*.webp"))
        chosen = [drawn[i] for i in np.linspace(0, len(drawn) - 1, STICKERS).astype(int)]
        stickers = [_picture(file.read_bytes(), 128) for file in chosen]
        stickers = [sticker for sticker in stickers if sticker.shape[2] == 4]
    np.save(CACHE / "panoramas.npy", panoramas)
    np.save(CACHE / "stickers.npy", np.stack(stickers))
