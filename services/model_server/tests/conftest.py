"""A real Triton, serving a copy of the model repository with random weights."""

from contextlib import ExitStack
from pathlib import Path

import pytest
from langdesign_command.local.testing import running_triton
from langdesign_diffusion.checkpoint import EDITOR_CHANNELS, INPAINTER_CHANNELS
from langdesign_diffusion.random_weights import random_checkpoint

REPOSITORY = Path(__file__).parents[1] / "model_repository"


@pytest.fixture(scope="module")
def triton(tmp_path_factory):
    """Triton over the `edit` model with tiny random weights, on free ports."""
    with _serving(tmp_path_factory.mktemp("triton"), EDITOR_CHANNELS) as server:
        yield server


@pytest.fixture(scope="module")
def inpainters(tmp_path_factory):
    """Gives the server over a folder of Stable Diffusion inpainting; another one once that has ended."""
    with ExitStack() as servers:
        given = []

        def serve():
            if not given or given[-1].guard.poll() is not None:
                folder = tmp_path_factory.mktemp("inpainter")
                given.append(servers.enter_context(_serving(folder, INPAINTER_CHANNELS)))
            return given[-1]

        yield serve


@pytest.fixture
def inpainter(inpainters):
    """A server of inpainting, which a test may end."""
    return inpainters()


def _serving(folder, channels):
    random_checkpoint("tiny", in_channels=channels).save(folder / "checkpoint")
    variables = {"EDIT_MODEL_DIR": str(folder / "checkpoint")}
    return running_triton(folder, [REPOSITORY / "edit"], variables)
