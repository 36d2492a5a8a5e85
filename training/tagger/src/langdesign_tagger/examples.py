"""Instructions with gold plans, as a tagger learns from them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from langdesign_reference.lexicon import Lexicon, load_lexicon
from langdesign_reference.parser import spelt, understand, written
from langdesign_reference.scoring import Row, is_exact
from langdesign_reference.tagging.hints import hints_of, no_hints
from langdesign_reference.tagging.passages import Passage, tags_of
from langdesign_reference.tagging.tagset import is_known, label_of
from langdesign_reference.words import Word

from langdesign_tagger.aligning import aligned


@dataclass(frozen=True)
class Sample:
    """Words with what the tagger is to say of them.

    Attributes:
        words: Rightly spelt.
        language: BCP 47 tag.
        tags: What its words are.
        labels: What its passages ask for.
        hints: What the parser makes of each word; of sentences by which it was mended, nothing.
        remark: Whether it only tells something, so that it may stand beside any request.

    """

    words: list[Word]
    language: str
    tags: list[str]
    labels: list[str]
    hints: list[list[str]]
    remark: bool = False


@dataclass(frozen=True)
class Example:
    """A row of a set.

    Attributes:
        row: With `instruction`, `language`, `edits` and `writer`.
        sample: As the tagger sees it.

    """

    row: Row
    sample: Sample

    @property
    def lexicon(self) -> Lexicon:
        """The words of its language."""
        return load_lexicon(self.sample.language)


def read_rows(paths: Sequence[Path]) -> list[Row]:
    """Return the rows of sets, each with its set's number and its writer: the row's, else the file's name.

    Rows whose `part` is held out are left out.
    """
    rows = [
        {"writer": path.stem, "set": number, **json.loads(line)}
        for number, path in enumerate(paths)
        for line in path.read_text("utf-8").splitlines()
    ]
    return [row for row in rows if row.get("part") != "held_out"]


def example_of(row: Row, *, hinted: bool) -> Example | None:
    """Return a row as an example; None where its plan is none that tags can tell.

    Of several plans that are right it is the one that the parser makes, lest what both could agree in be told
    apart, else the first.

    Args:
        row: With `instruction`, `language` and `edits`.
        hinted: Whether the tagger is to learn from it how far the parser is to be believed.

    """
    lexicon = load_lexicon(row["language"])
    words, corrections = spelt(row["instruction"], lexicon)
    found = understand(words, corrections, lexicon)
    parsed = written(row["instruction"], found, corrections, lexicon) if found else None
    plans = [{**row, "edits": edits, "or": []} for edits in (row["edits"], *row.get("or", ()))]
    exact = next((plan for plan in plans if parsed is not None and is_exact(parsed, plan)), None)
    try:
        passages = aligned(exact or plans[0], words, lexicon, found.asked if found and exact else ())
    except ValueError:
        return None
    tags, labels = tags_of(passages, len(words)), [label_of(one) for one in passages]
    if _overlap(passages) or not is_known(tags, labels):
        return None
    hints = hints_of(words, found) if hinted else no_hints(words)
    remark = row.get("kind") == "remark"
    return Example(row, Sample(words, row["language"], tags, labels, hints, remark))


def _overlap(passages: Sequence[Passage]) -> bool:
    spans = sorted(span for passage in passages for span in passage.spans)
    return any(before.end > after.first for before, after in pairwise(spans))
