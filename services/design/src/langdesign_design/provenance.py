"""What a node's picture says about how it came about, as a file."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version

from langdesign.design.v1 import design_pb2 as pb
from langdesign_media import Provenance, xmp_packet

from .nodes import Node
from .paths import results


@dataclass(frozen=True)
class ProvenancePolicy:
    """What the files of pictures tell. One whose pixels are the root's tells nothing.

    Attributes:
        xmp: Whether they carry an XMP packet.
        instructions: Whether they tell what was asked for.

    """

    xmp: bool = True
    instructions: bool = False

    def packet(self, path: Sequence[Node]) -> bytes:
        """Return the packet of the picture of a path's last node; empty where there is to be none."""
        pixels = [result.pixels for result in results(path)]
        if not self.xmp or pixels[0] == pixels[-1]:
            return b""
        edits = [pb.NodeEdit.FromString(node.edit) for node in path if node.edit]
        used = dict.fromkeys(edit.result.checkpoint for edit in edits if edit.result.checkpoint)
        asked = tuple(edit.instruction for edit in edits if edit.instruction) if self.instructions else ()
        return xmp_packet(Provenance(_version(), tuple(used), asked))


@functools.cache
def _version() -> str:
    return version("langdesign-design")
