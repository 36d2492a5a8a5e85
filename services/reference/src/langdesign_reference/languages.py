"""Which language an instruction is in, by the words that the lexicons know."""

from collections.abc import Mapping, Sequence

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.words import Word

UNDETERMINED = "und"
"""BCP 47's tag for a language that is not known."""
# Words that every instruction of a language has; content words would mislead ("orange", "in").
_TELLING = ("openers", "determiners", "indefinite", "conjunctions", "pronouns")


def detect(words: Sequence[Word], lexicons: Mapping[str, Lexicon]) -> str:
    """Return the tag of the language whose words cover most of the instruction; `und` when none does."""
    scores = {tag: _covered(words, lexicon) for tag, lexicon in lexicons.items()}
    best = max(scores, key=lambda tag: scores[tag])
    return best if scores[best] else UNDETERMINED


def _covered(words: Sequence[Word], lexicon: Lexicon) -> float:
    telling = [getattr(lexicon.words, kind) for kind in _TELLING]
    score = 0.0
    for index in range(len(words)):
        lengths = [kind.length_at(words, index) for kind in (*telling, lexicon.joining)]
        verb = lexicon.verbs.longest_at(words, index)
        score += max(*lengths, verb[1] if verb else 0)
        score += 0.5 * bool(lexicon.attribute_length(words, index))
        score += 0.6 * bool(lexicon.noun_at(words, index))  # "no telly" says nothing else
    # A verb in front tells most: prepositions such as "in" belong to several languages.
    return score + 2 * bool(lexicon.verb_at(words, 0))
