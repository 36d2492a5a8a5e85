"""Promise 24: a batch changes of an edit no more than the rounding that another batch size changes."""

import numpy as np
import pytest
import torch
from langdesign_engine import Engine, EngineOptions
from langdesign_instruct_pix2pix import EditParameters
from langdesign_instruct_pix2pix.random_weights import random_editor
from langdesign_instruct_pix2pix.state import Pix2PixRequest

EDITS = 8
SOLO_ROWS = (None, 12, 24)  # a solo edit's three rows, alone and padded to those of larger batches
WAIT = 60.0


def requests(image):
    """Edits that differ in words, seed, steps and sampler, at times without a region."""
    region = np.zeros((1, *image.shape[:2]), np.uint8)
    region[:, 16:48, 8:40] = 255
    for seed in range(EDITS):
        parameters = EditParameters(
            f"paint chair {seed} red",
            steps=2 + seed % 4,
            seed=seed,
            sampler=("euler_ancestral", "euler", "ddim", "dpmpp_2m")[seed % 4],
        )
        yield Pix2PixRequest(image, np.roll(region, seed, axis=2) if seed % 3 else None, parameters)


def finished(editor, states, rows=None):
    """Steps states together, each until it is done; a number of rows pads the batch."""
    while waiting := [state for state in states if not state.done]:
        editor.denoise_step(waiting, pad_rows_to=rows)
    return [state.latents.float() for state in states]


def joined_at_random(editor, asked, dice):
    """Steps edits that join at random steps of others, and leave when they are done."""
    states = [editor.prepare(request) for request in asked]
    due = sorted(range(len(states)), key=lambda _: dice.random())
    running = []
    while due or any(not state.done for state in running):
        while due and (not running or dice.random() < 0.6):
            running.append(states[due.pop()])
        waiting = [state for state in running if not state.done]
        if waiting:
            editor.denoise_step(waiting)
    return [state.latents.float() for state in states]


def largest(ones, others):
    """The largest difference of any two latents, of the largest value of the second."""
    return max(
        ((one - other).abs().max() / other.abs().max()).item()
        for one, other in zip(ones, others, strict=True)
    )


def test_batched_edits_equal_solo_edits_in_float32(editor, image, figure):
    asked = list(requests(image))
    solo = [editor.edit(one.image, one.masks, one.parameters).image for one in asked]
    with Engine(editor, EngineOptions(slots=6, batch_size=6)) as engine:
        tickets = [engine.submit(one) for one in asked]
        batched = [ticket.result(WAIT).image for ticket in tickets]
        steps = engine.metrics()
    levels = max(int(np.abs(one.astype(int) - other).max()) for one, other in zip(solo, batched, strict=True))
    figure(
        f"promise 24: float32, {EDITS} edits, mean batch {steps.edit_steps / steps.steps:.1f}: at most "
        f"{levels}/255 from solo",
        levels=levels,
    )
    assert steps.edit_steps > 1.5 * steps.steps
    assert levels <= 1


@pytest.mark.parametrize("size", ["tiny", pytest.param("mini", marks=pytest.mark.long)])
def test_batched_edits_differ_in_bfloat16_as_solo_edits_of_other_batch_sizes_do(image, figure, size):
    editor = random_editor(size, dtype=torch.bfloat16)
    asked = list(requests(image))
    solo = {rows: [finished(editor, [editor.prepare(one)], rows)[0] for one in asked] for rows in SOLO_ROWS}
    apart = max(largest(solo[rows], solo[None]) for rows in SOLO_ROWS[1:])
    batched = largest(joined_at_random(editor, asked, np.random.default_rng(0)), solo[None])
    figure(
        f"promise 24: bfloat16, {size}: batched edits {batched:.2%} from solo, and solo edits of other batch "
        f"sizes {apart:.2%}, of the largest latent",
        share=batched / apart if apart else float(batched > 0),
        solo=apart,
    )
    assert batched <= apart
