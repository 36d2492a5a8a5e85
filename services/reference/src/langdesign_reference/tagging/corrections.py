"""What is put right after it was said: "make the sofa red, no, green"."""

from collections.abc import Iterator

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.tagging.passages import VALUE, Passage
from langdesign_reference.words import PUNCTUATION, Words


def put_right(passage: Passage, words: Words, lexicon: Lexicon) -> bool:
    """Leave out the values of a passage that others are put in the place of; return whether there are any."""
    values = passage.of(VALUE)
    for start, end in _corrections(passage, words, lexicon):
        before = [one for one in values if one.end <= start]
        if before and any(one.first >= end for one in values):
            passage.spans = [one for one in passage.spans if one not in before]
            return True
    return False


def keeps_what_is_put_right(passage: Passage, words: Words, lexicon: Lexicon) -> bool:
    """Whether a value is put right and nothing is known of the new one: the passage says the wrong one."""
    for start, end in _corrections(passage, words, lexicon):
        known = any(one.first >= end for one in passage.spans)
        if not known and any(one.end <= start for one in passage.of(VALUE)):
            return True
    return False


def _corrections(passage: Passage, words: Words, lexicon: Lexicon) -> Iterator[tuple[int, int]]:
    """Yield where words stand that put right; single ones after a mark alone: "I actually like it"."""
    for at in range(passage.start + 1, passage.end - 1):
        length = lexicon.retractions.corrections.length_at(words, at)
        if length > 1 or (length and words[at - 1].key in PUNCTUATION):
            yield at, at + length
