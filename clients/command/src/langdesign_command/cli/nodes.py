"""`langdesign designs`: what is done to nodes."""

from pathlib import Path
from typing import Annotated

import langdesign_client
import typer
from langdesign_client.errors import InvalidInputError, LangDesignError

from langdesign_command.cli.names import DesignArgument, NodeArgument, OtherArgument, design_name
from langdesign_command.cli.node_edits import ModelOption
from langdesign_command.cli.node_files import masked_picture
from langdesign_command.cli.node_lines import likeness, print_node, tree_line
from langdesign_command.cli.outcome import FORMATS
from langdesign_command.cli.session import JsonOption, print_json, session
from langdesign_command.cli.writing import picture_bytes, write

_OutOption = Annotated[Path, typer.Option(help="Where to write the picture; its ending says the format.")]


def cancel(context: typer.Context, node: NodeArgument, as_json: JsonOption = False) -> None:
    """Stop the edit of a node that is under way."""
    here = session(context, as_json=as_json)
    with here.client() as client:
        print_node(client.call(langdesign_client.nodes.cancel(node)), as_json=as_json)


def info(context: typer.Context, node: NodeArgument, as_json: JsonOption = False) -> None:
    """Show a node: its way from the root, its edit, and what changed outside of all edits on it."""
    here = session(context, as_json=as_json)
    with here.client() as client:
        found = client.call(langdesign_client.nodes.get(node))
    if as_json:
        print_json(found)
        return
    typer.echo(" > ".join(name.rpartition("/")[2] for name in found.path))
    print_node(found.node, as_json=False)


def mark(
    context: typer.Context,
    node: NodeArgument,
    title: Annotated[str | None, typer.Option(help="Its title.")] = None,
    note: Annotated[str | None, typer.Option(help="A note on it.")] = None,
    favourite: Annotated[
        bool | None, typer.Option("--favourite/--no-favourite", help="Whether it is a good one.")
    ] = None,
    hidden: Annotated[
        bool | None, typer.Option("--hidden/--no-hidden", help="Whether it is not to be shown.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Change what is said about a node."""
    here = session(context, as_json=as_json)
    if title is None and note is None and favourite is None and hidden is None:
        raise InvalidInputError(
            "Nothing is to be changed", hint="give --title, --note, --favourite or --hidden"
        )
    call = langdesign_client.nodes.update(node, title=title, note=note, favourite=favourite, hidden=hidden)
    with here.client() as client:
        print_node(client.call(call), as_json=as_json)


def search(
    context: typer.Context,
    words: Annotated[str, typer.Argument(help="Words, or their beginnings; a node has to hold all.")],
    design: Annotated[
        str | None, typer.Option(parser=design_name, help="Only in this design, designs/ID or its ID.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Search nodes by words of their instructions, titles and notes."""
    here = session(context, as_json=as_json)
    where = design or langdesign_client.nodes.EVERYWHERE
    with here.client() as client:
        found = list(client.list(langdesign_client.nodes.search(words, where)))
    if as_json:
        print_json(found)
        return
    for node in found:
        typer.echo(tree_line(node, node.instruction))
    if not found:
        typer.echo("nothing found")


def picture(
    context: typer.Context,
    node: NodeArgument,
    out: _OutOption,
    max_side: Annotated[int, typer.Option(min=0, max=8192, help="Longest side; 0 means as it is.")] = 0,
) -> None:
    """Write a node's picture to a file."""
    here = session(context, as_json=False)
    if out.suffix.lower() not in FORMATS:
        raise InvalidInputError(
            f"--out {out} has no known ending", hint=f"end it with {', '.join(sorted(FORMATS))}"
        )
    wanted = langdesign_client.ImageFormat(FORMATS[out.suffix.lower()])
    with here.client() as client:
        found = client.call(langdesign_client.nodes.picture(node, max_side, wanted))
    write(out, picture_bytes(found.image))
    typer.echo(str(out))


def thumbnails(
    context: typer.Context,
    design: DesignArgument,
    out: Annotated[Path, typer.Option(help="Folder for the pictures, ID.jpg each.")],
) -> None:
    """Write small pictures of all nodes of a design into a folder."""
    here = session(context, as_json=False)
    with here.client() as client:
        names = [node.name for node in client.list(langdesign_client.nodes.list_nodes(design))]
        for start in range(0, len(names), 100):
            call = langdesign_client.nodes.thumbnails(names[start : start + 100], design)
            for made in client.call(call):
                path = out / f"{made.node.rpartition('/')[2]}.jpg"
                write(path, picture_bytes(made.image))
                typer.echo(str(path))


def compare(
    context: typer.Context,
    base: NodeArgument,
    other: OtherArgument,
    out: Annotated[
        Path | None, typer.Option(help="Where to write the other, tinted where it differs.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Compare two nodes of one design."""
    here = session(context, as_json=as_json)
    with here.client() as client:
        found = client.call(langdesign_client.nodes.compare(base, other))
        if out is not None and found.changed is not None:
            write(out, masked_picture(client, other, found.changed.png))
    if as_json:
        print_json(found)
        return
    typer.echo(
        f"common ancestor {found.ancestor}; {len(found.base_path)} and {len(found.other_path)} edits apart"
    )
    typer.echo(f"{found.difference.changed_share:.1%} of the pixels differ")


def merge(
    context: typer.Context,
    base: NodeArgument,
    other: OtherArgument,
    as_json: JsonOption = False,
) -> None:
    """Join two nodes that change different places: a child of the first with the changes of both."""
    here = session(context, as_json=as_json)
    with here.client() as client:
        print_node(client.call(langdesign_client.nodes.merge(base, other)), as_json=as_json)


def replay(
    context: typer.Context,
    node: NodeArgument,
    image: Annotated[Path | None, typer.Option(help="On this picture: a new design is made.")] = None,
    model: ModelOption = "",
    check: Annotated[
        bool, typer.Option("--check", help="Keep nothing; fail when a picture is not the stored one.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Do the edits up to a node again: on another picture, by another model, or to check them."""
    here = session(context, as_json=as_json)
    with here.client() as client, here.console().status("replaying"):
        steps = client.replay_node(node, image=image, model=model, validate_only=check, timeout=here.timeout)
        done = list(steps)
    if as_json:
        print_json(done)
    else:
        for item in done:
            typer.echo(f"{item.made.name if item.made else item.node}  {likeness(item)}")
        if not done:
            typer.echo("the root has no edits to replay")
    if check and not all(item.identical for item in done):
        raise LangDesignError(
            "A replayed picture differs from the stored one",
            hint="1 of 255 can come of other edits beside it; for more, compare the checkpoints",
        )


def add_commands(app: typer.Typer) -> None:
    """Add the commands of this module."""
    commands = (cancel, info, mark, search, picture, thumbnails, compare, merge, replay)
    for command in commands:
        app.command(command.__name__)(command)
