"""The gates and what follows from kept pairs, on pictures and triples made for the purpose."""

import dataclasses

import numpy as np
import pytest
from langdesign_dataset.recipes import Gates, Sampling, preset
from langdesign_dataset.samples import Sample, encode_picture, sample_key
from langdesign_dataset.selection import select
from langdesign_dataset.stages.likeness import likeness
from langdesign_dataset.stages.pairs import draw_candidates
from langdesign_dataset.stages.preservation import measure
from langdesign_dataset.wording import absent_thing, inverted, no_op
from langdesign_triples import Change

from .conftest import triple

REGION = np.zeros((64, 64), bool)
REGION[20:40, 20:40] = True


@pytest.fixture
def room():
    """A picture with detail everywhere."""
    draw = np.random.default_rng(3)
    return np.kron(draw.integers(0, 256, (16, 16, 3), dtype=np.uint8), np.ones((4, 4, 1), np.uint8))


def recoloured(picture, region):
    after = picture.copy()
    after[region] = 255 - after[region]
    return after


def test_a_change_inside_the_region_leaks_nowhere(room):
    found = measure(room, recoloured(room, REGION), REGION, margin=3)
    assert found["inside"] > 0.9
    assert found["seam"] == found["leak"] == 0.0
    assert found["region"] == pytest.approx(REGION.mean())


def test_a_background_that_moves_leaks(room):
    moved = np.roll(room, 2, axis=1)
    moved[REGION] = recoloured(room, REGION)[REGION]
    found = measure(room, moved, REGION, margin=3)
    assert found["leak"] > Gates().leak


def test_a_change_that_spills_over_the_region_is_a_seam_and_no_leak(room):
    spilt = np.zeros_like(REGION)
    spilt[15:45, 15:45] = True
    found = measure(room, recoloured(room, spilt), REGION, margin=3)
    assert found["seam"] > Gates().seam
    assert found["leak"] == 0.0


def test_where_nothing_lies_beyond_there_is_no_leak_to_measure(room):
    whole = np.ones_like(REGION)
    assert set(measure(room, room, whole, margin=3)) == {"region", "inside"}


def unit(*values):
    vector = np.array(values, np.float32)
    return vector / np.linalg.norm(vector)


def test_forward_and_backward_are_the_halves_of_the_direction():
    before, after, told, asked = unit(1, 0.2, 0.1), unit(0.3, 1, 0), unit(1, 0.1, 0), unit(0.1, 1, 0.2)
    scores = likeness(before, after, told, asked)
    product = float((after - before) @ (asked - told))
    assert scores["forward"] + scores["backward"] == pytest.approx(product, abs=1e-6)
    assert scores["backward"] > 0


def test_a_pair_of_which_only_the_way_there_holds_has_no_backward_score():
    before, after, told, asked = unit(1, 0), unit(1, 1), unit(1, 0.9), unit(0, 1)
    scores = likeness(before, after, told, asked)
    assert scores["forward"] > 0 > scores["backward"]


def test_equal_captions_have_no_direction():
    scores = likeness(unit(1, 0), unit(0, 1), unit(1, 1), unit(1, 1))
    assert "clip_direction" not in scores


def test_a_candidate_is_drawn_by_its_triple_and_number_alone():
    few, many = Sampling(object_candidates=3), Sampling(object_candidates=9)
    assert draw_candidates(triple(), few, 0) == draw_candidates(triple(), many, 0)[:3]
    other = triple(edit="Paint the chair blue")
    seeds = {one.seed for who in (triple(), other) for one in draw_candidates(who, many, 0)}
    assert len(seeds) == 18
    assert draw_candidates(triple(), few, 1) != draw_candidates(triple(), few, 0)


def sample(seed, direction, picture=None, **fields):
    drawn = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    shown = np.kron(drawn, np.ones((8, 8, 1), np.uint8)) if picture is None else picture
    settings = {
        "key": sample_key(triple(), "prompt-to-prompt", seed),
        "triple": triple(),
        "before": encode_picture(shown),
        "after": encode_picture(255 - shown),
        "mask": None,
        "source": "prompt-to-prompt",
        "seed": seed,
        "scores": {"clip_direction": direction},
    }
    return Sample(**{**settings, **fields})


