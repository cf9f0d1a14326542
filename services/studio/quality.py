"""Is a result good enough to be charged? It is decoded again, measured, and compared with what went in."""

import io
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from services.errors import ServiceError
from services.studio import encoding
from services.studio.framing import Frame
from services.studio.recipes import Recipe, expected_frame
from services.studio.rendered import Check, Pixels, Rendered

__all__ = ["AnswerUnusable", "Check", "QualityReport", "Unacceptable", "judge_answer", "validate"]

VISIBLE = 3
"""Levels by which a pixel must differ to count as changed or as something to see."""

SMALLEST_ANSWER = 512
"""Short side of a provider's picture, in pixels; Gemini's smallest, for 21:9, has 672."""

SHAPE_TOLERANCE = 1.12
"""By what factor a provider's picture may be wider or higher than it was asked to be."""

_SMALL = 64

_REASONS = {
    "decodes": "The finished file could not be opened again.",
    "size": "The result came out in the wrong size.",
    "not_blank": "The result is blank: there is nothing to see in it.",
    "changed": "The result looks the same as your photo: there was nothing to change.",
    "cutout_confidence": "We are not sure where the product ends and the background begins in this photo. "
    "One on a plain background that differs from the product will work better.",
}


class Unacceptable(ServiceError):
    """A result that is not good enough to be delivered or charged; the message is the report's reason."""

    code = "low_quality"
    status = 422
    message = "The result was not good enough, so nothing was charged."


class AnswerUnusable(Unacceptable):
    """What a provider sent is no result; another try may bring one, for it never sends the same twice."""

    retryable = True


@dataclass(frozen=True)
class QualityReport:
    """The verdict: `acceptable` results are charged; otherwise `reason` says in plain words why not."""

    confidence: float | None
    checks: tuple[Check, ...]
    acceptable: bool
    reason: str | None


def validate(source: Pixels, rendered: Rendered, encoded_bytes: bytes, recipe: Recipe) -> QualityReport:
    """Judge a result.

    source: H×W×4 uint8 RGBA that went in. encoded_bytes: the file made of `rendered.pixels` by the recipe's output.
    """
    try:
        decoded: encoding.Sample | None = encoding.sampled(encoded_bytes)
    except encoding.ImageUnreadable:
        decoded = None
    checks = [Check("decodes", decoded is not None, "The file opens." if decoded is not None else "It does not open.")]
    if decoded is not None:
        seen = _not_blank(decoded.pixels)
        if not seen.passed:  # something small may lie between what was sampled
            seen = _not_blank(encoding.decode(encoded_bytes))
        checks += [_size(source, decoded, rendered, recipe), seen]
    if should_change(recipe):
        checks.append(_changed(source, rendered.pixels))
    checks += rendered.checks
    failed = next((check for check in checks if not check.passed), None)
    reason = None if failed is None else _REASONS.get(failed.name, failed.detail)
    return QualityReport(rendered.confidence, tuple(checks), failed is None, reason)


def judge_answer(sent: bytes, answer: bytes, aspect_ratio: str) -> Check:
    """Look at the file that a provider made of the file `sent`, in the shape width:height it was asked for.

    Gives the check that it differs from what was sent. Raises AnswerUnusable.
    """
    try:
        with Image.open(io.BytesIO(answer), formats=encoding.READABLE) as image:
            size, few, made = image.size, _few(image), _small(image)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise AnswerUnusable("The AI service sent something that is not a picture. Please try again.") from error
    if not _not_blank(few).passed:
        raise AnswerUnusable("The AI service sent a blank picture. Please try again.")
    across, down = (int(part) for part in aspect_ratio.split(":"))
    stretch = (size[0] / size[1]) / (across / down)
    if min(size) < SMALLEST_ANSWER or not 1 / SHAPE_TOLERANCE <= stretch <= SHAPE_TOLERANCE:
        raise AnswerUnusable(
            f"The AI service sent a picture of {size[0]}×{size[1]} pixels, which is not what it was asked for. "
            "Please try again."
        )
    with Image.open(io.BytesIO(sent), formats=encoding.READABLE) as image:
        image.draft("RGB", (_SMALL * 2, _SMALL * 2))
        difference = float(np.abs(_small(image) - made).mean())
    if difference < VISIBLE:
        raise AnswerUnusable("The AI service sent your photo back unchanged. Please try again, or add your own words.")
    return Check("redrawn", True, "The AI service drew it anew.")


def _few(image: Image.Image) -> Pixels:
    """Some pixels of a picture, as RGBA, none of them invented."""
    return np.asarray(image.resize((_SMALL * 4, _SMALL * 4), Image.Resampling.NEAREST).convert("RGBA"), np.uint8)


def _small(image: Image.Image) -> npt.NDArray[np.float32]:
    """A picture as 64×64 colours, whatever its shape: enough to tell whether it is the same one."""
    small = image.resize((_SMALL, _SMALL), Image.Resampling.BOX, reducing_gap=2.0)
    return np.asarray(small.convert("RGB"), np.float32)


def should_change(recipe: Recipe) -> bool:
    """Whether the recipe asks for anything at all: an adjustment by zero does not."""
    return any(step.operation.must_change(step.params) for step in recipe.steps)


def _size(source: Pixels, decoded: encoding.Sample, rendered: Rendered, recipe: Recipe) -> Check:
    got = Frame(decoded.width, decoded.height)
    wanted = expected_frame(Frame(source.shape[1], source.shape[0]), recipe)
    if wanted is None:
        wanted = Frame(rendered.pixels.shape[1], rendered.pixels.shape[0])
    detail = f"The result has {got.width}×{got.height} pixels"
    if got == wanted:
        return Check("size", True, f"{detail}.")
    return Check("size", False, f"{detail}; {wanted.width}×{wanted.height} were asked for.")


def _not_blank(decoded: Pixels) -> Check:
    """Blank: transparent all over, or one even colour."""
    opaque = decoded[..., 3] >= 128
    if not opaque.any():
        return Check("not_blank", False, "Everything in it is transparent.")
    if not opaque.all():
        return Check("not_blank", True, "There is a product on a transparent background.")
    colors = decoded[..., :3].reshape(-1, 3)
    low, high = colors.min(axis=0), colors.max(axis=0)
    if int((high.astype(int) - low).max()) <= VISIBLE:
        return Check("not_blank", False, "It is one even colour.")
    return Check("not_blank", True, "There is something to see.")


def _changed(source: Pixels, result: Pixels) -> Check:
    if source.shape[:2] != result.shape[:2]:
        return Check("changed", True, "The frame is another one.")
    if result.shape[2] == 4 and bool((result[..., 3] != source[..., 3]).any()):
        return Check("changed", True, "Parts became transparent.")
    step = max(1, round((source.shape[0] * source.shape[1] / 1e6) ** 0.5))
    share = _changed_share(source[::step, ::step, :3], result[::step, ::step, :3])
    if share == 0 and step > 1:
        share = _changed_share(source[..., :3], result[..., :3])
    return Check("changed", share > 0.001, f"{share:.1%} of the pixels changed visibly.")


def _changed_share(before: Pixels, after: Pixels) -> float:
    difference = np.maximum(before, after) - np.minimum(before, after)
    return float((difference >= VISIBLE).any(axis=2).mean())
