"""Between rows of the tables and what the service knows."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row

from .nodes import Design, Failure, Node, NodeState, Result
from .searching import words_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RESULT = [one.name for one in dataclasses.fields(Result)]


def moment(microseconds: int) -> datetime:
    """Return a time of the tables."""
    return _EPOCH + timedelta(microseconds=microseconds)


def microseconds(time: datetime) -> int:
    """Return a time as the tables have it."""
    return (time - _EPOCH) // timedelta(microseconds=1)


def design_of(row: Row[Any]) -> Design:
    """Return a design."""
    return Design(
        id=row.id,
        title=row.title,
        root=row.root,
        node_count=row.node_count,
        revision=row.revision,
        cover=row.cover,
        create_time=moment(row.create_time),
        update_time=moment(row.update_time),
        delete_time=None if row.delete_time is None else moment(row.delete_time),
    )


def node_of(row: Row[Any]) -> Node:
    """Return a node."""
    return Node(
        id=row.id,
        design=row.design,
        parent=row.parent or "",
        merged=row.merged,
        state=NodeState(row.state),
        depth=row.depth,
        group=row.candidates,
        instruction=row.instruction,
        edit=row.edit,
        mask=row.mask,
        operation=row.operation,
        result=_result_of(row),
        failure=None
        if row.failure_code is None
        else Failure(code=row.failure_code, message=row.failure_message),
        title=row.title,
        note=row.note,
        favourite=row.favourite,
        hidden=row.hidden,
        revision=row.revision,
        create_time=moment(row.create_time),
        update_time=moment(row.update_time),
        delete_time=None if row.delete_time is None else moment(row.delete_time),
        deletion=row.deletion,
    )


def _result_of(row: Row[Any]) -> Result | None:
    return None if row.pixels is None else Result(**{name: getattr(row, name) for name in _RESULT})


def result_values(result: Result | None) -> dict[str, Any]:
    """Return the columns of a result, which are called as its fields; NULL where there is none."""
    return dict.fromkeys(_RESULT) if result is None else dataclasses.asdict(result)


def node_values(node: Node) -> dict[str, Any]:
    """Return the columns that come with a new node."""
    return {
        "id": node.id,
        "design": node.design,
        "parent": node.parent or None,
        "merged": node.merged,
        "state": node.state.value,
        "candidates": node.group,
        "instruction": node.instruction,
        "edit": node.edit,
        "mask": node.mask,
        "operation": node.operation,
        "failure_code": node.failure.code if node.failure else None,
        "failure_message": node.failure.message if node.failure else None,
        "title": node.title,
        "note": node.note,
        "favourite": node.favourite,
        "hidden": node.hidden,
        "words": words_of(node.instruction, node.title, node.note),
        "deletion": "",
        **result_values(node.result),
    }
