"""Between the messages of the contract and what the store keeps: the one place that knows both."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
from datetime import datetime, timedelta
from typing import Any

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from langdesign.design.v1 import design_pb2 as pb
from langdesign.editing.v1 import editing_pb2
from langdesign.media.v1 import media_pb2
from langdesign_chassis import current_tenant
from langdesign_chassis.enums import contract_values
from langdesign_edits import ChangeStatistics
from langdesign_media import mask_to_png, rle_to_mask

from .live import NodeEvent
from .nodes import Design, Node, NodeState
from .store import Call

_STATES = contract_values(NodeState, pb.NodeState)


# --- names ---


def design_name(design: str) -> str:
    """Return the resource name of a design."""
    return f"designs/{design}"


def node_name(design: str, node: str) -> str:
    """Return the resource name of a node."""
    return f"designs/{design}/nodes/{node}" if node else ""


# --- calls ---


def call_of(request: Message) -> Call:
    """Return what tells a mutating call of the current tenant from others."""
    copy: Any = type(request)()  # every mutating request has a key, which their common class does not say
    copy.CopyFrom(request)
    key, copy.idempotency_key = copy.idempotency_key, ""
    method = request.DESCRIPTOR.name.removesuffix("Request")
    content = f"{method}\n".encode() + copy.SerializeToString(deterministic=True)
    return Call(tenant=current_tenant(), key=key, method=method, fingerprint=hashlib.sha256(content).digest())


# --- designs and nodes ---


def design_message(design: Design, purge_days: float) -> pb.Design:
    """Return the message of a design, whose time in the bin is so many days."""
    message = pb.Design(
        name=design_name(design.id),
        title=design.title,
        root=node_name(design.id, design.root),
        node_count=design.node_count,
        create_time=_time(design.create_time),
        update_time=_time(design.update_time),
        revision=design.revision,
        cover=node_name(design.id, design.cover),
    )
    if design.delete_time is not None:
        message.delete_time.CopyFrom(_time(design.delete_time))
        message.purge_time.CopyFrom(_time(design.delete_time + timedelta(days=purge_days)))
    return message


def node_message(node: Node, mask: bytes | None = None, *, brief: bool = True) -> pb.Node:
    """Return the message of a node.

    Args:
        node: The node.
        mask: PNG of the mask that was used, where it shall be told.
        brief: Leave out the mask that the caller drew too.

    """
    message = pb.Node(
        name=node_name(node.design, node.id),
        parent=node_name(node.design, node.parent),
        merged=node_name(node.design, node.merged),
        state=_STATES[node.state],
        depth=node.depth,
        title=node.title,
        note=node.note,
        favourite=node.favourite,
        hidden=node.hidden,
        group=node.group,
        etag=str(node.revision),
        create_time=_time(node.create_time),
        update_time=_time(node.update_time),
        delete_time=None if node.delete_time is None else _time(node.delete_time),
    )
    _tell_edit(message, node, mask, brief=brief)
    _tell_end(message, node)
    return message


def _tell_edit(message: pb.Node, node: Node, mask: bytes | None, *, brief: bool) -> None:
    if not node.edit:
        return
    message.edit.ParseFromString(node.edit)
    if mask is not None:
        message.edit.mask.png = mask
    elif brief and message.edit.region.HasField("mask"):
        message.edit.ClearField("region")


def _tell_end(message: pb.Node, node: Node) -> None:
    if node.failure is not None:
        message.failure.code, message.failure.message = node.failure.code, node.failure.message
    result = node.result
    if result is None:
        return
    message.width, message.height, message.pixels = result.width, result.height, result.pixels
    if result.report:
        message.path_report.ParseFromString(result.report)


def _time(moment: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp


def edit_request(key: str, image: media_pb2.Image, edit: pb.NodeEdit) -> editing_pb2.EditRequest:
    """Return what is asked of the editing service so that an edit is done to a picture."""
    return editing_pb2.EditRequest(
        idempotency_key=key,
        image=image,
        instruction=edit.instruction,
        region=edit.region if edit.HasField("region") else None,
        options=edit.options,
        model=edit.model,
        plan=edit.plan.plan if edit.plan_given else None,
    )


def event_message(design: str, event: NodeEvent) -> pb.NodeEvent:
    """Return the message of an event of a node's edit."""
    return pb.NodeEvent(node=node_name(design, event.node), event=event.event)


def statistics_message(statistics: ChangeStatistics) -> editing_pb2.ChangeStatistics:
    """Return the message of statistics."""
    return editing_pb2.ChangeStatistics(**dataclasses.asdict(statistics))


async def png_of_mask(mask: media_pb2.Mask) -> bytes:
    """Return a mask that the editing service sent as PNG."""
    if mask.WhichOneof("encoding") == "png":
        return mask.png
    rle = mask.rle
    pixels = await asyncio.to_thread(rle_to_mask, rle.counts, width=rle.width, height=rle.height)
    return await asyncio.to_thread(mask_to_png, pixels)
