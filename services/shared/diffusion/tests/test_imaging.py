import numpy as np
import pytest
from langdesign_diffusion.imaging import from_pillow, pad_to_multiple
from PIL import Image


def test_padding_mirrors_and_never_stretches():
    image = np.arange(5 * 7, dtype=np.uint8).reshape(5, 7)
    padded = pad_to_multiple(image, 8)
    assert padded.shape == (8, 8)
    assert np.array_equal(padded[:5, :7], image)
    assert np.array_equal(padded[5:, :7], image[:1:-1][:3])


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(orientation):
    upright = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    undo = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: np.rot90(a, 1),
        7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
        8: lambda a: np.rot90(a, -1),
    }
    stored = Image.fromarray(np.ascontiguousarray(undo[orientation](upright)))
    stored.getexif()[0x0112] = orientation
    assert np.array_equal(from_pillow(stored), upright)


@pytest.mark.parametrize(
    ("mode", "channels"), [("L", 3), ("P", 3), ("CMYK", 3), ("RGBA", 4), ("LA", 4), ("1", 3), ("I;16", 3)]
)
def test_every_mode_becomes_rgb_or_rgba(mode, channels):
    assert from_pillow(Image.new(mode, (5, 4))).shape == (4, 5, channels)


def test_16_bit_grey_is_scaled_and_not_clipped():
    wide = Image.fromarray(np.array([[0, 32768, 65535]], dtype=np.uint16))
    assert from_pillow(wide)[0, :, 0].tolist() == [0, 128, 255]
