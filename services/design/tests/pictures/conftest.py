"""What the tests of pictures work with: a real blob store in a folder, and a real decoder."""

import pytest
from langdesign_design.composing import Composer, ComposingLimits
from langdesign_design.testing import Tree
from langdesign_media import BlobStore, ImageGuard


@pytest.fixture
async def guard():
    async with ImageGuard(workers=1) as guard:
        yield guard


@pytest.fixture
def blobs(tmp_path):
    return BlobStore.open(str(tmp_path / "blobs"))


@pytest.fixture
def tree(blobs, guard):
    """A tree whose pictures are composed anew each time."""
    return Tree(Composer(blobs, guard, ComposingLimits(cache_bytes=0)), blobs)
