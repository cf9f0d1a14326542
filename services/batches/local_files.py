"""The studio without a server: files in, files out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import config
from services.errors import Invalid, ServiceError
from services.library.intake import read_upload
from services.studio import pipeline
from services.studio.encoding import decode, encode
from services.studio.quality import Unacceptable, validate
from services.studio.recipes import Recipe, needs_provider

_SUFFIXES = {"jpeg": ".jpg", "png": ".png", "webp": ".webp", "avif": ".avif"}


@dataclass(frozen=True)
class FileResult:
    """One photo's outcome: where the result is, or why there is none."""

    source: Path
    target: Path | None
    error: str | None


def process_files(photos: Iterable[Path], recipe: Recipe, out: Path) -> Iterator[FileResult]:
    """Run `recipe` on each photo and write `<name>.<format>` into `out`; a photo that fails does not stop the rest."""
    out.mkdir(parents=True, exist_ok=True)
    for photo in photos:
        target = out / (photo.stem + _SUFFIXES[recipe.output.format])
        try:
            target.write_bytes(_process(photo, recipe))
            yield FileResult(photo, target, None)
        except ServiceError as error:
            yield FileResult(photo, None, error.message)


def _process(photo: Path, recipe: Recipe) -> bytes:
    if needs_provider(recipe):
        raise Invalid("A step of this recipe is made by a provider, which takes a job: use the API or the app.")
    settings = config.settings()
    source = decode(read_upload(photo.read_bytes(), photo.name).data)
    rendered = pipeline.run(
        source,
        recipe,
        pictures={},
        models_home=settings.models_dir,
        on_progress=lambda _stage, _fraction: None,
        cancelled=lambda: False,
        cutout_model=settings.wanted_model,
    )
    data = encode(rendered.pixels, recipe.output)
    report = validate(source, rendered, data, recipe)
    if not report.acceptable:
        raise Unacceptable(report.reason)
    return data
