"""A result does not depend on what else is in the batch, or when it joined."""

import numpy as np
import pytest
from langdesign_diffusion import RegularisationParameters
from langdesign_instruct_pix2pix import EditParameters
from langdesign_instruct_pix2pix.state import Pix2PixRequest

REQUESTS = [
    EditParameters("make the chair red", steps=6, seed=1),
    EditParameters("remove the lamp", steps=4, seed=2, sampler="dpmpp_2m", guidance_scale=3.0),
    EditParameters("paint the wall green", steps=5, seed=3, sampler="ddim", image_guidance_scale=1.0),
    EditParameters("add a plant", steps=7, seed=4, sampler="euler", guidance_interval=(0.2, 0.6)),
    EditParameters("make it round", steps=3, seed=5, regularisation=RegularisationParameters(alpha=25.0)),
]
MASKED = {0: "strict", 2: "latent", 4: "attention"}


def request(index, mask):
    parameters = REQUESTS[index]
    if index not in MASKED:
        return parameters, None
    changed = {
        **{name: getattr(parameters, name) for name in parameters.__slots__},
        "preserve": MASKED[index],
    }
    return EditParameters(**changed), np.roll(mask, 5 * index, axis=2)


@pytest.mark.parametrize("pad_rows_to", [None, 16])
def test_batched_and_solo_results_agree_to_rounding(editor, image, mask, figure, pad_rows_to):
    solo, batched = [], []
    for index in range(len(REQUESTS)):
        parameters, region = request(index, mask)
        state = editor.prepare(Pix2PixRequest(image, region, parameters))
        while not state.done:
            editor.denoise_step([state])
        solo.append(state.latents)
    waiting, running = list(range(len(REQUESTS))), {}
    while waiting or running:  # one joins at each step boundary, and leaves when done
        if waiting:
            index = waiting.pop(0)
            running[index] = editor.prepare(Pix2PixRequest(image, *reversed(request(index, mask))))
        editor.denoise_step(list(running.values()), pad_rows_to=pad_rows_to)
        done = [index for index, state in running.items() if state.done]
        batched += [(index, running.pop(index).latents) for index in done]
    differences = [
        ((latents - solo[index]).abs().max() / solo[index].abs().max()).item() for index, latents in batched
    ]
    figure(
        f"promise 5: batched and solo latents differ by {max(differences):.1e} of the largest",
        latents=max(differences),
    )
    assert sorted(index for index, _ in batched) == list(range(len(REQUESTS)))
    assert max(differences) <= 1e-5


def test_a_seed_means_the_same_image_every_time(editor, image, mask):
    parameters = EditParameters("make the chair red", steps=3, seed=9)
    first, second = (editor.edit(image, mask, parameters).image for _ in range(2))
    other = editor.edit(image, mask, EditParameters("make the chair red", steps=3, seed=10)).image
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)


def test_branches_that_weigh_nothing_take_no_rows(editor, image):
    rows = {
        (7.5, 1.5): 3,
        (7.5, 1.0): 2,  # no image guidance: the branch without an image is not needed
        (3.0, 3.0): 2,  # equal scales: the branch with the image alone is not needed
        (1.0, 1.0): 1,
    }
    for (text, picture), count in rows.items():
        parameters = EditParameters("remove the lamp", guidance_scale=text, image_guidance_scale=picture)
        assert len(editor.prepare(Pix2PixRequest(image, None, parameters)).branches) == count


def test_outside_the_guidance_interval_one_branch_is_left(editor, image):
    parameters = EditParameters("remove the lamp", steps=5, guidance_interval=(0.2, 0.6))
    state = editor.prepare(Pix2PixRequest(image, None, parameters))
    rows = []
    while not state.done:
        rows.append(len(state.branches))
        editor.denoise_step([state])
    assert rows == [1, 3, 3, 1, 1]


def test_previews_are_small_pictures_that_start_at_the_input(editor, image):
    state = editor.prepare(Pix2PixRequest(image[:50, :37], None, EditParameters("remove the lamp", steps=2)))
    first = editor.preview(state)
    editor.denoise_step([state])
    assert first.shape == editor.preview(state).shape == (7, 5, 3)
    assert np.abs(first.mean(axis=(0, 1)) - image[:50, :37].mean(axis=(0, 1))).max() < 25
    assert not np.array_equal(first, editor.preview(state))
