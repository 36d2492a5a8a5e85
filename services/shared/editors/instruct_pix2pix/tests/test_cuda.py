"""Capturing per batch shape, on the CPU: the capture here copies and calls where CUDA's replays a graph."""

import numpy as np
import pytest
import torch
from langdesign_diffusion import UnsupportedDevice, cuda
from langdesign_diffusion.cuda import CapturedDenoiser, capture_graph, check_attention_kernels
from langdesign_diffusion.parameters import RegularisationParameters
from langdesign_engine import EngineOptions
from langdesign_instruct_pix2pix import EditParameters, RegionParameters
from langdesign_instruct_pix2pix.loading import make_ready, warming
from langdesign_instruct_pix2pix.random_weights import random_editor
from langdesign_instruct_pix2pix.state import Pix2PixRequest

TWO = {"instructions": 2}


@pytest.fixture
def editor():
    return random_editor("tiny")


def capture(denoiser, inputs):
    """Copy the inputs in and call, where a graph would be replayed."""
    static = [tensor.clone() for tensor in inputs.tensors()]

    def replay(fresh):
        for target, source in zip(static, fresh.tensors(), strict=True):
            target.copy_(source)
        biases = dict(zip(fresh.biases, static[3:], strict=True)) if fresh.biases else None
        return denoiser(*static[:3], biases)

    return replay


@pytest.fixture
def captured(editor):
    """A denoiser that is warm for 64x64 px and 3 or 6 rows, and the shapes that it ran as they are."""
    as_they_are = []

    def plain(sample, timesteps, context, biases):
        as_they_are.append(sample.shape)
        return editor.predict(sample, timesteps, context, biases)

    denoiser = CapturedDenoiser(plain, editor.predict, capture)
    editor.denoiser = denoiser
    with denoiser.capturing():
        editor.warm_up(warming([(64, 64)]), (3, 6))
    as_they_are.clear()
    return denoiser, as_they_are


def _state(editor, *, size=64, left=8, levels=2, masked=True, instructions=1):
    image = np.random.default_rng(0).integers(0, 256, (size, size, 3), np.uint8)
    mask = np.zeros((instructions, size, size), np.uint8)
    for number in range(instructions):
        mask[number, 8:40, left + 8 * number : left + 24] = 255
    rule = RegularisationParameters(levels=levels)
    own = tuple(RegionParameters(f"paint it red {number}") for number in range(instructions))
    parameters = EditParameters(
        "paint it red" if instructions == 1 else "",
        steps=2,
        regularisation=rule,
        regions=own if instructions > 1 else (),
    )
    return editor.prepare(Pix2PixRequest(image, mask if masked else None, parameters))


def _solo(editor, **kwargs):
    served, editor.denoiser = editor.denoiser, editor.predict
    state = _state(editor, **kwargs)
    editor.denoise_step([state], pad_rows_to=6)
    editor.denoiser = served
    return state.latents


@pytest.mark.parametrize("case", [{}, {"left": 30}, {"levels": 1}, {"masked": False}, TWO])
def test_replays_equal_the_denoiser_whatever_the_region(editor, captured, case):
    denoiser, as_they_are = captured
    before = denoiser.captured
    state = _state(editor, **case)
    editor.denoise_step([state], pad_rows_to=6)
    torch.testing.assert_close(state.latents, _solo(editor, **case))
    assert denoiser.captured == before == 6, (
        "3 and 6 rows, none, one, two instructions; none for a new region"
    )
    assert as_they_are == []


@pytest.mark.parametrize("case", [{"size": 128}, {"instructions": 3}])
def test_shapes_that_are_not_warm_run_as_they_are(editor, captured, case):
    denoiser, as_they_are = captured
    state = _state(editor, **case)
    editor.denoise_step([state], pad_rows_to=6)
    torch.testing.assert_close(state.latents, _solo(editor, **case))
    assert len(as_they_are) == 1
    assert denoiser.captured == 6


def test_an_editor_is_captured_for_what_the_options_say_before_it_serves(editor, monkeypatch):
    monkeypatch.setattr(cuda, "capture_graph", capture)
    options = EngineOptions(compile=False, resolutions=[(64, 64), (64, 96)], row_buckets=(3,))
    make_ready(editor, options)
    denoiser = editor.denoiser
    assert denoiser.captured == 6, "two sizes; plain, regularised, two instructions"
    editor.denoise_step([_state(editor, size=128)])
    assert denoiser.captured == 6, "what comes later is run as it is"


def test_the_pinned_kernels_are_checked():
    check_attention_kernels(torch.device("cpu"), torch.float32)
    with pytest.raises(UnsupportedDevice, match="compute capability"):
        check_attention_kernels(torch.device("cpu"), torch.int8)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_captured_graph_replays_the_denoiser_on_cuda():
    editor = random_editor("tiny", "cuda")
    denoiser = CapturedDenoiser(editor.predict, editor.predict, capture_graph)
    editor.denoiser = denoiser
    with denoiser.capturing():
        editor.warm_up(warming([(64, 64)]), (6,))
    state = _state(editor)
    editor.denoise_step([state], pad_rows_to=6)
    torch.testing.assert_close(state.latents, _solo(editor), atol=0.05, rtol=0.05)
