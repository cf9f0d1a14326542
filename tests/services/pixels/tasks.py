"""Tasks for the pool's helpers to do, well and badly."""

import os
import time
from pathlib import Path

import numpy as np

from services.errors import FieldError, Invalid

MEGABYTE = 1024 * 1024


def whoami() -> int:
    return os.getpid()


def modules() -> list[str]:
    """What of the app this process has imported, and whether it sees any of its settings."""
    import sys

    seen = [name for name in sys.modules if name.split(".")[0] in {"app", "streamlit", "pages", "db", "api"}]
    return seen + [name for name in os.environ if name.startswith("VITRINE_")] + [sys.modules["__main__"].__name__]


def doubled(data: bytes) -> bytes:
    return data + data


def sleep(seconds: float, begun: str = "") -> int:
    if begun:
        Path(begun).write_text(str(os.getpid()))
    time.sleep(seconds)
    return os.getpid()


def allocate(megabytes: int) -> int:
    return int(np.ones(megabytes * MEGABYTE, np.uint8).sum())


def refuse() -> None:
    raise Invalid("Not like this.", errors=(FieldError("side", "Too long."),))


def fail() -> None:
    raise KeyError("unforeseen")


def die() -> None:
    os.abort()
