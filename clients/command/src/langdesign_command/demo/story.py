"""What a demo's design session was: every node of the tree, and whether the promises held."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from langdesign_client import edits, media

from langdesign_command.demo import script
from langdesign_command.local.weights import RANDOM_NOTICE


@dataclass(frozen=True)
class Node:
    """One edit and its outcome."""

    chapter: script.Chapter
    before: bytes = field(repr=False)
    result: edits.EditResult
    mask: media.Mask | None
    plan: str  # what the instruction was read as
    seconds: float
    untouched: int  # pixels that no edit on the path was to act on
    drifted: int  # how many of them differ from the room's
    broken: str  # the promise that was not kept, in words; "" where all were


@dataclass(frozen=True)
class Story:
    """The whole session."""

    page: Path
    sheet: Path
    random_weights: bool
    seconds: float
    room: bytes = field(repr=False)
    nodes: tuple[Node, ...] = ()

    @property
    def broken(self) -> list[str]:
        """The promises that were not kept, in words."""
        return [f"{node.chapter.key}: {node.broken}" for node in self.nodes if node.broken]

    def lines(self) -> Iterator[str]:
        """Yield what a person wants to read on the terminal."""
        if self.random_weights:
            yield f"NOTE: {RANDOM_NOTICE}. What is shown is that edits stay where they belong."
        for node in self.nodes:
            depth = "  " * (len(script.path(node.chapter.key)) - 1)
            done = f"no-op: {node.result.no_op_reason}" if node.result.no_op_reason else "edited"
            yield (
                f"{depth + node.chapter.key + '. ' + node.chapter.instruction:<38} {done:<17} "
                f"inside changed {node.result.report.inside.changed_share:6.1%}  outside "
                f"{node.result.report.outside.changed_share:6.2%}  since the room {node.drifted} of "
                f"{node.untouched} px  {node.seconds:5.2f} s  {'NOT KEPT' if node.broken else 'kept'}"
            )
        yield f"{self.page}  (contact sheet: {self.sheet}; {self.seconds:.0f} s in all)"
