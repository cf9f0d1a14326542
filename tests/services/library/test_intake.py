"""What people send: every kind of picture that must work, and every kind of trouble with the words it gets."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, PngImagePlugin

import config
from config import Settings
from services.library.intake import FileTooLarge, Intake, UnsupportedMedia, read_upload
from services.studio.encoding import ImageUnreadable
from tests.services.library.conftest import drawn, encoded


@pytest.fixture(autouse=True)
def _settings() -> object:
    config.configure(Settings(_env_file=None))  # type: ignore[call-arg]
    yield
    config.configure(None)


def opened(picture: Intake) -> Image.Image:
    image = Image.open(io.BytesIO(picture.data))
    image.load()
    return image


def difference(one: Image.Image, other: Image.Image) -> float:
    """The mean absolute difference of two RGB pictures, 0..255."""
    return float(np.abs(np.asarray(one.convert("RGB"), int) - np.asarray(other.convert("RGB"), int)).mean())


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def test_an_opaque_photo_is_kept_as_a_jpeg_close_to_what_was_sent() -> None:
    picture = read_upload(encoded(drawn(), quality=95), "IMG_1.JPG")

    assert (picture.content_type, picture.width, picture.height, picture.has_alpha) == ("image/jpeg", 640, 480, False)
    assert picture.filename == "IMG_1.jpg"
    assert opened(picture).format == "JPEG"
    assert difference(opened(picture), drawn()) < 1.5


def test_transparency_is_kept_exactly() -> None:
    source = drawn(mode="RGBA")
    picture = read_upload(encoded(source, "PNG"), "logo.png")

    assert picture.has_alpha
    assert picture.filename == "logo.webp"
    kept = opened(picture)
    assert kept.mode == "RGBA"
    assert np.array_equal(np.asarray(kept)[..., 3], np.asarray(source)[..., 3])


def test_an_alpha_channel_that_hides_nothing_is_dropped() -> None:
    source = drawn().convert("RGBA")

    assert read_upload(encoded(source, "PNG"), "a.png").content_type == "image/jpeg"


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_every_format_is_taken(format: str) -> None:
    picture = read_upload(encoded(drawn(), format), "photo")

    assert (picture.width, picture.height) == (640, 480)
    assert difference(opened(picture), drawn()) < 6


def test_heic_from_a_phone_is_taken(photos: Path) -> None:
    picture = read_upload((photos / "arrow.heic").read_bytes(), "arrow.heic")

    assert (picture.width, picture.height) == (3024, 4032)
    assert picture.filename == "arrow.jpg"


def test_the_small_versions_have_the_sizes_they_promise(photos: Path) -> None:
    picture = read_upload((photos / "RedFlashlight.jpg").read_bytes(), "torch.jpg")

    thumb, preview = (Image.open(io.BytesIO(data)) for data in (picture.thumb, picture.preview))
    assert (max(thumb.size), max(preview.size)) == (320, 1280)
    assert (thumb.format, preview.format) == ("WEBP", "JPEG")
    assert abs(thumb.width / thumb.height - picture.width / picture.height) < 0.01


def test_the_preview_of_a_cut_out_stays_transparent() -> None:
    clear = Image.new("RGBA", (40, 30), (200, 10, 10, 0))
    file = io.BytesIO()
    clear.save(file, "PNG")

    preview = Image.open(io.BytesIO(read_upload(file.getvalue(), "dot.png").preview))

    assert (preview.format, preview.mode) == ("WEBP", "RGBA")


def test_a_small_picture_is_not_enlarged() -> None:
    picture = read_upload(encoded(drawn((40, 30))), "dot.jpg")

    assert Image.open(io.BytesIO(picture.preview)).size == (40, 30)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_every_exif_orientation_is_applied(orientation: int, format: str) -> None:
    stored_from_upright = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    upright = Image.new("RGB", (120, 80), "white")
    upright.paste((200, 0, 0), (0, 0, 60, 40))
    upright.paste((0, 0, 200), (60, 40, 120, 80))
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = upright.transpose(stored_from_upright) if stored_from_upright is not None else upright

    kept = opened(read_upload(encoded(stored, format, exif=exif), "turned"))

    assert kept.size == (120, 80)
    assert difference(kept, upright) < 4
    assert kept.getexif().get(0x0112) is None


@pytest.mark.parametrize("name", ["exif-landscape-6.jpg", "exif-landscape-8.jpg"])
def test_real_photos_stand_upright(photos: Path, name: str) -> None:
    picture = read_upload((photos / name).read_bytes(), name)

    assert (picture.width, picture.height) == (1800, 1200)


def test_the_two_real_photos_turned_differently_show_the_same_scene(photos: Path) -> None:
    one, other = (
        opened(read_upload((photos / f"exif-landscape-{turn}.jpg").read_bytes(), "x.jpg")).resize((90, 60))
        for turn in (6, 8)
    )

    sky, ground = (slice(0, 20), slice(40, 60))
    for image in (one, other):
        pixels = np.asarray(image, int)
        assert pixels[sky][..., 2].mean() > pixels[ground][..., 2].mean()


def test_damaged_exif_does_not_refuse_a_photo() -> None:
    picture = read_upload(encoded(drawn(), exif=b"Exif\x00\x00MM\x00*\x00\x00\xff\xff\xff\xff"), "x.jpg")

    assert picture.width == 640


def gps() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F] = "SecretCameraMaker"
    exif.get_ifd(0x8825)[2] = (48.0, 51.0, 24.0)
    return exif


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_location_and_camera_are_removed_from_a_photo(format: str, mode: str) -> None:
    image = drawn((200, 100), "RGB" if format == "JPEG" else mode)
    options: dict[str, object] = {"exif": gps().tobytes()}
    if format == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Comment", "SecretCameraMaker")
        options["pnginfo"] = text
    if format == "JPEG":
        options["comment"] = b"SecretCameraMaker"
        options["xmp"] = b"<x:xmpmeta>SecretCameraMaker</x:xmpmeta>"
    data = encoded(image, format, **options)
    assert b"SecretCameraMaker" in data

    picture = read_upload(data, "x")

    for kept in (picture.data, picture.thumb, picture.preview):
        assert b"SecretCameraMaker" not in kept
        reopened = Image.open(io.BytesIO(kept))
        assert not dict(reopened.getexif())
        assert not {"exif", "xmp", "comment", "icc_profile", "Comment"} & set(reopened.info)


@pytest.mark.parametrize("tail", [b"<script>alert(1)</script>", b"PK\x03\x04" + b"payload" * 20])
def test_what_hides_behind_the_last_byte_is_left_behind(tail: bytes) -> None:
    for format in ("JPEG", "PNG", "GIF", "HEIF"):
        picture = read_upload(encoded(drawn((64, 64)), format) + tail, "polyglot.jpg")

        assert tail not in picture.data


def test_cmyk_becomes_rgb_with_its_colours() -> None:
    red = Image.new("RGB", (64, 64), (220, 30, 30)).convert("CMYK")
    kept = opened(read_upload(encoded(red), "print.jpg"))

    assert kept.mode == "RGB"
    r, g, b = kept.getpixel((32, 32))  # type: ignore[misc]
    assert r > 180 and g < 80 and b < 80


def test_sixteen_bit_grey_keeps_its_tones() -> None:
    ramp = np.linspace(0, 65_535, 256, dtype=np.uint16)[None, :].repeat(64, axis=0)
    kept = np.asarray(opened(read_upload(encoded(Image.fromarray(ramp), "PNG"), "scan.png")).convert("L"), int)

    assert kept[:, 0].mean() < 6
    assert abs(kept[:, 128].mean() - 128) < 4
    assert kept[:, -1].mean() > 249


def test_sixteen_bit_colour_works() -> None:
    row = b"\x00" + struct.pack(">HHH", 65_535, 32_768, 0) * 32
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 32, 32, 16, 2, 0, 0, 0))
    data += chunk(b"IDAT", zlib.compress(row * 32)) + chunk(b"IEND", b"")

    r, g, b = opened(read_upload(data, "deep.png")).getpixel((16, 16))  # type: ignore[misc]

    assert (r > 250, abs(g - 128) < 5, b < 5) == (True, True, True)


def test_a_palette_picture_works_with_and_without_transparency() -> None:
    palette = drawn().quantize(32)
    clear = palette.copy()
    clear.info["transparency"] = 0

    assert read_upload(encoded(palette, "PNG"), "a.png").content_type == "image/jpeg"
    assert read_upload(encoded(clear, "PNG", transparency=0), "b.png").has_alpha


@pytest.mark.parametrize("mode", ["L", "1", "LA"])
def test_grey_one_bit_and_grey_with_alpha_work(mode: str) -> None:
    source = drawn().convert("L").convert(mode)
    if mode == "LA":
        source.putalpha(Image.new("L", source.size, 128))
    picture = read_upload(encoded(source, "PNG"), "x.png")

    assert picture.has_alpha == (mode == "LA")
    assert opened(picture).mode == ("RGBA" if mode == "LA" else "RGB")


def test_a_colour_key_becomes_transparency() -> None:
    source = Image.new("RGB", (40, 40), (255, 0, 0))
    source.paste((0, 255, 0), (0, 0, 20, 40))

    picture = read_upload(encoded(source, "PNG", transparency=(255, 0, 0)), "keyed.png")

    alpha = np.asarray(opened(picture))[..., 3]
    assert (alpha[20, 10], alpha[20, 30]) == (255, 0)


def swapped_profile() -> bytes:
    """An RGB profile whose red and green have changed places: sRGB with two tags renamed."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = profile.index(b"rXYZ"), profile.index(b"gXYZ")
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(profile).replace(b"s\x00R\x00G\x00B", b"s\x00W\x00P\x00D").replace(b"sRGB", b"sWPD")


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_an_embedded_profile_decides_the_colours(mode: str) -> None:
    source = Image.new(mode, (32, 32), (255, 0, 0) if mode == "RGB" else (255, 0, 0, 128))

    picture = read_upload(encoded(source, "PNG", icc_profile=swapped_profile()), "wide.png")

    pixel = opened(picture).getpixel((16, 16))
    assert isinstance(pixel, tuple)
    assert pixel[1] > 200 and pixel[0] < 60
    assert mode == "RGB" or pixel[3] == 128


