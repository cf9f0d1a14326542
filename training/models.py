"""Modelled things from a furniture library, packed for the renderer: triangles, texture coordinates and textures.

The library is Sweet Home 3D's, packaged by Debian: some 800 models of furniture, plants, tools, clothes, vehicles and
people, in real proportions, with photographic textures. `fetch` unpacks it into the cache once; `load` opens that.
"""

import hashlib
import io
import json
import lzma
import math
import re
import tarfile
import urllib.request
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

import cv2
import numpy as np
from numpy.typing import NDArray

from training import assets

ADDRESS = "http://deb.debian.org/debian/pool/main/s/sweethome3d-furniture/sweethome3d-furniture_1.8-1_all.deb"
SHA256 = "3ccb90c63f9525e887a767b9cd5c8b6933b8b6b2973a615a5359ee68a2118668"
SOURCE = assets.Source(
    "sweethome3d-furniture", "1.8-1", "CC-BY-3.0, part CC0-1.0", "modelled products, furniture of rooms, textures"
)
TEXTURE = 256
MOST_TRIANGLES = 45_000
LEFT_OUT = re.compile(
    r"teapot|headphone|watch|swivel|backpack|rucksack|flacon|scissor|pliers|keys|bicycle|\bbike|umbrella|candle|"
    r"parking|crossing|rails|swimming|window|door|porch column|sidewalk|socket|switch|plug|sandpit|barnum|railing",
    re.IGNORECASE,
)
"""Families that the network is only measured on, and what is part of a building or lies flat on the ground."""


@dataclass(frozen=True)
class Part:
    """A material of a model: display colours 0 to 1, gloss as in an MTL file, and a texture's number or -1."""

    colour: tuple[float, float, float]
    mirror: float
    gloss: float
    opacity: float
    texture: int


@dataclass(frozen=True)
class Model:
    """One model. Vertices `n×3` in metres, z up; texture coordinates `n×2`; triangles `m×3`, a part for each."""

    name: str
    category: str
    library: str
    creator: str
    vertices: NDArray[np.float32]
    coordinates: NDArray[np.float32]
    triangles: NDArray[np.int32]
    which: NDArray[np.int16]
    parts: tuple[Part, ...]

    @property
    def size(self) -> float:
        """The longest side in metres."""
        return float(np.ptp(self.vertices, axis=0).max())


class Textures:
    """Different textures `256×256×3`, in the order in which they were first seen."""

    def __init__(self) -> None:
        self._numbers: dict[bytes, int] = {}
        self.pictures: list[NDArray[np.uint8]] = []

    def number(self, texture: NDArray[np.uint8]) -> int:
        """The number of a texture, new or known."""
        number = self._numbers.setdefault(hashlib.sha256(texture.tobytes()).digest(), len(self.pictures))
        if number == len(self.pictures):
            self.pictures.append(texture)
        return number


def fetch() -> None:
    """Fetch the library, check its hash, and pack every model that can be drawn into the cache."""
    with urllib.request.urlopen(ADDRESS, timeout=60) as answer:
        package = answer.read()
    if hashlib.sha256(package).hexdigest() != SHA256:
        raise ValueError(f"{ADDRESS} is not the package that was expected")
    textures = Textures()
    found: list[Model] = []
    with tarfile.open(fileobj=io.BytesIO(lzma.decompress(_member(package, "data.tar")))) as files:
        for entry in files:
            if entry.name.endswith(".sh3f"):
                opened = files.extractfile(entry)
                assert opened is not None
                with zipfile.ZipFile(io.BytesIO(opened.read())) as library:
                    found += read_library(PurePosixPath(entry.name).stem, library, textures)
    assets.CACHE.mkdir(parents=True, exist_ok=True)
    write(assets.CACHE, found, textures.pictures)


def write(cache: Path, models: list[Model], textures: list[NDArray[np.uint8]]) -> None:
    """Put models and their textures `256×256×3` into a cache."""
    points = np.cumsum([0] + [len(model.vertices) for model in models]).tolist()
    faces = np.cumsum([0] + [len(model.triangles) for model in models]).tolist()
    index = [
        {"name": m.name, "category": m.category, "library": m.library, "creator": m.creator,
         "points": points[i : i + 2], "faces": faces[i : i + 2], "parts": [vars(part) for part in m.parts]}
        for i, m in enumerate(models)
    ]  # fmt: skip
    for name in ("vertices", "coordinates", "triangles", "which"):
        np.save(cache / f"models-{name}.npy", np.concatenate([getattr(model, name) for model in models]))
    np.save(cache / "models-textures.npy", np.stack(textures))
    (cache / "models.json").write_text(json.dumps(index), encoding="utf-8")


