"""What services refuse is what protovalidate refuses, in its words, on every message of the contracts."""

import importlib
import math
import random

import pytest
from buf.validate import validate_pb2
from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor import FieldDescriptor as Field
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from langdesign_chassis.rules import Rules, UnknownRuleError
from protovalidate import Validator

CONTRACTS = ("design", "editing", "instruction", "reference", "segmentation", "training")
ROUNDS = 40  # messages of each type
DEEPEST = 5
NAMES = (
    *(
        "designs/a",
        "designs/-",
        "designs/a/nodes/b",
        "designs/a/nodes/b\n",
        "designs/a\nx",
        "runs/a",
        "runs/A",
    ),
    *("models/a", "models/a@1", "models/a@0", "models/a@best", "models/a@best\n", "sha256:" + "0" * 64),
    *("de", "de-DE", "de_DE", "interior", "a.b", "a_b", "-", " ", "é", "😀" * 64),
)
BROKEN_BY_THEM = {
    *("bool.const", "bytes.min_len", "double.finite", "double.gte", "enum.defined_only", "enum.not_in"),
    *("float.gt_lt", "float.gte_lte", "int32.gte", "int32.gte_lte", "int64.gte", "map.max_pairs"),
    *("repeated.max_items", "repeated.min_items", "required", "string.max_len", "string.min_len"),
    "string.pattern",
}
"""Every constraint of the contracts, but bytes' largest sizes: 32 to 128 MiB."""


def types():
    """The class of every message of the contracts."""
    for stem in CONTRACTS:
        file = importlib.import_module(f"langdesign.{stem}.v1.{stem}_pb2").DESCRIPTOR
        yield from map(message_factory.GetMessageClass, file.message_types_by_name.values())


def bounds(rules):
    """The numbers that a value's constraints name, by constraint."""
    kind = rules.WhichOneof("type")
    return {one.name: value for one, value in getattr(rules, kind).ListFields()} if kind else {}


def scalar(field, rules, chance):
    """A value at, before or beyond what its constraints allow."""
    told = bounds(rules)
    match field.type:
        case Field.TYPE_STRING:
            longest = told.get("max_len", 0)
            sizes = ("", "é" * longest, "é" * (longest + 1)) if longest < 5000 else ("",)
            return chance.choice((*NAMES, *sizes * 4))
        case Field.TYPE_BYTES:
            return chance.randbytes(chance.choice((0, 1, 5)))
        case Field.TYPE_BOOL:
            return chance.random() < 0.5
        case Field.TYPE_ENUM:
            return chance.choice((0, 1, 2, 3, 99, -1))
    numbers = [value for name, value in told.items() if name in {"gt", "gte", "lt", "lte"}] or [0]
    if field.type in {Field.TYPE_FLOAT, Field.TYPE_DOUBLE}:
        near = [number + step for number in numbers for step in (-1e-3, 0, 1e-3)]
        return chance.choice([math.nan, math.inf, -math.inf, -0.0, *near])
    unsigned = field.type in {Field.TYPE_UINT32, Field.TYPE_UINT64}
    return max(
        0 if unsigned else -(2**31), min(2**31 - 1, chance.choice(numbers) + chance.choice((-1, 0, 1)))
    )


def fill(message, chance, depth=0):
    """Set fields by chance, those of messages within too."""
    for field in message.DESCRIPTOR.fields:
        if chance.random() < (0.35 if depth < 2 else 0.6):
            continue
        rules = field.GetOptions().Extensions[validate_pb2.field]
        if field.is_repeated:
            fill_repeated(message, field, rules, chance, depth)
        elif field.message_type is None:
            setattr(message, field.name, scalar(field, rules, chance))
        elif depth < DEEPEST:
            getattr(message, field.name).SetInParent()
            fill(getattr(message, field.name), chance, depth + 1)


def fill_repeated(message, field, rules, chance, depth):
    values = getattr(message, field.name)
    most = rules.repeated.max_items or rules.map.max_pairs
    count = chance.choice((0, 1, 2, min(most, 100) + 1 if depth == 0 else 1))
    if field.message_type is None:
        values.extend(scalar(field, rules.repeated.items, chance) for _ in range(count))
    elif field.message_type.GetOptions().map_entry:
        value = field.message_type.fields_by_name["value"]
        values.update((f"key {number}", scalar(value, rules.map.values, chance)) for number in range(count))
    elif depth < DEEPEST:
        for _ in range(count):
            fill(values.add(), chance, depth + 1)


def place(violation):
    path = violation.proto.field
    named = ((one.field_name, one.subscript) for one in (path.elements if path is not None else ()))
    return ".".join(name if item is None else f"{name}[{item.value!r}]" for name, item in named)


def test_whatever_breaks_a_constraint_is_found_as_by_protovalidate():
    ours, theirs, chance, broken = Rules(), Validator(), random.Random(1), set()
    for kind in list(types()) * ROUNDS:
        message = kind()
        fill(message, chance)
        expected = theirs.collect_violations(message)

        found = [(one.field, one.description) for one in ours.violations(message)]

        assert found == [(place(one), one.proto.message) for one in expected], kind.DESCRIPTOR.full_name
        broken |= {one.proto.rule_id for one in expected}
    assert broken == BROKEN_BY_THEM


@pytest.mark.parametrize("kind", list(types()), ids=lambda kind: kind.DESCRIPTOR.full_name)
def test_every_constraint_of_the_contracts_is_known(kind):
    """Nothing set, all that is looked at is read; what is within messages has a turn of its own."""
    list(Rules().violations(kind()))


def described(name, rules):
    """The class of a message that has one text field with these constraints."""
    file = FileDescriptorProto(name=f"{name}.proto", syntax="proto3", package=f"test_rules.{name}")
    file.dependency.append(validate_pb2.DESCRIPTOR.name)
    text = file.message_type.add(name="Text").field.add(name="text", number=1, type=Field.TYPE_STRING)
    text.label = Field.LABEL_OPTIONAL
    text.options.Extensions[validate_pb2.field].CopyFrom(rules)
    pool = descriptor_pool.Default()
    pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"test_rules.{name}.Text"))


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("email", validate_pb2.FieldRules(string=validate_pb2.StringRules(email=True))),
        ("engines", validate_pb2.FieldRules(string=validate_pb2.StringRules(pattern=r"^\w+$"))),
        ("ignored", validate_pb2.FieldRules(ignore=validate_pb2.IGNORE_ALWAYS)),
        ("expression", validate_pb2.FieldRules(cel=[validate_pb2.Rule(expression="true")])),
    ],
)
def test_a_constraint_that_is_not_known_is_told_and_not_passed_over(name, rules):
    """Among them a class of characters that engines read differently."""
    kind = described(name, rules)

    with pytest.raises(UnknownRuleError, match=r"Text\.text has the rule"):
        list(Rules().violations(kind()))
