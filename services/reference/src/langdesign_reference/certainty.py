"""How sure a reading is: what speaks against it, and the chance that it is right all the same."""

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields, replace

from langdesign_reference.asked import Asked
from langdesign_reference.clause import Clause
from langdesign_reference.lexicon import Lexicon
from langdesign_reference.plan import Correction
from langdesign_reference.words import PUNCTUATION, Word


@dataclass(frozen=True)
class Evidence:
    """What speaks against a reading, as counts.

    Attributes:
        dropped: Clauses that ask for something nobody can tell.
        guessed: Values whose meaning is in no list.
        corrected: Slips that were read as another word.
        unread: Nouns and attributes that play no part in any edit.
        unknown: Words in no list.
        bare: 1 where an edit has no verb.
        clauses: Clauses beyond the first, up to three.
        words: Words beyond the sixth of each edit: the longer, the more can be meant otherwise.
        nothing: 1 where no edit was read.

    """

    dropped: int = 0
    guessed: int = 0
    corrected: int = 0
    unread: int = 0
    unknown: int = 0
    bare: int = 0
    clauses: int = 0
    words: int = 0
    nothing: int = 0

    def seen(
        self,
        words: Sequence[Word],
        clauses: Sequence[Clause],
        asked: Sequence[Asked],
        corrections: Sequence[Correction],
        lexicon: Lexicon,
    ) -> "Evidence":
        """Return the evidence with what the whole instruction shows."""
        used = {word.start for one in asked for argument in one.arguments for word in argument.words}
        used |= {word.start for one in asked for word in (*one.verb, *one.value, *one.link, *one.whole)}
        used |= {word.start for one in asked for value in one.more for word in value}
        spoken = [index for index, word in enumerate(words) if word.key not in PUNCTUATION]
        said = [index for index in spoken if _says_something(words, index, lexicon)]
        return replace(
            self,
            corrected=len(corrections),
            unread=sum(words[index].start not in used for index in said) if asked else 0,
            unknown=sum(words[i].key not in lexicon.vocabulary for i in spoken if i not in said),
            bare=int(any(not one.verb for one in asked)),
            clauses=min(_MOST_CLAUSES, max(0, len(clauses) - 1)),
            words=max(0, len(spoken) - _PLAIN * max(1, len(asked))),
            nothing=int(not asked),
        )


_MOST_CLAUSES = 3
"""Clauses that are counted: no set says what more of them are worth."""
_PLAIN = 6
"""Words of an edit that is said plainly."""


def _says_something(words: Sequence[Word], index: int, lexicon: Lexicon) -> bool:
    return bool(lexicon.noun_at(words, index) or lexicon.attribute_length(words, index))


# Fitted by `python -m langdesign_reference.fitting` on overheard.jsonl and first_heard.jsonl, as three
# strangers speak, with the parser of f750ddf, which nothing in them had changed yet: what was mended by a set
# tells nothing of others. The weight of `corrected`, of which these tell nothing, is of the sets before.
_START = 2.332
_WEIGHTS = (-0.237, -0.120, -0.060, -0.486, -0.422, -0.252, -0.549, -0.037, -0.086)


def confidence(evidence: Evidence) -> float:
    """Return the chance that the reading is right, 0..1."""
    score = _START + sum(a * b for a, b in zip(_WEIGHTS, astuple(evidence), strict=True))
    return 1 / (1 + math.exp(-score))


NAMES = tuple(field.name for field in fields(Evidence))
"""What is counted, in order."""
