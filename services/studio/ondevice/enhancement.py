"""Better light and colour, only as far as the photo needs: one tone curve a channel, then grain and sharpness.

What to change is measured on a thumbnail; applying it is one table look-up, so a 12-megapixel photo costs milliseconds.
"""

import cv2
import numpy as np
import numpy.typing as npt

from services.studio.ondevice.sharpening import sharpened

Pixels = npt.NDArray[np.uint8]
Curve = npt.NDArray[np.float64]

THUMBNAIL = 384
GREY_CHROMA = 22.0
"""Lab chroma up to which a pixel may be a tinted grey: a stronger tint is the thing's own colour."""
LARGEST_GAIN = 1.22
NOISE_FLOOR = 1.6


def enhanced(
    rgb: Pixels,
    matte: Pixels | None = None,
    *,
    strength: float = 0.7,
    white_balance: bool = True,
    exposure: bool = True,
    contrast: bool = True,
    denoise: bool = True,
    sharpen: bool = True,
) -> Pixels:
    """Enhance H×W×3 uint8 sRGB. `matte` (H×W uint8) says which part counts when measuring: a cut-out's product."""
    if strength <= 0:
        return rgb
    thumbnail, weights = _thumbnail(rgb, matte)
    if thumbnail.shape[0] == 0:
        return rgb
    curves = [np.arange(256, dtype=np.float64)] * 3
    if white_balance:
        gains = neutral_gains(thumbnail, share=len(thumbnail) / max(1, weights))
        curves = [_gain_curve(1 + (gain - 1) * strength) for gain in gains]
    if exposure or contrast:
        tone = tone_curve(_luma(thumbnail, curves), exposure=exposure, contrast=contrast, strength=strength)
        curves = [np.interp(curve, np.arange(256), tone) for curve in curves]
    table = np.stack([np.clip(np.round(curve), 0, 255) for curve in curves], axis=-1).astype(np.uint8)
    result = rgb if _is_identity(table) else np.asarray(cv2.LUT(rgb, table[None]), np.uint8)
    noise = noise_level(rgb) if denoise or sharpen else 0.0
    if denoise and noise > NOISE_FLOOR:
        result = _calmed(result, noise, strength)
    if sharpen:
        radius = max(1.2, max(rgb.shape[:2]) / 2400)
        result = sharpened(result, radius=radius, amount=1.1 * strength, grain=max(1.0, 1.5 * noise))
    return result


def neutral_gains(samples: Pixels, share: float = 1.0) -> tuple[float, float, float]:
    """Gains for R, G, B that make grey what should be grey, from N×3 uint8 samples; (1, 1, 1) without such pixels.

    Only near-greys vote, the nearer and brighter the more: a grey-world average would take the red out of a red torch.
    """
    lab = cv2.cvtColor(samples[None].astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[0]
    chroma = np.hypot(lab[:, 1], lab[:, 2])
    greyness = np.clip(1 - chroma / GREY_CHROMA, 0, 1) * np.square(lab[:, 0] / 100)
    votes = np.where((lab[:, 0] > 35) & (lab[:, 0] < 98.5), greyness, 0)
    if votes.sum() < 0.03 * len(samples) * min(1.0, share):
        return 1.0, 1.0, 1.0
    red, green, blue = (float((votes * samples[:, channel]).sum() / votes.sum()) for channel in range(3))
    grey = 0.299 * red + 0.587 * green + 0.114 * blue
    bounded = [min(LARGEST_GAIN, max(1 / LARGEST_GAIN, grey / max(channel, 1.0))) for channel in (red, green, blue)]
    return bounded[0], bounded[1], bounded[2]


def tone_curve(luma: npt.NDArray[np.float64], *, exposure: bool, contrast: bool, strength: float) -> Curve:
    """256 output levels for a photo whose luma samples are given: white and black point, mid-tones, a gentle S."""
    levels = np.arange(256, dtype=np.float64)
    curve = levels / 255
    if exposure:
        black, white = (float(value) for value in np.percentile(luma, (0.5, 99.5)) / 255)
        if white - black < 0.08:
            return levels
        black, white = min(black, 0.10), max(white, 0.55)
        curve = np.clip((curve - black * strength) / ((1 - strength) + strength * (white - black)), 0, None)
        middle = float(np.median(np.clip((luma / 255 - black) / (white - black), 0, 1)))
        # Only what is too dark is lifted: a product on white has a high median and is well exposed.
        target = 0.40 if middle < 0.40 else middle
        gamma = np.log(max(target, 1e-3)) / np.log(min(0.99, max(middle, 0.05)))
        curve = np.where(curve < 1, np.power(curve, 1 + (max(0.62, float(gamma)) - 1) * strength), curve)
    if contrast:
        spread = float(luma.std() / 255)
        push = float(np.clip((0.30 - spread) / 0.30, 0.1, 0.6)) * strength
        bounded = np.clip(curve, 0, 1)
        smooth = bounded * bounded * (3 - 2 * bounded)
        curve = curve + push * 0.5 * (smooth - bounded)
    result: Curve = np.clip(curve, 0, 1) * 255
    return result


def noise_level(rgb: Pixels) -> float:
    """Standard deviation of the grain, in levels, from flat parts of the luma.

    Immerkær, Fast Noise Variance Estimation, CVIU 64(2), 1996, taken as a median so that texture does not count.
    """
    height, width = rgb.shape[:2]
    side = 768
    top, left = max(0, (height - side) // 2), max(0, (width - side) // 2)
    luma = cv2.cvtColor(np.ascontiguousarray(rgb[top : top + side, left : left + side]), cv2.COLOR_RGB2GRAY)
    if min(luma.shape) < 8:
        return 0.0
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    response = np.abs(cv2.filter2D(luma, cv2.CV_32F, kernel))[1:-1, 1:-1]
    return float(np.median(response) / 6 / 0.6745)


def _thumbnail(rgb: Pixels, matte: Pixels | None) -> tuple[Pixels, int]:
    """Sample pixels, N×3, that belong to the matte, and how many there would be without it."""
    height, width = rgb.shape[:2]
    scale = min(1.0, THUMBNAIL / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
    if matte is None:
        return small.reshape(-1, 3), size[0] * size[1]
    inside = cv2.resize(matte, size, interpolation=cv2.INTER_AREA) > 200
    return small[inside], size[0] * size[1]


def _luma(samples: Pixels, curves: list[Curve]) -> npt.NDArray[np.float64]:
    red, green, blue = (curves[channel][samples[:, channel]] for channel in range(3))
    return np.asarray(0.299 * red + 0.587 * green + 0.114 * blue, np.float64)


def _gain_curve(gain: float) -> Curve:
    """Multiply by a gain, but keep black black and white white: a clipped highlight must not take on a tint."""
    x = np.arange(256, dtype=np.float64) / 255
    shoulder = np.clip((x - 0.85) / 0.15, 0, 1) if gain < 1 else np.zeros(256)
    return np.asarray(np.clip(x * (gain + (1 - gain) * shoulder), 0, 1) * 255, np.float64)


def _is_identity(table: Pixels) -> bool:
    return bool((np.abs(table.astype(np.int16) - np.arange(256, dtype=np.int16)[:, None]) <= 0).all())


def _calmed(rgb: Pixels, noise: float, strength: float) -> Pixels:
    smooth = cv2.bilateralFilter(rgb, 5, sigmaColor=3.0 * noise, sigmaSpace=2.0)
    share = min(1.0, 0.4 + 0.6 * strength)
    return np.asarray(cv2.addWeighted(smooth, share, rgb, 1 - share, 0), np.uint8)
