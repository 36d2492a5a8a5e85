"""Every method of every contract is declared as one that changes something or as one that does not."""

import importlib
import re
from pathlib import Path

import langdesign
import pytest
from google.protobuf.descriptor import FieldDescriptor
from langdesign_chassis.audited import MUTATING, READING

_WRITTEN = re.compile("instruction|title|note|caption|prompt|expression|query")
"""Names of fields that hold what a person wrote."""


def _methods():
    """Every method of the contracts by full name."""
    folder = next(iter(langdesign.__path__))
    found = {}
    for module in sorted(Path(folder).glob("*/v*/*_pb2.py")):
        name = ".".join(("langdesign", *module.relative_to(folder).with_suffix("").parts))
        for service in importlib.import_module(name).DESCRIPTOR.services_by_name.values():
            found |= {f"/{service.full_name}/{method.name}": method for method in service.methods}
    return found


METHODS = _methods()


def test_every_method_is_declared_once():
    assert len(METHODS) > 20
    assert MUTATING.keys() | READING == METHODS.keys()
    assert not MUTATING.keys() & READING


def test_what_takes_an_idempotency_key_changes_something():
    """The contracts' own rule: what changes something takes a key."""
    keyed = {
        name for name, method in METHODS.items() if "idempotency_key" in method.input_type.fields_by_name
    }
    assert keyed <= MUTATING.keys()
    assert MUTATING.keys() - keyed == {"/langdesign.instruction.v1.InstructionService/GenerateTriples"}


def _field(message, path):
    *way, last = path.split(".")
    for step in way:
        message = message.fields_by_name[step].message_type
    return message.fields_by_name[last]


@pytest.mark.parametrize("name", MUTATING)
def test_what_is_told_names_resources_and_words_are_told_apart(name):
    method, audited = METHODS[name], MUTATING[name]
    named = [_field(method.input_type, path) for path in audited.asked]
    named += [_field(method.output_type, path) for path in audited.answered]
    written = [_field(method.input_type, path) for path in audited.texts]
    for field in (*named, *written):
        assert field.type == FieldDescriptor.TYPE_STRING, field.full_name
    assert not [field.full_name for field in named if _WRITTEN.match(field.name)]
    assert all(_WRITTEN.match(field.name) for field in written)


@pytest.mark.parametrize("name", MUTATING)
def test_a_line_names_what_the_change_was_of(name):
    assert MUTATING[name].asked or MUTATING[name].answered
