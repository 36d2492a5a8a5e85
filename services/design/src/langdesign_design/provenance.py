"""What a node's picture says about how it came about, as a file."""

from collections.abc import Sequence

from langdesign.design.v1 import design_pb2 as pb
from langdesign_media import ProvenancePolicy

from .nodes import Node
from .paths import results


def packet_of(path: Sequence[Node], policy: ProvenancePolicy) -> bytes:
    """Return the XMP packet of the picture of a path's last node.

    It is empty where the policy tells nothing, and where the pixels are the root's.
    """
    pixels = [result.pixels for result in results(path)]
    if pixels[0] == pixels[-1]:
        return b""
    edits = [pb.NodeEdit.FromString(node.edit) for node in path if node.edit]
    used = dict.fromkeys(edit.result.checkpoint for edit in edits if edit.result.checkpoint)
    asked = (edit.instruction for edit in edits if edit.instruction)
    return policy.packet(policy.provenance(used, asked))
