"""Brightness, contrast and saturation by hand: a tone table and a colour matrix."""

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]

LUMA = np.array([0.299, 0.587, 0.114])


def adjusted(rgb: Pixels, *, brightness: float = 0.0, contrast: float = 0.0, saturation: float = 0.0) -> Pixels:
    """Adjust H×W×3 uint8 sRGB; each value from -100 to 100, 0 changes nothing.

    Brightness bends the mid-tones and keeps black and white where they are; contrast turns about middle grey.
    """
    if brightness or contrast:
        levels = np.arange(256) / 255
        if brightness:
            levels = np.power(levels, 2 ** (-brightness / 60))
        if contrast:
            slope = 1 + contrast / 100 if contrast < 0 else 1 + contrast / 50
            levels = (levels - 0.5) * slope + 0.5
        table = np.clip(np.round(levels * 255), 0, 255).astype(np.uint8)
        rgb = np.asarray(cv2.LUT(rgb, table), np.uint8)
    if saturation:
        keep = 1 + saturation / 100
        matrix = keep * np.eye(3) + (1 - keep) * np.tile(LUMA, (3, 1))
        rgb = np.asarray(cv2.transform(rgb, matrix), np.uint8)
    return rgb