def test_the_best_of_a_triple_by_direction_are_kept_whatever_their_order():
    made = [sample(seed, direction) for seed, direction in enumerate((0.3, 0.9, 0.5, 0.7, 0.4))]
    chosen = select(made, Gates(kept=2))
    assert {one.seed for one in chosen if one.kept} == {1, 3}
    assert {one.verdict for one in chosen if not one.kept} == {"surplus"}
    told = [(one.key, one.verdict) for one in chosen]
    assert told == [(one.key, one.verdict) for one in select(made[::-1], Gates(kept=2))]


def test_pairs_that_look_alike_are_one_and_others_are_not(room):
    twin = np.clip(room.astype(int) + 2, 0, 255).astype(np.uint8)
    alike = [sample(1, 0.5, room), sample(2, 0.5, twin), sample(3, 0.5)]
    chosen = {one.seed: one for one in select(alike, Gates())}
    assert sorted(chosen[seed].kept for seed in (1, 2)) == [False, True]
    assert chosen[3].kept
    (dropped,) = (one for one in chosen.values() if not one.kept)
    assert dropped.verdict == "duplicate"
    assert "look like those of" in dropped.reason


def test_what_was_dropped_before_takes_no_place():
    bad = sample(1, 0.9, verdict="leak", reason="it leaks")
    chosen = {one.seed: one for one in select([bad, sample(2, 0.3)], Gates(kept=1))}
    assert chosen[2].kept
    assert chosen[1].verdict == "leak"


KEY = "0123456789abcdef" * 2


@pytest.mark.parametrize(
    ("change", "before", "after", "says", "back"),
    [
        (Change.REMOVE, "the red sofa", "", "a red sofa", Change.ADD),
        (Change.ADD, "", "the lamp", "the lamp", Change.REMOVE),
        (Change.REPLACE, "the chair", "the oak stool", "a chair", Change.REPLACE),
        (Change.ALTER, "the pink chair", "the beige chair", "a pink chair", Change.ALTER),
        (Change.REPLACE, "the curtains", "the blind", "curtains", Change.REPLACE),
    ],
)
def test_an_edit_is_told_the_other_way_round(change, before, after, says, back):
    forth = triple(change, target_before=before, target_after=after)
    way = inverted(forth, KEY)
    assert says in way.edit
    assert way.change is back
    assert (way.input, way.output) == (forth.output, forth.input)
    assert (way.target_before, way.target_after) == (after, before)


@pytest.mark.parametrize(
    ("change", "before", "after"),
    [
        (Change.REMOVE, "the left chair", ""),  # points at a thing, and names none to add
        (Change.ALTER, "the chair", "the blue chair"),  # does not say what it was
        (Change.ALTER, "", ""),
        (Change.NONE, "the lamp", ""),
    ],
)
def test_what_the_triple_does_not_tell_is_not_inverted(change, before, after):
    assert inverted(triple(change, target_before=before, target_after=after), KEY) is None


def test_a_no_op_is_about_something_that_neither_caption_names():
    things = ("bed", "chair", "lamp")
    asked = {absent_thing(triple(), f"{number:016x}{0:016x}", things) for number in range(40)}
    assert asked == {"the bed", "the lamp"}
    assert absent_thing(triple(), KEY, ("chair", "chairs")) == ""
    told = no_op(triple(), KEY, "the bed")
    assert "the bed" in told.edit
    assert told.input == told.output
    assert len({no_op(triple(), f"{n:016x}{0:016x}", "the bed").edit for n in range(60)}) > 4


def test_gates_of_the_embedded_family_are_stricter_about_leaks_than_the_published_ones():
    assert preset("mini").gates.leak < Gates().leak
    assert dataclasses.asdict(preset("full").gates)["clip_direction"] == 0.2
