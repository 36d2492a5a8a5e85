"""Does the edits of a path again: on another picture, by another model, or to see whether they repeat."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from langdesign.design.v1 import design_pb2 as pb
from langdesign.editing.v1 import editing_pb2
from langdesign.media.v1 import media_pb2
from langdesign_chassis import errors

from .comparing import Difference, compare
from .convert import call_of, edit_request, node_name, statistics_message
from .drafting import draft_edit, draft_root, new_id
from .ending import until_ended
from .live import NodeEvent
from .nodes import Node, NodeState
from .parts import Parts
from .store import Call

Steps = AsyncGenerator[pb.ReplayNodeResponse, None]


@dataclass(frozen=True)
class Replay:
    """One replay.

    Each of its changes has an idempotency key derived from the request's, so that an equal request goes on
    where a broken one stopped.

    Attributes:
        parts: The service's parts.
        tenant: Who asks.
        request: What is asked.
        path: From the root to the node whose edits are done again.

    Raises:
        errors.FailedPrecondition: a join is on the path, or no edit.

    """

    parts: Parts
    tenant: str
    request: pb.ReplayNodeRequest
    path: Sequence[Node]

    def __post_init__(self) -> None:
        """Refuse joins, whose second branch no path holds, and roots."""
        if len(self.path) == 1:
            raise errors.FailedPrecondition(
                "the root has no edits that could be done again", hint="replay a node below it"
            )
        if any(node.merged for node in self.path):
            raise errors.FailedPrecondition(
                "the path joins two branches, and cannot be done again as one",
                hint="replay the two nodes that were joined, and merge the results",
            )

    async def kept(self) -> Steps:
        """Do the edits again and keep the results as a chain of nodes; yield them as they end.

        Raises:
            errors.FailedPrecondition: an edit did not end well; what was made before it stays.

        """
        parts, (root, *steps) = self.parts, self.path
        made = await self._other_root() if self.request.HasField("image") else root
        chain = [made]
        for number, step in enumerate(steps, 1):
            made = await self._again(made, step, number)
            chain.append(made)
            response = pb.ReplayNodeResponse(
                node=node_name(step.design, step.id), made=await parts.whole_message(made)
            )
            if not self.request.HasField("image"):
                before = self.path[: number + 1]
                _tell(response, await parts.stored(parts.composer.compare(self.tenant, before, chain)))
            yield response

    async def validated(self) -> Steps:
        """Do the edits again and keep nothing; yield how the results compare.

        Raises:
            errors.FailedPrecondition: an edit did not end well.

        """
        parts, (root, *steps) = self.parts, self.path
        if self.request.HasField("image"):
            data = await parts.given(self.request.image, "image")
            image = await parts.inputs.encoded(self.tenant, data)
        else:
            image = await parts.stored(parts.inputs.image(self.tenant, [root]))
        for number, step in enumerate(steps, 1):
            result = await self._result(step, number, image)
            image = result.image
            response = pb.ReplayNodeResponse(node=node_name(step.design, step.id))
            if not self.request.HasField("image"):
                data = await parts.given(image, "result")
                _tell(response, await self._compared(number, data))
            yield response

    async def _other_root(self) -> Node:
        picture = await self.parts.root(self.request.image, "image")
        title = (await self.parts.store.design(self.tenant, self.path[0].design)).title
        _, root = await self.parts.store.create_design(self._call(0), title, draft_root(picture))
        return root

    async def _again(self, parent: Node, step: Node, number: int) -> Node:
        """Do one edit again as a child of a node; return it once it is ready."""
        draft = draft_edit(parent.design, parent.id, await self._edit(step), new_id())
        async with self.parts.hub.listening(self.tenant, parent.design) as listener:
            (made,) = await self.parts.begin(self._call(number), [draft])
            async with aclosing(until_ended(listener, [made])) as news:
                async for item in news:
                    made = made if isinstance(item, NodeEvent) else item
        if made.state is not NodeState.READY:
            reason = made.failure.message if made.failure else made.state.value
            raise _broken(step, reason)
        return made

    async def _result(self, step: Node, number: int, image: media_pb2.Image) -> editing_pb2.ResultEvent:
        request = edit_request(f"design-replay-{self._call(number).key}", image, await self._edit(step))
        async with aclosing(self.parts.editing.edit(self.tenant, request)) as events:
            async for _, event in events:
                if event is not None and event.HasField("result"):
                    return event.result
                if event is not None and event.HasField("failed"):
                    raise _broken(step, event.failed.message)
        raise errors.Unavailable("the editing service broke off", hint="ask again with the same key")

    async def _edit(self, step: Node) -> pb.NodeEdit:
        """Return what is asked anew of a node's edit."""
        was = pb.NodeEdit.FromString(step.edit)
        edit = pb.NodeEdit(
            instruction=was.instruction, options=was.options, model=self.request.model or was.model
        )
        if self.request.model:  # knobs are those of one family of models
            edit.options.ClearField("editor")
        if was.plan_given or (self._by_other_model and was.plan.plan.edits):
            # Each of its edits has words of its own, which one mask of them all would lose.
            edit.plan.CopyFrom(was.plan)
            edit.plan_given = True
        elif (region := await self._region(step, was)) is not None:
            edit.region.CopyFrom(region)
        return edit

    @property
    def _by_other_model(self) -> bool:
        """Whether another model does the same edits on the same root."""
        return bool(self.request.model) and not self.request.HasField("image")

    async def _region(self, step: Node, was: pb.NodeEdit) -> editing_pb2.Region | None:
        """Return where a node's edit acts when it is done again; None where that is found out."""
        if self._by_other_model and step.mask:
            return editing_pb2.Region(mask=media_pb2.Mask(png=await self.parts.blob(step.mask)))
        drawn = was.region.WhichOneof("kind") in {"mask", "box"}
        lost = drawn and self.request.HasField("image")  # it was the first picture's
        return was.region if was.HasField("region") and not lost else None

    def _call(self, number: int) -> Call:
        """Return what tells one change of this replay from others."""
        call = call_of(self.request)
        key = hashlib.sha256(f"{self.tenant}\n{call.key}\n{number}".encode()).hexdigest()
        return replace(call, key=f"replay-{key}")

    async def _compared(self, number: int, data: bytes) -> Difference:
        """Return how a result, encoded, differs from what a node of the path has."""
        parts = self.parts
        before = await parts.stored(parts.composer.picture(self.tenant, self.path[: number + 1]))
        after = await parts.stored(parts.guard.decode(data))
        return await asyncio.to_thread(compare, before.pixels, after.pixels)


def _tell(response: pb.ReplayNodeResponse, difference: Difference) -> None:
    response.identical = not difference.changed.pixels
    response.difference.CopyFrom(statistics_message(difference.statistics))


def _broken(step: Node, reason: str) -> errors.FailedPrecondition:
    return errors.FailedPrecondition(
        f"{node_name(step.design, step.id)} could not be done again: {reason}",
        hint="see to the reason and replay anew, or begin at the last node that was made",
    )
