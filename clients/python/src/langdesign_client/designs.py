"""Designs: trees of edits. `nodes` has the calls for what stands in them."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask
from langdesign.design.v1 import design_pb2

from langdesign_client import media
from langdesign_client.calls import Listing, Page, Streaming, Unary, method, new_key
from langdesign_client.errors import InvalidInputError
from langdesign_client.messages import new_message, of_kind
from langdesign_client.tree import Node, NodeEvent, read_node, read_node_event

MAX_ARCHIVE_BYTES = 160 * 1024 * 1024
"""Largest archive that the service takes, bytes."""


@dataclass(frozen=True)
class Design:
    """A design (`designs/{id}`): its root, how many nodes it has outside the bin, and its cover's node.

    `revision` counts its changes from 1. `delete_time` and `purge_time` are None outside the bin.
    """

    name: str
    title: str
    root: str
    node_count: int
    create_time: datetime
    update_time: datetime
    revision: int
    cover: str
    delete_time: datetime | None
    purge_time: datetime | None


@dataclass(frozen=True)
class Change:
    """What changed, as it is now: a design, a node (one in the bin too), or an event of an edit under way.

    `item` is None once, when all that was there before has been told. `revision` is the design's with this
    change; an event has none of its own.
    """

    revision: int
    item: Design | Node | NodeEvent | None


class ExportPictures(StrEnum):
    """Which composed pictures an archive holds beside what it needs."""

    NONE = "none"
    LEAVES = "leaves"
    ALL = "all"


def create(image: media.ImageSource, title: str = "") -> Unary[Design]:
    """Create a design from a picture, which becomes its root.

    Args:
        image: The picture of the root.
        title: 0..200 characters.

    Raises:
        InvalidInputError: the picture is unreadable, of another format, or too large.

    """
    request = new_message(
        design_pb2.CreateDesignRequest,
        idempotency_key=new_key(),
        title=title,
        image=media.picture_message(image),
    )
    return Unary(_method("CreateDesign"), request, _design_of)


def get(name: str) -> Unary[Design]:
    """Ask for a design by its name, `designs/{id}`."""
    return Unary(_method("GetDesign"), new_message(design_pb2.GetDesignRequest, name=name), _design_of)


def list_designs(page_size: int = 0, *, deleted: bool = False) -> Listing[Design]:
    """Ask for the caller's designs, the last changed first; or for those in the bin alone."""

    def page(token: str) -> Unary[Page[Design]]:
        request = new_message(
            design_pb2.ListDesignsRequest, page_size=page_size, page_token=token, deleted=deleted
        )
        return Unary(
            _method("ListDesigns"),
            request,
            lambda response: Page(
                tuple(_read_design(item) for item in response.designs), response.next_page_token
            ),
        )

    return page


def rename(name: str, title: str) -> Unary[Design]:
    """Change a design's title, 0..200 characters."""
    request = new_message(
        design_pb2.UpdateDesignRequest,
        idempotency_key=new_key(),
        design=new_message(design_pb2.Design, name=name, title=title),
        update_mask=FieldMask(paths=["title"]),
    )
    return Unary(_method("UpdateDesign"), request, _design_of)


def delete(name: str) -> Unary[Design]:
    """Put a design into the bin, where `purge_time` says until when it can be taken back."""
    request = new_message(design_pb2.DeleteDesignRequest, idempotency_key=new_key(), name=name)
    return Unary(_method("DeleteDesign"), request, _design_of)


def undelete(name: str) -> Unary[Design]:
    """Take a design back from the bin."""
    request = new_message(design_pb2.UndeleteDesignRequest, idempotency_key=new_key(), name=name)
    return Unary(_method("UndeleteDesign"), request, _design_of)


def watch(name: str, after_revision: int = 0) -> Streaming[Change | None]:
    """Ask for a design's changes after a revision, then for every change; None is one that is not known.

    `Client.watch_design` runs it over broken lines.
    """
    request = new_message(design_pb2.WatchDesignRequest, name=name, after_revision=after_revision)
    return Streaming(_method("WatchDesign"), request, _read_change)


def export(name: str, pictures: ExportPictures | None = None) -> Streaming[bytes]:
    """Ask for a design as a ZIP archive, in parts of 1 MiB at most; by default with the leaves' pictures."""
    request = new_message(
        design_pb2.ExportDesignRequest,
        name=name,
        pictures=media.enum_value(design_pb2.ExportPictures, pictures),  # type: ignore[arg-type] # the enum's own number
    )
    return Streaming(_method("ExportDesign"), request, lambda part: bytes(part.data))


def import_archive(archive: bytes | str | Path) -> Unary[Design]:
    """Create a design from an archive that `export` wrote.

    Raises:
        InvalidInputError: the file cannot be read, is empty, or has more than 160 MiB.

    """
    of_kind(archive, bytes | str | os.PathLike, "archive", "give its bytes, or the path of its file")
    data = archive if isinstance(archive, bytes) else media.read_file(Path(archive))
    if not data:
        raise InvalidInputError("The archive is empty", hint="give a file that `export` wrote")
    if len(data) > MAX_ARCHIVE_BYTES:
        raise InvalidInputError(
            f"The archive has {len(data) / 2**20:.0f} MiB, and the limit is {MAX_ARCHIVE_BYTES // 2**20} MiB",
            hint="export it anew without pictures",
        )
    request = new_message(design_pb2.ImportDesignRequest, idempotency_key=new_key(), archive=data)
    return Unary(_method("ImportDesign"), request, _design_of)


def _method(name: str) -> Any:
    return method(design_pb2.DESCRIPTOR, "DesignService", name)


def _read_design(message: design_pb2.Design) -> Design:
    return Design(
        name=message.name,
        title=message.title,
        root=message.root,
        node_count=message.node_count,
        create_time=message.create_time.ToDatetime(UTC),
        update_time=message.update_time.ToDatetime(UTC),
        revision=message.revision,
        cover=message.cover,
        delete_time=message.delete_time.ToDatetime(UTC) if message.HasField("delete_time") else None,
        purge_time=message.purge_time.ToDatetime(UTC) if message.HasField("purge_time") else None,
    )


def _design_of(response: Any) -> Design:
    return _read_design(response.design)


def _read_change(message: design_pb2.WatchDesignResponse) -> Change | None:
    readers: dict[str, Callable[[Any], Design | Node | NodeEvent | None]] = {
        "design": _read_design,
        "node": read_node,
        "event": read_node_event,
    }
    kind = message.WhichOneof("change")
    if kind == "current":
        return Change(message.revision, None)
    item = readers[kind](getattr(message, kind)) if kind else None
    return Change(message.revision, item) if item else None
