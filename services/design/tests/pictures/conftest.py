"""What the tests of pictures work with: a real blob store in a folder, and a real decoder for each module."""

from pathlib import Path

import pytest
import pytest_asyncio
from langdesign_design.composing import Composer, ComposingLimits
from langdesign_design.testing import Tree
from langdesign_media import BlobStore, ImageGuard


def pytest_collection_modifyitems(items):
    """Run the tests of a module in one loop: the decoder lives in it."""
    for item in items:
        if Path(__file__).parent in item.path.parents and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="module"), append=False)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
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
