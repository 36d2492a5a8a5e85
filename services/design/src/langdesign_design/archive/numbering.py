"""The nodes of a design in tree order: each branch from its beginning to its end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ..errors import PathError
from ..nodes import Node, Result
from .document import in_utc


@dataclass(frozen=True, slots=True, eq=False)
class Numbered:
    """A node of an archive."""

    number: int
    parent: int | None  # its number; None for the root
    merged: int | None  # the number of the second node of a join, where that is in the archive
    node: Node
    result: Result
    leaf: bool


def in_tree_order(nodes: Sequence[Node]) -> Sequence[Numbered]:
    """Return the nodes that have a picture, each before its children, older children first.

    Raises:
        PathError: There is no root, or more than one.

    """
    ready = [node for node in nodes if node.result is not None]
    children: defaultdict[str, list[Node]] = defaultdict(list)
    for node in ready:
        children[node.parent].append(node)
    if len(children[""]) != 1:
        raise PathError("the nodes are no tree of one root", hint="give all nodes of one design")
    order: list[tuple[Node, int | None]] = []
    waiting: list[tuple[Node, int | None]] = [(children[""][0], None)]
    while waiting:
        node, parent = waiting.pop()
        waiting += [(child, len(order)) for child in sorted(children[node.id], key=_age, reverse=True)]
        order.append((node, parent))
    numbers = {node.id: number for number, (node, _) in enumerate(order)}
    return [
        Numbered(number, parent, numbers.get(node.merged), node, node.result, leaf=not children[node.id])
        for number, (node, parent) in enumerate(order)
        if node.result is not None
    ]


def path_to(number: int, tree: Sequence[Numbered]) -> Sequence[Node]:
    """Return the nodes from the root to one of a tree."""
    path = []
    at: int | None = number
    while at is not None:
        path.append(tree[at].node)
        at = tree[at].parent
    return path[::-1]


def _age(node: Node) -> tuple[datetime, str, bytes]:
    """Return what orders siblings: of equal age, by what they hold, which no store's ids tell."""
    patch = node.result.patch if node.result else ""
    return in_utc(node.create_time), patch, node.edit
