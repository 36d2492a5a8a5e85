"""The calls for nodes of designs. What they answer with is in `tree`."""

from collections.abc import Sequence
from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask
from langdesign.design.v1 import design_pb2
from langdesign.media.v1 import media_pb2

from langdesign_client import edit_requests, media
from langdesign_client.calls import Listing, Page, Streaming, Unary, method, new_key
from langdesign_client.messages import new_message, whole
from langdesign_client.readings import Reading, read_reading
from langdesign_client.references import Plan, plan_message
from langdesign_client.tree import (
    Comparison,
    Node,
    NodeEvent,
    NodePicture,
    PathNode,
    Replayed,
    Thumbnail,
    read_comparison,
    read_node,
    read_node_event,
    read_replayed,
)

EVERYWHERE = "designs/-"
"""All of the caller's designs, for `search` and `thumbnails`."""


def plan(parent: str, instruction: str, *, region: edit_requests.Region | None = None) -> Unary[Reading]:
    """Ask how an instruction of 1..1000 characters is read for a node's picture, without editing."""
    request = new_message(
        design_pb2.PlanNodeRequest,
        parent=parent,
        instruction=instruction,
        region=edit_requests.region_message(region),
    )
    return Unary(_method("PlanNode"), request, lambda response: read_reading(response.plan))


def create(
    parent: str,
    instruction: str,
    *,
    region: edit_requests.Region | None = None,
    plan: Plan | None = None,
    options: edit_requests.EditOptions | None = None,
    candidates: int = 1,
    model: str = "",
    idempotency_key: str | None = None,
) -> Streaming[Node | NodeEvent | None]:
    """Edit a node's picture once for each of 1..8 candidates, whose seeds follow the one of `options`.

    A `plan` that `plan` answered, as it is or changed, is done in place of reading the instruction; it takes
    no region beside it.

    Streams every node as it is begun, events of the edits, and every node as it ended; None is an event that
    is not known. `Client.create_nodes` runs it over broken lines. Closing the stream stops nothing.
    """
    whole(candidates, "candidates", 1)
    request = new_message(
        design_pb2.CreateNodesRequest,
        idempotency_key=idempotency_key or new_key(),
        parent=parent,
        instruction=instruction,
        region=edit_requests.region_message(region),
        plan=None if plan is None else plan_message(plan),
        options=edit_requests.options_message(edit_requests.EditOptions() if options is None else options),
        candidates=candidates,
        model=model,
    )
    return Streaming(_method("CreateNodes"), request, _read_created)


def cancel(name: str) -> Unary[Node]:
    """Stop the edit of a node that is under way; one that had ended is unchanged."""
    request = new_message(design_pb2.CancelNodeRequest, idempotency_key=new_key(), name=name)
    return Unary(_method("CancelNode"), request, _node_of)


def get(name: str) -> Unary[PathNode]:
    """Ask for a node, and for the way from the root to it."""
    return Unary(
        _method("GetNode"),
        new_message(design_pb2.GetNodeRequest, name=name),
        lambda response: PathNode(read_node(response.node), tuple(response.path)),
    )


def list_nodes(
    design: str, page_size: int = 0, *, deleted: bool = False, with_masks: bool = False
) -> Listing[Node]:
    """Ask for the nodes of a design, parents before children; or for those in the bin alone."""

    def page(token: str) -> Unary[Page[Node]]:
        request = new_message(
            design_pb2.ListNodesRequest,
            parent=design,
            page_size=page_size,
            page_token=token,
            deleted=deleted,
            with_masks=with_masks,
        )
        return Unary(_method("ListNodes"), request, _page_of)

    return page


def search(query: str, design: str = EVERYWHERE, page_size: int = 0) -> Listing[Node]:
    """Search nodes by words (1..200 characters) of instructions, titles and notes, the newest first."""

    def page(token: str) -> Unary[Page[Node]]:
        request = new_message(
            design_pb2.SearchNodesRequest, parent=design, query=query, page_size=page_size, page_token=token
        )
        return Unary(_method("SearchNodes"), request, _page_of)

    return page