def test_a_broken_profile_is_ignored() -> None:
    kept = opened(read_upload(encoded(drawn(), icc_profile=b"not a profile at all"), "x.jpg"))

    assert difference(kept, drawn()) < 4


def test_an_animation_gives_its_first_frame_and_says_so() -> None:
    frames = [Image.new("RGB", (64, 48), colour) for colour in ("red", "green", "blue")]
    for format in ("GIF", "WEBP", "PNG"):
        data = encoded(frames[0], format, save_all=True, append_images=frames[1:], duration=100)

        picture = read_upload(data, "moving.gif")

        assert opened(picture).convert("RGB").getpixel((10, 10))[0] > 240  # type: ignore[index]
        assert "first frame" in picture.notes[0]


def test_a_still_picture_has_no_notes() -> None:
    assert read_upload(encoded(drawn(), "GIF"), "still.gif").notes == ()


def test_a_blank_picture_is_taken() -> None:
    assert read_upload(encoded(Image.new("RGB", (300, 300), "white")), "blank.jpg").width == 300


def test_a_type_is_recognised_by_content_not_by_name() -> None:
    assert read_upload(encoded(drawn(), "PNG"), "really-a-png.heic").content_type == "image/jpeg"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"Dear shop, here is my mug.", "text file"),
        (b"<?xml version='1.0'?>\n<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "SVG"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\nshowpage", "EPS"),
        (b"\xc5\xd0\xd3\xc6" + b"\x00" * 40, "EPS"),
        (b"%PDF-1.7\n...", "PDF"),
        (b"PK\x03\x04" + b"\x00" * 60, "ZIP"),
        (b"<!DOCTYPE html><html></html>", "web page"),
        (b"BM" + b"\x00" * 60, "BMP"),
        (b"\x00\x01\x02\x03" * 20, "not a picture"),
    ],
)
def test_what_is_no_picture_is_refused_whatever_its_name_says(data: bytes, words: str) -> None:
    with pytest.raises(UnsupportedMedia) as caught:
        read_upload(data, "mug.jpg")

    assert words in caught.value.message
    assert (caught.value.code, caught.value.status) == ("unsupported_media", 415)


