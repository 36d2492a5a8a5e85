"""The contracts keep the conventions that buf's rules do not know."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = sorted(path.name for path in (ROOT / "protos/langdesign").iterdir())
READS = ("Get", "BatchGet", "List", "Search", "Watch", "Compare", "Plan", "Segment", "Generate", "Export")


def files():
    return [importlib.import_module(f"langdesign.{name}.v1.{name}_pb2").DESCRIPTOR for name in PACKAGES]


def methods():
    return [
        method for file in files() for service in file.services_by_name.values() for method in service.methods
    ]


def enums():
    def within(message):
        yield from message.enum_types
        for nested in message.nested_types:
            yield from within(nested)

    for file in files():
        yield from file.enum_types_by_name.values()
        for message in file.message_types_by_name.values():
            yield from within(message)


@pytest.mark.parametrize("method", methods(), ids=lambda method: method.full_name)
class TestMethod:
    def test_has_its_own_request_and_response(self, method):
        assert method.input_type.name == f"{method.name}Request"
        assert method.output_type.name == f"{method.name}Response"
        assert method.input_type.file is method.containing_service.file

    def test_has_pages_where_it_lists(self, method):
        if method.name.startswith("List"):
            asked, answered = method.input_type.fields_by_name, method.output_type.fields_by_name
            assert {"page_size", "page_token"} <= set(asked)
            assert "next_page_token" in answered

    def test_has_an_idempotency_key_where_it_changes_something(self, method):
        """A call that was cut off can be made again, and is done once."""
        has_key = "idempotency_key" in method.input_type.fields_by_name
        assert has_key is not method.name.startswith(READS)


@pytest.mark.parametrize("enum", list(enums()), ids=lambda enum: enum.full_name)
def test_zero_of_an_enum_says_nothing(enum):
    assert enum.values_by_number[0].name.endswith("_UNSPECIFIED")


def test_an_edit_is_resumed_by_its_operation():
    (editing,) = [file for file in files() if file.package == "langdesign.editing.v1"]
    messages = editing.message_types_by_name
    assert "operation_id" in messages["WatchEditRequest"].fields_by_name
    assert "operation_id" in messages["GetEditRequest"].fields_by_name


def test_every_package_is_named_by_its_folder():
    for name, file in zip(PACKAGES, files(), strict=True):
        assert file.package == f"langdesign.{name}.v1"


def test_another_language_generates_from_one_file(tmp_path):
    """The file holds the rules too, whose source a checkout lacks; protoc and buf both read it."""
    image, out = tmp_path / "contracts.binpb", tmp_path / "out"
    bin_folder = Path(sys.executable).parent
    out.mkdir()
    for command in (
        [sys.executable, ROOT / "protos/generate.py", "--image", image],
        [bin_folder / "buf", "build", image, "-o", tmp_path / "again.binpb"],
        [
            *(sys.executable, "-m", "grpc_tools.protoc"),
            *(f"--descriptor_set_in={image}", f"--pyi_out={out}"),
            *("buf/validate/validate.proto", "langdesign/editing/v1/editing.proto"),
        ],
    ):
        subprocess.run(command, check=True, capture_output=True, timeout=60)
    assert "class EditRequest" in (out / "langdesign/editing/v1/editing_pb2.pyi").read_text()
