"""The two contexts of the repository, and copies of them to be changed."""

import shutil
from pathlib import Path

import pytest
from langdesign_triples import Change, Context, SubjectKind, Triple, load_context

CONTEXTS = Path(__file__).parents[4] / "contexts"


@pytest.fixture(scope="session")
def interior() -> Context:
    return load_context(CONTEXTS / "interior")


@pytest.fixture(scope="session")
def wardrobe() -> Context:
    return load_context(CONTEXTS / "wardrobe")


@pytest.fixture(params=["interior", "wardrobe"])
def context(request) -> Context:
    return request.getfixturevalue(request.param)


@pytest.fixture
def folder(tmp_path) -> Path:
    """A context's folder that a test may damage."""
    return Path(shutil.copytree(CONTEXTS / "wardrobe", tmp_path / "wardrobe"))


@pytest.fixture
def red_chair() -> Triple:
    """A triple of the interior context in which nothing is wrong."""
    return Triple(
        input="a red wooden chair on a plain background",
        edit="Paint the chair blue",
        output="a blue wooden chair on a plain background",
        change=Change.ALTER,
        subject="chair",
        subject_kind=SubjectKind.OBJECT,
        target_before="the red chair",
        target_after="the blue chair",
    )


@pytest.fixture
def bedroom() -> Triple:
    """A triple of a room in which nothing is wrong."""
    return Triple(
        input="a bedroom with a blue bed, a red rug and a wooden nightstand",
        edit="Get rid of the rug",
        output="a bedroom with a blue bed and a wooden nightstand",
        change=Change.REMOVE,
        subject="bedroom",
        subject_kind=SubjectKind.ROOM,
        target_before="the red rug",
        target_after="",
    )
