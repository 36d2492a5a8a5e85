"""Designs: trees of edits. A node is immutable; a branch is a name that points at a node."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask
from langdesign.design.v1 import design_pb2

from langdesign_client import edits, media
from langdesign_client.calls import Listing, Page, Streaming, Unary, method, new_key


@dataclass(frozen=True)
class Design:
    """A design (`designs/{id}`) and its root node."""

    name: str
    title: str
    root: str
    node_count: int
    create_time: datetime
    update_time: datetime


@dataclass(frozen=True)
class Node:
    """A picture of a design (`designs/{id}/nodes/{id}`); `parent` and `instruction` are empty at the root."""

    name: str
    parent: str
    image: media.Picture
    instruction: str
    create_time: datetime


@dataclass(frozen=True)
class Branch:
    """A name (`designs/{id}/branches/{branch}`) for a node; `etag` changes with every change."""

    name: str
    node: str
    etag: str


@dataclass(frozen=True)
class Comparison:
    """How two nodes differ: common ancestor, the nodes from it to each, and the pictures' difference."""

    ancestor: str
    base_path: tuple[str, ...]
    other_path: tuple[str, ...]
    difference: edits.ChangeStatistics
    changed: media.Mask


@dataclass(frozen=True)
class Replayed:
    """One node done again: whether it is bit-identical to the stored one, and how it differs."""

    node: str
    identical: bool
    difference: edits.ChangeStatistics


def create(image: media.ImageSource, title: str = "") -> Unary[Design]:
    """Create a design from a picture, which becomes its root, and the branch "main"."""
    request = design_pb2.CreateDesignRequest(
        idempotency_key=new_key(), title=title, image=media.picture_message(image)
    )
    return Unary(_method("CreateDesign"), request, _design_of)


def get(name: str) -> Unary[Design]:
    """Ask for a design by its name, `designs/{id}`."""
    return Unary(_method("GetDesign"), design_pb2.GetDesignRequest(name=name), _design_of)


def list_designs(page_size: int = 0) -> Listing[Design]:
    """Ask for the caller's designs, newest first."""

    def page(token: str) -> Unary[Page[Design]]:
        request = design_pb2.ListDesignsRequest(page_size=page_size, page_token=token)
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
    request = design_pb2.UpdateDesignRequest(
        idempotency_key=new_key(),
        design=design_pb2.Design(name=name, title=title),
        update_mask=FieldMask(paths=["title"]),
    )
    return Unary(_method("UpdateDesign"), request, _design_of)


def delete(name: str) -> Unary[None]:
    """Delete a design with its nodes and branches."""
    request = design_pb2.DeleteDesignRequest(idempotency_key=new_key(), name=name)
    return Unary(_method("DeleteDesign"), request, lambda _: None)


def create_node(
    parent: str,
    instruction: str,
    *,
    region: edits.Region | None = None,
    options: edits.EditOptions | None = None,
    branch: str = "",
    model: str = "",
) -> Streaming[Node | edits.EditEvent | None]:
    """Edit a node's picture and keep the result as its child; streams the edit's events, then the node."""
    request = design_pb2.CreateNodeRequest(
        idempotency_key=new_key(),
        parent=parent,
        instruction=instruction,
        region=edits.region_message(region),
        options=edits.options_message(options or edits.EditOptions()),
        branch=branch,
        model=model,
    )
    return Streaming(_method("CreateNode"), request, _read_progress)


def get_node(name: str, *, with_picture: bool = False) -> Unary[Node]:
    """Ask for a node, with its picture's bytes in place of the blob reference where wanted."""
    request = design_pb2.GetNodeRequest(name=name, include_data=with_picture)
    return Unary(_method("GetNode"), request, lambda response: _read_node(response.node))


