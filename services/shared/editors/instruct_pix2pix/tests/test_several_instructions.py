"""Regions with instructions of their own: each is read by itself, and nowhere but in its region."""

import itertools

import numpy as np
import pytest
import torch
from langdesign_diffusion import InvalidParameters, RegularisationParameters
from langdesign_diffusion.attention import ExplicitAttention, RegionAttention
from langdesign_diffusion.denoiser import apart
from langdesign_engine import Engine, EngineOptions
from langdesign_instruct_pix2pix import EditParameters, RegionParameters
from langdesign_instruct_pix2pix.random_weights import random_editor
from langdesign_instruct_pix2pix.state import Pix2PixRequest

WAIT = 60.0
CHAIR, WALL = "make the chair red", "paint the wall green"
EVERYWHERE = {64, 16}  # positions of the tiny network's resolutions: 8x8 latents, 4x4 and the middle


@pytest.fixture(scope="module")
def masks():
    """Two regions, left and right, with two columns of the latents between them."""
    masks = np.zeros((2, 64, 64), np.uint8)
    masks[0, :, :24], masks[1, :, 40:] = 255, 255
    return masks


def asked(*own, whole="", **fields):
    regions = tuple(RegionParameters(one) for one in own)
    return EditParameters(whole, regions=regions, **{"steps": 3, **fields})


def bias_of(editor, image, masks, parameters):
    """Return the bias at 8x8 positions by region text: `[8, 8, K, 77]`."""
    state = editor.prepare(Pix2PixRequest(image, masks, parameters))
    bias = state.acting_biases[64][0, 0]
    return bias[:, : state.context.shape[1]].reshape(8, 8, -1, 77)


def effective(editor, text):
    """Return the positions of a text's content words and of its end."""
    tokenizer = editor.checkpoint.tokenizer
    pieces = tokenizer.convert_ids_to_tokens(tokenizer(text).input_ids)
    return [at for at, piece in enumerate(pieces) if at and piece not in ("the</w>", "a</w>")]


def test_a_position_reads_the_content_of_its_regions_instruction_alone(editor, image, masks):
    bias = bias_of(editor, image, masks, asked(CHAIR, WALL))
    assert bias.shape[2] == 2
    left, right, between = bias[4, 0] == 0, bias[4, 7] == 0, bias[4, 4] == 0
    assert left.nonzero().tolist() == [[0, at] for at in effective(editor, CHAIR)]
    assert right.nonzero().tolist() == [[1, at] for at in effective(editor, WALL)]
    assert between.all(), "where no region is, all are read"


def test_where_regions_overlap_both_are_read(editor, image, masks):
    wide = masks.copy()
    wide[0, :, :56] = 255
    read = bias_of(editor, image, wide, asked(CHAIR, WALL))[4, 6] == 0
    both = [[0, at] for at in effective(editor, CHAIR)] + [[1, at] for at in effective(editor, WALL)]
    assert read.nonzero().tolist() == both


def test_outside_the_regions_the_whole_instruction_is_read_where_there_is_one(editor, image, masks):
    bias = bias_of(editor, image, masks, asked(CHAIR, WALL, whole="make it brighter"))
    assert bias.shape[2] == 3
    assert (bias[4, 4] == 0).nonzero()[:, 0].unique().tolist() == [0]
    assert (bias[4, 0] == 0).nonzero()[:, 0].unique().tolist() == [1]
    shared = bias_of(editor, image, masks, asked(CHAIR, None, whole="make it brighter"))
    assert (shared[4, 7] == 0).nonzero()[:, 0].unique().tolist() == [0]


@pytest.mark.parametrize(
    "fields", [{"regularisation": None, "preserve": "latent"}, {"preserve": "none"}], ids=["off", "none"]
)
def test_instructions_stay_apart_without_regularisation(editor, image, masks, fields):
    state = editor.prepare(Pix2PixRequest(image, masks, asked(CHAIR, WALL, **fields)))
    while not state.done:
        assert set(state.acting_biases) == EVERYWHERE | {apart(length) for length in EVERYWHERE}
        left = state.acting_biases[64][0, 0, 8 * 4, :154].reshape(2, 77)
        assert (left[0] == 0).all()
        assert (left[1] < 0).all()
        editor.denoise_step([state])


