"""The files of segmentation models: which models there are, where their files lie, and how those get there.

httpx fetches them: pooch, with which rembg would, begins a broken-off download anew.
"""

import fcntl
import hashlib
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

Progress = Callable[[int, int | None], None]
"""Told how many bytes are here, and of how many where the server says so."""

DEFAULT_MODEL = "isnet-general-use"


@dataclass(frozen=True)
class Model:
    """A published model: the name of its file beside rembg's others, and the checksum that rembg states for it."""

    file: str
    md5: str


# On this machine, one mask a picture, and a licence that lets a shop earn with the result. Left out on purpose:
# atlascloud and withoutbg upload the picture; bria-rmbg (rembg's own default) is for non-commercial use;
# sam wants points to start from; u2net_cloth_seg makes three masks.
MODELS = {
    DEFAULT_MODEL: Model("isnet-general-use.onnx", "fc16ebd8b0c10d971d3513d564d01e29"),
    "isnet-anime": Model("isnet-anime.onnx", "6f184e756bb3bd901c8849220a83e38e"),
    "u2net": Model("u2net.onnx", "60024c5c889badc19c04ad937298a77b"),
    "u2netp": Model("u2netp.onnx", "8e83ca70e441ab06c318d82300c84806"),
    "u2net_human_seg": Model("u2net_human_seg.onnx", "c09ddc2e0104f800e3e1bb4652583d1f"),
    "silueta": Model("silueta.onnx", "55e59e0d8062d2f5d013f4725ee84782"),
    "birefnet-general": Model("BiRefNet-general-epoch_244.onnx", "7a35a0141cbbc80de11d9c9a28f52697"),
    "birefnet-general-lite": Model(
        "BiRefNet-general-bb_swin_v1_tiny-epoch_232.onnx", "4fab47adc4ff364be1713e97b7e66334"
    ),
    "birefnet-portrait": Model("BiRefNet-portrait-epoch_150.onnx", "c3a64a6abf20250d090cd055f12a3b67"),
    "birefnet-dis": Model("BiRefNet-DIS-epoch_590.onnx", "2d4d44102b446f33a4ebb2e56c051f2b"),
    "birefnet-hrsod": Model("BiRefNet-HRSOD_DHU-epoch_115.onnx", "c017ade5de8a50ff0fd74d790d268dda"),
    "birefnet-massive": Model("BiRefNet-massive-TR_DIS5K_TR_TEs-epoch_420.onnx", "33e726a2136a3d59eb0fdf613e31e3e9"),
}
OWN_MODELS = frozenset({"u2net_custom", "dis_custom", "ben_custom"})  # a file the shop brings, never fetched

_SILENCE_SECONDS = 30.0  # between two pieces of an answer
_MOST_BYTES = 2 * 1024**3  # twice the largest of the models: what is larger is none of them
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


class FetchFailed(Exception):
    """A model was not fetched, and why, in a sentence for staff. What has arrived is kept for the next time, unless it
    was wrong. `got_further`: whether more of it is here than before."""

    def __init__(self, message: str, got_further: bool = False) -> None:
        super().__init__(message)
        self.got_further = got_further


class _Wrong(FetchFailed):
    """What has arrived is of no use."""


def model_file(model_name: str, models_home: Path) -> Path | None:
    """Where a model's weights are: rembg's own two places, `models/<name>/<name>.onnx` and `<name>.onnx`."""
    for path in (models_home / "models" / model_name / f"{model_name}.onnx", models_home / f"{model_name}.onnx"):
        if path.is_file():
            return path
    return None


def installed_default(models_home: Path | None) -> str | None:
    """The default model's name if its file is in `models_home`, else None."""
    return DEFAULT_MODEL if models_home is not None and model_file(DEFAULT_MODEL, models_home) is not None else None


