import numpy as np
import pytest
import torch
from langdesign_instruct_pix2pix import EditParameters
from langdesign_instruct_pix2pix.random_weights import random_editor


@pytest.mark.parametrize("preserve", ["attention", "strict"])
def test_an_edit_in_bfloat16_is_the_edit_in_float32_but_for_its_rounding(editor, image, mask, preserve):
    half = random_editor("tiny", dtype=torch.bfloat16)
    parameters = EditParameters("make the chair red", steps=4, seed=2, preserve=preserve)
    ours, exact = (each.edit(image, mask, parameters).image.astype(int) for each in (half, editor))
    other = editor.edit(image, mask, EditParameters("make the chair red", steps=4, seed=3, preserve=preserve))
    rounding = np.abs(ours - exact).mean()
    assert rounding < 3
    assert rounding < 0.25 * np.abs(other.image.astype(int) - exact).mean()
