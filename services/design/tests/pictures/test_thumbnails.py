"""Pictures at smaller sizes, and as files."""

import numpy as np
import pytest
from langdesign_design.testing import TENANT, box, noise
from langdesign_design.thumbnails import reduced, reduced_size
from langdesign_edits import ImageFormat
from langdesign_media.testing import display_p3


async def decoded(guard, tree, node):
    data = await tree.blobs.get(TENANT, node.result.thumbnail)
    assert data.startswith(b"\xff\xd8")
    return await guard.decode(data)


async def test_every_node_has_a_thumbnail_of_its_picture_with_256_pixels_a_side_at_most(tree, guard):
    size = 300, 512
    root = await tree.root(np.full((*size, 3), 200, np.uint8))
    node = await tree.edit(root, box(size, 0, 0, 300, 256))

    first, second = await decoded(guard, tree, root), await decoded(guard, tree, node)

    assert (first.width, first.height) == (256, 150) == reduced_size(512, 300, 256)
    assert np.abs(first.pixels.astype(int) - 200).max() <= 2
    assert second.pixels[:, :120].std() > 10
    assert np.abs(second.pixels[:, 136:].astype(int) - 200).max() <= 8


async def test_thumbnails_are_srgb_whatever_the_root_is_in(tree, guard):
    green = np.zeros((64, 64, 3), np.uint8)
    green[...] = (60, 200, 60)
    root = await tree.root(green, profile=display_p3())

    thumbnail = await decoded(guard, tree, root)

    expected = await guard.to_srgb(green, display_p3())
    assert thumbnail.profile == b""
    assert np.abs(thumbnail.pixels.astype(int) - expected).max() <= 2
    assert abs(int(expected[0, 0, 0]) - 60) > 30


async def test_transparent_pictures_have_thumbnails_on_white(tree, guard):
    root = await tree.root(np.zeros((20, 20, 4), np.uint8))

    assert (await decoded(guard, tree, root)).pixels.min() >= 254


async def test_a_picture_of_one_row_has_a_thumbnail(tree, guard):
    root = await tree.root(noise(1, 3000))

    assert (await decoded(guard, tree, root)).pixels.shape == (1, 256, 3)


def test_a_smaller_picture_has_the_means_of_areas():
    pixels = noise(40, 60)

    small = reduced(pixels, 15)

    means = pixels.reshape(10, 4, 15, 4, 3).mean(axis=(1, 3))
    assert np.abs(small - means).max() <= 1


def test_what_is_transparent_does_not_bleed_into_a_smaller_picture():
    pixels = np.zeros((8, 8, 4), np.uint8)
    pixels[:, ::2] = (250, 0, 0, 255)
    pixels[:, 1::2] = (0, 255, 0, 0)

    small = reduced(pixels, 4)

    assert small[..., 0].min() >= 248
    assert small[..., 1].max() == 0


@pytest.mark.parametrize(
    ("asked", "side", "expected"),
    [(None, 0, ImageFormat.PNG), (None, 30, ImageFormat.JPEG), (ImageFormat.WEBP, 30, ImageFormat.WEBP)],
)
async def test_a_picture_comes_in_the_size_and_format_asked_for(tree, guard, asked, side, expected):
    root = await tree.root(noise(40, 60))
    node = await tree.edit(root, box((40, 60), 3, 3, 9, 9))

    encoded = await tree.composer.encoded(TENANT, tree.path(node), max_side=side, image_format=asked)

    picture = await guard.decode(encoded.data)
    assert picture.format is encoded.format is expected
    assert (
        (picture.width, picture.height) == (encoded.width, encoded.height) == ((30, 20) if side else (60, 40))
    )
    if not side:
        assert np.array_equal(picture.pixels, tree.pixels[node.id])


async def test_a_picture_is_never_made_larger(tree):
    root = await tree.root(noise(40, 60))

    encoded = await tree.composer.encoded(TENANT, [root], max_side=8000)

    assert (encoded.width, encoded.height, encoded.format) == (60, 40, ImageFormat.PNG)
