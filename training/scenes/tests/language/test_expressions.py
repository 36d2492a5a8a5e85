"""Every expression is read back by a second, plainer reader, which must find the same things."""

import re
import tomllib
from collections import Counter
from collections.abc import Callable
from importlib import resources

import pytest
from langdesign_scenes.dataset import Expression, Instance
from langdesign_scenes.language import expressions, many_expressions
from langdesign_scenes.plan import FamilyPlan
from langdesign_scenes.vocabulary import COLOURS, MATERIALS, PATTERNS, SIMILAR_COLOURS

Shown = tuple[Instance, ...]

WORDS = resources.files("langdesign_scenes.language").joinpath("lexicon.toml")
DATA = tomllib.loads(WORDS.read_text("utf-8"))
COLOUR_WORDS = {name: name for name in COLOURS} | {
    word: name for name, words in DATA["colours"].items() for word in words
}
MATERIAL_WORDS = {DATA["materials"].get(name, name): name for name in MATERIALS}
PLACE_WORDS = {
    "left": r"\bleft(most)? | on the left$",
    "right": r"\bright(most)? | on the right$",
    "middle": r"\bmiddle | in the middle$",
    "near": r"\b(nearest|closest) | closest to us$",
    "far": r"\bfarthest | farthest away$| in the back$",
}


def _nouns() -> dict[str, dict[str, object]]:
    nouns: dict[str, dict[str, object]] = {}
    for entry in DATA["nouns"]:
        plural = entry["text"] if entry.get("paired") else entry.get("plural", entry["text"] + "s")
        nouns[entry["text"]] = nouns[plural] = entry
    return nouns


NOUNS = _nouns()


def reread(text: str, instances: Shown) -> set[str] | None:
    """Find what a phrase means by looking at its words; None for a relation, which is checked elsewhere."""
    if re.search(r" (next to|above) the | on the (?!left$|right$)", text):
        return None
    places = [name for name, pattern in PLACE_WORDS.items() if re.search(pattern, text)]
    for pattern in PLACE_WORDS.values():
        text = re.sub(pattern, " ", text)
    noun = _noun(text)
    rest = re.sub(rf"\b{noun}\b", " ", text, count=1)
    kinds = NOUNS[noun].get("means", [])
    found = [one for one in instances if one.pixels >= 25 and one.kind in kinds and _agrees(rest, one)]
    if places and found:
        found = [_at(places[0], found)]
    return {one.id for one in found}


def _noun(text: str) -> str:
    """Return the noun that a phrase is about, whatever it stands next to."""
    head = re.split(r" (?:next to|above|on) the ", text)[0]
    return max((word for word in NOUNS if re.search(rf"\b{word}\b", head)), key=len)


def _agrees(rest: str, one: Instance) -> bool:
    rest = rest.replace("on the", "").strip()
    for words, own in ((COLOUR_WORDS, one.colour), (MATERIAL_WORDS, one.material)):
        longest_first = sorted(words, key=len, reverse=True)
        said = [words[word] for word in longest_first if re.search(rf"\b{word}\b", rest)]
        if said and said[0] != own:
            return False
    said = [name for name in PATTERNS if re.search(rf"\b{name}\b", rest)]
    return not said or said[0] == one.pattern


