"""Pictures of nodes."""

from typing import TYPE_CHECKING

import langdesign_client

from langdesign_command.cli.writing import picture_bytes

if TYPE_CHECKING:
    from langdesign_client import Client


def masked_picture(client: "Client", node: str, mask: bytes) -> bytes:
    """Return a node's picture with a mask over it, a PNG."""
    from langdesign_command.overlay import overlay  # noqa: PLC0415 - Pillow is slow to import

    return overlay(picture_bytes(client.call(langdesign_client.nodes.picture(node)).image), mask)
