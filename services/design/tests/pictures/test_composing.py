"""Pictures of nodes, composed from the root."""

import io

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from langdesign.design.v1 import design_pb2 as pb
from langdesign_design.composing import Composer, ComposingLimits, pixel_digest
from langdesign_design.errors import EditMismatch, PathError
from langdesign_design.patches import Patch
from langdesign_design.testing import TENANT, Tree, box, noise
from langdesign_edits import ImageFormat
from langdesign_media import (
    BlobNotFound,
    BlobStore,
    InvalidImage,
    InvalidMask,
    encode,
    mask_to_png,
)
from langdesign_media.testing import display_p3
from PIL import Image

SIZE = 61, 83


def report(node):
    return pb.PathReport.FromString(node.result.report)


async def test_200_edits_deep_every_pixel_outside_of_all_masks_is_the_roots(tree):
    rng = np.random.default_rng(0)
    root = noise(*SIZE)
    node = await tree.root(root)
    untouched = np.ones(SIZE, np.bool_)
    for seed in range(200):
        mask = box(SIZE, *rng.integers(0, 30, 2), *rng.integers(1, 25, 2))
        node = await tree.edit(node, mask, feather=2, seed=seed)
        untouched &= ~Patch.decode(await tree.blobs.get(TENANT, node.result.patch)).touched.on_picture()

    picture = await tree.picture(node)

    assert node.depth == 200
    assert untouched.sum() > 500
    assert np.array_equal(picture[untouched], root[untouched])
    assert np.array_equal(picture, tree.pixels[node.id])
    assert report(node).outside.pixels == untouched.sum()
    assert report(node).outside.changed_share == 0
    for other in tree.nodes:
        assert pixel_digest(await tree.picture(other)) == other.result.pixels


async def test_a_deep_picture_is_made_of_a_keyframe_and_three_patches_at_most(tmp_path, guard):
    asked = []

    class Counting(BlobStore):
        async def get(self, tenant, address, *, max_bytes=None):
            asked.append(address)
            return await super().get(tenant, address, max_bytes=max_bytes)

    counting = Counting.open(str(tmp_path))
    tree = Tree(Composer(counting, guard, ComposingLimits(cache_bytes=0)), counting)
    node = await tree.root(noise(*SIZE))
    for seed in range(30):
        node = await tree.edit(node, box(SIZE, seed, seed, 9, 9), seed=seed)

    for other in tree.nodes:
        asked.clear()
        await tree.picture(other)
        assert len(asked) <= 5


