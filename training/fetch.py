"""Fetch everything that scenes draw with into the cache: `python -m training.fetch`."""

import sys

from training import assets, models


def fetch_missing() -> None:
    """Fetch what the cache lacks."""
    for part in (assets, models):
        try:
            part.load()
        except FileNotFoundError:
            part.fetch()


if __name__ == "__main__":
    fetch_missing()
    for source in (*assets.SOURCES, models.SOURCE):
        sys.stdout.write(f"{source.package} {source.version} ({source.licence}): {source.serves}\n")
