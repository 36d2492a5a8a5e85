"""How sure a reading is: what speaks against it, and the chance that it is right all the same."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from langdesign_reference.asked import Asked
from langdesign_reference.clauses import Clause
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
        unread: Words of content that play no part in any edit.
        bare: Edits without a verb.
        edits: Edits.

    """

    dropped: int = 0
    guessed: int = 0
    corrected: int = 0
    unread: int = 0
    bare: int = 0
    edits: int = 0

    def seen(
        self,
        words: Sequence[Word],
        said: Sequence[Word],
        clauses: Sequence[Clause],
        asked: Sequence[Asked],
        corrections: Sequence[Correction],
        lexicon: Lexicon,
    ) -> "Evidence":
        """Return the evidence with what the whole instruction shows."""
        used = {word.start for one in asked for argument in one.arguments for word in argument.words}
        used |= {word.start for one in asked for word in (*one.verb, *one.value, *one.link, *one.whole)}
        content = [word for word in said if word.key not in PUNCTUATION]
        unread = sum(word.start not in used for word in content)
        return replace(
            self,
            corrected=len(corrections),
            unread=unread,
            bare=sum(not one.verb for one in asked),
            edits=len(asked),
        )


_WEIGHTS = {"dropped": -1.5, "guessed": -1.0, "corrected": -0.5, "unread": -0.25, "bare": -0.2, "edits": -0.1}
_START = 2.6


def confidence(evidence: Evidence) -> float:
    """Return the chance that the reading is right, 0..1."""
    score = _START + sum(weight * getattr(evidence, name) for name, weight in _WEIGHTS.items())
    return 1 / (1 + math.exp(-score))