@pytest.mark.parametrize("part", [0.002, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
def test_a_truncated_file_is_refused(format: str, part: float) -> None:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (200, 300, 3), np.uint8))
    whole = encoded(noise, format)

    with pytest.raises(ImageUnreadable) as caught:
        read_upload(whole[: max(16, int(len(whole) * part))], "cut.jpg")

    assert (caught.value.code, caught.value.status) == ("image_unreadable", 422)


@pytest.mark.parametrize("part", [0.01, 0.5, 0.98])
def test_a_truncated_photo_of_a_phone_is_refused(photos: Path, part: float) -> None:
    whole = (photos / "arrow.heic").read_bytes()

    with pytest.raises(ImageUnreadable):
        read_upload(whole[: int(len(whole) * part)], "arrow.heic")


def test_a_png_with_a_broken_check_sum_is_refused() -> None:
    data = bytearray(encoded(drawn(), "PNG"))
    data[len(data) // 2] ^= 0xFF

    with pytest.raises(ImageUnreadable):
        read_upload(bytes(data), "flipped.png")


GIF_BOMB = (
    b"GIF89a" + struct.pack("<HH", 65_535, 65_535) + b"\x80\x00\x00" + b"\x00\x00\x00\xff\xff\xff"
    b"," + struct.pack("<HHHH", 0, 0, 65_535, 65_535) + b"\x00" + b"\x02\x02\x4c\x01\x00" + b"\x00\x00\x00;"
)


def test_a_gif_of_44_bytes_that_unfolds_to_four_gigapixels_is_refused() -> None:
    assert len(GIF_BOMB) <= 44

    with pytest.raises(ImageUnreadable, match="megapixels"):
        read_upload(GIF_BOMB, "bomb.gif")


def test_a_hundred_megapixels_are_refused_before_any_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 10_000, 10_000, 8, 0, 0, 0, 0))
    data = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(10_001) * 10_000)) + chunk(b"IEND", b"")

    def decoded(*_: object) -> None:
        raise AssertionError("a pixel was decoded")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", decoded)
    monkeypatch.setattr("PIL.PngImagePlugin.PngImageFile.load_prepare", decoded)
    with pytest.raises(ImageUnreadable, match="10000 × 10000"):
        read_upload(data, "huge.png")


