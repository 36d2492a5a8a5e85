"""Networks that give NaN end the edit with a word, never with a black region, and the engine lives on."""

import json
import math

import numpy as np
import pytest
import torch
from langdesign_diffusion.errors import NotFinite
from langdesign_engine import Engine, EngineOptions, error_message
from langdesign_instruct_pix2pix import EditParameters
from langdesign_instruct_pix2pix.random_weights import random_editor
from langdesign_instruct_pix2pix.state import Pix2PixRequest

WAIT = 60.0


@pytest.fixture
def editor():
    return random_editor("tiny")


@pytest.fixture
def image():
    return np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)


def _poison(network, value):
    """Replace one bias of a network by a value; return what it was."""
    bias = network.conv_out.bias
    with torch.no_grad():
        before = bias[0].item()
        bias[0] = value
    return before


@pytest.mark.parametrize("preserve", ["none", "latent", "strict"])
def test_a_unet_that_gives_nan_is_no_black_region(editor, image, preserve):
    mask = np.zeros((1, 64, 64), np.uint8)
    mask[:, 16:48, 16:48] = 255
    _poison(editor.checkpoint.unet, math.nan)
    with pytest.raises(NotFinite, match="no finite numbers"):
        editor.edit(image, mask, EditParameters("make it red", steps=2, preserve=preserve))


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_an_autoencoder_that_overflows_is_no_black_region(editor, image, value):
    _poison(editor.checkpoint.vae.decoder, value)
    with pytest.raises(NotFinite):
        editor.edit(image, None, EditParameters("make it red", steps=2))


def test_the_engine_tells_the_edit_and_serves_the_next(editor, image):
    request = Pix2PixRequest(image, None, EditParameters("make it red", steps=2))
    expected = editor.edit(image, None, request.parameters).image
    with Engine(editor, EngineOptions(slots=2, batch_size=2)) as engine:
        healthy = _poison(editor.checkpoint.unet, math.nan)
        with pytest.raises(NotFinite) as caught:
            engine.submit(request).result(WAIT)
        told = json.loads(error_message(caught.value)["EVENT"][0])
        assert (told["kind"], told["reason"]) == ("error", "NOT_FINITE")
        assert "no finite numbers" in told["message"]
        _poison(editor.checkpoint.unet, healthy)
        np.testing.assert_array_equal(engine.submit(request).result(WAIT).image, expected)
