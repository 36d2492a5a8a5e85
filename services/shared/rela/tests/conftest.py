"""Checkpoints and weights that several tests share."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from langdesign_rela import Predictor
from langdesign_rela.random_weights import write_random_checkpoint

DATA = Path(__file__).parent / "data"


@pytest.fixture(autouse=True)
def one_thread():
    """Tests run side by side; each stays on one core, and on the same sums."""
    torch.set_num_threads(1)


@pytest.fixture
def official_keys():
    """Names and shapes of a published state dict."""

    def read(size):
        shapes = json.loads((DATA / f"{size}.keys.json").read_text())
        return {name: tuple(shape) for name, shape in shapes.items()}

    return read


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory):
    """A checkpoint folder of the smallest size, with random weights."""
    folder = tmp_path_factory.mktemp("checkpoint") / "tiny"
    write_random_checkpoint("tiny", folder)
    return folder


@pytest.fixture(scope="session")
def predictor(tiny_folder):
    return Predictor.from_folder(tiny_folder)


@pytest.fixture
def image():
    """A picture of 70x50 noise."""
    return np.random.default_rng(0).integers(0, 256, (70, 50, 3), dtype=np.uint8)
