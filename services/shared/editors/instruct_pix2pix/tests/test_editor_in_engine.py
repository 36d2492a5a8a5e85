"""The real editor, with random weights, driven by the engine."""

import json
import threading

import numpy as np
import pytest
import torch
from langdesign_diffusion.parameters import RegularisationParameters
from langdesign_engine import Engine, EngineOptions, event_message, submit_message
from langdesign_instruct_pix2pix import EditParameters
from langdesign_instruct_pix2pix.random_weights import random_editor
from langdesign_instruct_pix2pix.state import Pix2PixRequest

WAIT = 60.0


@pytest.fixture(scope="module")
def editor():
    return random_editor("tiny")


def _request(index):
    """One of many requests that differ in everything a batch may mix."""
    dice = np.random.default_rng(index)
    height, width = ((64, 64), (64, 96))[index % 2]
    image = dice.integers(0, 256, (height, width, 3), np.uint8)
    mask = np.zeros((1, height, width), np.uint8)
    top, left = dice.integers(0, 32, 2)
    mask[:, top : top + 24, left : left + 24] = 255
    parameters = EditParameters(
        instruction=f"paint chair {index} red",
        steps=int(dice.integers(2, 9)),
        guidance_scale=float(dice.uniform(2, 9)),
        image_guidance_scale=float(dice.uniform(1, 2)),
        seed=index,
        sampler=("euler_ancestral", "euler", "ddim", "dpmpp_2m")[index % 4],
        regularisation=RegularisationParameters(alpha=(None, 25.0)[index % 2]),
        preserve=("attention", "latent", "strict", "none")[index // 2 % 4],
        preview_every=index % 3,
    )
    return image, mask if index % 5 else None, parameters


def _allowed(index):
    """Without a mask the contracts that need one are not asked for."""
    image, mask, parameters = _request(index)
    if mask is None:
        parameters = EditParameters(instruction=parameters.instruction, steps=parameters.steps, seed=index)
    return image, mask, parameters


def test_promise_5_a_result_depends_neither_on_the_batch_nor_on_when_it_joined(editor, figure):
    requests = [_allowed(index) for index in range(50)]
    alone = [editor.edit(*request).image for request in requests]
    dice = np.random.default_rng(0)
    with Engine(editor, EngineOptions(slots=8, batch_size=8)) as engine:
        pauses = threading.Event()
        tickets = []
        for request in requests:
            tickets.append(engine.submit(Pix2PixRequest(*request)))
            pauses.wait(dice.exponential(0.01))  # arrivals at random times
        batched = [ticket.result(WAIT).image for ticket in tickets]
        figures = engine.metrics()
    differences = [
        int(np.abs(one.astype(int) - other.astype(int)).max())
        for one, other in zip(alone, batched, strict=True)
    ]
    mean_batch = figures.edit_steps / figures.steps
    figure(
        f"promise 5: 50 edits, mean batch {mean_batch:.1f}, largest difference from alone "
        f"{max(differences)}/255, {sum(difference > 0 for difference in differences)} edits with any",
        levels=max(differences),
    )
    assert mean_batch > 1.5
    assert max(differences) <= 1, "rounding of the last bit, nothing else"


def test_promise_5_holds_for_latents_to_rounding(editor):
    requests = [_allowed(index) for index in range(0, 16, 2)]
    alone = [editor.prepare(Pix2PixRequest(*request)) for request in requests]
    together = [editor.prepare(Pix2PixRequest(*request)) for request in requests]
    for state in alone:
        while not state.done:
            editor.denoise_step([state])
    while any(not state.done for state in together):
        editor.denoise_step([state for state in together if not state.done])
    for solo, batched in zip(alone, together, strict=True):
        torch.testing.assert_close(batched.latents, solo.latents, atol=1e-4, rtol=1e-4)


def test_padding_to_a_row_bucket_does_not_change_the_result(editor):
    request = _allowed(1)
    with Engine(editor, EngineOptions(row_buckets=(3, 8))) as engine:
        padded = engine.submit(Pix2PixRequest(*request)).result(WAIT).image
    assert np.abs(padded.astype(int) - editor.edit(*request).image.astype(int)).max() <= 1


def test_promise_3_no_attention_map_is_ever_held(editor, figure):
    """Self-attention at 64x64 latents would hold a 4096 x 4096 map: 64 MiB a head in float32."""
    image = np.zeros((512, 512, 3), np.uint8)
    mask = np.full((1, 512, 512), 255, np.uint8)
    state = editor.prepare(Pix2PixRequest(image, mask, EditParameters(instruction="x", steps=1)))
    length = state.latents.shape[-1] * state.latents.shape[-2]
    with torch.profiler.profile(profile_memory=True, acc_events=True) as profile:
        editor.denoise_step([state])
    largest = max(event.cpu_memory_usage for event in profile.events())
    figure(
        f"promise 3: largest allocation {largest / 2**20:.1f} MiB, "
        f"one L x L map {length**2 * 4 / 2**20:.0f} MiB",
        largest=largest / (length**2 * 4),
    )
    assert largest < length**2 * 4


def _tensors(**fields):
    parameters = json.dumps({"instruction": "paint it red", "steps": 2, "preview_every": 1, **fields})
    return {
        "IMAGE": np.full((40, 64, 4), 200, np.uint8),
        "PARAMETERS": np.array([parameters.encode()], object),
        "MASKS": np.full((1, 40, 8), 255, np.uint8),
    }


def test_a_request_in_tensors_is_answered_in_tensors(editor):
    with Engine(editor) as engine:
        tensors = _tensors()
        ticket = submit_message(engine, tensors)
        tensors["IMAGE"][:] = 0  # a server may reuse the memory
        answers = [event_message(event) for event in ticket.events()]
    events = [json.loads(answer["EVENT"].item()) for answer in answers]
    assert [event["kind"] for event in events] == ["started", "preview", "result"]
    assert [answer["IMAGE"].shape for answer in answers] == [(0, 0, 0), (5, 8, 3), (40, 64, 4)]
    assert (answers[-1]["IMAGE"][..., 3] == 200).all(), "alpha of the picture as it was submitted"
    assert events[-1]["timings"]["denoise"] > 0
