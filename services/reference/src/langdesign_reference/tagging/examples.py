"""Instructions with gold plans, as a tagger learns from them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from langdesign_reference.certainty import Evidence
from langdesign_reference.lexicon import Lexicon, load_lexicon
from langdesign_reference.parser import spelt, understand, written
from langdesign_reference.plan import Correction, Reading
from langdesign_reference.scoring import Row, is_exact
from langdesign_reference.tagging.aligning import aligned
from langdesign_reference.tagging.features import Features, Seen
from langdesign_reference.tagging.segments import Segment, tags_of
from langdesign_reference.tagging.tagger import label_of
from langdesign_reference.words import Word


@dataclass(frozen=True)
class Example:
    """An instruction as the tagger sees it.

    Attributes:
        row: Of a set, with `instruction`, `language`, `edits` and `writer`.
        words: Rightly spelt.
        corrections: The slips among them.
        parsed: What the parser makes of it with the evidence; None where no rule fits.
        tags: What its words are.
        labels: What its segments ask for.
        word_features: Of each word.
        segment_features: Of each segment of the gold plan.

    """

    row: Row
    words: list[Word]
    corrections: tuple[Correction, ...]
    parsed: tuple[Reading, Evidence] | None
    tags: list[str]
    labels: list[str]
    word_features: list[Features]
    segment_features: list[Features]

    @property
    def lexicon(self) -> Lexicon:
        """The words of its language."""
        return load_lexicon(self.row["language"])


def read_rows(paths: Sequence[Path]) -> list[Row]:
    """Return the rows of sets, each with its writer: that of the row, else the name of the file.

    Rows whose `part` is held out are left out.
    """
    rows = [
        {"writer": path.stem, **json.loads(line)}
        for path in paths
        for line in path.read_text("utf-8").splitlines()
    ]
    return [row for row in rows if row.get("part") != "held_out"]


def example_of(row: Row) -> Example | None:
    """Return a row as an example; None where a reference does not fit its words, or two overlap."""
    lexicon = load_lexicon(row["language"])
    words, corrections = spelt(row["instruction"], lexicon)
    found = understand(words, corrections, lexicon)
    parsed = written(row["instruction"], found, corrections, lexicon) if found else None
    exact = parsed is not None and is_exact(parsed, {**row, "or": []})
    try:
        segments = aligned(row, words, lexicon, found.asked if found and exact else ())
    except ValueError:
        return None
    if _overlap(segments):
        return None
    seen = Seen(words, lexicon)
    return Example(
        row,
        words,
        corrections,
        (parsed, found.evidence) if parsed and found else None,
        tags_of(segments, len(words)),
        [label_of(one) for one in segments],
        seen.word_features(),
        [seen.segment_features(segments, number) for number in range(len(segments))],
    )


def _overlap(segments: Sequence[Segment]) -> bool:
    spans = sorted(span for segment in segments for span in segment.spans)
    return any(before.end > after.first for before, after in pairwise(spans))
