import numpy as np
import pytest
import torch
from langdesign_diffusion.random_weights import random_checkpoint
from langdesign_inpainting.editor import Editor
from numpy.typing import NDArray


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def editor() -> Editor:
    return Editor(random_checkpoint("tiny", in_channels=9))


@pytest.fixture(scope="session")
def image() -> NDArray[np.uint8]:
    """A smooth picture of 64x64 px with some noise."""
    rows, columns = np.mgrid[0:64, 0:64]
    planes = np.stack([rows * 3, columns * 3, (rows + columns) * 2], axis=2)
    noise = np.random.default_rng(7).integers(0, 60, planes.shape)
    return (planes + noise).clip(0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def mask() -> NDArray[np.uint8]:
    """One region, a rectangle in the middle, of whole latent positions."""
    mask = np.zeros((1, 64, 64), np.uint8)
    mask[0, 16:40, 24:48] = 255
    return mask
