"""Enhancing: each defect is lessened, what is fine stays."""

import cv2
import numpy as np
import pytest

from services.studio.ondevice.enhancement import enhanced, neutral_gains, noise_level


def scene() -> np.ndarray:
    """A well exposed product shot: grey backdrop, black, white, and coloured patches."""
    pixels = np.full((300, 300, 3), 225, np.uint8)
    for index, color in enumerate([(10, 10, 10), (250, 250, 250), (180, 40, 40), (40, 90, 160), (120, 120, 120)]):
        pixels[60:240, 20 + 55 * index : 60 + 55 * index] = color
    return pixels


def tinted(pixels: np.ndarray, gains: tuple[float, float, float]) -> np.ndarray:
    return np.clip(pixels * np.array(gains), 0, 255).astype(np.uint8)


def test_a_colour_cast_is_taken_out_of_what_should_be_grey() -> None:
    warm = tinted(scene(), (1.0, 0.93, 0.84))
    backdrop = enhanced(warm, strength=1)[20, 20].astype(int)
    assert np.ptp(backdrop) < np.ptp(warm[20, 20].astype(int)) / 3


def test_a_red_product_keeps_its_colour_because_only_greys_vote() -> None:
    red = np.full((50, 3), (200, 40, 40), np.uint8)
    assert neutral_gains(red) == (1.0, 1.0, 1.0)


def test_a_dark_photo_becomes_brighter_and_a_good_one_hardly_changes() -> None:
    dark = (scene() * 0.45).astype(np.uint8)
    assert enhanced(dark, strength=1).mean() > dark.mean() * 1.3
    good = scene()
    assert abs(float(enhanced(good, sharpen=False).mean()) - float(good.mean())) < 8


def test_pure_white_stays_pure_white() -> None:
    for gains in ((1, 1, 1), (1.0, 0.9, 0.8), (0.8, 0.9, 1.0)):
        pixels = tinted(scene(), gains)
        pixels[:40] = 255
        assert int(enhanced(pixels, strength=1)[:30].min()) == 255


def test_grain_is_calmed() -> None:
    rng = np.random.default_rng(0)
    noisy = np.clip(scene() + rng.normal(0, 9, (300, 300, 3)), 0, 255).astype(np.uint8)
    assert noise_level(noisy) == pytest.approx(9 * 0.66, rel=0.35)  # luma averages the channels' noise
    flat = (slice(5, 50), slice(5, 295))
    assert enhanced(noisy, strength=1)[flat].std() < 0.75 * noisy[flat].std()


def test_a_soft_photo_gets_steeper_edges() -> None:
    soft = cv2.GaussianBlur(scene(), (0, 0), 1.5)

    def steepness(pixels: np.ndarray) -> float:
        return float(np.square(np.diff(pixels[150].astype(float), axis=0)).sum())

    sharp = enhanced(soft, strength=1, exposure=False, contrast=False, white_balance=False, denoise=False)
    assert steepness(sharp) > 1.15 * steepness(soft)


def test_strength_zero_and_everything_off_change_nothing() -> None:
    pixels = scene()
    assert np.array_equal(enhanced(pixels, strength=0), pixels)
    off = enhanced(pixels, white_balance=False, exposure=False, contrast=False, denoise=False, sharpen=False)
    assert np.array_equal(off, pixels)


def test_only_the_product_is_measured_where_a_matte_is_given() -> None:
    pixels = np.zeros((200, 200, 3), np.uint8)
    pixels[50:150, 50:150] = (np.arange(100) + 20)[None, :, None]
    matte = np.zeros((200, 200), np.uint8)
    matte[50:150, 50:150] = 255
    assert enhanced(pixels, matte, strength=1)[100, 140].mean() > pixels[100, 140].mean() + 30
    assert np.array_equal(enhanced(pixels, np.zeros_like(matte)), pixels)
