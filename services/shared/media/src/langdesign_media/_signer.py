"""Signs one picture's C2PA manifest in a process of its own.

The picture that was edited is a stranger's, and the library reads manifests that it may carry: that happens
apart from the service, bounded by the operating system, and costs the service no memory. Reads a length, a
JSON object of that length and the pictures' bytes from standard input; writes the signed picture.

It is run by its path, isolated, and imports nothing of ours.
"""

import io
import json
import resource
import sys
import uuid
from pathlib import Path
from typing import Any

_PARENT = {"title": "the picture that was edited", "relationship": "parentOf"}
LENGTH_BYTES = 4  # of the JSON object's length, big-endian


def _signed(order: dict[str, Any], parent: bytes, picture: bytes) -> bytes:
    import c2pa  # noqa: PLC0415 - within the bounds that `main` sets

    # A thumbnail of 1024 pixels is made by default, which is larger than many pictures.
    settings = {"builder": {"thumbnail": {"enabled": False}}}
    context = c2pa.Context.from_dict(settings)
    try:
        builder = c2pa.Builder.from_json(json.dumps(order["manifest"]), context)
        builder.add_ingredient(json.dumps(_PARENT), order["parent_type"], io.BytesIO(parent))
    except c2pa.C2paError:  # its manifest is broken: there was a parent, and no more can be said of it
        named = {**_PARENT, "format": order["parent_type"], "instance_id": f"xmp:iid:{uuid.uuid4()}"}
        builder = c2pa.Builder.from_json(json.dumps({**order["manifest"], "ingredients": [named]}), context)
    builder.set_intent(c2pa.C2paBuilderIntent.EDIT)  # without it, an earlier manifest is forgotten
    chain, key = Path(order["certificate"]).read_bytes(), Path(order["key"]).read_bytes()
    timestamps = order["timestamps"].encode() if order["timestamps"] else None
    signer = c2pa.Signer.from_info(c2pa.C2paSignerInfo(order["algorithm"].encode(), chain, key, timestamps))
    signed = io.BytesIO()
    builder.sign(signer, order["type"], io.BytesIO(picture), signed)
    return signed.getvalue()


def main() -> None:
    """Sign what standard input holds. Arguments: address space in bytes, processor seconds."""
    memory, seconds = (int(argument) for argument in sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    source = sys.stdin.buffer
    order = json.loads(source.read(int.from_bytes(source.read(LENGTH_BYTES), "big")))
    parent = source.read(order["parent_bytes"])
    sys.stdout.buffer.write(_signed(order, parent, source.read()))


if __name__ == "__main__":
    main()
