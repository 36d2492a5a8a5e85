"""The embedded reader: the parser's rules and the learned tagger beside them, the likelier of the two."""

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.parser import spelt, understand, written
from langdesign_reference.plan import Reading
from langdesign_reference.tagging.choice import Readings, load_choice
from langdesign_reference.tagging.composing import reading_of
from langdesign_reference.tagging.tagger import Tagger, load_tagger


def read(instruction: str, lexicon: Lexicon) -> Reading | None:
    """Read an instruction without any language model; None when nobody can.

    Deterministic. A reading without edits says that nothing is asked for: a question, "don't touch the bed".
    Its confidence is the chance that it is right, as fitted on sentences of writers whom neither reader knew.
    """
    return load_choice().choose(readings_of(instruction, lexicon))


def readings_of(instruction: str, lexicon: Lexicon, tagger: Tagger | None = None) -> Readings:
    """Return what the parser and a tagger make of an instruction; without one, that of the package."""
    words, corrections = spelt(instruction, lexicon)
    found = understand(words, corrections, lexicon)
    parsed = written(instruction, found, corrections, lexicon) if found else None
    tagged = (tagger or load_tagger()).tag(words, lexicon, found)
    known = parsed.edits if parsed and not tagged.corrected else ()  # the rules say both values
    reading = reading_of(instruction, words, tagged.passages, corrections, lexicon, known)
    told = (parsed, found.evidence) if parsed and found else None
    return Readings(told, reading, tagged, words, lexicon.language, forbidden=bool(found and found.forbids))