def update(
    name: str,
    *,
    title: str | None = None,
    note: str | None = None,
    favourite: bool | None = None,
    hidden: bool | None = None,
    etag: str = "",
) -> Unary[Node]:
    """Change what is said about a node; None leaves a field as it is.

    Args:
        name: The node.
        title: 0..200 characters.
        note: 0..4000 characters.
        favourite: Whether it is a good one.
        hidden: Whether it is not to be shown.
        etag: The node's, so that a change that somebody made meanwhile is not overwritten.

    """
    given = {"title": title, "note": note, "favourite": favourite, "hidden": hidden}
    fields: dict[str, Any] = {field: value for field, value in given.items() if value is not None}
    request = new_message(
        design_pb2.UpdateNodeRequest,
        idempotency_key=new_key(),
        node=new_message(design_pb2.Node, name=name, etag=etag, **fields),
        update_mask=FieldMask(paths=list(fields)),
    )
    return Unary(_method("UpdateNode"), request, _node_of)


def delete(name: str) -> Unary[tuple[str, ...]]:
    """Put a node and all below it into the bin; the answer names them. The root stays with its design."""
    request = new_message(design_pb2.DeleteNodeRequest, idempotency_key=new_key(), name=name)
    return Unary(_method("DeleteNode"), request, lambda response: tuple(response.nodes))


def undelete(name: str) -> Unary[tuple[str, ...]]:
    """Take a node back from the bin with what was put there with it, and its ancestors; names them."""
    request = new_message(design_pb2.UndeleteNodeRequest, idempotency_key=new_key(), name=name)
    return Unary(_method("UndeleteNode"), request, lambda response: tuple(response.nodes))


def picture(
    name: str, max_side: int = 0, image_format: media.ImageFormat | None = None
) -> Unary[NodePicture]:
    """Ask for a node's picture.

    Args:
        name: The node.
        max_side: Longest side, pixels, 0..8192; 0 means as it is. It is never made larger.
        image_format: By default PNG at full size, JPEG below.

    """
    request = new_message(
        design_pb2.GetPictureRequest,
        name=name,
        max_side=max_side,
        format=media.enum_value(media_pb2.ImageFormat, image_format),  # type: ignore[arg-type] # the enum's own number
    )
    return Unary(
        _method("GetPicture"),
        request,
        lambda response: NodePicture(media.read_picture(response.image), response.width, response.height),
    )


def thumbnails(names: Sequence[str], design: str = EVERYWHERE) -> Unary[tuple[Thumbnail, ...]]:
    """Ask for small pictures of 1..100 nodes; those that are not ready are left out."""
    request = new_message(design_pb2.BatchGetThumbnailsRequest, parent=design, names=names)
    return Unary(
        _method("BatchGetThumbnails"),
        request,
        lambda response: tuple(
            Thumbnail(item.node, media.Picture(item.jpeg), item.width, item.height)
            for item in response.thumbnails
        ),
    )


def compare(base: str, other: str) -> Unary[Comparison]:
    """Compare two nodes of one design."""
    request = new_message(design_pb2.CompareNodesRequest, base=base, other=other)
    return Unary(_method("CompareNodes"), request, read_comparison)


def merge(base: str, other: str) -> Unary[Node]:
    """Join two nodes of one design that changed different places: a child of `base` with the changes of both.

    Where they changed the same place, the call fails with ConflictError.
    """
    request = new_message(design_pb2.MergeNodesRequest, idempotency_key=new_key(), base=base, other=other)
    return Unary(_method("MergeNodes"), request, _node_of)


def replay(
    name: str,
    *,
    image: media.ImageSource | None = None,
    model: str = "",
    validate_only: bool = False,
    idempotency_key: str | None = None,
) -> Streaming[Replayed]:
    """Do the edits from the root to a node again.

    Args:
        name: The node.
        image: Another root, of which a new design is made.
        model: Another model; empty means that of each edit.
        validate_only: Keep nothing: tell whether the results are the same.
        idempotency_key: Made where none is given.

    """
    request = new_message(
        design_pb2.ReplayNodeRequest,
        idempotency_key=idempotency_key or new_key(),
        name=name,
        image=media.picture_message(image) if image is not None else None,
        model=model,
        validate_only=validate_only,
    )
    return Streaming(_method("ReplayNode"), request, read_replayed)


def _method(name: str) -> Any:
    return method(design_pb2.DESCRIPTOR, "DesignService", name)


def _node_of(response: Any) -> Node:
    return read_node(response.node)


def _page_of(response: Any) -> Page[Node]:
    return Page(tuple(read_node(item) for item in response.nodes), response.next_page_token)


def _read_created(message: design_pb2.CreateNodesResponse) -> Node | NodeEvent | None:
    match message.WhichOneof("event"):
        case "node":
            return read_node(message.node)
        case "edit":
            return read_node_event(message.edit)
    return None
