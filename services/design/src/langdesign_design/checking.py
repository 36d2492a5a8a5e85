"""What is checked of requests beyond the contract's constraints."""

from __future__ import annotations

import re

from google.protobuf.field_mask_pb2 import FieldMask
from langdesign_chassis import errors

_DESIGN = re.compile(r"designs/[0-9a-z-]{1,64}")
_NODE = re.compile(r"designs/([0-9a-z-]{1,64})/nodes/([0-9a-z-]{1,64})")
ALL_DESIGNS = "designs/-"
"""Parent that stands for all designs of the caller."""


def design_id(name: str, field: str = "name") -> str:
    """Return the id in a design's resource name; "" for all designs.

    Raises:
        errors.InvalidArgument: it is no such name.

    """
    if not _DESIGN.fullmatch(name):
        raise _no_name(field, "designs/{id}")
    return "" if name == ALL_DESIGNS else name.removeprefix("designs/")


def node_ids(name: str, field: str = "name") -> tuple[str, str]:
    """Return the ids of design and node in a node's resource name.

    Raises:
        errors.InvalidArgument: it is no such name.

    """
    found = _NODE.fullmatch(name)
    if found is None:
        raise _no_name(field, "designs/{id}/nodes/{id}")
    return found[1], found[2]


def pair_of_one_design(name: str, other: str, fields: tuple[str, str]) -> tuple[str, str, str]:
    """Return the design and the two nodes that two names are of.

    Raises:
        errors.InvalidArgument: they are of two designs.

    """
    design, node = node_ids(name, fields[0])
    other_design, other_node = node_ids(other, fields[1])
    if design != other_design:
        raise errors.InvalidArgument(
            f"{fields[0]} and {fields[1]} are of two designs",
            field=fields[1],
            hint="name two nodes of one design",
        )
    return design, node, other_node


def masked_fields(mask: FieldMask, known: set[str]) -> list[str]:
    """Return the fields that an update changes.

    Raises:
        errors.InvalidArgument: it names none, or one that cannot be changed.

    """
    choices = ", ".join(sorted(known))
    if not mask.paths:
        raise errors.InvalidArgument(
            "update_mask names no field", field="update_mask", hint=f"name what changes, of: {choices}"
        )
    if unknown := sorted(set(mask.paths) - known):
        raise errors.InvalidArgument(
            f"update_mask names {', '.join(unknown)}, which cannot be changed",
            field="update_mask",
            hint=f"name fields of: {choices}",
        )
    return sorted(set(mask.paths))


def text_within(text: str, most: int, field: str) -> str:
    """Return a text. Raises errors.InvalidArgument where it has too many characters."""
    if len(text) > most:
        raise errors.InvalidArgument(
            f"{field} has {len(text)} characters, and at most {most} are kept", field=field, hint="shorten it"
        )
    return text


def _no_name(field: str, form: str) -> errors.InvalidArgument:
    return errors.InvalidArgument(
        f"{field} is no resource name", field=field, hint=f"write it as {form}, as a response gave it"
    )
