from collections import Counter

import pytest
from langdesign_evaluation import BenchSetError, Choice, choice_digest, open_set
from langdesign_scenes.errors import DatasetError


def strata(cases):
    return Counter((case.split, case.operation) for case in cases)


def test_every_split_is_there_and_no_ops_are_apart(cases):
    assert strata(cases) == {
        **{("single object", name): 2 for name in ("recolour", "remove", "add", "replace")},
        **{("room", name): 2 for name in ("recolour", "remove", "add", "replace")},
        ("ambiguous reference", "recolour"): 4,
        ("no-op", "none"): 4,
    }


def test_a_limited_choice_stays_balanced(set_folder):
    assert set(strata(Choice(limit=10).of(open_set(set_folder))).values()) == {1}


def test_numbers_are_per_stratum(set_folder):
    chosen = strata(Choice(per_operation=1, no_ops=3).of(open_set(set_folder)))
    assert chosen.pop(("no-op", "none")) == 3
    assert set(chosen.values()) == {1}


def test_the_choice_depends_on_its_arguments_alone(set_folder, cases):
    scenes = open_set(set_folder)
    assert choice_digest(Choice().of(scenes)) == choice_digest(cases)
    assert choice_digest(Choice(seed=1).of(scenes)) != choice_digest(cases)
    assert [case.id for case in cases] == list(range(len(cases)))


def test_families_take_turns(set_folder):
    chosen = Choice(per_operation=2, no_ops=2).of(open_set(set_folder))
    for stratum in strata(chosen):
        families = [c.family.index for c in chosen if (c.split, c.operation) == stratum]
        assert len(set(families)) == len(families)


def test_a_region_too_small_to_judge_is_left_out(set_folder):
    # A recolour's chair shows 384 pixels before and after, an addition's or removal's only once.
    kept = Choice(pixels=500).of(open_set(set_folder))
    assert {case.operation for case in kept} == {"recolour", "replace", "none"}


def test_the_truth_of_a_case(cases):
    removal = next(case for case in cases if case.operation == "remove")
    region = removal.region()
    assert region.sum() == 16 * 24
    assert (removal.before() != removal.truth()).any(axis=2)[~region].sum() == 0
    addition = next(case for case in cases if case.operation == "add")
    assert (addition.region() & ~addition.located()).any()
    no_op = next(case for case in cases if case.split == "no-op")
    assert no_op.absent
    assert not no_op.region().any()
    assert (no_op.before() == no_op.truth()).all()


def test_a_missing_set_names_the_hint(tmp_path):
    with pytest.raises(BenchSetError, match="make bench-set"):
        open_set(tmp_path)


def test_a_set_of_another_format_is_refused(tmp_path):
    (tmp_path / "manifest.json").write_text('{"format": "other/1"}')
    with pytest.raises(DatasetError, match="other/1"):
        open_set(tmp_path)


def test_a_set_without_edits_is_refused(tmp_path):
    (tmp_path / "manifest.json").write_text('{"format": "langdesign-scenes/1"}')
    with pytest.raises(BenchSetError, match="no edit to judge"):
        Choice().of(open_set(tmp_path))
