import numpy as np
from langdesign_diffusion.imaging import pad_to_multiple


def test_padding_mirrors_and_never_stretches():
    image = np.arange(5 * 7, dtype=np.uint8).reshape(5, 7)
    padded = pad_to_multiple(image, 8)
    assert padded.shape == (8, 8)
    assert np.array_equal(padded[:5, :7], image)
    assert np.array_equal(padded[5:, :7], image[:1:-1][:3])
