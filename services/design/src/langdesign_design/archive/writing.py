"""Writes a design as an archive, file by file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import msgspec
from google.protobuf.json_format import MessageToDict
from langdesign.design.v1 import design_pb2 as pb
from langdesign_edits import ImageFormat
from langdesign_media import ImageLimits
from langdesign_media.headers import read_header

from ..composing import Composer
from ..nodes import Design, Node
from .contact_sheet import contact_sheet
from .document import (
    CONTACT_SHEET,
    DOCUMENT,
    FORMAT,
    VERSION,
    DesignDocument,
    NodeDocument,
    Pictures,
    RootDocument,
    in_utc,
    mask_file,
    patch_file,
    picture_file,
    root_file,
)
from .numbering import Numbered, in_tree_order, path_to
from .zip_stream import ZipStream


async def export(
    design: Design, nodes: Sequence[Node], composer: Composer, tenant: str, pictures: Pictures
) -> AsyncIterator[bytes]:
    """Yield an archive in parts of at most 1 MiB; memory holds one of its files at a time.

    It holds `design.json`, the root's picture as it was given, a patch and a mask for each node, the composed
    pictures asked for and a contact sheet. Nodes without a picture (running, failed) are left out. Equal
    designs give equal bytes, whatever their ids.

    Args:
        design: The design.
        nodes: Its nodes outside the bin.
        composer: Composes pictures.
        tenant: Whose they are.
        pictures: Which composed pictures it holds beside the root's.

    Raises:
        PathError: The nodes are no tree of one root.
        BlobError: A blob cannot be had.
        PatchError: A patch is damaged.
        DecoderUnavailable: No decoder process could be had.

    """
    tree = await asyncio.to_thread(in_tree_order, nodes)
    with ZipStream() as archive:
        async for name, data in _files(design, tree, composer, tenant, pictures):
            await asyncio.to_thread(archive.add, name, data, compressed=name == DOCUMENT)
            for part in archive.parts():
                yield part
    for part in archive.parts():
        yield part


async def _files(
    design: Design, tree: Sequence[Numbered], composer: Composer, tenant: str, pictures: Pictures
) -> AsyncIterator[tuple[str, bytes]]:
    root = await composer.blobs.get(tenant, tree[0].result.picture)
    root_format = read_header(root, ImageLimits()).format
    document = await asyncio.to_thread(_document, design, tree, root_format)
    yield DOCUMENT, await asyncio.to_thread(_json, document)
    yield root_file(root_format), root
    for item in tree:
        if item.result.patch:
            yield patch_file(item.number), await composer.blobs.get(tenant, item.result.patch)
        if item.node.mask:
            yield mask_file(item.number), await composer.blobs.get(tenant, item.node.mask)
    for item in tree:
        if _shown(item, pictures):
            encoded = await composer.encoded(tenant, path_to(item.number, tree))
            yield picture_file(item.number), encoded.data
    yield CONTACT_SHEET, await contact_sheet(design.title, tree, composer, tenant)


def _shown(item: Numbered, pictures: Pictures) -> bool:
    """Return whether an archive holds a node's picture; the root's it holds anyway, as it was given."""
    wanted = pictures is Pictures.ALL or (pictures is Pictures.LEAVES and (item.leaf or item.node.favourite))
    return wanted and item.parent is not None


def _document(design: Design, tree: Sequence[Numbered], image_format: ImageFormat) -> DesignDocument:
    groups: dict[str, int] = {}
    for item in tree:
        if item.node.group:
            groups.setdefault(item.node.group, len(groups))
    root = tree[0].result
    return DesignDocument(
        format=FORMAT,
        version=VERSION,
        title=design.title,
        root=RootDocument(format=image_format, digest=root.picture, width=root.width, height=root.height),
        nodes=[_node(item, groups) for item in tree],
    )


def _node(item: Numbered, groups: dict[str, int]) -> NodeDocument:
    node = item.node
    return NodeDocument(
        number=item.number,
        parent=item.parent,
        merged=item.merged,
        created=in_utc(node.create_time),
        title=node.title,
        note=node.note,
        favourite=node.favourite,
        hidden=node.hidden,
        group=groups.get(node.group),
        instruction=node.instruction,
        edit=MessageToDict(pb.NodeEdit.FromString(node.edit)) if node.edit else None,
        pixels=item.result.pixels,
        patch=item.result.patch or None,
        mask=node.mask or None,
    )


def _json(document: DesignDocument) -> bytes:
    return msgspec.json.format(msgspec.json.encode(document), indent=1)
