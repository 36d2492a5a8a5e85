"""A real Triton, serving a copy of the model repository with random weights."""

from pathlib import Path

import pytest
from langdesign_client.local.testing import running_triton
from langdesign_diffusion.random_weights import random_checkpoint

REPOSITORY = Path(__file__).parents[1] / "model_repository"


@pytest.fixture(scope="session")
def triton(tmp_path_factory):
    """Triton over the `edit` model with tiny random weights, on free ports."""
    folder = tmp_path_factory.mktemp("triton")
    random_checkpoint("tiny").save(folder / "checkpoint")
    variables = {"EDIT_MODEL_DIR": str(folder / "checkpoint")}
    with running_triton(folder, [REPOSITORY / "edit"], variables) as server:
        yield server
