"""The pixels of Remove background."""

from services.studio.ondevice import backdrop
from services.studio.ondevice.affine import scale
from services.studio.ondevice.canvas import Canvas
from services.studio.ondevice.cutout import cut_out
from services.studio.ondevice.geometry import scaled
from services.studio.ondevice.refusals import ModelMissing, NoSubject
from services.studio.ondevice.segmentation_model import ModelRefusedError, ModelUnavailableError
from services.studio.ondevice.work import Work


def apply(canvas: Canvas, work: Work) -> Canvas:
    """Cut the product out of an opaque canvas, no larger than the next step needs it."""
    rgb, detail = canvas.rgb, None
    longest = max(rgb.shape[:2])
    if work.cutting_side is not None and longest > 1.15 * work.cutting_side:
        detail, share = rgb, work.cutting_side / longest
        rgb = scaled(rgb, max(1, round(rgb.shape[1] * share)), max(1, round(rgb.shape[0] * share)))
    try:
        cut = cut_out(rgb, model_name=work.cutout_model, models_home=work.models_home, on_progress=work.report)
    except (ModelRefusedError, ModelUnavailableError) as error:
        raise ModelMissing(f"{error} Nothing was charged.") from error
    if backdrop.extent(cut.alpha) is None:
        raise NoSubject
    work.sure(cut.confidence, cut.engine)
    work.doubt(*cut.doubts)
    move = scale(canvas.size, (rgb.shape[1], rgb.shape[0]))
    return Canvas(cut.foreground, cut.alpha, detail=detail, registration=canvas.moved(move))