@st.composite
def plans(draw):
    """Parents by number, and what each edit does."""
    count = draw(st.integers(1, 9))
    return [
        (draw(st.integers(0, index)), draw(st.sampled_from(["mask", "whole", "nothing", "spilt"])))
        for index in range(count)
    ]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    plans(), st.sampled_from([(3, 1), (1, 17), (23, 30)]), st.sampled_from([3, 4]), st.sampled_from([1, 3])
)
async def test_any_tree_composes_to_what_was_put_in_with_and_without_memory(
    guard, plan, size, channels, every
):
    blobs = BlobStore.open("memory://")
    limits = ComposingLimits(keyframe_every=every)
    tree = Tree(Composer(blobs, guard, limits), blobs)
    await tree.root(noise(*size, channels))
    for seed, (parent, kind) in enumerate(plan):
        node, mask = tree.nodes[parent], np.zeros(size, np.bool_)
        mask[: size[0] // 2 + 1, seed % size[1] :] = True
        if kind == "whole":
            await tree.whole(node, noise(*size, channels, seed=seed))
        elif kind == "nothing":
            await tree.edit(node, np.zeros(size, np.bool_))
        else:
            await tree.edit(node, mask, 1, seed=seed, spilt=~mask if kind == "spilt" else None)
    cold = Composer(blobs, guard, ComposingLimits(cache_bytes=0))

    for node in tree.nodes:
        assert np.array_equal(await tree.picture(node), tree.pixels[node.id])
        assert np.array_equal((await cold.picture(TENANT, tree.path(node))).pixels, tree.pixels[node.id])


async def test_what_an_edit_changed_beside_its_mask_is_told(tree):
    root = await tree.root(noise(*SIZE))
    mask, spilt = box(SIZE, 10, 10, 20, 20), box(SIZE, 10, 10, 20, 25)

    node = await tree.edit(root, mask, spilt=spilt)
    below = await tree.edit(node, box(SIZE, 40, 40, 5, 5), seed=1)

    outside = report(node).outside
    changed = np.count_nonzero((tree.pixels[root.id] != tree.pixels[node.id]).any(axis=2) & ~mask)
    assert changed > 90
    assert round(outside.changed_share * outside.pixels) == changed
    assert report(below).outside.changed_share > 0
    assert np.array_equal(await tree.picture(below), tree.pixels[below.id])


async def test_the_feather_is_known_from_the_number_of_pixels_inside(tree):
    root = await tree.root(noise(*SIZE))

    for feather in (0, 1, 5, 30, 200):
        node = await tree.edit(root, box(SIZE, 20, 30, 8, 4), feather)
        touched = Patch.decode(await tree.blobs.get(TENANT, node.result.patch)).touched
        rows, columns = np.indices(SIZE)
        distance = np.maximum(np.maximum(20 - rows, rows - 27), np.maximum(30 - columns, columns - 33))
        assert np.array_equal(touched.on_picture(), distance <= feather)


async def test_a_no_op_changes_nothing_and_may_change_nothing(tree, guard):
    root = await tree.root(noise(*SIZE))

    result = await tree.composer.add(TENANT, [root], encode(tree.pixels[root.id]), None, inside=0)

    assert result.pixels == root.result.pixels
    found = pb.PathReport.FromString(result.report)
    assert (found.inside.pixels, found.outside.pixels) == (0, SIZE[0] * SIZE[1])


async def test_a_root_is_turned_once_and_keeps_its_profile_at_every_depth(tree, guard):
    target, profile = io.BytesIO(), display_p3()
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = noise(40, 60)
    Image.fromarray(stored).save(target, "PNG", exif=exif, icc_profile=profile)
    turned = np.rot90(stored, 3)
    tree.profile = profile
    root = tree.put(None, await tree.composer.root(TENANT, target.getvalue()), turned)
    node = await tree.edit(root, box((60, 40), 5, 5, 9, 9))

    composed = await tree.composer.picture(TENANT, [root, node])
    for chosen in ImageFormat:
        encoded = await tree.composer.encoded(TENANT, [root, node], max_side=30, image_format=chosen)
        assert (await guard.decode(encoded.data)).profile == profile

    assert (root.result.width, root.result.height) == (40, 60)
    assert np.array_equal(await tree.picture(root), turned)
    assert np.array_equal(composed.pixels, tree.pixels[node.id])
    assert composed.profile == profile


async def test_results_that_are_no_edit_of_their_parent_are_refused(tree):
    root = await tree.root(noise(*SIZE))

    async def add(data, mask=None):
        await tree.composer.add(TENANT, [root], data, mask, inside=1)

    with pytest.raises(EditMismatch, match="60x83 pixels, and the picture 83x61"):
        await add(encode(noise(83, 60)))
    with pytest.raises(EditMismatch, match="colour profile"):
        await add(encode(noise(*SIZE), profile=display_p3()))
    with pytest.raises(EditMismatch, match="transparent"):
        await add(encode(noise(*SIZE, 4)))
    with pytest.raises(InvalidImage):
        await add(b"no picture")
    with pytest.raises(InvalidMask):
        await add(encode(noise(*SIZE)), mask_to_png(np.ones((3, 3), np.bool_)))


async def test_a_result_without_its_opaque_alpha_is_taken(tree):
    opaque = noise(*SIZE, 4)
    opaque[..., 3] = 255
    root = await tree.root(opaque)
    after = opaque.copy()
    after[3:9, 3:9, :3] ^= 64

    result = await tree.composer.add(TENANT, [root], encode(after[..., :3]), None, inside=SIZE[0] * SIZE[1])

    assert result.pixels == pixel_digest(after)


async def test_a_lost_keyframe_costs_time_alone_and_a_lost_patch_is_told(tree):
    node = await tree.root(noise(*SIZE))
    for seed in range(9):
        node = await tree.edit(node, box(SIZE, seed, seed, 9, 9), seed=seed)
    keyframes = [one.result.keyframe for one in tree.nodes if one.result.keyframe]
    assert len(keyframes) == 2

    for keyframe in keyframes:
        await tree.blobs.delete(TENANT, keyframe)

    assert np.array_equal(await tree.picture(node), tree.pixels[node.id])
    await tree.blobs.delete(TENANT, tree.nodes[3].result.patch)
    with pytest.raises(BlobNotFound):
        await tree.picture(node)
    assert np.array_equal(await tree.picture(tree.nodes[2]), tree.pixels[tree.nodes[2].id])


async def test_a_keyframe_is_the_whole_picture_where_most_changed_and_small_where_little_did(tree):
    size = 100, 100
    node = root = await tree.root(noise(*size), profile=display_p3())
    for seed in range(4):
        node = await tree.edit(node, box(size, 0, 0, 10, 10), seed=seed)
    other = root
    for seed in range(5):
        other = await tree.edit(other, box(size, 0, 0, 100, 60), seed=seed)
    kept = [node.result.keyframe, tree.path(other)[4].result.keyframe]
    small, large = [await tree.blobs.get(TENANT, address) for address in kept]

    assert len(small) < 1000
    assert len(large) > 30_000
    await tree.blobs.delete(TENANT, root.result.picture)
    composed = await tree.composer.picture(TENANT, tree.path(other))
    assert np.array_equal(composed.pixels, tree.pixels[other.id])
    assert composed.profile == display_p3()
    with pytest.raises(BlobNotFound):
        await tree.picture(node)


async def test_tenants_do_not_see_each_others_pictures(blobs, guard):
    tree = Tree(Composer(blobs, guard), blobs)
    root = await tree.root(noise(*SIZE))
    assert await tree.picture(root) is not None

    with pytest.raises(BlobNotFound):
        await tree.composer.picture("ben", [root])


async def test_what_is_no_path_is_refused(tree):
    root = await tree.root(noise(*SIZE))
    one = await tree.edit(root, box(SIZE, 1, 1, 2, 2))
    two = await tree.edit(one, box(SIZE, 1, 1, 2, 2))

    for path in ([], [one], [root, two], [one, two], [two, root]):
        with pytest.raises(PathError, match="no root, a gap, or a node without a picture"):
            await tree.composer.picture(TENANT, path)


async def test_composed_pictures_cannot_be_written_to(tree):
    root = await tree.root(noise(*SIZE))
    node = await tree.edit(root, box(SIZE, 1, 1, 2, 2))

    for one in (root, node):
        with pytest.raises(ValueError, match="read-only"):
            (await tree.picture(one))[0, 0] = 0


async def test_memory_holds_no_more_than_it_may(blobs, guard):
    most = 4 * SIZE[0] * SIZE[1] * 3
    tree = Tree(Composer(blobs, guard, ComposingLimits(cache_bytes=most)), blobs)
    root = await tree.root(noise(*SIZE))
    for seed in range(12):
        await tree.edit(root, box(SIZE, seed, 1, 9, 9), seed=seed)

    for node in tree.nodes:
        assert np.array_equal(await tree.picture(node), tree.pixels[node.id])

    assert 0 < tree.composer.cached_bytes <= most


@pytest.mark.long
async def test_48_megapixels_compose_exactly(tree):
    size = 6000, 8000
    root = noise(*size)
    node = await tree.root(root)
    for seed in range(5):
        node = await tree.edit(node, box(size, 500 * seed, 900 * seed, 1500, 2000), 30, seed=seed)

    picture = await tree.picture(node)

    assert np.array_equal(picture, tree.pixels[node.id])
    assert report(node).outside.changed_share == 0
    assert np.array_equal(picture[:, :800][5500:], root[:, :800][5500:])
