import pytest
from langdesign_scenes.writing import Recipe, write_set


@pytest.fixture(scope="session")
def recipe():
    """A recipe whose family 0 is a kitchen and whose family 1 is a single object."""
    return Recipe(seed=12, single_share=0.5, samples=1, size=32)


@pytest.fixture(scope="session")
def folder(recipe, tmp_path_factory):
    """A written set of a room and a single object; not to be changed."""
    folder = tmp_path_factory.mktemp("set")
    told = []
    assert write_set(folder, 2, recipe, workers=1, progress=lambda *counts: told.append(counts)) == 2
    assert told == [(0, 2), (1, 2), (2, 2)]
    return folder
