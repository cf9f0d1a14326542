"""Pictures in a folder of this machine."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from services.library.storage.contract import ObjectMissing, StorageUnavailable, checked, is_key

_UNFINISHED = ".part-"


class FolderStorage:
    """Each key is a file below `root`. A write fills a temporary file and renames it, so readers see all or nothing."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        with suppress(OSError):  # each call then raises; a folder that existed and is gone is an outage
            self.root.mkdir(parents=True, exist_ok=True)

    def put(self, key: str, data: bytes, content_type: str) -> None:
        path = self._path(key)
        with _explained():
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=_UNFINISHED)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                Path(temporary).replace(path)
            except BaseException:
                with suppress(OSError):
                    Path(temporary).unlink()
                raise

    def get(self, key: str) -> bytes:
        path = self._path(key)
        with self._reached():
            return path.read_bytes()

    def delete(self, key: str) -> None:
        path = self._path(key)
        with suppress(ObjectMissing), self._reached():
            path.unlink()

    def exists(self, key: str) -> bool:
        path = self._path(key)
        with _explained():
            return path.is_file()

    def keys(self, before: datetime) -> Iterator[str]:
        for path in self._older(before):
            key = path.relative_to(self.root).as_posix()
            if is_key(key):
                yield key

    def remove_unfinished(self, before: datetime) -> None:
        for path in self._older(before):
            if path.name.startswith(_UNFINISHED):
                with _explained():
                    path.unlink(missing_ok=True)

    def check(self) -> None:
        with _explained():
            self.root.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.root) as probe:
                probe.write(b"vitrine")

    def _older(self, before: datetime) -> Iterator[Path]:
        with _explained():
            for folder, _, names in os.walk(self.root):
                for name in names:
                    path = Path(folder, name)
                    with suppress(FileNotFoundError):  # removed by another process meanwhile
                        if path.stat().st_mtime < before.timestamp():
                            yield path

    @contextmanager
    def _reached(self) -> Iterator[None]:
        """Without its folder a file is not missing: the store is unreachable, and may come back."""
        try:
            with _explained():
                yield
        except ObjectMissing as error:
            if not self.root.is_dir():
                raise StorageUnavailable from error
            raise

    def _path(self, key: str) -> Path:
        return self.root / checked(key)


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise ObjectMissing from error
    except OSError as error:
        raise StorageUnavailable from error
