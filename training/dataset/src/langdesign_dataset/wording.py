"""Instructions that a build writes itself: no-ops about what is absent, and edits the other way round."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
from langdesign_triples import Change, SubjectKind, Triple

_WORD = re.compile(r"[a-z]+")

NO_OPS = (
    "Remove {the}.",
    "Take {the} away.",
    "Get rid of {the}.",
    "Paint {the} red.",
    "Make {the} blue.",
    "Replace {the} by something smaller.",
    "Move {the} out of the picture.",
)
REMOVALS = ("Remove {the}.", "Take {the} away.", "Get rid of {the}.")
ADDITIONS = ("Add {a}.", "Put in {a}.", "Bring in {a}.")
REPLACEMENTS = ("Replace {the} by {a}.", "Swap {the} for {a}.", "Exchange {the} for {a}.")
ALTERATIONS = ("Turn {the} into {a}.", "Change {the} to {a}.")


def things_of(triples: Iterable[Triple]) -> tuple[str, ...]:
    """Return what single objects the triples are about, sorted: of these an edit may name an absent one."""
    return tuple(sorted({one.subject for one in triples if one.subject_kind is SubjectKind.OBJECT}))


def absent_thing(triple: Triple, key: str, things: Sequence[str]) -> str:
    """Return an expression of something that neither caption names, "" where there is nothing.

    The draw is a function of the sample's key alone.
    """
    named = _words(f"{triple.input} {triple.output}")
    free = [thing for thing in things if not _words(thing) & named]
    if not free:
        return ""
    return f"the {free[int(_draw(key, 'thing').integers(len(free)))]}"


def no_op(triple: Triple, key: str, thing: str) -> Triple:
    """Return an instruction about `thing`, which the picture before of a triple does not show."""
    return Triple(
        input=triple.input,
        edit=_drawn(NO_OPS, key, "no-op").format(the=thing),
        output=triple.input,
        change=Change.NONE,
        subject=triple.subject,
        subject_kind=triple.subject_kind,
        target_before=thing,
        target_after="",
    )


def inverted(triple: Triple, key: str) -> Triple | None:
    """Return the triple that leads back; None where its fields do not say enough to write the instruction.

    A removal becomes an addition and the reverse; the two of a replacement, or of a thing that was altered,
    change places. Expressions that point ("the left chair") name no new thing, so they lead back to nothing.
    """
    first, second = triple.target_before, triple.target_after
    written: str | None = None
    if triple.change is Change.REMOVE and _names(first):
        written, change = _drawn(ADDITIONS, key, "inverse").format(a=_indefinite(first)), Change.ADD
    elif triple.change is Change.ADD and second:
        written, change = _drawn(REMOVALS, key, "inverse").format(the=_definite(second)), Change.REMOVE
    elif triple.change in {Change.REPLACE, Change.ALTER} and _names(first) and _names(second):
        change = triple.change
        templates = REPLACEMENTS if change is Change.REPLACE else ALTERATIONS
        if not _words(first) <= _words(second):  # "the chair" does not say what the red chair was
            filled = _drawn(templates, key, "inverse")
            written = filled.format(the=_definite(second), a=_indefinite(first))
    if written is None:
        return None
    return Triple(
        input=triple.output,
        edit=written,
        output=triple.input,
        change=change,
        subject=triple.subject,
        subject_kind=triple.subject_kind,
        target_before=second,
        target_after=first,
    )


_POINTING = {
    "left",
    "right",
    "other",
    "both",
    "all",
    "every",
    "two",
    "one",
    "nearest",
    "behind",
    "beside",
    "on",
}


def _names(expression: str) -> bool:
    """Tell whether an expression names a kind of thing, and does not only point at one."""
    return bool(expression) and not _words(expression) & _POINTING


def _definite(expression: str) -> str:
    return f"the {_bare(expression)}"


def _indefinite(expression: str) -> str:
    bare = _bare(expression)
    if bare.endswith("s") and not bare.endswith("ss"):
        return bare  # "curtains"
    return f"{'an' if bare[0] in 'aeiou' else 'a'} {bare}"


def _bare(expression: str) -> str:
    return re.sub(r"^(the|an|a) ", "", expression.strip().lower())


def _words(text: str) -> set[str]:
    """Return the words of a text, plurals as their singulars."""
    return {word.removesuffix("s") for word in _WORD.findall(text.lower())} - {"the", "a", "an", "of", "and"}


def _draw(key: str, purpose: str) -> np.random.Generator:
    return np.random.default_rng([int(key[:16], 16), *purpose.encode()])


def _drawn(templates: Sequence[str], key: str, purpose: str) -> str:
    return templates[int(_draw(key, purpose).integers(len(templates)))]
