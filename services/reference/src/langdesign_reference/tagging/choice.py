"""Chooses between what the parser and the tagger read, and says how likely the chosen one is right.

Logistic regressions over what both say of themselves, fitted on writers whom neither had seen: one of
readings in which both agree, and where they differ one for each of them.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from functools import cache, cached_property
from importlib import resources

from langdesign_reference.certainty import NAMES, Evidence
from langdesign_reference.lexicon import Lexicon, load_lexicon
from langdesign_reference.plan import MAX_EDITS, MAX_REFERENCES, Operation, PlannedEdit, Reading, Role, Scope
from langdesign_reference.tagging.corrections import keeps_what_is_put_right
from langdesign_reference.tagging.passages import TARGET, VALUE
from langdesign_reference.tagging.plausibility import spans_chances
from langdesign_reference.tagging.tagger import Tagged
from langdesign_reference.words import Words

FILE = "choice.json"
BOTH, PARSER, TAGGER = "both", "parser", "tagger"
"""What is judged: a reading in which both agree, and that of either where they differ."""
FEATURES = (
    "always",
    "unparsed",
    "parser",
    "tags",
    "operations",
    "edits_parsed",
    "edits_tagged",
    "words",
    "unlikely",
    "parsed_spans",
    "tagged_spans",
    "same_operations",
    "several",
    "de",
    "ro",
    *(f"against_{name}" for name in NAMES),
)
"""What a weight stands for: whether no rule fits, the parser's log-odds, logarithms of the tagger's chances,
numbers of edits, tens of words, the logarithm of the chance that the tagger errs and of what it makes of the
spans of both plans, whether both have the same operations, whether either has several edits, the language,
and the evidence against the parser's reading."""
_SURE = 0.7
"""Chance of the tagger's reading from which it stands against the rules' reading of a plain sentence."""
_LEAST_ERROR = 1e-3
_LEAST_SPANS = -12.0
"""Bounds of logarithms: beyond them nothing more is known."""
_NO_EVIDENCE = (0.0,) * len(NAMES)


