"""Messages of the contracts, made of what a caller gives: what is of a wrong type is told by its name."""

import math
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, ParamSpec, TypeVar

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from langdesign_client.errors import FieldViolation, InvalidInputError

P = ParamSpec("P")
M = TypeVar("M", bound=Message)
T = TypeVar("T")

_KINDS: Mapping[int, str] = {
    FieldDescriptor.CPPTYPE_INT32: f"a whole number from {-(2**31)} to {2**31 - 1}",
    FieldDescriptor.CPPTYPE_UINT32: f"a whole number from 0 to {2**32 - 1}",
    FieldDescriptor.CPPTYPE_INT64: f"a whole number from {-(2**63)} to {2**63 - 1}",
    FieldDescriptor.CPPTYPE_UINT64: f"a whole number from 0 to {2**64 - 1}",
    FieldDescriptor.CPPTYPE_FLOAT: "a number",
    FieldDescriptor.CPPTYPE_DOUBLE: "a number",
    FieldDescriptor.CPPTYPE_BOOL: "True or False",
    FieldDescriptor.CPPTYPE_STRING: "text",
}
_SHOWN = 60  # characters of a wrong value


def new_message(kind: Callable[P, M], /, *args: P.args, **fields: P.kwargs) -> M:
    """Return a message of the contract with these fields; None leaves one out.

    Raises:
        InvalidInputError: a value is of another type than its field, or beyond the field's range.

    """
    message: Any = kind
    for name in _repeated(message):
        # A text is a sequence of texts too, so protobuf would take its letters.
        if isinstance(value := fields.get(name), str | bytes):
            raise _wrong(message, name, value)
    truths = _truths(message)
    for name, value in fields.items():
        # Protobuf would take True for 1, and 2 for True.
        if value is not None and name in truths and isinstance(value, bool) != truths[name]:
            raise _wrong(message, name, value)
    try:
        return kind(*args, **fields)
    except (TypeError, ValueError, AttributeError):
        for name, value in fields.items():
            if not _fits(message, name, value):
                raise _wrong(message, name, value) from None
        raise


def of_kind(value: object, kinds: Any, name: str, hint: str) -> None:
    """Refuse what is of another type than an argument takes.

    Args:
        value: What the caller gave.
        kinds: A class, or several of them.
        name: What the argument is called.
        hint: What to give instead.

    Raises:
        InvalidInputError: it is of none of the kinds.

    """
    if not isinstance(value, kinds):
        raise InvalidInputError(f"{name} is of type {type(value).__name__}", hint=hint)


def boolean(value: object, name: str) -> None:
    """Refuse what is neither True nor False: text, such as "no", would count as True.

    Raises:
        InvalidInputError: it is something else.

    """
    if not isinstance(value, bool):
        raise InvalidInputError(f"{name} is {_shown(value)}", hint="give True or False")


def text(value: object, name: str) -> None:
    """Refuse what is no text.

    Raises:
        InvalidInputError: it is something else.

    """
    if not isinstance(value, str):
        raise InvalidInputError(f"{name} is {_shown(value)}", hint="give text")


def whole(value: object, name: str, least: int) -> None:
    """Refuse what is no whole number from `least` on.

    Raises:
        InvalidInputError: it is something else.

    """
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise InvalidInputError(f"{name} is {_shown(value)}", hint=f"give a whole number, at least {least}")


def items(value: Any, kind: type[T], name: str, hint: str) -> tuple[T, ...]:
    """Return the items of a list or tuple.

    Raises:
        InvalidInputError: it is none, or holds something of another type.

    """
    of_kind(value, list | tuple, name, hint)
    for item in value:
        of_kind(item, kind, f"an item of {name}", hint)
    return tuple(value)


def seconds(value: Any, name: str = "timeout") -> float:
    """Return a time-out as it was given.

    Raises:
        InvalidInputError: it is no finite number above 0.

    """
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or value <= 0:
        raise InvalidInputError(f"{name} is {_shown(value)}", hint="give seconds, a number above 0")
    return float(value)


@cache
def _repeated(message: type[Message]) -> tuple[str, ...]:
    """Return the names of the fields that take lists; looked up once, since every request asks."""
    return tuple(field.name for field in message.DESCRIPTOR.fields if field.is_repeated)


@cache
def _truths(message: type[Message]) -> dict[str, bool]:
    """Return of each field that is a boolean or a number, and no list, whether it is a boolean."""
    numbers = {kind for kind in _KINDS if kind != FieldDescriptor.CPPTYPE_STRING}
    return {
        field.name: field.cpp_type == FieldDescriptor.CPPTYPE_BOOL
        for field in message.DESCRIPTOR.fields
        if field.cpp_type in numbers and not field.is_repeated
    }


def _fits(message: type[Message], name: str, value: Any) -> bool:
    try:
        message(**{name: value})
    except (TypeError, ValueError, AttributeError):
        return False
    return True


def _wrong(message: type[Message], name: str, value: object) -> InvalidInputError:
    field = message.DESCRIPTOR.fields_by_name[name]
    wanted = _wanted(field)
    told = f"give a list, each {wanted}" if field.is_repeated else f"give {wanted}"
    violation = FieldViolation(name, f"is {_shown(value)}")
    return InvalidInputError(f"{name} is {_shown(value)}", hint=told, violations=[violation])


def _wanted(field: Any) -> str:
    if field.message_type is not None:
        return f"a {field.message_type.name}"
    if field.type == FieldDescriptor.TYPE_BYTES:
        return "bytes"
    return _KINDS.get(field.cpp_type, "a value of the contract")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
