"""The rules of a contract's fields (protovalidate), in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from buf.validate import validate_pb2
from google.protobuf import descriptor_pb2
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

_SIZES = {"len": "characters", "items": "items", "pairs": "entries"}
_PHRASES = {
    "pattern": "matches `{}`",
    "const": "is {}",
    "in": "one of {}",
    "not_in": "not {}",
    "gt": "above {}",
    "lt": "below {}",
    "gte": "at least {}",
    "lte": "at most {}",
}
_FLAGS = {"unique": "items differ", "finite": "finite", "defined_only": "a defined value"}


def field_rules(options: descriptor_pb2.FieldOptions) -> str:
    """Return what a field has to be, in words; "" where everything of its type is allowed."""
    return ", ".join(_phrases(options.Extensions[validate_pb2.field]))


def oneof_rules(options: descriptor_pb2.OneofOptions) -> str:
    """Return what is asked of a choice of fields, in words; "" where none of them need be set."""
    return "required" if options.Extensions[validate_pb2.oneof].required else ""


def _phrases(rules: validate_pb2.FieldRules) -> Iterator[str]:
    if rules.required:
        yield "required"
    kind = rules.WhichOneof("type")
    if kind is not None:
        told = {one.name: (one, value) for one, value in getattr(rules, kind).ListFields()}
        yield from _sizes(told, "bytes" if kind == "bytes" else "")
        yield from _range(told)
        for name, (one, value) in told.items():
            yield from _rest(name, one, value)


_Told = dict[str, tuple[FieldDescriptor, Any]]


def _sizes(told: _Told, unit: str) -> Iterator[str]:
    for what, usual in _SIZES.items():
        least, most = (told.pop(f"{end}_{what}", (None, None))[1] for end in ("min", "max"))
        counted = unit if unit and what == "len" else usual
        if least is not None and most is not None:
            yield f"{least} to {most} {counted}"
        elif most is not None:
            yield f"at most {most} {counted}"
        elif least is not None:
            yield "not empty" if least == 1 else f"at least {least} {counted}"


def _range(told: _Told) -> Iterator[str]:
    if "gte" in told and "lte" in told:
        yield " to ".join(_written(*told.pop(end)) for end in ("gte", "lte"))
    for end in ("gt", "gte", "lt", "lte"):
        if end in told:
            yield _PHRASES[end].format(_written(*told.pop(end)))


def _rest(name: str, field: FieldDescriptor, value: Any) -> Iterator[str]:
    if name in {"items", "keys", "values"}:
        yield f"each of its {name} {', '.join(_phrases(value))}"
    elif name in _FLAGS:
        yield _FLAGS[name]
    elif name in _PHRASES:
        yield _PHRASES[name].format(_written(field, value))
    else:  # a rule that these tables have no words for is told as the contract names it
        yield f"{name} {_written(field, value)}"


def _written(field: FieldDescriptor, value: Any) -> str:
    if field.is_repeated:
        return ", ".join(_one(item) for item in value)
    return _one(value)


def _one(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Message):
        return value.ToJsonString() if hasattr(value, "ToJsonString") else f"`{value}`"
    return str(value)