def list_nodes(design: str, page_size: int = 0) -> Listing[Node]:
    """Ask for the nodes of a design, parents before children."""

    def page(token: str) -> Unary[Page[Node]]:
        request = design_pb2.ListNodesRequest(parent=design, page_size=page_size, page_token=token)
        return Unary(
            _method("ListNodes"),
            request,
            lambda response: Page(
                tuple(_read_node(item) for item in response.nodes), response.next_page_token
            ),
        )

    return page


def create_branch(design: str, branch: str, node: str) -> Unary[Branch]:
    """Create a branch, by its short name, at a node."""
    request = design_pb2.CreateBranchRequest(
        idempotency_key=new_key(), parent=design, branch=branch, node=node
    )
    return Unary(_method("CreateBranch"), request, _branch_of)


def move_branch(branch: Branch, node: str) -> Unary[Branch]:
    """Point a branch at another node, if it is still as `branch` says."""
    request = design_pb2.UpdateBranchRequest(
        idempotency_key=new_key(),
        branch=design_pb2.Branch(name=branch.name, node=node, etag=branch.etag),
        update_mask=FieldMask(paths=["node"]),
    )
    return Unary(_method("UpdateBranch"), request, _branch_of)


def list_branches(design: str, page_size: int = 0) -> Listing[Branch]:
    """Ask for the branches of a design by name."""

    def page(token: str) -> Unary[Page[Branch]]:
        request = design_pb2.ListBranchesRequest(parent=design, page_size=page_size, page_token=token)
        return Unary(
            _method("ListBranches"),
            request,
            lambda response: Page(
                tuple(_read_branch(item) for item in response.branches), response.next_page_token
            ),
        )

    return page


def delete_branch(name: str) -> Unary[None]:
    """Delete a branch; its nodes stay."""
    request = design_pb2.DeleteBranchRequest(idempotency_key=new_key(), name=name)
    return Unary(_method("DeleteBranch"), request, lambda _: None)


def compare(base: str, other: str) -> Unary[Comparison]:
    """Compare two nodes of one design."""
    request = design_pb2.CompareNodesRequest(base=base, other=other)
    return Unary(_method("CompareNodes"), request, _read_comparison)


def replay(node: str) -> Streaming[Replayed]:
    """Do the edits from the root to a node again."""
    request = design_pb2.ReplayNodeRequest(idempotency_key=new_key(), name=node)
    return Streaming(
        _method("ReplayNode"),
        request,
        lambda item: Replayed(item.node, item.identical, edits.read_statistics(item.difference)),
    )


def _method(name: str) -> Any:
    return method(design_pb2.DESCRIPTOR, "DesignService", name)


def _design_of(response: Any) -> Design:
    return _read_design(response.design)


def _branch_of(response: Any) -> Branch:
    return _read_branch(response.branch)


def _read_design(message: design_pb2.Design) -> Design:
    return Design(
        name=message.name,
        title=message.title,
        root=message.root,
        node_count=message.node_count,
        create_time=message.create_time.ToDatetime(UTC),
        update_time=message.update_time.ToDatetime(UTC),
    )


def _read_node(message: design_pb2.Node) -> Node:
    return Node(
        name=message.name,
        parent=message.parent,
        image=media.read_picture(message.image),
        instruction=message.edit.instruction,
        create_time=message.create_time.ToDatetime(UTC),
    )


def _read_branch(message: design_pb2.Branch) -> Branch:
    return Branch(message.name, message.node, message.etag)


def _read_progress(message: design_pb2.CreateNodeResponse) -> Node | edits.EditEvent | None:
    if message.WhichOneof("event") == "node":
        return _read_node(message.node)
    return edits.read_event("", message.edit)


def _read_comparison(message: design_pb2.CompareNodesResponse) -> Comparison:
    return Comparison(
        ancestor=message.ancestor,
        base_path=tuple(message.base_path),
        other_path=tuple(message.other_path),
        difference=edits.read_statistics(message.difference),
        changed=media.read_mask(message.changed),
    )
