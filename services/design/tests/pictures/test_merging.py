"""Joining two nodes, and how two nodes differ."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as stn
from langdesign.design.v1 import design_pb2 as pb
from langdesign_design.areas import Area
from langdesign_design.comparing import compare
from langdesign_design.errors import MergeConflict, MergeError, PatchError
from langdesign_design.merging import Branch, merge
from langdesign_design.patches import Patch
from langdesign_design.testing import TENANT, box, noise

SIZE = 40, 60


@st.composite
def branches(draw):
    """An ancestor, and two branches that each change and touch pixels as masks say."""
    size = draw(st.integers(1, 20)), draw(st.integers(1, 20))
    masks = stn.arrays(np.bool_, size)
    ancestor = noise(*size)
    made = []
    for seed in (1, 2):
        changed, touched = draw(masks), draw(masks)
        pixels = ancestor.copy()
        pixels[changed] ^= noise(*size, seed=seed)[changed] | 1
        made.append((Branch(pixels, Area.of(touched)), changed | touched))
    return ancestor, made


@given(branches())
def test_branches_that_share_a_pixel_are_not_joined(made):
    ancestor, ((one, where), (two, elsewhere)) = made
    shared = np.count_nonzero(where & elsewhere)
    assume(shared)

    with pytest.raises(MergeConflict, match=f"the same {shared} pixel") as caught:
        merge(ancestor, one, two)

    assert caught.value.pixels == shared


@given(branches())
def test_branches_apart_are_joined_exactly_in_either_order(made):
    ancestor, ((one, where), (two, elsewhere)) = made
    only = where & ~elsewhere
    ours = np.where(only[..., None], one.pixels, ancestor)
    one = Branch(ours, Area.of(only))

    result = merge(ancestor, one, two).applied_to(one.pixels)

    assert np.array_equal(result, np.where(elsewhere[..., None], two.pixels, ours))
    assert np.array_equal(result, merge(ancestor, two, one).applied_to(two.pixels))


async def test_a_join_has_the_changes_of_both_branches_and_goes_on_as_a_node(tree):
    root = await tree.root(noise(*SIZE))
    start = await tree.edit(root, box(SIZE, 0, 0, 9, 9))
    left = await tree.edit(start, box(SIZE, 10, 5, 8, 8), 2, seed=1)
    left = await tree.edit(left, box(SIZE, 20, 5, 8, 8), 2, seed=2)
    right = await tree.edit(start, box(SIZE, 12, 40, 9, 9), 3, seed=3)

    result = await tree.composer.merge(TENANT, tree.path(left), tree.path(right))
    other = await tree.composer.merge(TENANT, tree.path(right), tree.path(left))

    expected = tree.pixels[left.id].copy()
    expected[5:30, 30:] = tree.pixels[right.id][5:30, 30:]
    joined = tree.put(left, result, expected, merged=right.id)
    assert np.array_equal(await tree.picture(joined), expected)
    assert other.pixels == result.pixels
    below = await tree.edit(joined, box(SIZE, 30, 30, 5, 5), seed=4)
    assert np.array_equal(await tree.picture(below), tree.pixels[below.id])
    report = pb.PathReport.FromString(below.result.report)
    assert report.outside.changed_share == 0
    touched = Patch.decode(await tree.blobs.get(TENANT, result.patch)).touched
    assert touched.pixels == 15 * 15


async def test_touching_the_same_pixels_is_a_conflict_though_none_of_them_changed(tree):
    root = await tree.root(noise(*SIZE))
    mask, beside = box(SIZE, 0, 0, 10, 10), box(SIZE, 0, 12, 10, 10)
    one = await tree.edit(root, mask, 3, spilt=box(SIZE, 0, 0, 1, 1))
    two = await tree.edit(root, beside, 0, seed=1)

    with pytest.raises(MergeConflict) as caught:
        await tree.composer.merge(TENANT, tree.path(one), tree.path(two))

    assert caught.value.pixels == 10
    assert "do one's edit again on the other" in str(caught.value)


async def test_an_edit_of_the_whole_picture_joins_with_nothing(tree):
    root = await tree.root(noise(*SIZE))
    one = await tree.whole(root, noise(*SIZE, seed=1))
    two = await tree.edit(root, box(SIZE, 1, 1, 2, 3))

    with pytest.raises(MergeConflict, match="the same 6 pixels"):
        await tree.composer.merge(TENANT, tree.path(one), tree.path(two))


async def test_nodes_of_one_branch_and_of_two_designs_are_not_joined(tree):
    root = await tree.root(noise(*SIZE))
    one = await tree.edit(root, box(SIZE, 1, 1, 2, 3))
    other = await tree.root(noise(*SIZE))

    for base, added in ((root, one), (one, root), (one, one)):
        with pytest.raises(MergeError, match="came of the other"):
            await tree.composer.merge(TENANT, tree.path(base), tree.path(added))
    with pytest.raises(MergeError, match="two designs"):
        await tree.composer.merge(TENANT, tree.path(one), [other])


def test_a_comparison_counts_and_shows_what_differs():
    one = noise(10, 20, 4)
    other = one.copy()
    other[2:4, 3:8, 3] ^= 1
    other[5, 5, 0] ^= 255

    found = compare(one, other)

    assert found.statistics.pixels == 200
    assert found.statistics.changed_share == pytest.approx(11 / 200)
    assert found.statistics.mean_difference == pytest.approx(
        abs(int(one[5, 5, 0]) - int(other[5, 5, 0])) / 600
    )
    assert np.array_equal(found.changed.on_picture(), (one != other).any(axis=2))
    assert compare(one, one).statistics.psnr is None
    assert compare(one, one).changed.pixels == 0


async def test_nodes_are_compared_as_their_pictures_are(tree):
    root = await tree.root(noise(*SIZE))
    one = await tree.edit(root, box(SIZE, 1, 1, 10, 10))
    two = await tree.edit(root, box(SIZE, 1, 30, 10, 10), seed=1)
    larger = await tree.root(noise(41, 60))

    found = await tree.composer.compare(TENANT, tree.path(one), tree.path(two))

    differs = (tree.pixels[one.id] != tree.pixels[two.id]).any(axis=2)
    assert np.array_equal(found.changed.on_picture(), differs)
    with pytest.raises(PatchError, match="cannot be compared"):
        await tree.composer.compare(TENANT, tree.path(one), [larger])
