"""The pixels of Remove background."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.studio.ondevice import backdrop, touch_up
from services.studio.ondevice.affine import scale
from services.studio.ondevice.canvas import Canvas
from services.studio.ondevice.cutout import cut_out
from services.studio.ondevice.geometry import scaled
from services.studio.ondevice.refusals import ModelMissing, NoSubject
from services.studio.ondevice.segmentation_model import ModelRefusedError, ModelUnavailableError
from services.studio.ondevice.work import Pixels, Work


def apply(canvas: Canvas, work: Work, *, strokes: Sequence[Mapping[str, Any]] = ()) -> Canvas:
    """Cut the product out of a canvas, no larger than the next step needs it, and correct it by strokes. Where a photo
    has clear corners, its colours go on into them."""
    rgb, detail = canvas.rgb, None
    longest = max(rgb.shape[:2])
    if work.cutting_side is not None and longest > 1.15 * work.cutting_side:
        detail, share = rgb, work.cutting_side / longest
        rgb = scaled(rgb, max(1, round(rgb.shape[1] * share)), max(1, round(rgb.shape[0] * share)))
    try:
        cut = cut_out(rgb, model_name=work.cutout_model, models_home=work.models_home, on_progress=work.report)
    except (ModelRefusedError, ModelUnavailableError) as error:
        raise ModelMissing(f"{error} Nothing was charged.") from error
    work.sure(cut.confidence, cut.engine)
    work.doubt(*cut.doubts)
    work.matte = cut.alpha
    alpha, foreground = cut.alpha, cut.foreground
    if strokes:
        alpha, foreground = _by_strokes(rgb, alpha, foreground, touch_up.strokes_of(strokes))
        work.by_hand()
    if backdrop.extent(alpha) is None:
        raise NoSubject
    move = scale(canvas.size, (rgb.shape[1], rgb.shape[0]))
    return Canvas(foreground, alpha, is_cut_out=True, detail=detail, registration=canvas.moved(move))


def _by_strokes(
    rgb: Pixels, alpha: Pixels, foreground: Pixels, strokes: Sequence[touch_up.Stroke]
) -> tuple[Pixels, Pixels]:
    sketch = touch_up.sketch(rgb, alpha)
    for stroke in strokes:
        sketch = touch_up.stroked(sketch, stroke)
    return touch_up.touched_up(rgb, alpha, foreground, sketch)
