"""The learned reader: two conditional random fields, of words and of the edits that they ask for."""

import lzma
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import pycrfsuite
from langdesign_reference.lexicon import Lexicon
from langdesign_reference.tagging.features import Seen
from langdesign_reference.tagging.segments import TARGET, Segment, segments_of
from langdesign_reference.words import Word

WORDS, EDITS = "words.crfsuite.xz", "edits.crfsuite.xz"
"""Files of the two models, compressed."""
_LEAST = 1e-12
"""Chance below which it is no matter how unlikely tags are."""


@dataclass(frozen=True)
class Tagged:
    """What the tagger makes of an instruction.

    Attributes:
        segments: The edits, in order.
        tags: Logarithm of the chance of the tags of its words, at most 0.
        operations: Logarithm of the chance of the operations, given the tags, at most 0.

    """

    segments: list[Segment]
    tags: float
    operations: float


class Tagger:
    """Tags words, then the segments that the tags make (Lafferty, McCallum, Pereira, 2001).

    Args:
        words: A CRFsuite model of the tags of words.
        edits: One of the operations of segments.

    """

    def __init__(self, words: bytes, edits: bytes) -> None:
        self._held = words, edits  # what is opened in memory reads there as long as it is used
        self._words, self._edits = _opened(words), _opened(edits)

    def tag(self, words: Sequence[Word], lexicon: Lexicon) -> Tagged:
        """Return the likeliest tags of an instruction's words.

        Args:
            words: Rightly spelt, in the order in which they were said.
            lexicon: Of their language.

        """
        seen = Seen(words, lexicon)
        tags, told = _likeliest(self._words, seen.word_features())
        segments = sentence_by_sentence(segments_of(tags), seen)
        features = [seen.segment_features(segments, number) for number in range(len(segments))]
        labels, said = _likeliest(self._edits, features)
        for segment, label in zip(segments, labels, strict=True):
            segment.operation, _, segment.implied = label.partition(":")
        return Tagged(segments, told, said)


def sentence_by_sentence(segments: Sequence[Segment], seen: Seen) -> list[Segment]:
    """Return the segments, those cut that hold two sentences with a verb and a target each.

    Each clause is an edit of its own: "Paint the wall blue. Paint the door blue."
    """
    found = list[Segment]()
    for segment in segments:
        rest = segment
        for at in range(segment.start + 1, segment.end):
            if (
                seen.starts_sentence(at)
                and _has_target(rest, rest.start, at)
                and _has_target(rest, at, rest.end)
            ):
                found.append(Segment(rest.start, at, [one for one in rest.spans if one.first < at]))
                rest = Segment(at, rest.end, [one for one in rest.spans if one.first >= at])
        found.append(rest)
    return found


def _has_target(segment: Segment, first: int, end: int) -> bool:
    return any(first <= one.first < end for one in segment.of(TARGET))


def label_of(segment: Segment) -> str:
    """Return what the second model says of a segment: "recolour", "move:TA"."""
    return f"{segment.operation}:{segment.implied}" if segment.implied else segment.operation


@cache
def load_tagger() -> Tagger:
    """Read the tagger that comes with the package, once a process."""
    folder = resources.files("langdesign_reference").joinpath("data", "tagging")
    return Tagger(*(lzma.decompress(folder.joinpath(name).read_bytes()) for name in (WORDS, EDITS)))


def _opened(model: bytes) -> pycrfsuite.Tagger:
    tagger = pycrfsuite.Tagger()
    tagger.open_inmemory(model)
    return tagger


def _likeliest(tagger: pycrfsuite.Tagger, features: list[list[str]]) -> tuple[list[str], float]:
    tagger.set(features)
    tags = tagger.tag()
    return tags, math.log(max(_LEAST, tagger.probability(tags)))
