"""What the tagger is told of the parser's reading."""

from langdesign_reference.lexicon import load_lexicon
from langdesign_reference.parser import spelt, understand
from langdesign_reference.tagging.hints import UNPARSED, hints_of, no_hints


def hints(text: str) -> dict[str, list[str]]:
    lexicon = load_lexicon("en")
    words, corrections = spelt(text, lexicon)
    found = hints_of(words, understand(words, corrections, lexicon))
    return {word.key: some for word, some in zip(words, found, strict=True)}


def test_words_of_an_edit_are_told_by_their_part_in_it():
    found = hints("Paint the wall blue")
    assert "r=verb:recolour" in found["paint"]
    assert "r=B-T:recolour" in found["the"]
    assert "r=I-T:recolour" in found["wall"]
    assert "r=B-V:recolour" in found["blue"]
    assert all("r=edits-1" in some for some in found.values())


def test_what_stays_and_what_is_added_are_told_apart():
    found = hints("Remove everything but the sofa and add a lamp on the table")
    assert "r=I-K:remove" in found["sofa"]
    assert "r=I-A:add" in found["table"]
    assert any(one.endswith("-V:add") for one in found["lamp"])


def test_where_the_next_edit_starts_and_what_it_means_of_the_one_before_is_told():
    found = hints("Remove the rug and paint it blue")
    assert "r=next" not in found["rug"]
    assert "r=next" in found["paint"]
    assert "r=implied-T" in found["paint"]
    assert "r=edits-2" in found["remove"]
    assert not any(one.startswith("r=implied") for one in found["remove"])


def test_words_that_no_rule_fits_are_told_as_such():
    words, _ = spelt("frobnicate", load_lexicon("en"))
    assert hints_of(words, None) == [[UNPARSED]]
    assert no_hints(words) == [[]]


def test_what_speaks_against_a_reading_and_how_sure_it_is_is_told():
    plain, slip = hints("Remove the lamp"), hints("Remove the lmap")
    assert "r=corrected" in slip["lamp"]
    assert "r=corrected" not in plain["lamp"]
    assert any(one.startswith("r=sure-") for one in plain["lamp"])
