"""Stores a design that was read from an archive."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from ..composing import Composer
from ..nodes import Node, NodeState
from .reading import ImportedDesign, ImportedNode


async def adopt(
    design: ImportedDesign, composer: Composer, tenant: str, new_id: Callable[[], str]
) -> Sequence[Node]:
    """Store the blobs of an archive, and return its nodes as those of a new design, parents first.

    Their times are those of the archive, which the store is to keep, so that the design exports as it came.

    Args:
        design: As `read` returned it.
        composer: Keeps the pictures.
        tenant: Whose the design is to be.
        new_id: Makes ids of the design, its nodes and groups.

    Raises:
        BlobUnavailable: The store did not answer; the same call may succeed later.
        DecoderUnavailable: No decoder process could be had.

    """
    name, groups = new_id(), _Ids(new_id)
    ids = [new_id() for _ in design.nodes]
    nodes: list[Node] = []
    for item in design.nodes:
        path = _path(item.document.parent, design.nodes, nodes)
        if path:
            patch = await asyncio.to_thread(design.patch, item)
            result = await composer.add_patch(tenant, path, patch)
        else:
            result = await composer.root(tenant, await asyncio.to_thread(design.root_picture))
        mask = ""
        if item.document.mask:
            mask = await composer.blobs.put(tenant, await asyncio.to_thread(design.mask, item))
        nodes.append(
            Node(
                id=ids[item.number],
                design=name,
                parent=path[-1].id if path else "",
                merged="" if item.document.merged is None else ids[item.document.merged],
                state=NodeState.READY,
                depth=len(path),
                group="" if item.document.group is None else groups[item.document.group],
                instruction=item.document.instruction,
                edit=item.edit,
                mask=mask,
                result=result,
                title=item.document.title,
                note=item.document.note,
                favourite=item.document.favourite,
                hidden=item.document.hidden,
                revision=0,
                create_time=item.document.created,
                update_time=item.document.created,
            )
        )
    return nodes


class _Ids(dict[int, str]):
    """An id for each number that is asked for."""

    def __init__(self, new_id: Callable[[], str]) -> None:
        super().__init__()
        self._new_id = new_id

    def __missing__(self, number: int) -> str:
        self[number] = self._new_id()
        return self[number]


def _path(parent: int | None, items: Sequence[ImportedNode], nodes: Sequence[Node]) -> Sequence[Node]:
    path = []
    while parent is not None:
        path.append(nodes[parent])
        parent = items[parent].document.parent
    return path[::-1]