def test_instructions_stay_apart_after_regularisation_ended_and_below_its_levels(editor, image, masks):
    rule = RegularisationParameters(end=0.5, levels=1)
    state = editor.prepare(Pix2PixRequest(image, masks, asked(CHAIR, WALL, steps=4, regularisation=rule)))
    start = [(state.acting_biases[length][0, 0, 0, :77] < 0).any() for length in (64, 16)]
    assert start == [True, False], "the finest level alone is regularised"
    for _ in range(2):
        editor.denoise_step([state])
    for length in EVERYWHERE:
        own, other = state.acting_biases[length][0, 0, 0, :154].reshape(2, 77)
        assert (own == 0).all()
        assert (other < 0).all()


class Comparing(RegionAttention):
    """Attends to both contexts at once, and to each alone with the bias of an edit of it alone."""

    def __init__(self, alone, inside):
        self.alone, self.inside = alone, inside
        self.largest, self.apart, self.seen = 0.0, 0.0, set()

    def __call__(
        self, attn, hidden_states, encoder_hidden_states=None, attention_mask=None, temb=None, biases=None
    ):
        both = super().__call__(attn, hidden_states, encoder_hidden_states, biases=biases)
        if encoder_hidden_states is None:
            return both
        self.seen.add(hidden_states.shape[1])
        for own, context, inside in zip(
            self.alone, encoder_hidden_states.split(77, 1), self.inside, strict=True
        ):
            regular = {length: bias[..., :77] for length, bias in own.acting_biases.items()}
            single = super().__call__(attn, hidden_states, context, biases=regular)
            here = inside[hidden_states.shape[1]]
            self.largest = max(self.largest, (both - single)[:, here].abs().max().item())
            self.apart = max(self.apart, (both - single)[:, ~here].abs().max().item())
        return both


@pytest.mark.parametrize("size", ["tiny", "mini"])
def test_attention_in_a_region_is_that_of_an_edit_of_its_instruction_alone(image, masks, figure, size):
    editor = random_editor(size)
    alone = [
        editor.prepare(Pix2PixRequest(image, masks[at : at + 1], EditParameters(text, steps=3)))
        for at, text in enumerate((CHAIR, WALL))
    ]
    columns = {64: (3, 5), 16: (1, 3), 4: (1, 1)}  # where the left region ends and the right one begins
    inside = [{}, {}]
    for length, (end, begin) in columns.items():
        side = int(length**0.5)
        column = torch.arange(length) % side
        inside[0][length], inside[1][length] = column < end, column >= begin
    comparing = Comparing(alone, inside)
    editor.checkpoint.unet.set_attn_processor(comparing)
    state = editor.prepare(Pix2PixRequest(image, masks, asked(CHAIR, WALL)))
    editor.denoise_step([state])
    figure(f"two instructions: an attention call within {comparing.largest:.1e} of each alone, in its region")
    assert comparing.seen >= EVERYWHERE
    assert comparing.apart > 1e-3
    assert comparing.largest <= 1e-5


def carried(state):
    """Return in which instruction's column each of 8x8 positions is, 0 or 1: `[8, 8, M]`."""
    of_queries = state.acting_biases[apart(64)][0, 0].chunk(2, dim=-1)[0]
    return (of_queries > 0).int().reshape(8, 8, -1)


def test_regions_see_each_other_in_self_attention_only_where_they_share_an_instruction(editor, image, masks):
    wide = np.concatenate([masks, masks[:1]])
    wide[2, :32] = 0
    wide[1, 32:, :24] = 255  # its lower left is in the first region too, and in the third
    asking = asked(CHAIR, WALL, CHAIR)
    state = editor.prepare(Pix2PixRequest(image, wide, asking))
    columns = carried(state)
    assert columns[0, 0, :2].tolist() == [1, 0]
    assert columns[4, 7, :2].tolist() == [0, 1]
    assert columns[0, 3, :2].tolist() == [1, 0], "beside the first region alone"
    assert columns[0, 4, :2].tolist() == [0, 1], "beside the second"
    assert not columns[6, 3].any(), "beside both: it sees all, and all see it"
    assert not columns[6, 0].any(), "of two instructions: likewise"
    assert not columns[..., 2:].any()
    wide[0, :, 8:], wide[1, :, :56], wide[2] = 0, 0, wide[0]
    narrow = carried(editor.prepare(Pix2PixRequest(image, wide, asking)))
    assert narrow[4].sum(dim=1).tolist() == [1, 1, 0, 0, 0, 0, 1, 1], "of no region: likewise"


