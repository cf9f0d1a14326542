"""Files: what is read, what is written, and that white stays white."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from services.errors import ServiceError
from services.studio import encoding
from services.studio.recipes import Output


@pytest.fixture
def product_on_white() -> np.ndarray:
    """256×256 with noise in the middle and pure white for 64 pixels around."""
    pixels = np.full((256, 256, 3), 255, np.uint8)
    pixels[64:192, 64:192] = np.random.default_rng(1).integers(0, 256, (128, 128, 3), np.uint8)
    return pixels


def test_pure_white_survives_jpeg_at_every_quality(product_on_white: np.ndarray) -> None:
    for quality in range(1, 101):
        again = encoding.decode(encoding.encode(product_on_white, Output(format="jpeg", quality=quality)))
        assert int(again[:48].min()) == 255, quality
        assert int(again[:, -48:].min()) == 255, quality


@pytest.mark.parametrize("name", ["jpeg", "png", "webp", "avif"])
def test_every_format_reads_back_in_the_same_size_without_metadata(name: str, product_on_white: np.ndarray) -> None:
    data = encoding.encode(product_on_white, Output.model_validate({"format": name, "quality": 90}))
    with Image.open(io.BytesIO(data)) as image:
        assert image.get_format_mimetype() == encoding.CONTENT_TYPES[name]
        assert not image.getexif()
        assert not {"icc_profile", "exif", "xmp", "comment"} & image.info.keys()
    again = encoding.decode(data)
    assert again.shape == (256, 256, 4)
    assert abs(float(again[:48, :, :3].mean()) - 255) < 1


def test_jpeg_keeps_full_colour_resolution(product_on_white: np.ndarray) -> None:
    with Image.open(io.BytesIO(encoding.encode(product_on_white, Output(format="jpeg")))) as image:
        assert [component[1:3] for component in image.layer] == [(1, 1)] * 3


def test_transparency_survives_png_and_becomes_white_in_jpeg() -> None:
    pixels = np.zeros((32, 32, 4), np.uint8)
    pixels[8:24, 8:24] = (200, 0, 0, 255)
    assert np.array_equal(encoding.decode(encoding.encode(pixels, Output(format="png")))[..., 3], pixels[..., 3])
    flat = encoding.decode(encoding.encode(pixels, Output(format="jpeg")))
    assert flat[0, 0].tolist() == [255, 255, 255, 255]
    assert flat[16, 16, 0] > 180


def test_orientation_is_applied_on_reading() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    buffer = io.BytesIO()
    Image.new("RGB", (40, 20), "red").save(buffer, "JPEG", exif=exif)
    assert encoding.decode(buffer.getvalue()).shape == (40, 20, 4)


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"<svg/>", b"%!PS-Adobe", b"\xff\xd8\xff\xe0 truncated"])
def test_what_is_no_picture_is_refused_in_plain_words(data: bytes) -> None:
    with pytest.raises(encoding.ImageUnreadable) as caught:
        encoding.decode(data)
    assert isinstance(caught.value, ServiceError)
    assert caught.value.code == "image_unreadable"


@pytest.mark.parametrize("format", ["png", "jpeg", "webp"])
def test_a_truncated_picture_is_refused(product_on_white: np.ndarray, format: Any) -> None:
    data = encoding.encode(product_on_white, Output(format=format))
    with pytest.raises(encoding.ImageUnreadable):
        encoding.decode(data[: len(data) // 2])
    with pytest.raises(encoding.ImageUnreadable):
        encoding.sampled(data[: len(data) // 2])


def test_a_picture_with_too_many_pixels_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "MAX_PIXELS", 100)
    with pytest.raises(encoding.ImageUnreadable, match="too many pixels"):
        encoding.decode(encoding.encode(np.zeros((11, 10, 3), np.uint8), Output(format="png")))


def test_a_sample_knows_the_size_and_keeps_real_pixels() -> None:
    pixels = np.zeros((3000, 2000, 3), np.uint8)
    pixels[:, 1000:] = 77
    sample = encoding.sampled(encoding.encode(pixels, Output(format="png")))
    assert (sample.width, sample.height) == (2000, 3000)
    assert sample.pixels.shape[0] * sample.pixels.shape[1] <= 1_000_000
    assert set(np.unique(sample.pixels[..., 0])) == {0, 77}
