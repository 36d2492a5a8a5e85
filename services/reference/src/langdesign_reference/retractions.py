"""Tells when an instruction takes back all that it asks for: "remove the bed, actually don't"."""

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.words import PUNCTUATION, Words


def takes_all_back(words: Words, lexicon: Lexicon) -> bool:
    """Whether the last words withdraw what is said before them, or are all that is said: "never mind".

    Where another request follows ("no, make it green") nothing is withdrawn here: that is a correction.
    """
    end = _end(words, len(words), lexicon)
    if end < len(words) and words[end].key == "?":
        return False  # "you can remove it, no?"
    return any(_withdraws(words[start:end], lexicon, doubted=start == 0) for start in range(end))


def _end(words: Words, end: int, lexicon: Lexicon) -> int:
    """Return where what is said ends: before marks and politeness, but never before a withdrawal."""
    while end:
        filler = lexicon.words.fillers.length_before(words, end)
        kinds = (lexicon.retractions.outright, lexicon.retractions.doubtful, lexicon.retractions.doubts)
        if words[end - 1].key in PUNCTUATION:
            end -= 1
        elif filler and not any(kind.length_before(words, end) for kind in kinds):
            end -= filler
        else:
            break
    return end


def _withdraws(words: Words, lexicon: Lexicon, *, doubted: bool) -> bool:
    """Whether words are a withdrawal and nothing else: doubts, then what withdraws, once or more often."""
    retractions, index, withdrawn = lexicon.retractions, 0, False
    while index < len(words):
        doubt = retractions.doubts.length_at(words, index)
        doubtful = retractions.doubtful.length_at(words, index) if doubted else 0
        withdraws = max(doubtful, retractions.outright.length_at(words, index))
        if not doubt and not withdraws and words[index].key not in PUNCTUATION:
            return False
        doubted = doubted or max(doubt, withdraws) > 0
        withdrawn = withdrawn or (withdraws > 0 and withdraws >= doubt)
        index += max(doubt, withdraws, 1)
    return withdrawn
