"""The writer over a context's own words."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import islice

from ..context import Context
from ..curriculum import subjects_in_turn
from ..errors import VocabularyExhausted
from ..triple import LONGEST_INSTRUCTION, Change, Triple
from .changes import Draft, draw_change
from .scenes import MOST_WORDS, caption, draw_scene

PATIENCE = 300  # draws for one triple


class GrammarWriter:
    """Writes triples over a context's ontology, without any language model.

    The same context, seed and subjects give the same triples, and the first ones of a longer run are those of
    a shorter one. No two are the same.
    """

    def __init__(self, context: Context, seed: int) -> None:
        """Write for a context.

        Args:
            context: whose words are used.
            seed: any integer.

        """
        self._context = context
        self._seed = seed

    def triples(self, count: int, subjects: Sequence[str] = ()) -> Iterator[Triple]:
        """Yield triples.

        Args:
            count: how many, 0 or more.
            subjects: only for these; empty means every subject of the context.

        Raises:
            InvalidContext: the context lacks one of the subjects.
            VocabularyExhausted: its words give no more.

        """
        written: set[tuple[str, str]] = set()
        for number, subject in enumerate(islice(subjects_in_turn(self._context, subjects), count)):
            triple = self._new(number, subject, written)
            written.add(_key(triple))
            yield triple

    def _new(self, number: int, subject: str, written: set[tuple[str, str]]) -> Triple:
        for attempt in range(PATIENCE):
            rng = random.Random(f"{self._context.name}/{self._seed}/{number}/{attempt}")  # noqa: S311 - no secret
            triple = self._draw(rng, subject)
            if triple and _key(triple) not in written:
                return triple
        raise VocabularyExhausted(
            f"The words of {self._context.name!r} give no new triple for {subject!r} after {number}; "
            "ask for fewer, or add things and colours to its ontology.toml"
        )

    def _draw(self, rng: random.Random, subject: str) -> Triple | None:
        changes = tuple(self._context.operations)
        change = rng.choices(changes, tuple(self._context.operations.values()))[0]
        draft = draw_change(rng, self._context, draw_scene(rng, self._context, subject), change)
        return self._written(draft, subject, change) if draft else None

    def _written(self, draft: Draft, subject: str, change: Change) -> Triple | None:
        before, after = caption(self._context, draft.before), caption(self._context, draft.after)
        longest = max(len(before.split()), len(after.split()))
        if longest > MOST_WORDS or len(draft.edit) > LONGEST_INSTRUCTION:
            return None
        return Triple(
            input=before,
            edit=draft.edit,
            output=after,
            change=change,
            subject=subject,
            subject_kind=self._context.kind(subject),
            target_before=draft.target_before,
            target_after=draft.target_after,
        )


def _key(triple: Triple) -> tuple[str, str]:
    return triple.input, triple.edit.rstrip(".?").lower()