@contextmanager
def only_one_fetches(models_home: Path) -> Iterator[None]:
    """Wait until no other process fetches into `models_home`, and keep them waiting until the end of the block. The
    system ends it for a process that dies. Raises OSError if the folder cannot be written."""
    models_home.mkdir(parents=True, exist_ok=True)
    with (models_home / ".fetching").open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def fetch(
    model_name: str,
    models_home: Path,
    address: str,
    on_progress: Progress | None = None,
    before_use: Callable[[], None] | None = None,
) -> Path:
    """Fetch a model's file from below `address` into `models_home`, going on where an earlier time was broken off, and
    give it its name once its checksum is right. Inside `only_one_fetches`.

    before_use: called when the file is complete and right, before anyone can see it.
    Raises FetchFailed, and OSError if the folder cannot be written.
    """
    model = MODELS[model_name]
    target, part = models_home / f"{model_name}.onnx", models_home / f"{model_name}.{model.md5[:8]}.part"
    part.touch()
    before = part.stat().st_size
    try:
        _download(f"{address.rstrip('/')}/{model.file}", part, on_progress or (lambda received, total: None))
        _require(model, part)
    except _Wrong:
        part.unlink()
        raise
    except FetchFailed as fault:
        fault.got_further = part.stat().st_size > before
        raise
    if before_use is not None:
        before_use()
    part.replace(target)
    return target


def _download(url: str, part: Path, on_progress: Progress) -> None:
    """Add to `part` what it lacks."""
    received = part.stat().st_size
    headers = {"User-Agent": "Vitrine", "Accept-Encoding": "identity"}
    if received:
        headers["Range"] = f"bytes={received}-"
    host = _host(url)
    try:
        with _client() as client, client.stream("GET", url, headers=headers) as answer, part.open("ab") as out:
            if answer.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                return  # nothing is lacking, or it is another file: the checksum knows
            received, total = _extent(answer, received)
            out.truncate(received)
            for piece in answer.iter_raw():
                out.write(piece)
                out.flush()  # what has arrived is there for the next process should this one be killed
                received += len(piece)
                if received > _MOST_BYTES:
                    raise _Wrong(f"{host} sent a file that is too large for a model.")
                on_progress(received, total)
            os.fsync(out.fileno())
    except httpx.TimeoutException as error:
        raise FetchFailed(f"{host} did not answer in time.") from error
    except (httpx.ConnectError, httpx.ProxyError) as error:
        raise FetchFailed(f"{host} could not be reached: {error}.") from error
    except httpx.HTTPError as error:
        raise FetchFailed(f"The connection to {host} broke off.") from error


def _host(url: str) -> str:
    try:
        return httpx.URL(url).host
    except httpx.InvalidURL as error:
        raise FetchFailed(f"The address of the models cannot be read: {error}.") from error


def _client() -> httpx.Client:
    """With the proxies and certificates that the environment names."""
    try:
        return httpx.Client(timeout=_SILENCE_SECONDS, follow_redirects=True)
    except (ImportError, OSError, ValueError) as error:
        raise FetchFailed(f"The environment's proxy or certificate settings cannot be used: {error}.") from error


def _extent(answer: httpx.Response, asked: int) -> tuple[int, int | None]:
    """From which byte on an answer brings the file, and how long the whole file is, if it says so."""
    if answer.status_code == httpx.codes.OK:
        length = answer.headers.get("content-length", "")
        return 0, int(length) if length.isdecimal() else None
    if answer.status_code != httpx.codes.PARTIAL_CONTENT:
        raise FetchFailed(f"{answer.url.host} answered with error {answer.status_code}.")
    found = _RANGE.fullmatch(answer.headers.get("content-range", ""))
    if found is None or int(found[1]) != asked:
        raise _Wrong(f"{answer.url.host} sent another part of the file than was asked for.")
    return asked, None if found[2] == "*" else int(found[2])


def _require(model: Model, part: Path) -> None:
    """Raises if `part` is not the file that was published. MD5 is what rembg states."""
    with part.open("rb") as data:
        digest = hashlib.file_digest(data, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    if digest != model.md5:
        raise _Wrong(f"{model.file} is not the published file: its checksum is wrong.")
