#!/usr/bin/env bash
# tritonclient 2.73.0: set_data_from_numpy() of pictures' files as BYTES, in an array of objects.
#
# Expected: whatever holds bytes is sent as its bytes, or refused: bytes, a bytearray from a socket, a memoryview of a buffer, numpy's own
# bytes_ and void.
# Seen: only `bytes` itself is. Everything else is str(it): the model gets the text "bytearray(b'\x89PNG...')", "<memory at 0x7f...>" or
# "b'\x89PNG...'", and None arrives as "None". An element taken out of one of numpy's arrays of bytes is such a bytes_, though
# isinstance(it, bytes) holds. A decoder says that the picture is broken, a tokenizer reads the text. Where the array is made by
# np.array([...]), without dtype=object, its elements lose the zeros at their end, as raw pixels of a dark corner are.
#
# So elements are bytes(...) in an array of dtype object.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "tritonclient[grpc]==2.73.0" numpy==2.4.1
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
from tritonclient.grpc import InferInput
from tritonclient.utils import deserialize_bytes_tensor

PNG = b"\x89PNG\x00\x01"


def arrived(array):
    """Return what a model reads of an array that is sent to it."""
    tensor = InferInput("PICTURES", list(array.shape), "BYTES")
    tensor.set_data_from_numpy(array)
    return deserialize_bytes_tensor(tensor._get_content())[0]


def alone(value):
    array = np.empty(1, object)
    array[0] = value
    return array


seen = {}
element = np.array([PNG])[0]
for value in (PNG, bytearray(PNG), memoryview(PNG), element, np.void(PNG), None):
    seen[type(value).__name__] = arrived(alone(value))
    print(f"{type(value).__name__:11}", seen[type(value).__name__])
assert isinstance(element, bytes)
assert seen["bytes"] == PNG
assert seen["bytearray"] == str(bytearray(PNG)).encode(), "a bytearray is sent, or refused, now"
assert seen["memoryview"].startswith(b"<memory at ")
assert seen["bytes_"] == str(PNG).encode() and seen["void"].startswith(b"b'") and seen["NoneType"] == b"None"

dark = bytes([9, 0, 0])
print("three raw pixels without dtype=object:", arrived(np.array([dark])))
assert arrived(np.array([dark])) == b"\x09" and arrived(np.array([dark], object)) == dark
PYTHON
echo "seen: as described"
