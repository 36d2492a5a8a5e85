"""Pictures of nodes, as files."""

from pathlib import Path
from typing import TYPE_CHECKING

import langdesign_client
from langdesign_client.errors import InvalidInputError

if TYPE_CHECKING:
    from langdesign_client import Client


def unwritable(out: Path, error: OSError) -> InvalidInputError:
    """Return the error for a file that cannot be written."""
    reason = (error.strerror or "no reason").lower()
    return InvalidInputError(f"{out} cannot be written: {reason}", hint="give another --out")


def write(out: Path, data: bytes) -> None:
    """Write a file, its folders too. Raise InvalidInputError where it cannot be written."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(data)
    except OSError as error:
        raise unwritable(out, error) from None


def masked_picture(client: "Client", node: str, mask: bytes) -> bytes:
    """Return a node's picture with a mask over it, a PNG."""
    from langdesign_command.overlay import overlay  # noqa: PLC0415 - Pillow is slow to import

    return overlay(client.call(langdesign_client.nodes.picture(node)).image.data, mask)
