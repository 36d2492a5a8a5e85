"""What the segmentation makes of the expressions of a plan, all of them looked for in one call."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from langdesign_edits import Mask, Segment, Verdict

from langdesign_editing.events import NoOpReason
from langdesign_editing.peers import RegionFinder
from langdesign_editing.plans import Reference

_REASONS = {
    Verdict.UNKNOWN_WORD: NoOpReason.UNKNOWN_WORDS,
    Verdict.UNCERTAIN: NoOpReason.UNCERTAIN,
    Verdict.FOUND: NoOpReason.UNCERTAIN,  # of an empty mask: neither there, nor surely absent
    Verdict.NO_TARGET: NoOpReason.NO_TARGET,
}
"""Why nothing is to change where a thing is not found, the one that claims least first."""


@dataclass(frozen=True)
class Seen:
    """What a picture shows of what was looked for in it.

    Attributes:
        segments: By their expressions.
        seconds: How long the look took.

    """

    segments: Mapping[str, Segment] = field(default_factory=dict)
    seconds: float = 0.0

    def of(self, references: Iterable[Reference]) -> list[Segment]:
        """Return the segments of references, in order.

        Of what may mean several things it is the first that is found, and else the one that claims least: the
        reference is absent only where all that it may mean is.
        """
        return [self._meant(reference) for reference in references]

    def _meant(self, reference: Reference) -> Segment:
        segments = [self.segments[meaning] for meaning in reference.meanings]
        return next(filter(is_found, segments), None) or min(segments, key=_claim)

    def mask(self, expression: str) -> Mask | None:
        """Return where an expression's thing surely is, ``[H, W]``; None where it is not."""
        segment = self.segments[expression]
        return segment.mask if is_found(segment) else None


async def look(
    finder: RegionFinder, image: bytes, expressions: Iterable[str], *, width: int, height: int
) -> Seen:
    """Look for expressions in a picture, each once; ask nobody where there are none.

    Raises:
        errors.Error: As the segmentation service answers.

    """
    distinct = list(dict.fromkeys(expressions))
    if not distinct:
        return Seen()
    started = time.monotonic()
    segments = await finder.segment(image, distinct, width=width, height=height)
    return Seen(dict(zip(distinct, segments, strict=True)), time.monotonic() - started)


def is_found(segment: Segment) -> bool:
    """Return whether a segment shows what is meant."""
    return segment.verdict is Verdict.FOUND and bool(segment.mask.any())


def _claim(segment: Segment) -> tuple[int, float]:
    """Return how much a segment claims of a thing's absence, as what sorts those that claim least first."""
    return list(_REASONS).index(segment.verdict), segment.no_target_probability


def why_not(segments: Iterable[Segment]) -> NoOpReason:
    """Return why nothing is to change where none of some things is found: the reason that claims least."""
    verdicts = {segment.verdict for segment in segments}
    return next(reason for verdict, reason in _REASONS.items() if verdict in verdicts)


def unknown_words(segments: Iterable[Segment]) -> tuple[str, ...]:
    """Return the words for which things could not be looked for, each once, in order."""
    unknown = (one for one in segments if one.verdict is Verdict.UNKNOWN_WORD)
    return tuple(dict.fromkeys(word for one in unknown for word in (one.unknown_words or (one.expression,))))
