import numpy as np
import pytest
import torch
from langdesign_instruct_pix2pix.editor import Editor
from langdesign_instruct_pix2pix.random_weights import random_editor
from numpy.typing import NDArray


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def editor() -> Editor:
    return random_editor("tiny")


@pytest.fixture(scope="session")
def image() -> NDArray[np.uint8]:
    """A smooth picture of 64x64 px with some noise."""
    rows, columns = np.mgrid[0:64, 0:64]
    planes = np.stack([rows * 3, columns * 3, (rows + columns) * 2], axis=2)
    noise = np.random.default_rng(7).integers(0, 60, planes.shape)
    return (planes + noise).clip(0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def mask() -> NDArray[np.uint8]:
    """One region, a rectangle in the middle."""
    mask = np.zeros((1, 64, 64), np.uint8)
    mask[0, 20:44, 16:40] = 255
    return mask
