"""Converts, calls, converts: designs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import grpc
from langdesign.design.v1 import design_pb2 as pb
from langdesign_chassis import current_tenant

from .checking import design_id, masked_fields, text_within
from .convert import call_of, event_message, node_message
from .drafting import draft_root
from .live import NodeEvent, resumable
from .nodes import Design
from .parts import Parts
from .store import Change

_PAGE = 50
_HEARTBEAT = 20.0  # seconds of silence after which a watcher is told that it is current
Context = grpc.aio.ServicerContext[Any, Any]


class DesignMethods:
    """Methods of designs as wholes."""

    _parts: Parts

    async def CreateDesign(  # noqa: N802 - the contract's name
        self, request: pb.CreateDesignRequest, context: Context
    ) -> pb.CreateDesignResponse:
        """Create a design."""
        parts = self._parts
        root = draft_root(await parts.root(request.image, "image"))
        design, stored = await parts.store.create_design(call_of(request), request.title, root)
        return pb.CreateDesignResponse(design=parts.design_message(design), root=node_message(stored))

    async def GetDesign(  # noqa: N802 - the contract's name
        self, request: pb.GetDesignRequest, context: Context
    ) -> pb.GetDesignResponse:
        """Return a design."""
        design = await self._parts.store.design(current_tenant(), design_id(request.name))
        return pb.GetDesignResponse(design=self._parts.design_message(design))

    async def ListDesigns(  # noqa: N802 - the contract's name
        self, request: pb.ListDesignsRequest, context: Context
    ) -> pb.ListDesignsResponse:
        """List designs."""
        page = await self._parts.store.list_designs(
            current_tenant(), request.page_size or _PAGE, request.page_token, deleted=request.deleted
        )
        designs = [self._parts.design_message(design) for design in page.items]
        return pb.ListDesignsResponse(designs=designs, next_page_token=page.next_token)

    async def UpdateDesign(  # noqa: N802 - the contract's name
        self, request: pb.UpdateDesignRequest, context: Context
    ) -> pb.UpdateDesignResponse:
        """Change a design's title."""
        design = design_id(request.design.name, "design.name")
        masked_fields(request.update_mask, {"title"})
        title = text_within(request.design.title, 200, "design.title")
        renamed = await self._parts.store.rename_design(call_of(request), design, title)
        return pb.UpdateDesignResponse(design=self._changed(renamed))

    async def DeleteDesign(  # noqa: N802 - the contract's name
        self, request: pb.DeleteDesignRequest, context: Context
    ) -> pb.DeleteDesignResponse:
        """Put a design into the bin."""
        deleted = await self._parts.store.delete_design(call_of(request), design_id(request.name))
        return pb.DeleteDesignResponse(design=self._changed(deleted))

    async def UndeleteDesign(  # noqa: N802 - the contract's name
        self, request: pb.UndeleteDesignRequest, context: Context
    ) -> pb.UndeleteDesignResponse:
        """Take a design back."""
        design = await self._parts.store.undelete_design(call_of(request), design_id(request.name))
        return pb.UndeleteDesignResponse(design=self._changed(design))

    async def WatchDesign(  # noqa: N802 - the contract's name
        self, request: pb.WatchDesignRequest, context: Context
    ) -> AsyncIterator[pb.WatchDesignResponse]:
        """Follows a design: what it missed, then live, until the caller leaves or this replica stops."""
        parts, tenant, design = self._parts, current_tenant(), design_id(request.name)
        known = request.after_revision
        async with parts.hub.listening(tenant, design, endless=True) as listener:
            before = await parts.store.changes(tenant, design, known)
            parts.hub.relay(tenant, design, [change.item for change in before])
            for reached, item in resumable(before, known):
                known = reached
                yield self._watched(design, known, item)
            yield pb.WatchDesignResponse(revision=known, current=True)
            first = known
            while True:
                news = await listener.news(_HEARTBEAT)
                live = [item for item in news if isinstance(item, NodeEvent) or item.revision > first]
                for reached, item in resumable(live, known):
                    known = reached
                    yield self._watched(design, known, item)
                if not news:
                    yield pb.WatchDesignResponse(revision=known, current=True)

    def _changed(self, design: Design) -> pb.Design:
        self._parts.hub.poke(current_tenant(), design.id)
        return self._parts.design_message(design)

    def _watched(self, design: str, revision: int, item: Change | NodeEvent) -> pb.WatchDesignResponse:
        if isinstance(item, NodeEvent):
            return pb.WatchDesignResponse(event=event_message(design, item))
        if isinstance(item.item, Design):
            return pb.WatchDesignResponse(revision=revision, design=self._parts.design_message(item.item))
        return pb.WatchDesignResponse(revision=revision, node=node_message(item.item))
