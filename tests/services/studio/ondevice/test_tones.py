"""Brightness, contrast and saturation by hand."""

import numpy as np

from services.studio.ondevice.tones import adjusted

RAMP = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)


def test_zero_changes_nothing() -> None:
    assert np.array_equal(adjusted(RAMP), RAMP)


def test_brightness_moves_the_middle_and_keeps_black_and_white() -> None:
    brighter, darker = adjusted(RAMP, brightness=50)[0, :, 0], adjusted(RAMP, brightness=-50)[0, :, 0]
    assert brighter[128] > 150 > 100 > darker[128]
    assert (brighter[0], brighter[255], darker[0], darker[255]) == (0, 255, 0, 255)


def test_contrast_spreads_or_gathers_around_the_middle() -> None:
    assert adjusted(RAMP, contrast=50)[0, [63, 192], 0].tolist() == [0, 255]
    assert set(adjusted(RAMP, contrast=-100)[0, :, 0].tolist()) == {128}


def test_saturation_goes_from_grey_to_vivid_at_the_same_luma() -> None:
    color = np.full((1, 1, 3), (150, 100, 80), np.uint8)
    grey = adjusted(color, saturation=-100)[0, 0]
    vivid = adjusted(color, saturation=60)[0, 0].astype(int)
    assert np.ptp(grey) <= 1
    assert vivid[0] - vivid[2] > 70
    assert abs(vivid @ [0.299, 0.587, 0.114] - float(grey[0])) < 2
