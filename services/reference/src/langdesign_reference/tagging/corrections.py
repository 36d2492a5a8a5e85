"""What is put right after it was said: "make the sofa red, no, green"."""

from collections.abc import Iterator

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.plan import Operation
from langdesign_reference.tagging.passages import ANCHOR, TARGET, VALUE, Passage, Span
from langdesign_reference.words import PUNCTUATION, Words


def put_right(passage: Passage, words: Words, lexicon: Lexicon) -> bool:
    """Leave out the values of a passage that others are put in the place of; return whether there are any.

    Those count too that the network left out by itself. What is put right by "ones" is what was named first:
    "black curtains, actually white ones".
    """
    values = passage.of(VALUE)
    for start, end in _corrections(passage, words, lexicon):
        before = [one for one in values if one.end <= start]
        left_out = [at for at in passage.outside() if at < start and _says_a_value(words, at, lexicon)]
        if (before or left_out) and any(one.first >= end for one in values):
            passage.spans = [one for one in passage.spans if one not in before]
            _name(passage, words, start, lexicon)
            return True
    return False


def _says_a_value(words: Words, at: int, lexicon: Lexicon) -> bool:
    return bool(lexicon.noun_at(words, at) or lexicon.attribute_length(words, at))


def _name(passage: Passage, words: Words, start: int, lexicon: Lexicon) -> None:
    """Let the noun before a correction be meant, where a passage names nothing but "ones"."""
    again = any(words[at].key in lexicon.words.proforms for at in passage.outside() if at > start)
    if not again or passage.operation == Operation.ADD or passage.of(TARGET, ANCHOR):
        return
    for end in range(start, passage.start, -1):
        if length := lexicon.noun_before(words, end):
            passage.spans = sorted([*passage.spans, Span(end - length, end, TARGET)])
            return


def keeps_what_is_put_right(passage: Passage, words: Words, lexicon: Lexicon) -> bool:
    """Whether a value is put right and nothing is known of the new one: the passage says the wrong one."""
    for start, end in _corrections(passage, words, lexicon):
        if any(one.first >= end for one in passage.spans):
            continue
        outside = [at for at in passage.outside() if _says_a_value(words, at, lexicon)]
        left_out = any(at < start for at in outside) and any(at >= end for at in outside)
        if left_out or any(one.end <= start for one in passage.of(VALUE)):
            return True
    return False


def _corrections(passage: Passage, words: Words, lexicon: Lexicon) -> Iterator[tuple[int, int]]:
    """Yield where words stand that put right; single ones after a mark alone: "I actually like it"."""
    for at in range(passage.start + 1, passage.end - 1):
        length = lexicon.retractions.corrections.length_at(words, at)
        if length > 1 or (length and words[at - 1].key in PUNCTUATION):
            yield at, at + length
