"""What an archive holds: its files' names, and `design.json`.

Nodes are numbered in tree order, the root 0, and named by number alone, so that an archive tells nothing of
the service that wrote it, and the archive of an imported design equals the one that it came from.
"""

from __future__ import annotations

import enum
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from langdesign_edits import ImageFormat
from msgspec import Meta, Struct

FORMAT: Literal["langdesign-design"] = "langdesign-design"
VERSION: Literal[1] = 1
DOCUMENT = "design.json"
CONTACT_SHEET = "contact-sheet.jpg"

Digest = Annotated[str, Meta(pattern=r"^sha256:[0-9a-f]{64}\Z")]
Number = Annotated[int, Meta(ge=0, le=1_000_000)]


class Pictures(enum.StrEnum):
    """Which composed pictures an archive holds beside the root's."""

    NONE = "none"
    LEAVES = "leaves"  # of nodes without children, and of favourites
    ALL = "all"


class Strict(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part of `design.json`: no other fields are taken, and those at their defaults are not written."""


class Head(Struct, frozen=True):
    """What every version of `design.json` begins with."""

    format: str
    version: int


class NodeDocument(Strict, frozen=True, kw_only=True):
    """A node; files of it are named by its number."""

    number: Number
    parent: Number | None = None  # None for the root
    merged: Number | None = None  # the second node of a join
    created: Annotated[datetime, Meta(tz=True)]
    title: Annotated[str, Meta(max_length=200)] = ""
    note: Annotated[str, Meta(max_length=4000)] = ""
    favourite: bool = False
    hidden: bool = False
    group: Number | None = None  # candidates of one call share it
    instruction: Annotated[str, Meta(max_length=1000)] = ""
    edit: dict[str, Any] | None = None  # `NodeEdit` as protobuf's JSON, without its mask
    pixels: Digest
    patch: Digest | None = None  # of the file; None for the root
    mask: Digest | None = None  # of the file; None where none was used


class RootDocument(Strict, frozen=True, kw_only=True):
    """The root's picture, as it was given."""

    format: ImageFormat
    digest: Digest  # of the file
    width: Annotated[int, Meta(ge=1)]  # pixels, as displayed
    height: Annotated[int, Meta(ge=1)]


class DesignDocument(Strict, frozen=True, kw_only=True):
    """`design.json`, version 1."""

    format: Literal["langdesign-design"]
    version: Literal[1]
    title: Annotated[str, Meta(max_length=200)]
    root: RootDocument
    nodes: Annotated[list[NodeDocument], Meta(min_length=1)]  # in tree order


def root_file(image_format: ImageFormat) -> str:
    """Return the name of the root's picture."""
    return f"root.{'jpg' if image_format is ImageFormat.JPEG else image_format.value}"


def patch_file(number: int) -> str:
    """Return the name of a node's patch."""
    return f"patches/{number:04}.patch"


def mask_file(number: int) -> str:
    """Return the name of a node's mask."""
    return f"masks/{number:04}.png"


def picture_file(number: int) -> str:
    """Return the name of a node's composed picture."""
    return f"pictures/{number:04}.png"


def in_utc(moment: datetime) -> datetime:
    """Return a moment in UTC; one without a zone is."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
