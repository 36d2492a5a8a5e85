"""What tags ask for is said in English."""

from dataclasses import replace

from langdesign_reference.lexicon import load_lexicon
from langdesign_reference.parser import spelt
from langdesign_reference.tagging.composing import reading_of
from langdesign_reference.tagging.passages import Passage, Span

TEXT = "Remove the lamp and paint the wall blue"
PASSAGES = [
    Passage(0, 3, [Span(1, 3, "T")], "remove"),
    Passage(3, 8, [Span(5, 7, "T"), Span(7, 8, "V")], "recolour"),
]


def test_edits_are_said_one_by_one():
    lexicon = load_lexicon("en")
    words, corrections = spelt(TEXT, lexicon)
    told = reading_of(TEXT, words, PASSAGES, corrections, lexicon)
    assert [one.instruction for one in told.edits] == ["remove the lamp", "make the wall blue"]
    assert [one.references[0].expression for one in told.edits] == ["the lamp", "the wall"]


def test_an_edit_that_is_known_is_taken_as_it_is():
    lexicon = load_lexicon("en")
    words, corrections = spelt(TEXT, lexicon)
    removal, painting = reading_of(TEXT, words, PASSAGES, corrections, lexicon).edits
    known = (replace(removal, instruction="take the lamp away"), replace(painting, references=()))
    told = reading_of(TEXT, words, PASSAGES, corrections, lexicon, known)
    assert [one.instruction for one in told.edits] == ["take the lamp away", "make the wall blue"]
