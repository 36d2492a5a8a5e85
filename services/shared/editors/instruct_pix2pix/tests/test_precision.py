from pathlib import Path

import numpy as np
import pytest
import torch
from langdesign_diffusion.checkpoint import load_checkpoint
from langdesign_diffusion.serving import to_serve
from langdesign_instruct_pix2pix import EditParameters
from langdesign_instruct_pix2pix.bench.precision import psnr
from langdesign_instruct_pix2pix.editor import Editor
from langdesign_instruct_pix2pix.random_weights import random_editor
from PIL import Image

FAMILY = Path(__file__).parents[5] / "deploy/models/mini"


@pytest.mark.parametrize("preserve", ["attention", "strict"])
def test_an_edit_in_bfloat16_is_the_edit_in_float32_but_for_its_rounding(editor, image, mask, preserve):
    half = random_editor("tiny", dtype=torch.bfloat16)
    parameters = EditParameters("make the chair red", steps=4, seed=2, preserve=preserve)
    ours, exact = (each.edit(image, mask, parameters).image.astype(int) for each in (half, editor))
    other = editor.edit(image, mask, EditParameters("make the chair red", steps=4, seed=3, preserve=preserve))
    rounding = np.abs(ours - exact).mean()
    assert rounding < 3
    assert rounding < 0.25 * np.abs(other.image.astype(int) - exact).mean()


@pytest.mark.parametrize("seed", [1, 2])
def test_the_embedded_family_edits_alike_in_bfloat16(figure, seed):
    picture = np.asarray(Image.open(FAMILY / "demo.jpg").convert("RGB").resize((128, 128)))
    parameters = EditParameters("make the chair red", steps=4, seed=seed)
    exact, ours = (
        Editor(to_serve(load_checkpoint(FAMILY / "edit"), "cpu", precision)).edit(picture, None, parameters)
        for precision in ("float32", "bfloat16")
    )
    ratio = psnr(ours.image, exact.image)
    figure(f"an edit of the embedded family in bfloat16 against float32: {ratio:.1f} dB (bound 34 dB)")
    assert ratio > 34
