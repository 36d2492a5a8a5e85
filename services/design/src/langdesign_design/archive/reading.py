"""Reads `design.json`, and checks that its nodes are a tree whose files are all there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec
from google.protobuf.json_format import ParseDict, ParseError
from langdesign.design.v1 import design_pb2 as pb

from ..errors import ArchiveError, PatchError
from ..patches import Patch
from .document import (
    CONTACT_SHEET,
    DOCUMENT,
    FORMAT,
    VERSION,
    DesignDocument,
    Head,
    NodeDocument,
    RootDocument,
    mask_file,
    patch_file,
    picture_file,
    root_file,
)
from .faults import damaged_at
from .limits import ArchiveLimits
from .unzipping import ANEW, FOREIGN, ZipFiles

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class ImportedNode:
    """A node of an archive.

    Attributes:
        document: What `design.json` says of it.
        edit: Serialised `NodeEdit`; empty where there is none.

    """

    document: NodeDocument
    edit: bytes

    @property
    def number(self) -> int:
        """Its place among the nodes, from 0."""
        return self.document.number


@dataclass(frozen=True, slots=True, eq=False)
class ImportedDesign:
    """The content of an archive.

    Attributes:
        title: The design's.
        root: What is said of the root's picture.
        nodes: Parents before children; the root first.

    """

    title: str
    root: RootDocument
    nodes: Sequence[ImportedNode]
    _files: ZipFiles = field(repr=False)

    def root_picture(self) -> bytes:
        """Return the root's picture, as it was given."""
        return self._files.read(root_file(self.root.format))

    def mask(self, node: ImportedNode) -> bytes:
        """Return the mask that a node's edit used, PNG."""
        return self._files.read(mask_file(node.number))

    def patch_bytes(self, node: ImportedNode) -> bytes:
        """Return what a node's edit changed, encoded."""
        return self._files.read(patch_file(node.number))

    def patch(self, node: ImportedNode) -> Patch:
        """Return what a node's edit changed.

        Raises:
            ArchiveError: It is damaged.

        """
        try:
            return Patch.decode(self.patch_bytes(node))
        except PatchError as error:
            raise ArchiveError(f"{patch_file(node.number)}: {error.message}", hint=ANEW) from None


def read_document(files: ZipFiles, limits: ArchiveLimits) -> ImportedDesign:
    """Return the content of an archive whose document is whole and whose nodes are a tree.

    Raises:
        ArchiveError: It is foreign, damaged, of a later version, or too large.

    """
    if DOCUMENT not in files.names:
        raise ArchiveError("the archive is not of a design", hint=FOREIGN)
    document = _parsed(files.read(DOCUMENT))
    _check_tree(document.nodes, limits)
    _check_names(document, files.names)
    nodes = [ImportedNode(node, _edit(node)) for node in document.nodes]
    return ImportedDesign(document.title, document.root, nodes, files)


def _parsed(data: bytes) -> DesignDocument:
    try:
        head = _decoded(data, Head)
    except msgspec.ValidationError:
        raise ArchiveError("the archive is not of a design", hint=FOREIGN) from None
    if head.format != FORMAT:
        raise ArchiveError("the archive is not of a design", hint=FOREIGN)
    if head.version > VERSION:
        raise ArchiveError(
            f"the archive has version {head.version}, and up to {VERSION} is read here",
            hint="import it where it was exported, or in a newer service",
        )
    try:
        return _decoded(data, DesignDocument)
    except msgspec.ValidationError:
        place = damaged_at(_decoded(data, Any), DesignDocument)
        raise ArchiveError(
            f"{DOCUMENT} in the archive is damaged at {place or 'its start'}", hint=ANEW
        ) from None


def _decoded(data: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.ValidationError:
        raise
    except (ValueError, RecursionError):  # no JSON, no UTF-8, or nested beyond all reason
        raise ArchiveError("the archive is not of a design", hint=FOREIGN) from None


def _check_tree(nodes: Sequence[NodeDocument], limits: ArchiveLimits) -> None:
    """Check that there is one root, the first, and that every other node comes after its parent."""
    if len(nodes) > limits.nodes:
        raise ArchiveError(f"the design has {len(nodes)} nodes, and {limits.nodes} are taken", hint=FOREIGN)
    depths: list[int] = []
    for number, node in enumerate(nodes):
        root = number == 0
        first = node.parent is None and node.patch is None and node.merged is None and node.mask is None
        after = node.parent is not None and node.parent < number and node.patch is not None
        joined = node.merged is None or (node.merged < len(nodes) and node.merged != number)
        if node.number != number or not (first if root else after) or not joined:
            raise ArchiveError(f"the nodes are no tree: see number {number}", hint=ANEW)
        depths.append(0 if node.parent is None else depths[node.parent] + 1)
    if max(depths) > limits.depth:
        raise ArchiveError(
            f"the design is {max(depths)} edits deep, and {limits.depth} are taken", hint=FOREIGN
        )


def _check_names(document: DesignDocument, names: frozenset[str]) -> None:
    needed = {DOCUMENT, root_file(document.root.format)}
    needed |= {patch_file(node.number) for node in document.nodes if node.patch}
    needed |= {mask_file(node.number) for node in document.nodes if node.mask}
    allowed = {CONTACT_SHEET, *(picture_file(node.number) for node in document.nodes)}
    if lacking := sorted(needed - names):
        raise ArchiveError(f"the archive lacks {lacking[0]}", hint=ANEW)
    if strange := names - needed - allowed:
        many = f"{len(strange)} files that are" if len(strange) > 1 else "a file that is"
        raise ArchiveError(f"the archive has {many} not of the design", hint=ANEW)


_OLD_PLAN = ("scope", "references")  # beside operation


def _edit(node: NodeDocument) -> bytes:
    if node.edit is None:
        return b""
    try:
        edit = ParseDict(_without_old_plan(node.edit), pb.NodeEdit())
    except (ParseError, TypeError, ValueError):  # protobuf raises any of them for a value of another type
        raise ArchiveError(
            f"the edit of number {node.number} is damaged, or of a later version", hint=ANEW
        ) from None
    return edit.SerializeToString(deterministic=True)


def _without_old_plan(edit: dict[str, Any]) -> dict[str, Any]:
    """Return an edit without what plans were before they held several edits; its instruction tells it."""
    match edit:
        case {"plan": {"plan": {"operation": _, **plan}}}:
            kept = {name: value for name, value in plan.items() if name not in _OLD_PLAN}
            return {**edit, "plan": {"plan": kept}}
    return edit
