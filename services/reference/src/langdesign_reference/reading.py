"""The embedded reader: the parser's rules and the learned tagger beside them, the likelier of the two."""

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.parser import read_words, spelt
from langdesign_reference.plan import Reading
from langdesign_reference.tagging.choice import Readings, load_choice
from langdesign_reference.tagging.composing import reading_of
from langdesign_reference.tagging.tagger import load_tagger


def read(instruction: str, lexicon: Lexicon) -> Reading | None:
    """Read an instruction without any language model; None when nobody can.

    Deterministic. A reading without edits says that nothing is asked for: a question, "don't touch the bed".
    Its confidence is the chance that it is right, as fitted on sentences of writers whom neither reader knew.
    """
    return load_choice().choose(readings_of(instruction, lexicon))


def readings_of(instruction: str, lexicon: Lexicon) -> Readings:
    """Return what the parser and the tagger make of an instruction."""
    words, corrections = spelt(instruction, lexicon)
    parsed = read_words(instruction, words, corrections, lexicon)
    tagged = load_tagger().tag(words, lexicon)
    known = parsed[0].edits if parsed else ()
    reading = reading_of(instruction, words, tagged.passages, corrections, lexicon, known)
    return Readings(parsed, reading, tagged, words, lexicon.language)
