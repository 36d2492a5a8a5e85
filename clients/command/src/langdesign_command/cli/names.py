"""Names of designs and nodes, as people give them."""

import re
from typing import Annotated

import typer
from langdesign_client.errors import InvalidInputError

_ID = "[0-9a-z-]{1,64}"
_DESIGN, _NODE = re.compile(f"designs/{_ID}"), re.compile(f"designs/{_ID}/nodes/{_ID}")
_SHOWN = "`langdesign designs list` and `show` print names"


def design_name(text: str) -> str:
    """Return the resource name of a design that is given by its name or its ID alone.

    Raises:
        InvalidInputError: it is neither.

    """
    name = _whole(text)
    if not _DESIGN.fullmatch(name):
        raise InvalidInputError(f"{text} names no design", hint=f"write designs/ID: {_SHOWN}")
    return name


def node_name(text: str) -> str:
    """Return the resource name of a node; `designs/` may be left out.

    Raises:
        InvalidInputError: it names none.

    """
    name = _whole(text)
    if not _NODE.fullmatch(name):
        raise InvalidInputError(f"{text} names no node", hint=f"write designs/ID/nodes/ID: {_SHOWN}")
    return name


def design_or_node_name(text: str) -> str:
    """Return the resource name of a design or of a node. Raises as these."""
    return node_name(text) if "/nodes/" in text else design_name(text)


def _whole(text: str) -> str:
    return text if text.startswith("designs/") else f"designs/{text}"


DesignArgument = Annotated[
    str, typer.Argument(metavar="DESIGN", parser=design_name, help="The design, designs/ID or its ID.")
]
NodeArgument = Annotated[
    str, typer.Argument(metavar="NODE", parser=node_name, help="The node, designs/ID/nodes/ID.")
]
OtherArgument = Annotated[str, typer.Argument(metavar="OTHER", parser=node_name, help="The other node.")]
DesignOrNodeArgument = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        parser=design_or_node_name,
        help="A design, designs/ID, or a node, designs/ID/nodes/ID.",
    ),
]
