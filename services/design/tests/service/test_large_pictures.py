import io

import numpy as np
import pytest
from langdesign.design.v1 import design_pb2 as pb
from PIL import Image


@pytest.fixture(scope="module")
def phone_photo():
    """48 megapixels, as phones take them."""
    rows = np.arange(6120, dtype=np.uint16)[:, None]
    columns = np.arange(8160, dtype=np.uint16)[None]
    channels = [(rows + columns) // 56, rows // 24, columns // 32]
    pixels = np.stack([np.broadcast_to(one, (6120, 8160)) for one in channels], 2).astype(np.uint8)
    target = io.BytesIO()
    Image.fromarray(pixels).save(target, "JPEG", quality=90)
    return target.getvalue()


@pytest.mark.long
async def test_a_phones_photo_is_edited_twice_and_differs_where_it_was_edited(
    designer, phone_photo, helpers, figure
):
    root = (await designer.create_design(phone_photo)).root
    before = await designer.pixels(root.name)
    first = await designer.edit_one(root.name, region=helpers.box_region(1000, 1000, 600, 400))
    assert first.state == pb.NODE_STATE_READY, first.failure
    second = await designer.edit_one(first.name, region=helpers.box_region(5000, 3000, 500, 500), seed=1)
    assert second.state == pb.NODE_STATE_READY, second.failure
    assert second.path_report.outside.changed_share == 0
    after = await designer.pixels(second.name)
    differs = (before != after).any(axis=2)
    assert differs[1000:1400, 1000:1600].mean() > 0.9
    assert differs[3000:3500, 5000:5500].mean() > 0.9
    assert differs.sum() < 1_000_000
    figure(f"48 megapixels: two edits in a row changed {differs.sum():,} of {differs.size:,} pixels")