def test_a_step_with_every_map_laid_out_is_the_same(image, masks, figure):
    latents = []
    for attention in (RegionAttention(), ExplicitAttention()):
        editor = random_editor("tiny")
        editor.checkpoint.unet.set_attn_processor(attention)
        latents.append(editor.complete(Pix2PixRequest(image, masks, asked(CHAIR, WALL))).latents)
    difference = ((latents[0] - latents[1]).abs().max() / latents[1].abs().max()).item()
    figure(f"two instructions: latents within {difference:.1e} of those by explicit maps")
    assert difference <= 1e-5


def test_regions_of_one_instruction_are_the_edit_of_it_bit_for_bit(editor, image, masks):
    one = editor.edit(image, masks, EditParameters(CHAIR, steps=3, seed=4))
    same = editor.edit(image, masks, asked(CHAIR, f" {CHAIR.upper()} ", seed=4))
    assert np.array_equal(one.image, same.image)


def test_what_another_region_is_asked_for_moves_no_token_of_ones_own(editor, image, masks):
    first, second = (
        editor.prepare(Pix2PixRequest(image, masks, asked(CHAIR, other)))
        for other in (WALL, "remove the lamp")
    )
    assert torch.equal(first.context[:, :77], second.context[:, :77])
    assert not torch.equal(first.context[0, 77:], second.context[0, 77:])


def test_each_instruction_has_the_whole_encoders_context(editor, image, masks):
    long = asked("red " * 40, "green " * 75, whole="blue " * 60)
    assert editor.prepare(Pix2PixRequest(image, masks, long)).context.shape[1] == 3 * 77
    for own, field in ((("red", "green " * 76), "regions[1].instruction"), (("red", None), "instruction")):
        with pytest.raises(InvalidParameters, match="at most 75 fit") as caught:
            editor.prepare(Pix2PixRequest(image, masks, asked(*own, whole="blue " * 76)))
        assert caught.value.field in (field, "instruction")


def test_edits_of_different_numbers_of_instructions_in_the_engine_are_the_edits_alone(
    editor, image, masks, figure
):
    thirds = np.stack([masks[0], masks[1], np.flip(masks[0], axis=1)])
    thirds[2, 20:] = 0
    kinds = [
        (masks, asked(CHAIR, WALL)),
        (masks[:1], EditParameters(CHAIR, steps=4)),
        (thirds, asked(CHAIR, WALL, "add a lamp", preserve="strict")),
        (masks, asked("remove the lamp", WALL, preserve="latent", steps=5)),
        (None, EditParameters(WALL, steps=3)),
    ]
    requests = [
        Pix2PixRequest(
            image, own, EditParameters.from_json(fields.to_json().replace('"seed": 0', f'"seed": {at}'))
        )
        for at, (own, fields) in enumerate(itertools.islice(itertools.cycle(kinds), 12))
    ]
    alone = [editor.edit(one.image, one.masks, one.parameters).image for one in requests]
    with Engine(editor, EngineOptions(slots=8)) as engine:
        together = [ticket.result(WAIT).image for ticket in [engine.submit(one) for one in requests]]
        figures = engine.metrics()
    assert figures.edit_steps > figures.steps, "some steps were shared"
    worst = max(
        int(np.abs(solo.astype(int) - batched.astype(int)).max())
        for solo, batched in zip(alone, together, strict=True)
    )
    figure(f"several instructions: largest difference of engine and alone {worst}/255")
    assert worst <= 1


def test_a_check_tells_of_each_instruction_that_is_written(editor):
    told = editor.check(asked(CHAIR, None, WALL, whole="make it brighter").to_json())
    assert [(one.field, one.tokens) for one in told] == [
        ("instruction", len(editor.checkpoint.tokenizer("make it brighter").input_ids) - 2),
        ("regions[0].instruction", 4),
        ("regions[2].instruction", 4),
    ]
    assert [one.field for one in editor.check(asked(CHAIR).to_json())] == ["regions[0].instruction"]
    with pytest.raises(InvalidParameters) as caught:
        editor.check(asked(CHAIR, "red " * 76).to_json())
    assert caught.value.field == "regions[1].instruction"