@dataclass(frozen=True)
class Readings:
    """What both readers make of an instruction.

    Attributes:
        parsed: The parser's reading with its evidence; None where no rule fits.
        tagged: The tagger's reading.
        tags: What that is drawn from.
        words: Of the instruction, rightly spelt.
        language: BCP 47 tag.
        forbidden: Whether the rules find nothing said but that nothing should be done.

    """

    parsed: tuple[Reading, Evidence] | None
    tagged: Reading
    tags: Tagged
    words: Words
    language: str
    forbidden: bool = False

    @property
    def agree(self) -> bool:
        """Whether both read the same edits."""
        return self.parsed is not None and self.parsed[0].same_plan(self.tagged)

    @property
    def mixed(self) -> bool:
        """Whether the tagger gives several things several values, which the parser tells apart.

        "Bed red, walls blue, keep the curtain" would be one edit, of both to red and blue.
        """
        apart = self.parsed is not None and len(self.parsed[0].edits) > len(self.tagged.edits)
        return apart and any(min(len(one.of(TARGET)), len(one.of(VALUE))) > 1 for one in self.tags.passages)

    @property
    def strays(self) -> bool:
        """Whether the tagger takes a thing of a remark: "I like the bed, but could the rug be red?"."""
        if self.parsed is None or len(self.parsed[0].edits) != 1 or len(self.tagged.edits) != 1:
            return False
        (one,), (other,) = self.parsed[0].edits, self.tagged.edits
        parsed, tagged = _targets(one), _targets(other)
        if one.operation is not other.operation or not parsed < tagged:
            return False
        found = load_lexicon(self.language).retractions.asides.find(self.words, 0)
        if found is None:
            return False
        aside = self.words[found[0]].start
        return len({start < aside for start in parsed} | {start > aside for start in tagged - parsed}) == 1

    @property
    def misplaced(self) -> bool:
        """Whether the tagger takes a place for what a thing becomes: "don't bin it, put it in a basket"."""
        anchors = load_lexicon(self.language).prepositions.anchor
        return self.parsed is not None and any(
            one.operation == Operation.REPLACE and anchors.length_at(self.words, value.first)
            for one in self.tags.passages
            for value in one.of(VALUE)
        )

    def contradicts(self, reading: Reading) -> bool:
        """Whether the words speak against edits: nobody should do them then.

        A value that is put right after it was said is none ("black, no, white"). What stays, or lies on a
        thing that is named, is not everything. What stays does not change ("swap the rug. Leave the rug").
        What is said again of a thing that is not named is not meant of the room ("I said blue, not green").
        """
        if not reading.edits:
            return False
        lexicon = load_lexicon(self.language)
        wrong = any(keeps_what_is_put_right(one, self.words, lexicon) for one in self.tags.passages)
        wiped = any(_takes_everything(one, lexicon) for one in reading.edits)
        both = any(_changes_what_stays(one, lexicon) for one in reading.edits)
        again = any(_is_of_the_room(one) for one in reading.edits) and self._only_corrects(lexicon)
        return wrong or both or again or (wiped and self._names_less_than_all(reading, lexicon))

    def _only_corrects(self, lexicon: Lexicon) -> bool:
        """Whether a value is said again and the room is not named: "I said blue, not green"."""
        corrects = lexicon.retractions.corrections.length_at(self.words, 0) > 1
        return corrects and lexicon.heads.whole.find(self.words, 0) is None

    def _names_less_than_all(self, reading: Reading, lexicon: Lexicon) -> bool:
        words = self.words
        if lexicon.keeping.predicates.find(words) is not None:
            return True
        held = [(one.start, one.end) for edit in reading.edits for one in edit.references]
        free = [at for at, word in enumerate(words) if not any(a <= word.start < b for a, b in held)]
        whole = lexicon.heads.whole
        return any(lexicon.noun_at(words, at) and not whole.length_at(words, at) for at in free)

    @cached_property
    def features(self) -> list[float]:
        """What a choice is drawn from, in the order of `FEATURES`."""
        sure, evidence, parsed = 0.0, _NO_EVIDENCE, tuple[PlannedEdit, ...]()
        if self.parsed:
            reading, against = self.parsed
            sure = math.log(reading.confidence / (1 - reading.confidence))
            parsed, evidence = reading.edits, astuple(against)
        wrong = 1 - math.exp(self.tags.tags + self.tags.operations)
        of_parsed, of_tagged = (
            max(_LEAST_SPANS, one)
            for one in spans_chances((parsed, self.tagged.edits), self.words, self.tags)
        )
        return [
            1.0,
            float(self.parsed is None),
            sure,
            self.tags.tags,
            self.tags.operations,
            float(len(parsed)),
            float(len(self.tagged.edits)),
            len(self.words) / 10,
            math.log(max(_LEAST_ERROR, wrong)),
            of_parsed if self.parsed else _LEAST_SPANS,
            of_tagged,
            float(_operations(parsed) == _operations(self.tagged.edits)),
            float(max(len(parsed), len(self.tagged.edits)) > 1),
            float(self.language == "de"),
            float(self.language == "ro"),
            *map(float, evidence),
        ]


def _targets(edit: PlannedEdit) -> set[int]:
    return {one.start for one in edit.references if one.role is Role.TARGET}


def _changes_what_stays(edit: PlannedEdit, lexicon: Lexicon) -> bool:
    named = {
        role: {_named(one.expression, lexicon) for one in edit.references if one.role is role}
        for role in Role
    }
    return not named[Role.TARGET].isdisjoint(named[Role.KEEP])


def _named(expression: str, lexicon: Lexicon) -> tuple[str, ...]:
    words = lexicon.split(expression)
    return tuple(word.key for word in words[lexicon.words.determiners.length_at(words, 0) :])


