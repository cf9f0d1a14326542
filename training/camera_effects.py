"""What a camera makes of light: exposure, tone curve, white balance, lens, noise, a phone's sharpening, JPEG."""

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


def exposure(light: Array, coverage: Array, subject: str, setting: str, rng: np.random.Generator) -> float:
    """The gain that a photographer would choose for this subject."""
    luminance = light.mean(-1)
    outside = coverage < 0.5
    ground = float(np.percentile(luminance[outside], 60)) if outside.mean() > 0.05 else float(luminance.mean())
    if subject == "black":
        target = rng.uniform(0.02, 0.12)
    elif subject == "white":
        target = rng.uniform(0.45, 1.0)
    elif setting in ("plain", "topdown"):
        target = rng.uniform(0.4, 1.15) if rng.random() < 0.7 else rng.uniform(0.08, 0.5)
    else:
        target = rng.uniform(0.1, 0.7)
    gain = float(np.clip(target / max(ground, 1e-3), 0.05, 40))
    bright = float(np.percentile(luminance[~outside] * gain, 90)) if (~outside).any() else 1.0
    return gain * min(1.0, 1.6 / max(bright, 1e-3))


def display(light: Array) -> Array:
    """sRGB's curve: linear 0 to 1 into display values 0 to 1."""
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 1e-6) ** (1 / 2.4) - 0.055).astype(
        np.float32
    )


def taken(light: Array, rng: np.random.Generator) -> NDArray[np.uint8]:
    """The photograph `h×w×3` sRGB uint8 of linear light. Nothing here moves an edge."""
    rows, columns = light.shape[:2]
    scale = rows / 352
    if rng.random() < 0.25:  # darker corners
        v, u = np.mgrid[-1 : 1 : rows * 1j, -1 : 1 : columns * 1j]
        light = light * (1 - rng.uniform(0, 0.5) * (u**2 + v**2) / 2)[..., None].astype(np.float32)
    if rng.random() < 0.2:  # uneven light across the picture
        v, u = np.mgrid[-1 : 1 : rows * 1j, -1 : 1 : columns * 1j]
        light = light * np.exp(rng.normal() * 0.3 * u + rng.normal() * 0.3 * v)[..., None].astype(np.float32)
    if rng.random() < 0.4:
        light = light * rng.uniform(0.88, 1.12, 3).astype(np.float32)
    if rng.random() < 0.6:  # a shoulder in place of clipping
        light = np.where(light > 0.7, 1 - 0.3 * np.exp(-(np.maximum(light, 0.7) - 0.7) / 0.3), light)
    picture = display(light.astype(np.float32))
    if rng.random() < 0.25:
        picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.3, 0.9) * scale)
    if rng.random() < 0.4:
        strength = rng.uniform(0.003, 0.03) if rng.random() < 0.8 else rng.uniform(0.03, 0.06)
        noise = rng.standard_normal(picture.shape, np.float32)
        if rng.random() < 0.5:  # a phone smooths its noise into blotches
            noise = cv2.GaussianBlur(noise, (0, 0), 0.7 * scale) * 1.5
        picture = picture + noise * strength
    if rng.random() < 0.35:
        soft = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.6, 1.5) * scale)
        picture = picture + (picture - soft) * rng.uniform(0.3, 1.5)
    pixels = (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)
    if rng.random() < 0.4:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(40, 92))]
        packed = cv2.imencode(".jpg", pixels[..., ::-1], quality)[1]
        pixels = cv2.imdecode(packed, cv2.IMREAD_COLOR)[..., ::-1]
    return np.ascontiguousarray(pixels)
