"""What the demo's design session asks for: a small tree of edits on one rendered room."""

from dataclasses import dataclass

ROOM = ""
"""Key of the tree's root: the room as it was rendered."""


@dataclass(frozen=True)
class Chapter:
    """One edit that the session asks for, in words alone: the services find where."""

    # Its node in the tree, such as "2".
    key: str
    # The node whose picture it edits.
    parent: str
    instruction: str
    # What to look at.
    shows: str
    # Whether the picture holds nothing that is meant, so that a certified no-op has to come back.
    no_op: bool = False


CHAPTERS = (
    Chapter("1", ROOM, "Make the bed red", "a recolouring"),
    Chapter(
        "2",
        "1",
        "Remove the picture",
        "an ambiguous reference; nothing tells the two apart, so both are meant",
    ),
    Chapter("3", "2", "Paint the wall blue", "a surface behind everything, on top of 2"),
    Chapter("4", "1", "Paint the wall yellow", "a branch: another way on from 1"),
    Chapter("5", "4", "Make the curtain red", "a thing cut by the frame, on top of 4"),
    Chapter("6", "5", "Remove the piano", "a no-op: there is none", no_op=True),
)
"""The session, parents before children."""


def path(key: str) -> list[Chapter]:
    """Return the chapters from the room to a node, the node's own last."""
    by_key = {chapter.key: chapter for chapter in CHAPTERS}
    way: list[Chapter] = []
    while key != ROOM:
        way.insert(0, by_key[key])
        key = by_key[key].parent
    return way