@cache
def load() -> tuple[Model, ...]:
    """All packed models; their arrays stay on disk until they are read."""
    file = assets.CACHE / "models.json"
    if not file.exists():
        raise FileNotFoundError(f"no models to draw with in {assets.CACHE}: run python -m training.fetch")
    names = ("vertices", "coordinates", "triangles", "which")
    whole = {name: np.load(assets.CACHE / f"models-{name}.npy", mmap_mode="r") for name in names}
    models = []
    for entry in json.loads(file.read_text(encoding="utf-8")):
        points, faces = slice(*entry["points"]), slice(*entry["faces"])
        parts = tuple(Part(**{**part, "colour": tuple(part["colour"])}) for part in entry["parts"])
        models.append(
            Model(
                entry["name"], entry["category"], entry["library"], entry["creator"], whole["vertices"][points],
                whole["coordinates"][points], whole["triangles"][faces], whole["which"][faces], parts,
            )
        )  # fmt: skip
    return tuple(models)


@cache
def textures() -> NDArray[np.uint8]:
    """All textures, `n×256×256×3`, display values."""
    return np.asarray(np.load(assets.CACHE / "models-textures.npy", mmap_mode="r"))


@cache
def surfaces() -> tuple[int, ...]:
    """The textures that look alike all over, and so can cover a floor, a wall or a table: wood, stone, fabric."""
    small = np.stack([cv2.resize(texture, (32, 32), interpolation=cv2.INTER_AREA) for texture in textures()])
    quarters = small.astype(np.float32).reshape(len(small), 2, 16, 2, 16, 3).mean((2, 4)).reshape(len(small), 4, 3)
    grain = small.astype(np.float32).std((1, 2)).mean(-1)
    return tuple(np.flatnonzero((np.ptp(quarters, axis=1).max(-1) < 14) & (grain > 2)).tolist())


def _member(package: bytes, name: str) -> bytes:
    """A member of a Debian package, which is an `ar` archive: 60 bytes of header each, data on even offsets."""
    at = 8
    while at < len(package):
        title, size = package[at : at + 16].decode().strip(), int(package[at + 48 : at + 58])
        if title.startswith(name):
            return package[at + 60 : at + 60 + size]
        at += 60 + size + size % 2
    raise ValueError(f"no {name} in the package")


def read_library(title: str, library: zipfile.ZipFile, textures: Textures) -> list[Model]:
    """The models of a library that can be drawn, as its catalogue names and sizes them; adds their textures."""
    text = library.read("PluginFurnitureCatalog.properties").decode("latin-1")
    entries: dict[str, dict[str, str]] = {}
    for key, number, value in re.findall(r"^(\w+)#(\d+)=(.*?)\r?$", text, re.MULTILINE):
        entries.setdefault(number, {})[key] = value
    models = []
    for entry in entries.values():
        place = entry.get("model", "").lstrip("/")
        if not place.endswith(".obj") or LEFT_OUT.search(f"{entry['name']} {PurePosixPath(place).stem}"):
            continue
        if entry.get("category") in ("Doors and windows", "Staircases"):
            continue
        model = _read_model(title, entry, place, library, textures)
        if model is not None:
            models.append(model)
    return models


