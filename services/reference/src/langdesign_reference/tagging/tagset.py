"""What a tagger tells: tags of words, labels of passages, and which tags may follow each other."""

from langdesign_reference.plan import Operation
from langdesign_reference.tagging.passages import (
    ANCHOR,
    KEEP,
    KEEP_ALL,
    NONE,
    OUTSIDE,
    STARTS,
    TARGET,
    VALUE,
    Passage,
)

_KINDS = (TARGET, ANCHOR, KEEP, KEEP_ALL, VALUE)
_IMPLIED = ("", TARGET, ANCHOR, TARGET + ANCHOR, ANCHOR + TARGET)
TAGS = (
    OUTSIDE,
    *(f"{place}-{kind}" for kind in _KINDS for place in "BI"),
    *(STARTS + tag for tag in (OUTSIDE, *(f"B-{kind}" for kind in _KINDS))),
)
"""Of words, as `tags_of` writes them; their order is that of the network's outputs."""
LABELS = (
    NONE,
    *(f"{one.value}:{implied}" if implied else one.value for one in Operation for implied in _IMPLIED),
)
"""Of passages, as `label_of` writes them; their order is that of the network's outputs."""


def may_follow(tag: str, before: str) -> bool:
    """Whether a tag may follow another: an I goes on with the span of a B or an I of its kind."""
    place, _, kind = tag.partition("-")
    return place != "I" or before.removeprefix(STARTS) in {f"B-{kind}", f"I-{kind}"}


def may_start(tag: str) -> bool:
    """Whether a first word may have this tag: no span goes on there, and no other edit starts."""
    return not tag.startswith(("I-", STARTS))


def label_of(passage: Passage) -> str:
    """Return the label of a passage: "recolour", "move:TA"."""
    return f"{passage.operation}:{passage.implied}" if passage.implied else passage.operation


def is_known(tags: list[str], labels: list[str]) -> bool:
    """Whether a tagger can tell all of these."""
    return set(tags) <= set(TAGS) and set(labels) <= set(LABELS)
