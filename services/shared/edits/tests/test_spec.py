import pytest
from langdesign_edits import (
    EditSpec,
    ImageFormat,
    InpaintingOptions,
    InstructPix2PixOptions,
    InvalidSpec,
    Preserve,
    Whole,
)


def test_the_background_cannot_be_locked_without_regularisation():
    with pytest.raises(InvalidSpec, match="choose preserve=attention, latent or strict") as caught:
        EditSpec(
            instruction="make it red",
            preserve=Preserve.NONE,
            editor=InstructPix2PixOptions(background_lock=True),
        )
    assert caught.value.field == "instruct_pix2pix.background_lock"


def test_inpainting_keeps_nothing_by_attention():
    with pytest.raises(InvalidSpec, match="choose preserve=strict, latent or none") as caught:
        EditSpec(instruction="a red chair", preserve=Preserve.ATTENTION, editor=InpaintingOptions())
    assert caught.value.field == "preserve"


def test_a_lossy_result_cannot_be_strict_but_of_the_whole_picture():
    with pytest.raises(InvalidSpec, match="take PNG or WebP") as caught:
        EditSpec(instruction="make it red", result_format=ImageFormat.JPEG)
    assert caught.value.field == "result_format"
    whole = EditSpec(instruction="make it red", result_format=ImageFormat.JPEG, region=Whole())
    assert whole.preserve_over(regions=0) is Preserve.NONE


def test_over_regions_the_promise_is_the_caller_s():
    spec = EditSpec(instruction="make it red", preserve=Preserve.LATENT)
    assert spec.preserve_over(regions=2) is Preserve.LATENT