def _read_model(
    title: str, entry: dict[str, str], place: str, library: zipfile.ZipFile, textures: Textures
) -> Model | None:
    """A model as it stands in its catalogue; None where it is too large, or is drawn by the holes in a texture."""
    folder = PurePosixPath(place).parent
    names = {name.lower(): name for name in library.namelist()}
    points: list[list[float]] = []
    spots: list[list[float]] = []
    corners: dict[tuple[int, int], int] = {}
    triangles, which, used, materials = [], [], {}, {}
    current = ""
    for line in library.read(place).decode("latin-1").splitlines():
        words = line.split()
        if not words:
            continue
        if words[0] == "v":
            points.append([float(word) for word in words[1:4]])
        elif words[0] == "vt":
            spots.append([float(word) for word in words[1:3]])
        elif words[0] == "mtllib":
            file = names.get(str(folder / line.split(None, 1)[1].strip()).lower())
            if file is not None:
                materials |= _read_materials(library.read(file).decode("latin-1"))
        elif words[0] == "usemtl":
            current = line.split(None, 1)[1].strip() if len(words) > 1 else ""
        elif words[0] == "f":
            ids = []
            for word in words[1:]:
                a, _, rest = word.partition("/")
                b = rest.partition("/")[0]
                point = int(a) - 1 if int(a) > 0 else len(points) + int(a)
                spot = -1 if not b else int(b) - 1 if int(b) > 0 else len(spots) + int(b)
                ids.append(corners.setdefault((point, spot), len(corners)))
            part = used.setdefault(current, len(used))
            for i in range(1, len(ids) - 1):
                triangles.append((ids[0], ids[i], ids[i + 1]))
                which.append(part)
    if not 8 <= len(triangles) <= MOST_TRIANGLES:
        return None
    own = np.array(points)[[point for point, _ in corners]]
    spots.append([0.0, 0.0])
    uv = np.array(spots)[[spot for _, spot in corners]]
    if "modelRotation" in entry:
        own = own @ np.array([float(word) for word in entry["modelRotation"].split()]).reshape(3, 3).T
    reach = np.ptp(own, axis=0)
    wanted = np.array([float(entry[key]) / 100 for key in ("width", "height", "depth")])
    if (reach < 1e-6).any() or not np.isfinite(own).all():
        return None
    own = ((own - own.min(0)) * (wanted / reach))[:, [0, 2, 1]] * (1, -1, 1)
    parts = []
    seen: dict[str, int] = {}
    for name in used:
        colour, mirror, gloss, opacity, picture = materials.get(name, ((0.8, 0.8, 0.8), 0.1, 10.0, 1.0, ""))
        number = -1
        if picture:
            file = names.get(str(folder / picture).lower())
            if file is not None and file not in seen:
                texture = _read_texture(library.read(file))
                if texture is None:
                    return None
                seen[file] = textures.number(texture)
            number = seen[file] if file is not None else -1
        parts.append(Part(colour, mirror, gloss, opacity, number))
    return Model(
        entry["name"], entry.get("category", ""), title, entry.get("creator", ""), own.astype(np.float32),
        uv.astype(np.float32), np.array(triangles, np.int32), np.array(which, np.int16), tuple(parts),
    )  # fmt: skip


def _read_materials(text: str) -> dict[str, tuple[tuple[float, float, float], float, float, float, str]]:
    """Of an MTL file: diffuse colour, mean specular colour, its exponent, opacity and the diffuse texture's file."""
    found: dict[str, tuple[tuple[float, float, float], float, float, float, str]] = {}
    for block in re.split(r"^\s*newmtl\s+", text, flags=re.MULTILINE)[1:]:
        name, _, body = block.partition("\n")
        values = dict(re.findall(r"^\s*(Kd|Ks|Ns|d|map_Kd)\s+(.*?)\s*$", body, re.MULTILINE))
        colour = [min(max(float(word), 0.0), 1.0) for word in values.get("Kd", "0.8 0.8 0.8").split()[:3]]
        mirror = np.mean([float(word) for word in values.get("Ks", "0.1").split()[:3]])
        opacity = float(values.get("d", "1").split()[-1])
        gloss = float(values.get("Ns", "10").split()[0])
        picture = values.get("map_Kd", "").replace("\\", "/")
        found[name.strip()] = ((colour[0], colour[1], colour[2]), float(mirror), gloss, opacity, picture)
    return found


def _read_texture(data: bytes) -> NDArray[np.uint8] | None:
    """`256×256×3`, or None for one with holes."""
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if picture is None:
        return None
    if picture.ndim == 2:
        picture = np.repeat(picture[..., None], 3, 2)
    if picture.shape[2] == 4 and (picture[..., 3] < 128).mean() > 0.03:
        return None
    scale = picture.astype(np.float32) / (math.pow(2, 8) - 1 if picture.dtype == np.uint8 else math.pow(2, 16) - 1)
    small = cv2.resize(scale[..., 2::-1], (TEXTURE, TEXTURE), interpolation=cv2.INTER_AREA)
    return np.clip(small * 255 + 0.5, 0, 255).astype(np.uint8)
