"""The constraints of contracts (protovalidate's, `buf.validate`), held against messages.

protovalidate's own runtime compiles them as expressions of CEL, and takes 12 MiB of each process for that.
The contracts use a dozen and a half of its standard constraints, which stand here as functions. They find
what protovalidate finds and say it in its words: a test compares the two on every message of the contracts.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from buf.validate import validate_pb2
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from langdesign_chassis.errors import FieldViolation

Check = Callable[[Any], str | None]
"""Returns what is wrong with a value; None where nothing is."""
_Rules = Mapping[str, Any]
"""Constraints of one value by name, such as ``max_len``."""
_IN_WORDS = {
    "gt": "greater than {}",
    "gte": "greater than or equal to {}",
    "lt": "less than {}",
    "lte": "less than or equal to {}",
}
_HOLDS: Mapping[str, Callable[[Any, Any], bool]] = {
    "gt": lambda value, bound: value > bound,
    "gte": lambda value, bound: value >= bound,
    "lt": lambda value, bound: value < bound,
    "lte": lambda value, bound: value <= bound,
}


class UnknownRuleError(NotImplementedError):
    """A contract has a constraint that is none of those here."""


class Rules:
    """Holds messages against the constraints of their contracts; a type's descriptor is read once."""

    def __init__(self) -> None:
        self._known: dict[str, _MessageRules] = {}

    def violations(self, message: Message) -> Iterator[FieldViolation]:
        """Yield what breaks a constraint, in the message and in those that it holds.

        Raises:
            UnknownRuleError: The contract has a constraint that this module lacks.
        """
        yield from self._below(message, "")

    def _below(self, message: Message, place: str) -> Iterator[FieldViolation]:
        rules = self._of(message.DESCRIPTOR)
        for oneof in rules.oneofs:
            if message.WhichOneof(oneof) is None:
                yield FieldViolation(place + oneof, "exactly one field is required in oneof")
        for field in rules.fields:
            yield from self._field(message, field, place + field.name)

    def _field(self, message: Message, field: "_FieldRules", place: str) -> Iterator[FieldViolation]:
        if field.presence and not message.HasField(field.name):
            if field.required:
                yield FieldViolation(place, "value is required")
            return
        value = getattr(message, field.name)
        if field.required and not value and not field.presence:
            yield FieldViolation(place, "value is required")
            return
        yield from _broken(field.checks, value, place)
        for where, item in field.items(value):
            yield from _broken(field.item_checks, item, f"{place}{where}")
            if field.messages:
                yield from self._below(item, f"{place}{where}.")

    def _of(self, descriptor: Any) -> "_MessageRules":
        known = self._known.get(descriptor.full_name)
        if known is None:
            known = self._known[descriptor.full_name] = _message_rules(descriptor)
        return known


@dataclass(frozen=True, slots=True)
class _FieldRules:
    name: str
    presence: bool  # whether unset differs from zero
    required: bool
    checks: tuple[Check, ...]
    item_checks: tuple[Check, ...]
    messages: bool  # whether it holds messages
    items: Callable[[Any], Iterator[tuple[str, Any]]]


@dataclass(frozen=True, slots=True)
class _MessageRules:
    oneofs: tuple[str, ...]  # those of which one has to be set
    fields: tuple[_FieldRules, ...]


def _broken(checks: tuple[Check, ...], value: Any, place: str) -> Iterator[FieldViolation]:
    for check in checks:
        if (wrong := check(value)) is not None:
            yield FieldViolation(place, wrong)


def _message_rules(descriptor: Any) -> _MessageRules:
    if descriptor.GetOptions().HasExtension(validate_pb2.message):
        raise UnknownRuleError(
            f"{descriptor.full_name} has rules of the whole message; add them to {__name__}"
        )
    required = (one for one in descriptor.oneofs if one.GetOptions().Extensions[validate_pb2.oneof].required)
    fields = (_field_rules(field) for field in descriptor.fields)
    return _MessageRules(
        tuple(one.name for one in required),
        tuple(one for one in fields if one.required or one.checks or one.item_checks or one.messages),
    )


def _field_rules(field: FieldDescriptor) -> _FieldRules:
    options = field.GetOptions().Extensions[validate_pb2.field]
    rules = _of_value(options, field)
    items = rules.pop("items", None)
    return _FieldRules(
        name=field.name,
        presence=field.has_presence,
        required=options.required,
        checks=tuple(_checks(rules, field)),
        item_checks=() if items is None else tuple(_checks(_of_value(items, field), field)),
        messages=_holds_messages(field),
        items=_items(field),
    )


def _of_value(options: validate_pb2.FieldRules, field: FieldDescriptor) -> dict[str, Any]:
    """Return the constraints of a value by name."""
    known = {"required", options.WhichOneof("type")}
    if unknown := [one.name for one, _ in options.ListFields() if one.name not in known]:
        raise _unknown(unknown[0], field)
    kind = options.WhichOneof("type")
    return {one.name: value for one, value in getattr(options, kind).ListFields()} if kind else {}


