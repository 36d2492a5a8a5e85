"""Inpainting keeps its promises, and stands behind the engine's seam as any editor does."""

import dataclasses
import json

import numpy as np
import pytest
import torch
from langdesign_diffusion import IncompatibleCheckpoint, InvalidArrays, InvalidParameters, RegionParameters
from langdesign_diffusion.random_weights import random_checkpoint
from langdesign_edits import feathered
from langdesign_engine import (
    Engine,
    EngineOptions,
    error_message,
    event_message,
    start_engine,
    submit_message,
)
from langdesign_inpainting import InpaintParameters
from langdesign_inpainting.editor import Editor
from langdesign_inpainting.loading import load_editor
from langdesign_inpainting.state import InpaintRequest

WAIT = 60.0
SAMPLERS = ("euler_ancestral", "euler", "ddim", "dpmpp_2m")


def parameters(**fields):
    return InpaintParameters("a red chair", **{"steps": 3, **fields})


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("feather", [0, 5])
def test_strict_changes_no_pixel_outside_the_feathered_mask(editor, image, mask, sampler, feather):
    result = editor.edit(image, mask, parameters(sampler=sampler, feather=feather)).image
    outside = feathered(mask[0] > 0, feather) == 0
    assert np.array_equal(result[outside], image[outside])
    assert not np.array_equal(result, image)


def test_what_the_mask_covers_does_not_matter(editor, image, mask):
    other = np.where(mask[0, ..., None] > 0, 255 - image, image)
    asked = parameters(preserve="none")
    assert np.array_equal(editor.edit(image, mask, asked).image, editor.edit(other, mask, asked).image)


def test_a_region_of_one_pixel_is_not_lost(editor, image):
    mask = np.zeros((1, 64, 64), np.uint8)
    mask[0, 13, 21] = 255
    known = editor.prepare(InpaintRequest(image, mask, parameters())).known
    assert known[0, 0].sum() == known[0, 0, 1, 2] == 1


def test_any_size_and_alpha_come_back_as_they_were(editor):
    image = np.random.default_rng(0).integers(0, 256, (50, 37, 4), np.uint8)
    mask = np.zeros((2, 50, 37), np.uint8)
    mask[0, :9, 5:20], mask[1, 30:, 30:] = 255, 255
    result = editor.edit(image, mask, parameters(feather=0)).image
    outside = ~(mask > 0).any(axis=0)
    assert np.array_equal(result[outside], image[outside])
    assert np.array_equal(result[..., 3], image[..., 3])


def test_regions_of_their_own_texts_are_each_painted_by_its_own(editor, image, mask):
    masks = np.concatenate([mask, np.roll(mask, 24, axis=1)])
    masks[1, masks[0] > 0] = 0
    asked = parameters(regions=(RegionParameters("a red chair"), RegionParameters("a lamp")))
    state = editor.prepare(InpaintRequest(image, masks, dataclasses.replace(asked, instruction="")))
    for length in (64, 16):
        side = int(length**0.5)
        bias = state.acting_biases[length][0, 0, :, :154].reshape(side, side, 2, 77)
        own = {"first": bias[side // 2 - 1, side // 2], "second": bias[side // 2 + 1, side // 2]}
        assert (own["first"][0] == 0).all()
        assert (own["first"][1] < 0).all()
        assert (own["second"][0] < 0).all()
        assert (own["second"][1] == 0).all()
    one = editor.edit(image, masks, parameters(seed=3)).image
    same = parameters(seed=3, regions=(RegionParameters("A red chair"), RegionParameters()))
    assert np.array_equal(editor.edit(image, masks, same).image, one), "one text is the edit of it"


def test_a_text_for_each_region_needs_a_mask_for_each(editor, image, mask):
    asked = parameters(regions=(RegionParameters("a chair"), RegionParameters("a lamp")))
    with pytest.raises(InvalidArrays, match="one mask per region"):
        editor.prepare(InpaintRequest(image, mask, asked))


def test_a_check_reads_what_this_family_reads(editor):
    (told,) = editor.check('{"instruction": "", "regions": [{"instruction": "a red chair"}]}')
    assert (told.field, told.token_limit) == ("regions[0].instruction", 75)
    with pytest.raises(InvalidParameters) as caught:
        editor.check('{"instruction": "a chair", "image_guidance_scale": 1.5}')
    assert caught.value.field == "image_guidance_scale"


def test_edits_together_in_the_engine_are_the_edits_alone(editor, image, mask):
    requests = [
        InpaintRequest(
            image,
            np.roll(mask, 4 * index, axis=2),
            parameters(
                steps=2 + index, seed=index, sampler=SAMPLERS[index % 4], guidance_scale=1.0 + index % 3
            ),
        )
        for index in range(6)
    ]
    alone = [editor.edit(one.image, one.masks, one.parameters).image for one in requests]
    with Engine(editor, EngineOptions(slots=4)) as engine:
        together = [ticket.result(WAIT).image for ticket in [engine.submit(one) for one in requests]]
        figures = engine.metrics()
    assert figures.edit_steps > figures.steps, "some steps were shared"
    for solo, batched in zip(alone, together, strict=True):
        assert np.abs(solo.astype(int) - batched.astype(int)).max() <= 1


def test_a_folder_is_served_by_this_editor_in_tensors_and_json(image, mask, tmp_path):
    random_checkpoint("tiny", in_channels=9).save(tmp_path / "inpaint")
    text = json.dumps({"instruction": "a red chair", "steps": 2, "preview_every": 1})
    tensors = {
        "IMAGE": image,
        "MASKS": np.packbits(mask, axis=2),
        "PARAMETERS": np.array([text.encode()], object),
    }
    with start_engine(tmp_path / "inpaint") as engine:
        answers = [event_message(event) for event in submit_message(engine, tensors).events()]
        del tensors["MASKS"]
        with pytest.raises(InvalidArrays) as refused:
            submit_message(engine, tensors).result(WAIT)
    events = [json.loads(answer["EVENT"].item()) for answer in answers]
    assert [event["kind"] for event in events] == ["started", "preview", "result"]
    assert events[-1]["checkpoint"].startswith("inpaint@sha256:")
    outside = feathered(mask[0] > 0, 8) == 0
    assert np.array_equal(answers[-1]["IMAGE"][outside], image[outside])
    told = json.loads(error_message(refused.value)["EVENT"].item())
    assert (told["reason"], told["field"]) == ("INVALID_ARRAYS", "masks")
    assert "send the mask" in told["message"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"preserve": "attention"}, "preserve"),
        ({"steps": 0}, "steps"),
        ({"image_guidance_scale": 1.5}, "image_guidance_scale"),
        ({"instruction": " "}, "instruction"),
        ({"regions": [{"instruction": " "}]}, "regions[0].instruction"),
    ],
)
def test_a_wrong_field_is_named(editor, image, mask, fields, field):
    with pytest.raises(InvalidParameters) as caught:
        editor.read_request(image, mask, json.dumps({"instruction": "a chair", **fields}))
    assert caught.value.field == field


def test_the_engines_options_choose_the_precision(tmp_path):
    random_checkpoint("tiny", in_channels=9).save(tmp_path / "inpaint")
    options = EngineOptions(precision="bfloat16")
    editor = load_editor(tmp_path / "inpaint", device="cpu", name="", options=options)
    assert editor.checkpoint.dtype == torch.bfloat16


def test_a_checkpoint_of_another_family_is_refused():
    with pytest.raises(IncompatibleCheckpoint, match="8 input channels, not 9"):
        Editor(random_checkpoint("tiny"))
