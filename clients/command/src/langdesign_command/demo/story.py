"""What a demo's design session was: every node of the tree, and whether the promises held."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from langdesign_client import media, tree

from langdesign_command.demo import script
from langdesign_command.local.weights import RANDOM_NOTICE
from langdesign_command.plan_lines import plan_summary


@dataclass(frozen=True)
class Step:
    """One edit and the node that came of it."""

    chapter: script.Chapter
    node: tree.Node
    edit: tree.NodeEdit
    result: tree.NodeResult
    before: bytes = field(repr=False)
    after: bytes = field(repr=False)
    seconds: float
    broken: str  # the promise that was not kept, in words; "" where all were

    @property
    def mask(self) -> media.Mask | None:
        """Where it acted."""
        return self.edit.mask

    @property
    def read_as(self) -> str:
        """What the instruction was read as; "" where nobody had to read it."""
        return plan_summary(self.edit.plan)

    @property
    def untouched(self) -> int:
        """Pixels that no edit on the path was to act on."""
        return self.node.path_report.outside.pixels if self.node.path_report else 0

    @property
    def drifted(self) -> int:
        """How many of them differ from the room's."""
        report = self.node.path_report
        return round(report.outside.changed_share * report.outside.pixels) if report else 0


def words(reason: str) -> str:
    """Return why nothing was changed, in a word or two; only the first of them is a promise."""
    return "certified" if reason == "no_target" else reason.replace("_", " ")


@dataclass(frozen=True)
class Story:
    """The whole session."""

    design: str  # its resource name, `designs/{id}`
    page: str  # its address in the web page, while the services run
    sheet: Path
    random_weights: bool
    seconds: float
    room: bytes = field(repr=False)
    steps: tuple[Step, ...] = ()

    @property
    def broken(self) -> list[str]:
        """The promises that were not kept, in words."""
        return [f"{step.chapter.key}: {step.broken}" for step in self.steps if step.broken]

    def lines(self) -> Iterator[str]:
        """Yield what a person wants to read on the terminal."""
        if self.random_weights:
            yield f"NOTE: {RANDOM_NOTICE}. What is shown is that edits stay where they belong."
        for step in self.steps:
            depth = "  " * (len(script.path(step.chapter.key)) - 1)
            done = "edited" if not step.result.no_op_reason else f"no-op: {words(step.result.no_op_reason)}"
            report = step.result.report
            yield (
                f"{depth + step.chapter.key + '. ' + step.chapter.instruction:<38} {done:<17} "
                f"inside changed {report.inside.changed_share:6.1%}  outside "
                f"{report.outside.changed_share:6.2%}  since the room {step.drifted} of "
                f"{step.untouched} px  {step.seconds:5.2f} s  {'NOT KEPT' if step.broken else 'kept'}"
            )
        yield f"contact sheet: {self.sheet}  ({self.seconds:.0f} s in all)"
