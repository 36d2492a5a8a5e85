"""Nodes before the store has them; depths, revisions and times are the store's to set."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from langdesign.design.v1 import design_pb2 as pb
from langdesign.media.v1 import media_pb2
from langdesign_chassis import errors

from .nodes import Node, NodeState, Result

_MOST_SEED = 2**63 - 1


def new_id() -> str:
    """Return an id that nothing else has."""
    return uuid.uuid4().hex


def _draft(design: str, state: NodeState) -> Node:
    now = datetime.now(UTC)
    return Node(
        id=new_id(), design=design, state=state, depth=0, revision=0, create_time=now, update_time=now
    )


def draft_root(picture: Result) -> Node:
    """Return the root of a new design."""
    return replace(_draft(new_id(), NodeState.READY), result=picture)


def draft_edit(design: str, parent: str, edit: pb.NodeEdit, group: str) -> Node:
    """Return a node whose edit is to be done."""
    return replace(
        _draft(design, NodeState.RUNNING),
        parent=parent,
        group=group,
        instruction=edit.instruction,
        edit=edit.SerializeToString(deterministic=True),
    )


def draft_join(design: str, base: str, other: str, picture: Result) -> Node:
    """Return a node that joins two."""
    return replace(_draft(design, NodeState.READY), parent=base, merged=other, result=picture)


def draft_candidates(design: str, parent: str, request: pb.CreateNodesRequest) -> Sequence[Node]:
    """Return a node for each seed, all of one group.

    Raises:
        errors.InvalidArgument: there are fewer seeds left than candidates.

    """
    first, count, group = request.options.seed, request.candidates or 1, new_id()
    if first > _MOST_SEED - count + 1:
        raise errors.InvalidArgument(
            "options.seed leaves no seeds for all candidates",
            field="options.seed",
            hint=f"give one of at most {_MOST_SEED - count + 1}",
        )
    return [
        draft_edit(design, parent, _candidate(request, seed), group) for seed in range(first, first + count)
    ]


def _candidate(request: pb.CreateNodesRequest, seed: int) -> pb.NodeEdit:
    edit = pb.NodeEdit(
        instruction=request.instruction,
        region=request.region if request.HasField("region") else None,
        options=request.options,
        model=request.model,
    )
    if request.HasField("plan"):
        edit.plan.plan.CopyFrom(request.plan)
        edit.plan_given = True
    edit.options.seed = seed
    edit.options.result_format = media_pb2.IMAGE_FORMAT_PNG
    return edit