def _holds_messages(field: FieldDescriptor) -> bool:
    kind = field.message_type
    if kind is not None and _is_map(field):
        kind = kind.fields_by_name["value"].message_type
    return kind is not None


def _is_map(field: FieldDescriptor) -> bool:
    return field.message_type is not None and field.message_type.GetOptions().map_entry


def _items(field: FieldDescriptor) -> Callable[[Any], Iterator[tuple[str, Any]]]:
    """Return how to walk what a field holds: where each stands below the field, and what it is."""
    if _is_map(field):
        return lambda value: ((f"[{key!r}]", value[key]) for key in value)
    if field.is_repeated:
        return lambda value: ((f"[{number}]", item) for number, item in enumerate(value))
    return lambda value: iter([("", value)])


def _checks(rules: _Rules, field: FieldDescriptor) -> Iterator[Check]:
    """Yield the checks of a value, in the order of protovalidate's constraints."""
    for name, bound in rules.items():
        match name:
            case "gt" | "gte" if "lt" in rules or "lte" in rules:
                yield _within(name, "lt" if "lt" in rules else "lte", rules, field)
            case "lt" | "lte" if "gt" in rules or "gte" in rules:
                continue  # told with the lower bound
            case "gt" | "gte" | "lt" | "lte":
                yield _bounded(name, bound)
            case _ if name in _CHECKS:
                yield _CHECKS[name](bound, field)
            case _:
                raise _unknown(name, field)


def _unknown(name: str, field: FieldDescriptor) -> UnknownRuleError:
    return UnknownRuleError(f"{field.full_name} has the rule {name}, which {__name__} lacks: add it there")


def _bounded(name: str, bound: Any) -> Check:
    holds, told = _HOLDS[name], f"must be {_IN_WORDS[name].format(_number(bound))}"
    return lambda value: None if holds(value, bound) else told


def _within(lower: str, upper: str, rules: _Rules, field: FieldDescriptor) -> Check:
    least, most = rules[lower], rules[upper]
    if least > most:
        raise _unknown(f"{lower} above {upper}", field)
    over, under = _HOLDS[lower], _HOLDS[upper]
    words = (_IN_WORDS[lower].format(_number(least)), _IN_WORDS[upper].format(_number(most)))
    told = f"must be {' and '.join(words)}"
    return lambda value: None if over(value, least) and under(value, most) else told


def _number(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _unit(field: FieldDescriptor) -> str:
    return "bytes" if field.type == FieldDescriptor.TYPE_BYTES else "characters"


def _at_least(size: int, told: str) -> Check:
    return lambda value: told if len(value) < size else None


def _at_most(size: int, told: str) -> Check:
    return lambda value: told if len(value) > size else None


def _matching(pattern: str, field: FieldDescriptor) -> Check:
    if "\\" in pattern or "(?" in pattern:
        raise _unknown(f"pattern {pattern}", field)  # where Python and RE2 may differ
    found = re.compile(pattern.replace("$", r"\Z")).search  # `$` alone would take a line's end, too
    return lambda value: None if found(value) else f"does not match regex pattern `{pattern}`"


def _finite(wanted: bool) -> Check:
    return lambda value: None if math.isfinite(value) or not wanted else "must be finite"


def _defined(wanted: bool, field: FieldDescriptor) -> Check:
    kind = field.enum_type
    known = frozenset(one.number for one in kind.values) if kind is not None else frozenset()
    told = "value must be one of the defined enum values"
    return lambda value: None if value in known or not wanted else told


def _other_than(values: Any) -> Check:
    refused, told = frozenset(values), f"must not be in list [{', '.join(map(str, values))}]"
    return lambda value: told if value in refused else None


def _equal(wanted: Any) -> Check:
    told = f"must equal {str(wanted).lower() if isinstance(wanted, bool) else wanted}"
    return lambda value: None if value == wanted else told


_CHECKS: Mapping[str, Callable[[Any, FieldDescriptor], Check]] = {
    "const": lambda bound, field: _equal(bound),
    "defined_only": _defined,
    "finite": lambda bound, field: _finite(bound),
    "max_items": lambda bound, field: _at_most(bound, f"must contain no more than {bound} item(s)"),
    "max_len": lambda bound, field: _at_most(bound, f"must be at most {bound} {_unit(field)}"),
    "max_pairs": lambda bound, field: _at_most(bound, f"map must be at most {bound} entries"),
    "min_items": lambda bound, field: _at_least(bound, f"must contain at least {bound} item(s)"),
    "min_len": lambda bound, field: _at_least(bound, f"must be at least {bound} {_unit(field)}"),
    "not_in": lambda bound, field: _other_than(bound),
    "pattern": _matching,
}
