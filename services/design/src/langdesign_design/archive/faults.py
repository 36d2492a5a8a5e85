"""Finds where JSON is not what a document says: msgspec tells of a list that an item is wrong, not which."""

from __future__ import annotations

from typing import Annotated, Any, get_args, get_origin

import msgspec
from msgspec import structs


def damaged_at(found: Any, kind: Any) -> str:
    """Return the first place where decoded JSON is not of a type, as `nodes.0.created`.

    Fields come in the order of their class, then those that it does not have.

    Args:
        found: What JSON was decoded to without a type.
        kind: A struct, a list of one, or any other type that msgspec checks.

    Returns:
        Names and numbers joined by dots; empty where it is the whole, or where nothing is wrong.

    """
    return ".".join(_fault(found, kind) or ())


def _fault(found: Any, kind: Any) -> tuple[str, ...] | None:
    """Return the names and numbers that lead to the first fault; None where there is none."""
    bare = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    if isinstance(found, dict) and isinstance(bare, type) and issubclass(bare, msgspec.Struct):
        return _fault_of_fields(found, bare)
    if isinstance(found, list) and get_origin(bare) is list:
        (item,) = get_args(bare)
        for number, one in enumerate(found):
            if (below := _fault(one, item)) is not None:
                return str(number), *below
    try:
        msgspec.convert(found, kind)
    except msgspec.ValidationError:
        return ()
    return None


def _fault_of_fields(found: dict[str, Any], kind: type[msgspec.Struct]) -> tuple[str, ...] | None:
    fields = {field.name: field for field in structs.fields(kind)}
    for name, field in fields.items():
        below = _fault(found[name], field.type) if name in found else () if field.required else None
        if below is not None:
            return name, *below
    unknown = sorted(found.keys() - fields.keys())
    return (unknown[0],) if unknown else None
