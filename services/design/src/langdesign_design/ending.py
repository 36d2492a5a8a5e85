"""Waits for edits to end."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

from .live import Listener, NodeEvent
from .nodes import Node, NodeState


async def until_ended(listener: Listener, nodes: Sequence[Node]) -> AsyncGenerator[Node | NodeEvent, None]:
    """Yield events of running nodes, and each node as it ended; end with the last of them.

    Args:
        listener: Of the nodes' design, registered before the nodes were made.
        nodes: As they were made; those that have ended are left out.

    Raises:
        errors.NotFound: the design was purged meanwhile.

    """
    waiting = {node.id for node in nodes if node.state is NodeState.RUNNING}
    while waiting:
        for item in await listener.news():
            if isinstance(item, NodeEvent):
                if item.node in waiting:
                    yield item
                continue
            node = item.item
            if isinstance(node, Node) and node.id in waiting and node.state is not NodeState.RUNNING:
                waiting.discard(node.id)
                yield node