def test_a_heic_that_claims_too_many_pixels_is_refused() -> None:
    config.configure(Settings(max_pixels=10_000, _env_file=None))  # type: ignore[call-arg]

    with pytest.raises(ImageUnreadable, match="640 × 480"):
        read_upload(encoded(drawn(), "HEIF"), "big.heic")


def test_a_picture_too_long_for_any_format_is_refused() -> None:
    with pytest.raises(ImageUnreadable, match="a side"):
        read_upload(encoded(Image.new("1", (20_000, 2)), "PNG"), "strip.png")


def test_thirty_megabytes_are_refused_with_the_limit_in_words() -> None:
    with pytest.raises(FileTooLarge) as caught:
        read_upload(encoded(drawn()) + bytes(30 * 1024 * 1024), "big.jpg")

    assert "up to 25 MB" in caught.value.message
    assert (caught.value.code, caught.value.status) == ("file_too_large", 413)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd.jpg"),
        ("C:\\photos\\mug.JPEG", "mug.jpg"),
        ("con.png", "picture-con.jpg"),
        ("", "picture.jpg"),
        ("...", "picture.jpg"),
        ("a\r\nSet-Cookie: x.jpg", "aSet-Cookie_ x.jpg"),
        ('quo"te<b>.jpg', "quo_te_b_.jpg"),
        ("Tasse grün ☕.heic", "Tasse grün ☕.jpg"),
        ("x" * 300 + ".jpg", "x" * 120 + ".jpg"),
        ("evil\u202egpj.exe", "evilgpj.exe.jpg"),
    ],
)
def test_names_are_made_safe(sent: str, kept: str) -> None:
    assert read_upload(encoded(drawn((16, 16))), sent).filename == kept
