"""A network's map of a small picture is enlarged along the edges of the large one."""

import numpy as np
import pytest
from langdesign_edits.edges import follow_edges, guide_of, outlined, shown
from PIL import Image

SIDE, SMALL = 240, 60


@pytest.fixture
def disc():
    rows, columns = np.mgrid[:SIDE, :SIDE]
    return (rows - 110) ** 2 + (columns - 130) ** 2 < 70**2


@pytest.fixture
def picture(disc):
    grain = np.random.default_rng(0).normal(0, 4, (SIDE, SIDE, 1))
    colours = np.where(disc[..., None], (150, 60, 60), (120, 130, 140))
    return np.rint(colours + grain).clip(0, 255).astype(np.uint8)


def blurred(mask):
    """What a network knows of a mask: at its size, and not sharp."""
    small = Image.fromarray(mask.astype(np.float32)).resize((SMALL // 4, SMALL // 4), Image.Resampling.BOX)
    return np.asarray(small.resize((SMALL, SMALL), Image.Resampling.BILINEAR), np.float32)


def overlap(one, other):
    return (one & other).sum() / (one | other).sum()


def test_a_blurred_map_gets_the_edges_of_the_picture(disc, picture):
    values = blurred(disc)
    plain = np.asarray(Image.fromarray(values).resize((SIDE, SIDE), Image.Resampling.BILINEAR))
    followed = follow_edges(values, picture)
    assert followed.shape == (SIDE, SIDE)
    lost, left = 1 - overlap(plain > 0.3, disc), 1 - overlap(followed > 0.3, disc)
    assert left < 0.5 * lost


def test_without_edges_a_map_is_what_it_was(disc):
    values = blurred(disc)
    plain = np.asarray(Image.fromarray(values).resize((SIDE, SIDE), Image.Resampling.BILINEAR))
    followed = follow_edges(values, np.full((SIDE, SIDE, 3), 90, np.uint8))
    np.testing.assert_allclose(followed, plain, atol=1e-4)


@pytest.mark.parametrize("value", [0.0, 0.25, 1.0])
def test_a_map_of_one_value_stays_one(picture, value):
    followed = follow_edges(np.full((SMALL, SMALL), value, np.float32), picture)
    np.testing.assert_allclose(followed, value, atol=1e-6)


def test_a_map_of_the_pictures_own_size_gets_its_edges_too(disc, picture):
    small = np.asarray(Image.fromarray(picture).resize((SMALL, SMALL), Image.Resampling.BILINEAR))
    true = np.asarray(Image.fromarray(disc).resize((SMALL, SMALL), Image.Resampling.NEAREST))
    values = blurred(disc)
    followed = follow_edges(values, small)
    assert 1 - overlap(followed > 0.5, true) < 0.5 * (1 - overlap(values > 0.5, true))


@pytest.mark.parametrize(
    ("size", "seen", "guided"),
    [
        ((40, 60), (40, 60), (40, 60)),  # fewer pixels than the network sees
        ((20, 180), (20, 180), (20, 180)),
        ((90, 120), (60, 60), (90, 120)),
        ((90, 600), (60, 60), (90, 240)),
        ((50, 600), (60, 60), None),  # a guide would be coarser than what the network saw
    ],
)
def test_a_map_is_of_what_was_shown_and_comes_back_at_the_pictures_size(size, seen, guided):
    picture = np.zeros((*size, 3), np.uint8)
    picture[: size[0] // 2] = 200
    assert shown(picture, 60).shape == (*seen, 3)
    guide = guide_of(picture, 60)
    assert (None if guide is None else guide.shape[:2]) == guided
    values = (shown(picture, 60)[..., 0] / 200).astype(np.float32)
    back = outlined(values, picture, 60)
    assert back.shape == size
    assert np.mean((back > 0.5) != (picture[..., 0] > 0)) < 0.03


def test_a_picture_of_one_pixel_has_no_edges():
    value = np.full((1, 1), 0.25, np.float32)
    assert outlined(value, np.zeros((1, 1, 3), np.uint8), 60) == 0.25
