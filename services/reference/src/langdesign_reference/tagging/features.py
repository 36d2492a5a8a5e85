"""Features of words: what a tagger sees of an instruction beside letters and meanings.

Each feature is a text; two words that share one share its row of the embedding.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from langdesign_reference.cutting import Joint, joint_at
from langdesign_reference.lexicon import Lexicon
from langdesign_reference.tagging.vocabulary import KEY
from langdesign_reference.tagging.word_classes import VERBS, classes_of, main_class
from langdesign_reference.words import PUNCTUATION, Word

_ENDS = "END"
_DENIALS = frozenset({"keeping.nots", "keeping.refusals", "words.no"})
_KEEPING = frozenset({"keeping.markers", "keeping.bare", "keeping.verbs"})
_AHEAD = (*VERBS, "keeping.predicates", "keeping.tails")
_FAR = 4
"""Words from a joint from which it is no matter how many."""


def features_of(words: Sequence[Word], lexicon: Lexicon) -> list[list[str]]:
    """Return the features of each word.

    Args:
        words: Rightly spelt, in the order in which they were said.
        lexicon: Of their language.

    """
    seen = _Seen(words, lexicon)
    before, after = list(seen.before()), seen.ahead()
    return [seen.of_word(index, before[index], after[index]) for index in range(len(words))]


class _Seen:
    """An instruction with what the lexicon knows of its words."""

    def __init__(self, words: Sequence[Word], lexicon: Lexicon) -> None:
        self.words = words
        self.language = lexicon.language
        self.classes = classes_of(words, lexicon)
        self.joints = [joint_at(words, index, lexicon) for index in range(len(words))]
        self.asked = bool(words) and words[-1].key == "?"

    def of_word(self, index: int, before: "_Before", ahead: str) -> list[str]:
        """Return the features of a word with this before it, and a verb or joint ahead."""
        word, classes, joint = self.words[index], self.classes[index], self.joints[index]
        shape = (
            ("capital", word.text[:1].isupper()),
            ("digit", not word.key.isalpha() and any(character.isdigit() for character in word.key)),
            ("first", index == 0),
            ("last", index == len(self.words) - 1),
            ("asked", self.asked),
        )
        found = [f"l={self.language}", KEY + word.key, *classes, f"m={main_class(classes)}"]
        found += [*before.features(), f"a={ahead}", *(name for name, holds in shape if holds)]
        return [*found, f"j={joint[0].name}"] if joint else found

    def before(self) -> Iterator["_Before"]:
        """Yield what was said before each word, as far as it bears on it."""
        state = _Before()
        for index, word in enumerate(self.words):
            yield state
            state = state.after(self.classes[index])
            joint = self.joints[index]
            if joint or word.key in PUNCTUATION:
                state = state.joined(joint[0] if joint else None)

    def ahead(self) -> list[str]:
        """Return for each word the verb, or what stands for one, or the joint that comes next."""
        found, following = list[str](), _ENDS
        for index in reversed(range(len(self.words))):
            found.append(following)
            following = _told(self.classes[index]).ahead or following
            if self.joints[index]:
                following = "joint"
        return found[::-1]


class _Before:
    """What was said before a word in its clause.

    Attributes:
        verb: Class of the verb said last in the sentence.
        preposition: Classes of the preposition said last since a joint.
        mark: Whether something is denied, or kept.
        distance: Words since the last joint.
        named: Whether a noun was said since then.

    """

    __slots__ = ("distance", "mark", "named", "preposition", "verb")

    def __init__(
        self, verb: str = "-", preposition: str = "-", mark: str = "", distance: int = 0, named: bool = False
    ) -> None:
        self.verb, self.preposition, self.mark = verb, preposition, mark
        self.distance, self.named = distance, named

    def after(self, classes: tuple[str, ...]) -> "_Before":
        """Return what is said before the word that follows one of these classes."""
        told = _told(classes)
        return _Before(
            told.verb or self.verb,
            told.preposition or self.preposition,
            told.mark or self.mark,
            self.distance + 1,
            self.named or told.named,
        )

    def joined(self, joint: Joint | None) -> "_Before":
        """Return what is left of it after a joint, or punctuation that joins nothing."""
        ends = joint is Joint.STOP
        keeps = joint is None or joint is Joint.AND
        return _Before("-" if ends else self.verb, mark=self.mark if keeps else "")

    def features(self) -> list[str]:
        """Return them as features of the word that follows."""
        far = min(self.distance, _FAR)
        mark = [f"M{self.mark}"] if self.mark else []
        return [f"v={self.verb}", f"p={self.preposition}", f"d={far}", f"n={self.named}", *mark]


@dataclass(frozen=True, slots=True)
class _Told:
    """What classes tell of the words after and before: see `_Before`; `ahead` is what stands for a verb."""

    verb: str
    preposition: str
    mark: str
    named: bool
    ahead: str


@lru_cache(maxsize=4096)
def _told(classes: tuple[str, ...]) -> _Told:
    mark = "denied" if not _DENIALS.isdisjoint(classes) else ""
    return _Told(
        _first(classes, VERBS),
        "+".join(name for name in classes if name.startswith("prepositions.")),
        "kept" if not _KEEPING.isdisjoint(classes) else mark,
        "nouns" in classes,
        _first(classes, _AHEAD),
    )


def _first(classes: Sequence[str], starts: tuple[str, ...]) -> str:
    return next((name for name in classes if name.startswith(starts)), "")
