"""Features of words and of segments: what a tagger sees of an instruction (Lafferty et al., 2001).

Each feature is a text; two words that share one share its weights.
"""

from collections.abc import Iterator, Sequence

from langdesign_reference.cutting import Joint, joint_at
from langdesign_reference.lexicon import Lexicon
from langdesign_reference.tagging.clusters import clusters_of
from langdesign_reference.tagging.segments import ANCHOR, TARGET, Segment
from langdesign_reference.tagging.word_classes import VERBS, classes_of, main_class
from langdesign_reference.words import PUNCTUATION, Word

Features = list[str]
_WINDOW = (-2, -1, 1, 2)
_ENDS = "END"
_DENIALS = frozenset({"keeping.nots", "keeping.refusals", "words.no"})
_KEEPING = frozenset({"keeping.markers", "keeping.bare", "keeping.verbs"})
_AHEAD = (*VERBS, "keeping.predicates", "keeping.tails")
_FAR = 4
"""Words from a joint from which it is no matter how many."""


class Seen:
    """An instruction with what the lexicon knows of its words.

    Args:
        words: Rightly spelt, in the order in which they were said.
        lexicon: Of their language.

    """

    def __init__(self, words: Sequence[Word], lexicon: Lexicon) -> None:
        self.words = words
        self.language = lexicon.language
        self.classes = classes_of(words, lexicon)
        self.main = [main_class(classes) for classes in self.classes]
        self.clusters = [clusters_of(word.key) if self.language == "en" else None for word in words]
        self.joints = [joint_at(words, index, lexicon) for index in range(len(words))]
        self.asked = bool(words) and words[-1].key == "?"

    def starts_sentence(self, index: int) -> bool:
        """Whether a word is a verb with which a sentence starts."""
        joint = self.joints[index - 1] if index else None
        return joint is not None and joint[0] is Joint.STOP and self.main[index].startswith("verbs.")

    def word_features(self) -> list[Features]:
        """Return the features of each word."""
        before, after = list(self._before()), self._ahead()
        return [self._of_word(index, before[index], after[index]) for index in range(len(self.words))]

    def _of_word(self, index: int, before: "_Before", ahead: str) -> Features:
        word, classes, main = self.words[index], self.classes[index], self.main[index]
        key, last = word.key, len(self.words) - 1
        found = ["b", f"k={key}", f"s={self.language}{key[-3:]}", f"l={self.language}"]
        found += [name for name, holds in self._shape(word, index, last) if holds]
        for name in classes:
            found += (
                name,
                f"{self.language}{name}",
                f"{name},v={before.verb}",
                f"{name},p={before.preposition}",
            )
            found.append(f"{name},a={ahead}")
            if before.mark:
                found.append(f"{name},{before.mark}")
        for step in _WINDOW:
            at = index + step
            if 0 <= at <= last:
                found.append(f"k{step}={self.words[at].key}")
                found += [f"{step}{name}" for name in self.classes[at]]
            else:
                found.append(f"k{step}={_ENDS}")
        found += self._clusters(index)
        left = self.main[index - 1] if index else _ENDS
        right = self.main[index + 1] if index < last else _ENDS
        found += (f"m-={left} {main}", f"m+={main} {right}", f"m-+={left} {main} {right}")
        if index:
            found.append(f"kk={self.words[index - 1].key} {key}")
        return found + before.features(ahead)

    def _clusters(self, index: int) -> Features:
        """Return the clusters of a word, and of its neighbours."""
        found = Features()
        for step in (-1, 0, 1):
            at = index + step
            clusters = self.clusters[at] if 0 <= at < len(self.words) else None
            if clusters:
                coarse, medium, fine = clusters
                found += (f"{step}c={coarse}", f"{step}d={medium}", *([f"e={fine}"] if not step else []))
        return found

    def _shape(self, word: Word, index: int, last: int) -> Iterator[tuple[str, bool]]:
        yield "capital", word.text[:1].isupper()
        yield "digit", any(character.isdigit() for character in word.key)
        yield "first", index == 0
        yield "last", index == last
        yield "asked", self.asked

    def _before(self) -> Iterator["_Before"]:
        """Yield what was said before each word, as far as it bears on it."""
        state = _Before()
        for index, word in enumerate(self.words):
            yield state
            state = state.after(self.classes[index])
            joint = self.joints[index]
            if joint or word.key in PUNCTUATION:
                state = state.joined(joint[0] if joint else None)

    def _ahead(self) -> list[str]:
        """Return for each word the verb, or what stands for one, or the joint that comes next."""
        found, following = list[str](), _ENDS
        for index in reversed(range(len(self.words))):
            found.append(following)
            following = _first(self.classes[index], _AHEAD) or following
            if self.joints[index]:
                following = "joint"
        return found[::-1]

    def segment_features(self, segments: Sequence[Segment], number: int) -> Features:
        """Return the features of a segment, whose operation is to be told."""
        segment = segments[number]
        spans = segment.spans
        kinds = "".join(sorted({one.kind for one in spans}))
        found = ["b", f"l={self.language}", f"sig={''.join(one.kind for one in spans)}", f"has={kinds}"]
        found += [f"n={min(number, 2)}", f"of={min(len(segments), 3)}"]
        found += ["asked"] if self.asked else []
        if number:
            found.append(f"before={''.join(one.kind for one in segments[number - 1].spans)}")
        inside = {at: one.kind for one in spans for at in range(one.first, one.end)}
        outside = [at for at in range(segment.start, segment.end) if at not in inside]
        found += self._outside(outside, kinds)
        for at, kind in inside.items():
            found.append(f"{kind}.k={self.words[at].key}")
            found += [f"{kind}.{name}" for name in self.classes[at]]
            found += self._meaning(at, f"{kind}.")
        for one in spans:
            if one.kind in {TARGET, ANCHOR}:
                found += self._beside(one.first - 1, f"{one.kind}<", segment)
                found += self._beside(one.end, f"{one.kind}>", segment)
        return found

    def _outside(self, places: Sequence[int], kinds: str) -> Features:
        found, verbs = Features(), list[str]()
        for place, following in zip(places, [*places, -1][1:], strict=True):
            key = self.words[place].key
            found += (f"k={key}", f"k={key},{kinds}", *self._meaning(place, ""))
            for name in self.classes[place]:
                found += (name, f"{name},{kinds}")
                verbs += [name] if name.startswith(VERBS) else []
            if following == place + 1:
                found += (
                    f"kk={key} {self.words[following].key}",
                    f"mm={self.main[place]} {self.main[following]}",
                )
        spoken = [at for at in places if self.main[at] not in {"punctuation", "words.conjunctions"}]
        if spoken:
            found.append(f"first={self.words[spoken[0]].key}")
            found += [f"first {name}" for name in self.classes[spoken[0]]]
        first = verbs[0] if verbs else "-"
        found += (f"verbs={min(len(verbs), 3)}", f"verb={first}", f"verb={first},{kinds}")
        told = {name for at in places for name in self.classes[at] if name.startswith("attributes.")}
        found += [f"va={first} {name}" for name in sorted(told)]
        return found

    def _meaning(self, index: int, start: str) -> Features:
        clusters = self.clusters[index]
        return [f"{start}d={clusters[1]}", f"{start}e={clusters[2]}"] if clusters else []

    def _beside(self, index: int, side: str, segment: Segment) -> Features:
        if not segment.start <= index < segment.end:
            return [f"{side}{_ENDS}"]
        return [f"{side}k={self.words[index].key}", *(f"{side}{name}" for name in self.classes[index])]


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

    def after(self, classes: Sequence[str]) -> "_Before":
        """Return what is said before the word that follows one of these classes."""
        prepositions = [name for name in classes if name.startswith("prepositions.")]
        mark = self.mark
        if not _DENIALS.isdisjoint(classes):
            mark = "denied"
        if not _KEEPING.isdisjoint(classes):
            mark = "kept"
        return _Before(
            _first(classes, VERBS) or self.verb,
            "+".join(prepositions) or self.preposition,
            mark,
            self.distance + 1,
            self.named or "nouns" in classes,
        )

    def joined(self, joint: Joint | None) -> "_Before":
        """Return what is left of it after a joint, or punctuation that joins nothing."""
        ends = joint is Joint.STOP
        keeps = joint is None or joint is Joint.AND
        return _Before("-" if ends else self.verb, mark=self.mark if keeps else "")

    def features(self, ahead: str) -> Features:
        """Return the features of a word with this before it, and a verb or joint ahead."""
        far = min(self.distance, _FAR)
        found = [f"v={self.verb}", f"p={self.preposition}", f"vp={self.verb} {self.preposition}", f"d={far}"]
        found += [f"vd={self.verb} {far}", f"a={ahead}", f"va={self.verb} {ahead}", f"n={self.named}"]
        return [*found, self.mark] if self.mark else found


def _first(classes: Sequence[str], starts: tuple[str, ...]) -> str:
    return next((name for name in classes if name.startswith(starts)), "")
