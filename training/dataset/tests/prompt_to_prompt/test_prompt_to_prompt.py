import dataclasses
from typing import get_args

import numpy as np
import pytest
import torch
from diffusers import EulerAncestralDiscreteScheduler, StableDiffusionPipeline
from diffusers.models.attention_processor import AttnProcessor2_0
from langdesign_dataset.prompt_to_prompt import (
    LocalBlend,
    PairParameters,
    generate_pair,
    generate_pairs,
    pairs,
    refine,
    replace,
    reweight,
)
from langdesign_dataset.prompt_to_prompt.alignment import identity
from langdesign_dataset.prompt_to_prompt.sharing import SharedAttention
from langdesign_diffusion import IncompatibleCheckpoint, InvalidParameters
from langdesign_diffusion.hyperparameters import Prediction
from langdesign_diffusion.random_weights import random_checkpoint
from langdesign_diffusion.samplers import NoiseSchedule

BEFORE, AFTER = "a bedroom with a red chair", "a bedroom with a turquoise chair"
LONGER = "a bedroom with a red wooden chair near the window"
SIZE = (64, 48)


@pytest.fixture(scope="module")
def generator():
    return random_checkpoint("tiny", in_channels=4)


def maps_of(attn, hidden, context):
    """Explicit maps [B, heads, L, keys], and the values."""
    query, key, value = (
        layer(source).unflatten(-1, (attn.heads, -1)).transpose(1, 2)
        for layer, source in ((attn.to_q, hidden), (attn.to_k, context), (attn.to_v, context))
    )
    return torch.softmax(query @ key.transpose(-1, -2) / query.shape[-1] ** 0.5, dim=-1), value


def explicit(attn, hidden, context, sharing):
    """Prompt-to-Prompt as its paper states it: maps are made, edited and applied, pair by pair."""
    count = len(sharing.shared)
    texts = None if context is None else context.repeat_interleave(count, dim=0)
    maps, values = maps_of(attn, hidden, hidden if context is None else texts)
    edited = maps.clone()
    for row in range(len(maps)):
        if not row // count % 2:  # the first image of a pair
            continue
        first, second = maps[row - count], maps[row]
        if context is None:
            edited[row] = first if sharing.shared[row % count] else second
        elif sharing.cross is not None and row >= len(maps) // 2:
            for column in range(second.shape[-1]):
                taken = first @ sharing.cross.transfer[:, column]
                edited[row, ..., column] = taken + second[..., column] * sharing.cross.own[column]
    return attn.to_out[0]((edited @ values).transpose(1, 2).flatten(2))


EDITS = {
    "self-attention": lambda tokenizer: None,
    "replace": lambda tokenizer: replace(tokenizer, BEFORE, AFTER),
    "refine": lambda tokenizer: refine(tokenizer, BEFORE, LONGER),
    "reweight": lambda tokenizer: reweight(identity(77), tokenizer, BEFORE, {"red": 3.0}),
}


