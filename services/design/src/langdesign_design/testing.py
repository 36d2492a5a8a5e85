"""Trees of edits for tests, over a real blob store and a real decoder."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from langdesign.design.v1 import design_pb2 as pb
from langdesign_edits import Mask, Pixels, dilated, feathered
from langdesign_media import BlobStore, encode, mask_to_png

from .composing import Composer
from .nodes import Design, Node, NodeState, Result

TENANT = "anna"
_BEGIN = datetime(2026, 11, 28, 12, tzinfo=UTC)


class Tree:
    """A design under way.

    Attributes:
        nodes: Its nodes, parents before children.
        pixels: What each node's picture has to be, by its id.
        profile: The ICC profile that its pictures are in.

    """

    def __init__(self, composer: Composer, blobs: BlobStore) -> None:
        self.composer = composer
        self.blobs = blobs
        self.nodes: list[Node] = []
        self.pixels: dict[str, Pixels] = {}
        self._design = uuid.uuid4().hex
        self.profile = b""

    @property
    def design(self) -> Design:
        """The design that the nodes are of."""
        root = self.nodes[0]
        return Design(
            id=self._design,
            title="Das grüne Wohnzimmer",
            root=root.id,
            node_count=len(self.nodes),
            revision=1,
            cover=root.id,
            create_time=_BEGIN,
            update_time=_BEGIN,
        )

    async def root(self, pixels: Pixels, profile: bytes = b"") -> Node:
        """Begin with a picture, uint8 ``[H, W, 3 or 4]``, in the colours of a profile."""
        self.profile = profile
        return self.put(None, await self.composer.root(TENANT, encode(pixels, profile=profile)), pixels)

    async def edit(
        self,
        parent: Node,
        mask: Mask,
        feather: int = 0,
        *,
        seed: int = 0,
        spilt: Mask | None = None,
        **said: Any,
    ) -> Node:
        """Lay noise over a mask, as preserve=strict does; over what is spilt, where that is another one."""
        before = self.pixels[parent.id]
        after = blended(before, mask if spilt is None else spilt, feather, seed)
        inside, drawn = int(np.count_nonzero(dilated(mask, feather))), mask_to_png(mask)
        edited = encode(after, profile=self.profile)
        result = await self.composer.add(TENANT, self.path(parent), edited, drawn, inside=inside)
        return self.put(parent, result, after, mask=await self.blobs.put(TENANT, drawn), **said)

    async def whole(self, parent: Node, after: Pixels, **said: Any) -> Node:
        """Edit the whole picture."""
        inside = after.shape[0] * after.shape[1]
        edited = encode(after, profile=self.profile)
        result = await self.composer.add(TENANT, self.path(parent), edited, None, inside=inside)
        return self.put(parent, result, after, **said)

    def put(self, parent: Node | None, result: Result, pixels: Pixels, **said: Any) -> Node:
        """Take a result as a new node."""
        edit = pb.NodeEdit(instruction=said.get("instruction", "")).SerializeToString() if parent else b""
        node = Node(
            id=uuid.uuid4().hex,
            design=self._design,
            parent=parent.id if parent else "",
            state=NodeState.READY,
            depth=parent.depth + 1 if parent else 0,
            edit=said.pop("edit", edit),
            result=result,
            revision=1,
            create_time=_BEGIN + timedelta(seconds=len(self.nodes)),
            update_time=_BEGIN,
            **said,
        )
        self.nodes.append(node)
        self.pixels[node.id] = pixels
        return node

    def path(self, node: Node) -> Sequence[Node]:
        """Return the nodes from the root to one."""
        by_id = {one.id: one for one in self.nodes}
        path = [node]
        while path[-1].parent:
            path.append(by_id[path[-1].parent])
        return path[::-1]

    async def picture(self, node: Node) -> Pixels:
        """Return a node's picture, composed."""
        return (await self.composer.picture(TENANT, self.path(node))).pixels


def blended(before: Pixels, mask: Mask, feather: int, seed: int) -> Pixels:
    """Return a picture with noise showing through a feathered mask, in its alpha too."""
    weights = feathered(mask, feather)[..., None]
    height, width, channels = before.shape
    other = noise(height, width, channels, seed + 1_000_000)  # other noise than a picture's own
    mixed: Pixels = np.rint(before * (1 - weights) + other * weights).astype(np.uint8)
    return mixed


def noise(height: int, width: int, channels: int = 3, seed: int = 0) -> Pixels:
    """Return a picture of noise, uint8 ``[height, width, channels]``."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels), np.uint8)


def box(size: tuple[int, int], top: int, left: int, tall: int, wide: int) -> Mask:
    """Return a mask ``[H, W]`` of a box."""
    mask = np.zeros(size, np.bool_)
    mask[top : top + tall, left : left + wide] = True
    return mask
