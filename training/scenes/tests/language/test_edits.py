import re
from collections import Counter

import pytest
from langdesign_scenes.dataset import Edit, Instance
from langdesign_scenes.language import caption, edits
from langdesign_scenes.plan import FamilyPlan
from langdesign_scenes.vocabulary import ROOMS

Shown = tuple[Instance, ...]
Made = list[tuple[FamilyPlan, list[Shown], list[Edit]]]


@pytest.fixture(scope="module")
def made(families: list[tuple[FamilyPlan, list[Shown]]]) -> Made:
    return [(plan, states, edits(plan, states, seed)) for seed, (plan, states) in enumerate(families)]


def test_edits_are_a_function_of_the_seed(made: Made) -> None:
    plan, states, found = made[1]
    assert edits(plan, states, 1) == found
    assert edits(plan, states, 2) != found


def test_each_change_that_shows_has_one_edit(made: Made) -> None:
    for plan, _, found in made:
        real = [one for one in found if one.operation != "none"]
        keys = [(one.before, one.after, one.operation, one.targets) for one in real]
        changes = {(one.before, one.after, one.operation, (one.target,)) for one in plan.changes}
        assert len(set(keys)) == len(keys)
        assert set(keys) <= changes
        assert len(keys) >= 0.6 * len(changes)


def test_targets_show_wherever_they_are(made: Made) -> None:
    for _, states, found in made:
        for edit in found:
            for state, absent in ((edit.before, "add"), (edit.after, "remove")):
                pixels = [one.pixels for one in states[state] if one.id in edit.targets]
                assert (not pixels and edit.operation in {absent, "none"}) or min(pixels) >= 40


def test_an_expression_is_a_literal_part_of_its_instruction(made: Made) -> None:
    for _, _, found in made:
        for edit in found:
            assert edit.expression in edit.instruction
            assert edit.expression or edit.operation == "add"
            assert bool(edit.located) == bool(edit.expression and edit.operation != "none")
            assert "{" not in edit.instruction
            assert "  " not in edit.instruction
            assert not re.search(r"\ba [aeio]", edit.instruction)


def test_what_is_located_is_in_the_picture_before_and_holds_the_target(made: Made) -> None:
    for _, states, found in made:
        for edit in found:
            ids = {one.id for one in states[edit.before] if one.pixels}
            assert set(edit.located) <= ids
            assert edit.ambiguous == (len(edit.located) > 1)
            if edit.operation not in {"add", "none"}:
                assert set(edit.targets) <= set(edit.located)


def test_an_instruction_names_what_it_asks_for(made: Made) -> None:
    words = {"grey": "gr[ea]y", "navy": "navy|dark blue", "purple": "purple|violet"}
    for _, states, found in made:
        for edit in found:
            if edit.operation in {"recolour", "add", "replace"}:
                new = next(one for one in states[edit.after] if one.id == edit.targets[0])
                assert re.search(words.get(new.colour, new.colour), edit.instruction), edit


def test_captions_differ_in_the_one_word_that_changes(made: Made) -> None:
    fields = {"recolour": "colour", "material": "material", "pattern": "pattern"}
    for _, states, found in made:
        for edit in (one for one in found if one.operation in fields):
            old, new = (_shown(states[at], edit.targets[0]) for at in (edit.before, edit.after))
            before, after = map(_without_articles, (edit.caption_before, edit.caption_after))
            differing = [(one, two) for one, two in zip(before, after, strict=True) if one != two]
            assert len(differing) == 1, edit
            field = fields[edit.operation]
            assert differing[0][0].startswith(getattr(old, field)[:4])
            assert differing[0][1].startswith(getattr(new, field)[:4])


def test_a_caption_names_what_is_there_and_not_what_was_removed(made: Made) -> None:
    for plan, states, found in made:
        for edit in (one for one in found if one.operation in {"remove", "add"} and plan.room):
            there, full, bare = (edit.before, edit.caption_before, edit.caption_after)
            if edit.operation == "add":
                there, full, bare = (edit.after, edit.caption_after, edit.caption_before)
            kind = _shown(states[there], edit.targets[0]).kind
            assert re.search(rf"\b{kind}\b", full)
            assert not re.search(rf"\b{kind}\b", bare)
            assert set(_bag(bare)) - set(_bag(full)) <= {"a", "an"}


def _shown(instances: Shown, name: str) -> Instance:
    return next(one for one in instances if one.id == name)


def _bag(text: str) -> list[str]:
    return [word for word in text.replace(",", "").split() if word not in {"and", "with"}]


def _without_articles(text: str) -> list[str]:
    return [word for word in text.split() if word not in {"a", "an"}]


def test_nothing_changes_where_what_is_asked_about_is_absent(made: Made) -> None:
    nothing = [(states, one) for _, states, found in made for one in found if one.operation == "none"]
    total = sum(len(found) for _, _, found in made)
    assert 0.05 <= len(nothing) / total <= 0.15
    assert len({one.instruction.split()[0] for _, one in nothing}) >= 4
    for _, edit in nothing:
        assert edit.before == edit.after
        assert edit.caption_before == edit.caption_after
        assert edit.targets == edit.located == ()


def test_few_references_are_ambiguous(made: Made) -> None:
    flags = Counter(one.ambiguous for _, _, found in made for one in found)
    assert 0 < flags[True] / flags.total() <= 0.15


def test_both_spellings_occur(families: list[tuple[FamilyPlan, list[Shown]]]) -> None:
    said = " ".join(
        one.instruction for plan, states in families for seed in range(3) for one in edits(plan, states, seed)
    )
    assert re.search(r"\bcolour\b", said)
    assert re.search(r"\bcolor\b", said)


def test_captions_name_the_room_and_stay_short(made: Made) -> None:
    for plan, states, found in made:
        texts = [caption(plan.room, shown) for shown in states]
        texts += [text for edit in found for text in (edit.caption_before, edit.caption_after)]
        for text in texts:
            assert len(text.split()) <= 30
            assert re.match(r"an? ", text)
            assert any(room in text for room in ROOMS) if plan.room else text.endswith("background")
            assert not re.search(r"\ba [aeio]", text)


def test_a_caption_counts_what_is_alike() -> None:
    looks = ("red", "wood", "plain")
    one, two = (Instance(f"chair-{n}", "chair", *looks, 800, (10 * n, 40, 20, 30), 2.5) for n in (1, 2))
    floor = Instance("floor", "floor", "brown", "wood", "plain", 4000, (0, 60, 128, 68), 3.0)
    assert re.fullmatch(
        r"a kitchen with two( red)?( wooden)? chairs( and a( brown)?( wooden)? floor)?",
        caption("kitchen", [one, two, floor]),
    )