@pytest.mark.parametrize("kind", EDITS)
def test_substitution_equals_the_explicit_map_form(generator, monkeypatch, figure, kind):
    differences, effects = [], []

    class Comparing(SharedAttention):
        def __call__(self, attn, hidden_states, encoder_hidden_states=None, *, sharing, **rest):
            ours = super().__call__(attn, hidden_states, encoder_hidden_states, sharing=sharing)
            theirs = explicit(attn, hidden_states, encoder_hidden_states, sharing)
            nobody = dataclasses.replace(sharing, shared=(False,) * len(sharing.shared), cross=None)
            plain = super().__call__(attn, hidden_states, encoder_hidden_states, sharing=nobody)
            differences.append((ours - theirs).abs().max().item())
            effects.append((ours - plain).abs().max().item())
            return ours

    monkeypatch.setattr(pairs, "SharedAttention", Comparing)
    after = {"refine": LONGER, "reweight": BEFORE}.get(kind, AFTER)
    candidates = [PairParameters(seed=1, share=0.5), PairParameters(seed=2, share=1.0)]
    cross = EDITS[kind](generator.tokenizer)
    generate_pairs(generator, BEFORE, after, candidates, size=SIZE, steps=2, cross=cross)
    figure(f"Prompt-to-Prompt against explicit maps: an attention call within {max(differences):.1e}")
    assert max(effects) > 1e-4
    assert max(differences) <= 1e-5


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("prediction", get_args(Prediction))
def test_the_first_image_equals_the_pipeline_of_diffusers(generator, prediction):
    candidate = PairParameters(seed=5, share=0.7)
    ours = dataclasses.replace(generator, noise=NoiseSchedule(prediction=prediction))
    before = generate_pair(ours, BEFORE, AFTER, candidate, size=SIZE, steps=4).before
    plain = random_checkpoint("tiny", in_channels=4)
    plain.unet.set_attn_processor(AttnProcessor2_0())
    pipeline = StableDiffusionPipeline(
        vae=plain.vae,
        text_encoder=plain.text_encoder,
        tokenizer=plain.tokenizer,
        unet=plain.unet,
        scheduler=EulerAncestralDiscreteScheduler(
            beta_start=0.00085,
            beta_end=0.012,
            beta_schedule="scaled_linear",
            steps_offset=1,
            prediction_type=prediction,
        ),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.set_progress_bar_config(disable=True)
    theirs = pipeline(
        BEFORE,
        height=SIZE[0],
        width=SIZE[1],
        num_inference_steps=4,
        generator=torch.Generator().manual_seed(5),
        output_type="np",
    ).images[0]
    assert np.abs(before - theirs * 255).max() <= 0.51


def test_one_caption_twice_gives_one_image_twice(generator):
    pair = generate_pair(generator, BEFORE, BEFORE, PairParameters(seed=3, share=0.4), size=SIZE, steps=3)
    assert np.array_equal(pair.before, pair.after)


def test_sharing_leaves_the_first_image_and_brings_the_second_closer(generator):
    shares = [0.0, 0.5, 1.0]
    made = [
        generate_pair(generator, BEFORE, AFTER, PairParameters(seed=3, share=share), size=SIZE, steps=4)
        for share in shares
    ]
    assert all(np.array_equal(pair.before, made[0].before) for pair in made)
    assert len({pair.after.tobytes() for pair in made}) == len(shares)


def test_a_candidate_does_not_depend_on_the_others(generator):
    candidates = [
        PairParameters(seed=1, share=0.2),
        PairParameters(seed=2, share=0.9, guidance_scale=12.0),
        PairParameters(seed=3, share=0.5, guidance_scale=8.0),
    ]
    together = generate_pairs(generator, BEFORE, AFTER, candidates, size=SIZE, steps=3)
    for candidate, pair in zip(candidates, together, strict=True):
        alone = generate_pair(generator, BEFORE, AFTER, candidate, size=SIZE, steps=3)
        for ours, theirs in ((pair.before, alone.before), (pair.after, alone.after)):
            assert np.abs(ours.astype(int) - theirs).max() <= 1


def test_a_local_blend_bounds_the_change(generator):
    def second(blend):
        parameters = PairParameters(seed=3, share=0.3)
        return generate_pair(generator, BEFORE, AFTER, parameters, size=SIZE, steps=4, blend=blend)

    free = second(None)
    nowhere = second(LocalBlend(("red",), ("turquoise",), threshold=1.5, start=0.0))
    somewhere = second(LocalBlend(("red",), ("turquoise",), threshold=0.99, start=0.0))
    assert not np.array_equal(free.before, free.after)
    assert np.array_equal(nowhere.before, nowhere.after)
    distances = [np.abs(pair.after.astype(int) - pair.before).mean() for pair in (nowhere, somewhere, free)]
    assert distances[0] < distances[1] < distances[2]


def test_words_are_aligned_token_by_token(generator):
    tokenizer = generator.tokenizer
    transfer = replace(tokenizer, BEFORE, AFTER).transfer
    pieces = tokenizer.convert_ids_to_tokens(tokenizer(AFTER).input_ids)
    red = tokenizer.convert_ids_to_tokens(tokenizer(BEFORE).input_ids).index("red</w>")
    start = next(i for i, piece in enumerate(pieces) if piece.startswith("t"))
    count = pieces.index("chair</w>") - start
    assert torch.allclose(transfer[red, start : start + count], torch.full((count,), 1.0 / count))
    refined = refine(tokenizer, BEFORE, LONGER)
    new = tokenizer.convert_ids_to_tokens(tokenizer(LONGER).input_ids).index("wooden</w>")
    assert refined.own[new] == 1
    assert refined.own[:new].sum() == 0


def test_what_does_not_fit_is_refused_with_its_hint(generator):
    candidate = PairParameters(seed=1, share=0.5)
    with pytest.raises(InvalidParameters, match="use refine"):
        replace(generator.tokenizer, BEFORE, LONGER)
    with pytest.raises(InvalidParameters, match="choose one of its words"):
        reweight(identity(77), generator.tokenizer, BEFORE, {"sofa": 2.0})
    with pytest.raises(InvalidParameters, match="multiples of 16 px"):
        generate_pair(generator, BEFORE, AFTER, candidate, size=(60, 64))
    with pytest.raises(InvalidParameters, match="share of the steps"):
        PairParameters(seed=1, share=1.5)
    with pytest.raises(IncompatibleCheckpoint, match="text-to-image"):
        generate_pair(random_checkpoint("tiny"), BEFORE, AFTER, candidate, size=SIZE)
