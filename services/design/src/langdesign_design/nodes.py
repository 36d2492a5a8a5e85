"""What the service keeps: designs, and the nodes of their trees."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime


class NodeState(enum.StrEnum):
    """How far a node's edit is."""

    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class Design:
    """A tree of edits."""

    id: str
    title: str
    root: str  # id of its root node
    node_count: int  # outside the bin
    revision: int  # counts changes of it and of its nodes, from 1
    cover: str  # id of the node that stands for it
    create_time: datetime
    update_time: datetime
    delete_time: datetime | None = None  # when it was put into the bin


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why an edit failed: a status code's number (google.rpc.Code), and what to do about it."""

    code: int
    message: str


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a node that is ready has. Blobs are told by their content address, `sha256:...`."""

    width: int  # pixels
    height: int  # pixels
    pixels: str  # `sha256:...` of the pixels themselves, row by row
    picture: str = ""  # blob: the encoded picture of a root, as it was given
    patch: str = ""  # blob: what the edit changed of its parent (`patches.Patch`)
    keyframe: str = ""  # blob: what the whole path changed of the root, where one is kept
    thumbnail: str = ""  # blob: JPEG
    report: bytes = b""  # serialised `PathReport`


@dataclass(frozen=True, kw_only=True)
class Node:
    """A picture of a design, and how it came about."""

    id: str
    design: str  # id
    parent: str = ""  # id; "" for the root
    merged: str = ""  # id of the second node of a join
    state: NodeState
    depth: int  # 0 for the root
    group: str = ""  # candidates of one call share it
    instruction: str = ""  # what search reads beside title and note
    edit: bytes = b""  # serialised `NodeEdit` without its mask, which the store does not look into
    mask: str = ""  # blob: the mask that was used, PNG of one bit a pixel
    operation: str = ""  # id of the editing service's operation, once it is known
    result: Result | None = None  # set where it is ready
    failure: Failure | None = None  # set where it failed
    title: str = ""
    note: str = ""
    favourite: bool = False
    hidden: bool = False
    revision: int  # of the design, at its last change; its etag
    create_time: datetime
    update_time: datetime
    delete_time: datetime | None = None  # when it was put into the bin
    deletion: str = ""  # what was put there with one call shares it


@dataclass(frozen=True, kw_only=True)
class Remarks:
    """What people say about a node; None leaves it as it is."""

    title: str | None = None
    note: str | None = None
    favourite: bool | None = None
    hidden: bool | None = None
