"""A server that writes down how long each run of a screen takes; `sitecustomize.py` is the part inside it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def timing(times: Path) -> Iterator[None]:
    """Servers started meanwhile append the milliseconds of each run to the file `times`, a line a run."""
    added = {"TIMED_SERVER_FILE": str(times), "PYTHONPATH": str(Path(__file__).parent)}
    before = {name: os.environ.get(name) for name in added}
    os.environ.update(added)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value


def milliseconds(times: Path) -> list[float]:
    """What the servers have written so far."""
    return [float(line) for line in times.read_text().splitlines()]
