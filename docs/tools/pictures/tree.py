"""The demo's design as the design service keeps it: each node's picture, and the patch that it adds."""

from __future__ import annotations

import io
from collections.abc import Mapping

import numpy as np
from drawing import ACCENT, INK, LINE, PAPER, fitted, font, write
from langdesign_client import Client, Connection, EditOptions, Preserve, designs, nodes
from langdesign_client import tree as told
from langdesign_command import samples
from langdesign_command.demo import script
from PIL import Image, ImageDraw

_SIDE, _COLUMN, _ROW = 170, 440, 300
_PLACES = {"": (0, 0.5), "1": (1, 0.5), "2": (2, 0), "4": (2, 1), "3": (3, 0), "5": (3, 1)}  # column, row


def draw(addresses: Mapping[str, str]) -> None:
    """Make the demo's edits as a design, and draw its tree."""
    with Client(Connection(addresses=dict(addresses))) as client:
        pictures, patches = _made(client)
    sheet = Image.new("RGB", (4 * _COLUMN, 2 * _ROW), PAPER)
    pen = ImageDraw.Draw(sheet)
    for chapter in script.CHAPTERS:
        if chapter.key in _PLACES:
            pen.line([_side(chapter.parent, right=True), _side(chapter.key, right=False)], LINE, 4)
    for key, picture in pictures.items():
        left, top = _corner(key)
        sheet.paste(fitted(picture, _SIDE), (left, top))
        title = next((one.instruction for one in script.CHAPTERS if one.key == key), "A picture")
        pen.text((left, top - 34), title, INK, font(13, bold=True))
        if key in patches:
            patch, share = patches[key]
            sheet.paste(fitted(patch, _SIDE), (left + _SIDE + 10, top))
            pen.text((left, top + _SIDE + 8), f"and its patch: {share:.1%}", ACCENT, font(11))
    write("design-tree", sheet)


def _made(client: Client) -> tuple[dict[str, Image.Image], dict[str, tuple[Image.Image, float]]]:
    design = client.call(designs.create(samples.bedroom(), "The tree of the documentation"))
    names = {script.ROOM: design.root}
    pictures = {script.ROOM: _picture(client, design.root)}
    patches = {}
    for chapter in script.CHAPTERS:
        if chapter.key not in _PLACES:
            continue
        options = EditOptions(preserve=Preserve.STRICT, seed=1, feather=4)
        events = client.create_nodes(names[chapter.parent], chapter.instruction, options=options)
        node = [event for event in events if isinstance(event, told.Node)][-1]
        names[chapter.key] = node.name
        pictures[chapter.key] = _picture(client, node.name)
        patches[chapter.key] = _patch(pictures[chapter.parent], pictures[chapter.key])
    return pictures, patches


def _picture(client: Client, name: str) -> Image.Image:
    return Image.open(io.BytesIO(client.call(nodes.picture(name)).image.data)).convert("RGB")


def _patch(parent: Image.Image, child: Image.Image) -> tuple[Image.Image, float]:
    """Return the pixels in which a picture differs from its parent's, on checks, and their share."""
    before, after = np.asarray(parent), np.asarray(child)
    differs = (before != after).any(axis=2)
    rows, columns = np.indices(differs.shape) // 8
    ground = np.where((rows + columns) % 2 == 0, 235, 215).astype(np.uint8)[..., None].repeat(3, axis=2)
    ground[differs] = after[differs]
    return Image.fromarray(ground), float(differs.mean())


def _corner(key: str) -> tuple[int, int]:
    column, row = _PLACES[key]
    return 20 + column * _COLUMN, round(56 + row * _ROW)


def _side(key: str, *, right: bool) -> tuple[int, int]:
    left, top = _corner(key)
    width = _SIDE if key == script.ROOM else 2 * _SIDE + 10
    return left + (width + 6 if right else -6), top + _SIDE // 2
