"""The API reference: a page for each package of the contracts, made of their descriptors and comments."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "protos/python"))  # the rules' generated code, where it is not installed

from google.protobuf import descriptor_pb2  # noqa: E402
from rules import field_rules, oneof_rules  # noqa: E402

_Field = descriptor_pb2.FieldDescriptorProto
_SCALARS = {
    number: name.removeprefix("TYPE_").lower()
    for name, number in _Field.Type.items()
    if name not in {"TYPE_MESSAGE", "TYPE_ENUM", "TYPE_GROUP"}
}
_COMPILED: dict[str, descriptor_pb2.FileDescriptorSet] = {}


@dataclass(frozen=True)
class Page:
    """One package's page."""

    # Its stem, such as "editing".
    name: str
    markdown: str = field(repr=False)


def descriptors() -> descriptor_pb2.FileDescriptorSet:
    """Compile the contracts, comments included; once a process."""
    if "all" not in _COMPILED:
        with tempfile.TemporaryDirectory() as folder:
            image = Path(folder) / "image.binpb"
            command = [sys.executable, str(REPOSITORY / "protos/generate.py"), "--image", str(image)]
            subprocess.run(command, check=True)
            _COMPILED["all"] = descriptor_pb2.FileDescriptorSet.FromString(image.read_bytes())
    return _COMPILED["all"]


def pages() -> list[Page]:
    """Return a page for each package of the contracts, by name."""
    return [_page(file) for file in descriptors().file if file.package.startswith("langdesign.")]


def _stem(package: str) -> str:
    return package.split(".")[1]


def _page(file: descriptor_pb2.FileDescriptorProto) -> Page:
    comments = _Comments(file)
    lines = [
        f"# {_stem(file.package).capitalize()}",
        "",
        comments.of_package(),
        "",
        f"Package `{file.package}`.",
    ]
    for number, service in enumerate(file.service):
        lines += _service(service, (6, number), comments)
    if file.message_type:
        lines += ["", "## Messages"]
    for number, message in enumerate(file.message_type):
        lines += _message(message, message.name, (4, number), comments, file.package)
    enums = list(_enums(file))
    if enums:
        lines += ["", "## Enums"]
    for name, enum, path in enums:
        lines += _enum(enum, name, path, comments)
    return Page(_stem(file.package), "\n".join(lines) + "\n")


class _Comments:
    """The comments of a file, by the path of what they stand before."""

    def __init__(self, file: descriptor_pb2.FileDescriptorProto) -> None:
        self._by_path = {
            tuple(place.path): place.leading_comments for place in file.source_code_info.location
        }

    def at(self, path: tuple[int, ...]) -> str:
        """Return a comment as one paragraph, fit for a table."""
        text = " ".join(self._by_path.get(path, "").split())
        return text.replace("|", "\\|").replace("<", "&lt;")

    def of_package(self) -> str:
        return self.at((2,))


def _service(
    service: descriptor_pb2.ServiceDescriptorProto, path: tuple[int, ...], comments: _Comments
) -> Iterator[str]:
    yield from ("", f"## {service.name} {{ #{service.name} }}", "", comments.at(path))
    for number, method in enumerate(service.method):
        # `Edit(stream EditRequest) returns (...)`, with links to the messages.
        asked = f"{'stream of ' if method.client_streaming else ''}{_link(method.input_type)}"
        answer = f"{'stream of ' if method.server_streaming else ''}{_link(method.output_type)}"
        yield from ("", f"### {method.name} {{ #{service.name}.{method.name} }}", "")
        yield from (comments.at((*path, 2, number)), "", f"Takes {asked}; answers with {answer}.")


def _message(
    message: descriptor_pb2.DescriptorProto,
    name: str,
    path: tuple[int, ...],
    comments: _Comments,
    package: str,
) -> Iterator[str]:
    yield from ("", f"### {name} {{ #{package}.{name} }}", "", comments.at(path), "")
    rows = [
        (f"`{own.name}`", _type(own, message), _rules(own, message), comments.at((*path, 2, number)))
        for number, own in enumerate(message.field)
    ]
    yield from _table(rows) if rows else ["No fields."]
    for number, nested in enumerate(message.nested_type):
        if not nested.options.map_entry:
            yield from _message(nested, f"{name}.{nested.name}", (*path, 3, number), comments, package)


def _table(rows: list[tuple[str, str, str, str]]) -> Iterator[str]:
    """Return rows of name, type, rules and comment; where nothing has a rule, without a column for them."""
    shown = (0, 1, 2, 3) if any(row[2] for row in rows) else (0, 1, 3)
    for row in [("field", "type", "rules", ""), ("---", "---", "---", "---"), *rows]:
        yield f"| {' | '.join(row[at] for at in shown)} |"


def _rules(own: _Field, message: descriptor_pb2.DescriptorProto) -> str:
    rules = [field_rules(own.options)]
    if own.HasField("oneof_index") and not own.proto3_optional:
        choice = message.oneof_decl[own.oneof_index]
        need = oneof_rules(choice.options)
        rules.append(f"one of `{choice.name}`" + (f" ({need})" if need else ""))
    return ", ".join(rule for rule in rules if rule).replace("|", "\\|").replace("<", "&lt;")


def _type(own: _Field, message: descriptor_pb2.DescriptorProto) -> str:
    for nested in message.nested_type:
        if nested.options.map_entry and own.type_name.endswith(f".{message.name}.{nested.name}"):
            key, value = nested.field
            return f"map of {_type(key, nested)} to {_type(value, nested)}"
    name = _SCALARS.get(own.type) or _link(own.type_name)
    if own.label == _Field.LABEL_REPEATED:
        return f"list of {name}"
    return f"{name}, may be absent" if own.proto3_optional else name


def _link(full: str) -> str:
    """Return a message's or an enum's name as a link to where it is described."""
    full = full.removeprefix(".")
    if not full.startswith("langdesign."):
        short = full.removeprefix("google.protobuf.")
        return f"[{short}](https://protobuf.dev/reference/protobuf/google.protobuf/#{short.lower()})"
    return f"[{'.'.join(full.split('.')[3:])}]({_stem(full)}.md#{full})"


def _enums(
    file: descriptor_pb2.FileDescriptorProto,
) -> Iterator[tuple[str, descriptor_pb2.EnumDescriptorProto, tuple[int, ...]]]:
    for number, enum in enumerate(file.enum_type):
        yield f"{file.package}.{enum.name}", enum, (5, number)
    for at, message in enumerate(file.message_type):
        for number, enum in enumerate(message.enum_type):
            yield f"{file.package}.{message.name}.{enum.name}", enum, (4, at, 4, number)


def _enum(
    enum: descriptor_pb2.EnumDescriptorProto, full: str, path: tuple[int, ...], comments: _Comments
) -> Iterator[str]:
    yield from ("", f"### {'.'.join(full.split('.')[3:])} {{ #{full} }}", "", comments.at(path), "")
    yield from ("| value | number | |", "|---|---:|---|")
    for number, value in enumerate(enum.value):
        yield f"| `{value.name}` | {value.number} | {comments.at((*path, 2, number))} |"
