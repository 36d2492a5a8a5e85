"""The service's masks have the picture's edges, whatever its size."""

import io

import numpy as np
import pytest
from langdesign.media.v1 import media_pb2
from langdesign.segmentation.v1 import segmentation_pb2
from PIL import Image

SIDE = 64


@pytest.fixture
def disc():
    rows, columns = np.mgrid[:SIDE, :SIDE]
    return (rows - 30) ** 2 + (columns - 34) ** 2 < 20**2


@pytest.fixture
def png(disc):
    target = io.BytesIO()
    Image.fromarray(np.where(disc[..., None], (150, 60, 60), (120, 130, 140)).astype(np.uint8)).save(
        target, "PNG"
    )
    return target.getvalue()


@pytest.fixture
def drawn(disc, network):
    """What the network draws of the disc: cells of 8 px."""
    cells = Image.fromarray(disc.astype(np.float32)).resize((8, 8), Image.Resampling.BOX)
    drawn = np.asarray(cells.resize((SIDE, SIDE), Image.Resampling.BILINEAR))
    network.garbage = {"PROBABILITY": drawn[None]}
    return drawn


async def _mask(stub, png):
    request = segmentation_pb2.SegmentRequest(image=media_pb2.Image(data=png), expressions=["the disc"])
    (segment,) = (await stub.Segment(request)).segments
    return np.asarray(Image.open(io.BytesIO(segment.mask.png)).convert("L")) >= 128


@pytest.mark.parametrize("options", [{"working_size": SIDE}])
async def test_the_mask_of_a_picture_that_the_network_sees_as_it_is_has_its_edges(stub, drawn, disc, png):
    mask = await _mask(stub, png)
    wrong, before = np.count_nonzero(mask != disc), np.count_nonzero((drawn >= 0.5) != disc)
    assert before > 50
    assert wrong < 0.1 * before


async def test_where_the_networks_size_is_unknown_its_mask_is_as_it_drew_it(stub, drawn, png):
    assert np.array_equal(await _mask(stub, png), drawn >= 0.5)