def _is_of_the_room(edit: PlannedEdit) -> bool:
    named = any(one.role is not Role.KEEP for one in edit.references)
    return edit.operation is Operation.RECOLOUR and edit.scope is Scope.GLOBAL and not named


def _takes_everything(edit: PlannedEdit, lexicon: Lexicon) -> bool:
    named = (lexicon.split(one.expression) for one in edit.references if one.role is Role.TARGET)
    all_of = lexicon.keeping.everything
    whole = edit.scope is Scope.GLOBAL or any(all_of.length_at(words, 0) == len(words) for words in named)
    return edit.operation is Operation.REMOVE and whole


def _operations(edits: Sequence[PlannedEdit]) -> list[Operation]:
    return sorted(one.operation for one in edits)


class Choice:
    """Chooses between readings.

    Args:
        weights: Of `FEATURES`, for `BOTH`, `PARSER` and `TAGGER`.

    """

    def __init__(self, weights: Mapping[str, Sequence[float]]) -> None:
        self._weights = weights

    def choose(self, readings: Readings) -> Reading | None:
        """Return the likelier reading with the chance that it is right; None where nobody can read.

        What both agree in is the parser's, and so is what forbids an edit or takes it back: of 31 sentences
        of strangers that the tagger reads otherwise, 26 ask for nothing. So is what nothing speaks against,
        unless the tagger is sure: of 34 such of strangers each reads 14, and the rules are made for these.
        """
        parsed = readings.parsed[0] if readings.parsed else None
        if parsed is not None and parsed.left_out:
            return parsed
        chosen = self._likelier(readings, parsed)
        return None if chosen is not None and readings.contradicts(chosen) else chosen

    def _likelier(self, readings: Readings, parsed: Reading | None) -> Reading | None:
        features = readings.features
        if parsed is not None and readings.agree:
            return replace(
                readings.tagged if readings.tags.corrected else parsed,
                confidence=self._chance(BOTH, features),
            )
        fits = _fits_a_plan(readings.tagged) and not readings.tags.guessed
        tagger = self._chance(TAGGER, features) if fits else 0.0
        parser = self._chance(PARSER, features) if parsed is not None else 0.0
        told = replace(readings.tagged, confidence=tagger, ruled=parsed is not None)
        if readings.tags.corrected and fits:  # the rules take both values
            return told
        plain = readings.parsed is not None and readings.parsed[1] == Evidence() and tagger < _SURE
        if readings.parsed and (plain or readings.forbidden or readings.mixed or readings.strays):
            return replace(readings.parsed[0], confidence=max(parser, readings.parsed[0].confidence))
        if parsed is not None and (parser >= tagger or not fits or readings.misplaced):
            return replace(parsed, confidence=parser)
        return told if fits else None

    def _chance(self, judged: str, features: Sequence[float]) -> float:
        return chance(self._weights[judged], features)


def chance(weights: Sequence[float], features: Sequence[float]) -> float:
    """Return the chance that a logistic regression tells, 0..1."""
    score = sum(weight * feature for weight, feature in zip(weights, features, strict=True))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))


@cache
def load_choice() -> Choice:
    """Read the weights that come with the package, once a process."""
    file = resources.files("langdesign_reference").joinpath("data", "tagging", FILE)
    return Choice({judged: list(told.values()) for judged, told in json.loads(file.read_text()).items()})


def _fits_a_plan(reading: Reading) -> bool:
    """Whether a plan holds so many edits, and each says what it needs."""
    few = len(reading.edits) <= MAX_EDITS
    return few and all(_is_told(edit) and len(edit.references) <= MAX_REFERENCES for edit in reading.edits)


def _is_told(edit: PlannedEdit) -> bool:
    adds = edit.operation is Operation.ADD
    return bool(edit.unknown_words) or not adds or bool(edit.instruction.removeprefix("add").strip())
