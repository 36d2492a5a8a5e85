"""What stands in a design's tree: nodes, what made them, and how they differ. The calls are in `nodes`."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from langdesign.design.v1 import design_pb2
from langdesign.editing.v1 import editing_pb2

from langdesign_client import edit_requests, edits, media
from langdesign_client.edits import ChangeReport, ChangeStatistics, EditEvent, EditOutcome, EditTimings
from langdesign_client.references import Plan, read_plan
from langdesign_client.where import read_no_op_reason


@dataclass(frozen=True)
class NodeResult:
    """What came of a node's edit; `no_op_reason` is empty, or why nothing was to change.

    `edits` say of each of its plan's edits what became of it. The reasons are those of `edits.EditResult`.
    """

    no_op_reason: str
    report: ChangeReport
    seed: int
    checkpoint: str
    timings: EditTimings
    edits: tuple[EditOutcome, ...]


@dataclass(frozen=True)
class NodeEdit:
    """The edit that made a node: what was asked for, and what is known of it by now.

    `region` is what the caller gave, `mask` what was used, of all edits of the plan; `mask` is None when the
    whole picture was edited, while the region is not known yet, and in lists that leave masks out.
    `plan_given` says that the caller gave the plan, so that the instruction was not read.
    """

    instruction: str
    region: edit_requests.Region | None
    plan: Plan | None
    mask: media.Mask | None
    seed: int
    model: str
    result: NodeResult | None
    plan_given: bool = False


@dataclass(frozen=True)
class PathReport:
    """What a path changed of the root: pixels that an edit on it was to change, and all others."""

    inside: ChangeStatistics
    outside: ChangeStatistics


@dataclass(frozen=True)
class Node:
    """A node (`designs/{id}/nodes/{id}`); `parent` is empty, and `edit` None, at the root.

    `state` is running, ready, failed or cancelled; `failure` says why it failed. `pixels` is the digest of
    its picture's pixels, empty until it is ready. Nodes of one call share a `group`. `etag` changes with
    every change of it.
    """

    name: str
    parent: str
    merged: str
    state: str
    depth: int
    edit: NodeEdit | None
    failure: str
    width: int
    height: int
    pixels: str
    path_report: PathReport | None
    title: str
    note: str
    favourite: bool
    hidden: bool
    group: str
    etag: str
    create_time: datetime
    update_time: datetime
    delete_time: datetime | None

    @property
    def ended(self) -> bool:
        """Whether nothing is under way in it."""
        return self.state != "running"

    @property
    def instruction(self) -> str:
        """What was asked for; empty for the root and for a join."""
        return self.edit.instruction if self.edit else ""


@dataclass(frozen=True)
class NodeEvent:
    """An event of a node's edit under way."""

    node: str
    event: EditEvent


@dataclass(frozen=True)
class PathNode:
    """A node, and the names from the root to it, both included."""

    node: Node
    path: tuple[str, ...]


@dataclass(frozen=True)
class NodePicture:
    """A node's picture with its size in pixels."""

    image: media.Picture
    width: int
    height: int


@dataclass(frozen=True)
class Thumbnail:
    """A small picture of a node: JPEG in sRGB, 256 pixels a side at most."""

    node: str
    image: media.Picture
    width: int
    height: int


@dataclass(frozen=True)
class Comparison:
    """How two nodes differ: common ancestor, the nodes from it to each, and the pictures' difference.

    `changed` is None where the pictures are the same.
    """

    ancestor: str
    base_path: tuple[str, ...]
    other_path: tuple[str, ...]
    difference: ChangeStatistics
    changed: media.Mask | None


@dataclass(frozen=True)
class Replayed:
    """One edit done again: the node that was made of it, and how it differs from `node`'s picture.

    `made` is None where nothing is kept; `identical` and `difference` are None on another root.
    """

    node: str
    made: Node | None
    identical: bool | None
    difference: ChangeStatistics | None


def read_node(message: design_pb2.Node) -> Node:
    """Return the node of a message."""
    return Node(
        name=message.name,
        parent=message.parent,
        merged=message.merged,
        state=media.enum_name(design_pb2.NodeState, message.state),
        depth=message.depth,
        edit=_read_edit(message.edit) if message.HasField("edit") else None,
        failure=message.failure.message if message.HasField("failure") else "",
        width=message.width,
        height=message.height,
        pixels=message.pixels,
        path_report=_read_path_report(message.path_report) if message.HasField("path_report") else None,
        title=message.title,
        note=message.note,
        favourite=message.favourite,
        hidden=message.hidden,
        group=message.group,
        etag=message.etag,
        create_time=message.create_time.ToDatetime(UTC),
        update_time=message.update_time.ToDatetime(UTC),
        delete_time=message.delete_time.ToDatetime(UTC) if message.HasField("delete_time") else None,
    )


def read_node_event(message: design_pb2.NodeEvent) -> NodeEvent | None:
    """Return the event of a message; None for a failure, which its node tells, and for unknown kinds."""
    if message.event.HasField("failed"):
        return None
    event = edits.read_event("", message.event)
    return NodeEvent(message.node, event) if event else None


def read_comparison(message: design_pb2.CompareNodesResponse) -> Comparison:
    """Return the comparison of a message."""
    return Comparison(
        ancestor=message.ancestor,
        base_path=tuple(message.base_path),
        other_path=tuple(message.other_path),
        difference=edits.read_statistics(message.difference),
        changed=media.read_mask(message.changed) if message.HasField("changed") else None,
    )


def read_replayed(message: design_pb2.ReplayNodeResponse) -> Replayed:
    """Return one edit done again."""
    return Replayed(
        node=message.node,
        made=read_node(message.made) if message.HasField("made") else None,
        identical=message.identical if message.HasField("identical") else None,
        difference=edits.read_statistics(message.difference) if message.HasField("difference") else None,
    )


def _read_edit(message: design_pb2.NodeEdit) -> NodeEdit:
    plan = message.plan.plan if message.HasField("plan") and message.plan.HasField("plan") else None
    return NodeEdit(
        instruction=message.instruction,
        region=_read_region(message.region),
        plan=read_plan(plan) if plan else None,
        mask=media.read_mask(message.mask) if message.HasField("mask") else None,
        seed=message.options.seed,
        model=message.model,
        result=_read_result(message.result) if message.HasField("result") else None,
        plan_given=message.plan_given,
    )


def _read_region(message: editing_pb2.Region) -> edit_requests.Region | None:
    readers: dict[str, Any] = {
        "mask": media.read_mask,
        "box": media.read_box,
        "expression": edit_requests.Expression,
        "whole": lambda _: edit_requests.Whole(),
    }
    kind = message.WhichOneof("kind")
    region: edit_requests.Region | None = readers[kind](getattr(message, kind)) if kind else None
    return region


def _read_result(message: editing_pb2.ResultEvent) -> NodeResult:
    return NodeResult(
        no_op_reason=read_no_op_reason(message.no_op_reason),
        report=edits.read_report(message.report),
        seed=message.seed,
        checkpoint=message.checkpoint,
        timings=edits.read_timings(message.timings),
        edits=edits.read_outcomes(message),
    )


def _read_path_report(message: design_pb2.PathReport) -> PathReport:
    return PathReport(edits.read_statistics(message.inside), edits.read_statistics(message.outside))
