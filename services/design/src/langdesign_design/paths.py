"""Paths from a root to a node, as pictures are composed along them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from .errors import MergeError, PathError
from .nodes import Node, Result

Key = tuple[str, bytes]
"""Tenant, and digest of all that a picture is composed of."""


def results(path: Sequence[Node]) -> Sequence[Result]:
    """Return what the nodes of a path have.

    Raises:
        PathError: It does not begin at a root, has a gap, or a node without a picture.

    """
    found = [node.result for node in path if node.result is not None]
    parents = ["", *(node.id for node in path[:-1])]
    whole = bool(path) and [node.parent for node in path] == parents and len(found) == len(path)
    if not whole or not found[0].picture or not all(result.patch for result in found[1:]):
        raise PathError(
            "the node's picture cannot be composed: its path has no root, a gap, or a node without a picture",
            hint="take a path from the root to a node that is ready",
        )
    return found


def keys(tenant: str, path: Sequence[Result]) -> Sequence[Key]:
    """Return for each node of a path what names its picture: the root's and all patches to there."""
    digest = hashlib.sha256(path[0].picture.encode())
    found = [(tenant, digest.digest())]
    for result in path[1:]:
        digest.update(result.patch.encode())
        found.append((tenant, digest.digest()))
    return found


def shared_nodes(one: Sequence[Node], other: Sequence[Node]) -> int:
    """Return how many nodes two paths share, from the root on; 0 for those of two designs."""
    pairs = zip(one, other, strict=False)
    return next((index for index, (a, b) in enumerate(pairs) if a.id != b.id), min(len(one), len(other)))


def fork(base: Sequence[Node], other: Sequence[Node]) -> int:
    """Return how many nodes two paths of one design share from the root on.

    Raises:
        MergeError: They are of two designs, or one of them leads to the other.

    """
    shared = shared_nodes(base, other)
    if not shared:
        raise MergeError("the nodes are of two designs", hint="join nodes of one design")
    if shared in {len(base), len(other)}:
        raise MergeError(
            "one of the nodes came of the other, and has its changes already",
            hint="join nodes of two branches",
        )
    return shared
