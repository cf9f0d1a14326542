"""Converting any colour mode, profile and orientation to upright 8-bit sRGB."""

import io
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

_SRGB = ImageCms.createProfile("sRGB")
_ORIENTATION_TAG = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def upright_srgb(image: Image.Image) -> Image.Image:
    """A decoded picture as RGB, or as RGBA if anything in it is transparent, upright, sRGB, with empty `info`."""
    turn = _TURNS.get(_orientation(image))
    profile = image.info.get("icc_profile")
    colours = _eight_bit(image)
    if profile:
        colours = _converted(colours, profile)
    if colours.mode not in ("RGB", "RGBA"):
        colours = colours.convert("RGB")
    if colours.mode == "RGBA" and colours.getchannel("A").getextrema() == (255, 255):
        colours = colours.convert("RGB")
    if turn is not None:
        colours = colours.transpose(turn)
    colours.info = {}
    return colours


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION_TAG, 1))
    except Exception:  # noqa: BLE001  a damaged EXIF block is no reason to refuse a photo
        return 1


def _eight_bit(image: Image.Image) -> Image.Image:
    """Modes L, RGB, RGBA or CMYK, transparency of palettes and colour keys made an alpha channel."""
    if image.mode.startswith("I"):
        return Image.fromarray(_from_sixteen_bit(np.asarray(image)))
    if image.mode == "F":
        return image.convert("L")
    if image.mode in ("LA", "PA", "La", "RGBa") or image.has_transparency_data:
        return image if image.mode == "RGBA" else image.convert("RGBA")
    if image.mode in ("1", "P"):
        return image.convert("RGB")
    return image


def _from_sixteen_bit(values: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    return (np.clip(values.astype(np.int32), 0, 65_535) >> 8).astype(np.uint8)


def _converted(image: Image.Image, profile: bytes) -> Image.Image:
    """`image` from the colours of its ICC profile to sRGB; as it is where the profile does not fit it."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if image.mode in ("RGB", "RGBA") and _is_srgb(source):
            return image
        if image.mode in ("RGB", "RGBA"):
            # In place: a second copy of a phone's photo would cost 50 MB. The alpha channel is kept.
            ImageCms.profileToProfile(image, source, _SRGB, inPlace=True)
            return image
        return ImageCms.profileToProfile(image, source, _SRGB, outputMode="RGB") or image
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image


def _is_srgb(profile: ImageCms.ImageCmsProfile) -> bool:
    description = (profile.profile.profile_description or "").lower()
    return "srgb" in description and "linear" not in description
