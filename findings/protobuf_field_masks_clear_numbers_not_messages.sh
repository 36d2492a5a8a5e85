#!/usr/bin/env bash
# protobuf 7.36.2: FieldMask.MergeMessage(source, destination), as an Update method applies its update_mask.
#
# Expected: each path of the mask takes the source's value (AIP-134: "update_mask"), also where that is none: naming a field and leaving
# it unset clears it, and naming a list replaces it.
# Seen: that holds for numbers and strings. A message that is named and not set stays as it was, one that is set is merged into the
# old one, and a list's elements are appended to the old ones, so that the same update applied twice gives the list twice. One
# mask, and three meanings by the fields' types; a retry after a lost answer is no longer harmless.
#
# So it is called with replace_message_field=True and replace_repeated_field=True; the first clears as well.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check protobuf==7.36.2
"$folder/venv/bin/python" - <<'PYTHON'
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.field_mask_pb2 import FieldMask

# Messages that protobuf carries: a name, a nested message, a list.
mask = FieldMask(paths=["name", "options", "dependency"])


def stored():
    file = FileDescriptorProto(name="room", dependency=["chair", "sofa"])
    file.options.java_package = "oak"
    return file


def updated(source, times=1, **options):
    destination = stored()
    for _ in range(times):
        mask.MergeMessage(source, destination, **options)
    return destination.name, destination.HasField("options") and destination.options.java_package, list(destination.dependency)


replacing = {"replace_message_field": True, "replace_repeated_field": True}
empty, other = FileDescriptorProto(), FileDescriptorProto(dependency=["bed"])
seen = {
    "nothing set": updated(empty),
    "nothing set, replacing": updated(empty, **replacing),
    "a list, twice": updated(other, 2),
    "a list, twice, replacing": updated(other, 2, **replacing),
}
for name, (string, message, items) in seen.items():
    print(f"{name}: name {string!r}, message {message!r}, list {items}")
assert seen["nothing set"] == ("", "oak", ["chair", "sofa"]), "an unset message is cleared now"
assert seen["a list, twice"][2] == ["chair", "sofa", "bed", "bed"], "lists are replaced now"
assert seen["nothing set, replacing"] == ("", False, []) and seen["a list, twice, replacing"][2] == ["bed"]
PYTHON
echo "seen: as described"