def _at(place: str, found: list[Instance]) -> Instance:
    across = sorted(found, key=lambda one: 2 * one.box[0] + one.box[2])
    deep = sorted(found, key=lambda one: one.depth)
    middle = across[len(across) // 2]
    return {"left": across[0], "right": across[-1], "middle": middle, "near": deep[0], "far": deep[-1]}[place]


@pytest.fixture(scope="module")
def spoken(random_picture: Callable[[int], Shown]) -> list[tuple[Expression, Shown]]:
    pictures = [random_picture(seed) for seed in range(150)]
    return [(one, shown) for seed, shown in enumerate(pictures) for one in expressions(seed, [shown])]


def test_a_second_reader_finds_the_same_things(spoken: list[tuple[Expression, Shown]]) -> None:
    read = [(one, reread(one.text, shown)) for one, shown in spoken]
    plain = [(one, found) for one, found in read if found is not None]
    assert len(plain) > 1000
    for one, found in plain:
        assert set(one.targets) == found, one


def test_kinds_of_expressions_are_what_they_say(spoken: list[tuple[Expression, Shown]]) -> None:
    for one, _ in spoken:
        count = {"unique": "one", "several": "more", "ambiguous": "more", "absent": "none"}[one.kind]
        assert ("none", "one", "more")[min(2, len(one.targets))] == count
        assert re.match(r"(the|all|both) ", one.text)
        assert list(one.targets) == sorted(set(one.targets))


@pytest.fixture(scope="module")
def many(random_picture: Callable[[int], Shown]) -> list[tuple[Expression, Shown]]:
    pictures = [random_picture(seed) for seed in range(30)]
    return [
        (one, shown) for seed, shown in enumerate(pictures) for one in many_expressions(seed, 0, shown, 20)
    ]


def test_many_expressions_mean_what_a_second_reader_finds(many: list[tuple[Expression, Shown]]) -> None:
    read = [(one, reread(one.text, shown)) for one, shown in many]
    plain = [(one, found) for one, found in read if found is not None]
    assert len(plain) > 500
    for one, found in plain:
        assert set(one.targets) == found, one
    count = {"unique": "one", "several": "more", "ambiguous": "more", "absent": "none"}
    assert all(("none", "one", "more")[min(2, len(one.targets))] == count[one.kind] for one, _ in many)


def test_near_misses_are_of_every_kind_and_no_thing_stands_so(many: list[tuple[Expression, Shown]]) -> None:
    absent = [(one.text, shown) for one, shown in many if one.kind == "absent"]
    unrelated = [(text, shown) for text, shown in absent if reread(text, shown) is None]
    assert len(unrelated) > 10
    for text, shown in unrelated:
        named, relation, anchor = re.split(r" (next to|above|on) the ", text)
        things = [one for one in shown if one.pixels >= 25 and one.kind in NOUNS[_noun(named)]["means"]]
        (other,) = [one for one in shown if one.pixels >= 25 and one.kind in NOUNS[anchor]["means"]]
        assert things
        assert other.kind not in {"wall", "floor"}
        if relation == "above":
            assert all(one.box[1] >= other.box[1] or not _overlap(one, other) for one in things)
    coloured = [(text, shown) for text, shown in absent if _colour(text)]
    same_colour = [1 for text, shown in coloured if _colour(text) in {one.colour for one in shown}]
    same_kind = [
        1 for text, shown in coloured if {one.kind for one in shown} & set(NOUNS[_noun(text)]["means"])
    ]
    assert len(same_colour) > 20
    assert len(same_kind) > 20


def _overlap(one: Instance, other: Instance) -> bool:
    shared = min(one.box[0] + one.box[2], other.box[0] + other.box[2]) - max(one.box[0], other.box[0])
    return shared >= 0.1 * one.box[2]


def _colour(text: str) -> str:
    return next((name for word, name in COLOUR_WORDS.items() if re.search(rf"\b{word}\b", text)), "")


def test_relations_hold_in_the_picture(
    spoken: list[tuple[Expression, Shown]], families: list[tuple[FamilyPlan, list[Shown]]]
) -> None:
    rooms = [(one, states[one.state]) for _, states in families for one in expressions(3, states)]
    related = [(one, shown) for one, shown in [*spoken, *rooms] if reread(one.text, shown) is None]
    assert len(related) >= 15
    for one, shown in related:
        relation, anchor = re.split(r" (next to|above|on) the ", one.text)[1:]
        thing = next(each for each in shown if each.id == one.targets[0])
        (other,) = [each for each in shown if each.pixels and each.kind in NOUNS[anchor]["means"]]
        (left, top, width, height), (start, head, wide, _) = thing.box, other.box
        if relation == "next to":
            gap = max(left, start) - min(left + width, start + wide)
            assert gap <= max(width, wide)
            assert abs(thing.depth - other.depth) <= 1
        else:
            assert left < start + wide
            assert start < left + width
            assert top < head
            assert (top + height <= head + 3) == (relation == "above") or relation == "on"


def test_barely_visible_things_make_no_expression_doubtful(spoken: list[tuple[Expression, Shown]]) -> None:
    for one, shown in spoken:
        faint = {each.kind for each in shown if 0 < each.pixels < 25}
        assert not faint & set(NOUNS[_noun(one.text)].get("means", []))


def test_no_expression_turns_on_colours_that_look_alike(spoken: list[tuple[Expression, Shown]]) -> None:
    for one, shown in spoken:
        noun = _noun(one.text)
        said = [name for word, name in COLOUR_WORDS.items() if one.text == f"the {word} {noun}"]
        for each in shown:
            if said and each.pixels and each.kind in NOUNS[noun].get("means", []):
                assert frozenset({said[0], each.colour}) not in SIMILAR_COLOURS


def test_a_family_has_about_fourteen_expressions_for_each_state_used(
    families: list[tuple[FamilyPlan, list[Shown]]],
) -> None:
    counts: Counter[str] = Counter()
    used: list[int] = []  # expressions of each state that has some
    for plan, states in families:
        found = expressions(plan.index, states)
        assert expressions(plan.index, states) == found
        assert len({(one.state, one.text) for one in found}) == len(found)
        assert {one.state for one in found} >= {0}
        if plan.room:
            used.extend(Counter(one.state for one in found).values())
            counts.update(one.kind for one in found)
    assert 11 <= sum(used) / len(used) <= 16
    assert 0.2 <= counts["absent"] / counts.total() <= 0.35
    assert min(counts[name] for name in ("unique", "several", "ambiguous")) > 0
