"""`langdesign designs`: what is done to a design as a whole; `nodes` has what is done to its nodes."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import langdesign_client
import typer
from langdesign_client.errors import InvalidInputError

from langdesign_command.cli import node_edits, node_lines, nodes
from langdesign_command.cli.names import DesignArgument, DesignOrNodeArgument
from langdesign_command.cli.session import JsonOption, print_json, print_rows, session
from langdesign_command.cli.writing import writing

if TYPE_CHECKING:
    from langdesign_client.designs import Change, Design
    from langdesign_client.tree import Node

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Designs: trees of edits.")

_BinOption = Annotated[bool, typer.Option("--bin", help="Those in the bin, and no others.")]
_PICTURES = ("none", "leaves", "all")


@app.command("list")
def list_designs(context: typer.Context, in_bin: _BinOption = False, as_json: JsonOption = False) -> None:
    """List your designs, the last changed first."""
    here = session(context, as_json=as_json)
    with here.client() as client:
        found = list(client.list(langdesign_client.designs.list_designs(deleted=in_bin)))
    if as_json:
        print_json(found)
        return
    when = "purged (UTC)" if in_bin else "changed (UTC)"
    times = [item.purge_time or item.update_time for item in found]
    rows = [
        [item.name, item.title, str(item.node_count), f"{time:%Y-%m-%d %H:%M}"]
        for item, time in zip(found, times, strict=True)
    ]
    empty = "the bin holds no design" if in_bin else "no designs"
    print_rows(["design", "title", "nodes", when], rows, empty=empty)


@app.command()
def create(
    context: typer.Context,
    image: Annotated[Path, typer.Option(help="The picture that becomes the root.")],
    title: Annotated[str, typer.Option(help="Its title.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Create a design from a picture."""
    here = session(context, as_json=as_json)
    with here.client() as client:
        design = client.call(langdesign_client.designs.create(image, title))
    _print(design, as_json=as_json)


@app.command()
def show(
    context: typer.Context, design: DesignArgument, in_bin: _BinOption = False, as_json: JsonOption = False
) -> None:
    """Show a design's tree: every node under its parent, with what was asked for and said about it."""
    here = session(context, as_json=as_json)
    with here.client() as client:
        found = client.call(langdesign_client.designs.get(design))
        below = list(client.list(langdesign_client.nodes.list_nodes(design, deleted=in_bin)))
    if as_json:
        print_json({"design": found, "nodes": below})
        return
    for node in _in_order(below):
        typer.echo(node_lines.tree_line(node, _indented(node)))
    if not below:
        typer.echo("no nodes")


@app.command()
def rename(
    context: typer.Context,
    design: DesignArgument,
    title: Annotated[str, typer.Argument(help="Its new title.")],
    as_json: JsonOption = False,
) -> None:
    """Change a design's title."""
    here = session(context, as_json=as_json)
    with here.client() as client:
        _print(client.call(langdesign_client.designs.rename(design, title)), as_json=as_json)


@app.command()
def delete(context: typer.Context, name: DesignOrNodeArgument, as_json: JsonOption = False) -> None:
    """Put a design, or a node and all below it, into the bin."""
    here = session(context, as_json=as_json)
    with here.client() as client:
        if "/nodes/" in name:
            names = client.call(langdesign_client.nodes.delete(name))
            node_lines.print_names(names, as_json=as_json)
        else:
            _print(client.call(langdesign_client.designs.delete(name)), as_json=as_json)


@app.command()
def restore(context: typer.Context, name: DesignOrNodeArgument, as_json: JsonOption = False) -> None:
    """Take a design, or a node with what went with it, back from the bin."""
    here = session(context, as_json=as_json)
    with here.client() as client:
        if "/nodes/" in name:
            names = client.call(langdesign_client.nodes.undelete(name))
            node_lines.print_names(names, as_json=as_json)
        else:
            _print(client.call(langdesign_client.designs.undelete(name)), as_json=as_json)


@app.command()
def export(
    context: typer.Context,
    design: DesignArgument,
    out: Annotated[Path, typer.Option(help="The ZIP file to write.")],
    pictures: Annotated[
        str, typer.Option(help="Pictures beside what it needs: none, leaves or all.")
    ] = "leaves",
) -> None:
    """Write a design with its whole tree to a ZIP archive."""
    here = session(context, as_json=False)
    if pictures not in _PICTURES:
        raise InvalidInputError(
            f"--pictures {pictures} is unknown", hint=f"choose from {', '.join(_PICTURES)}"
        )
    wanted = langdesign_client.designs.ExportPictures(pictures)
    with here.client() as client, writing(out) as file:
        call = langdesign_client.designs.export(design, wanted)
        for data in client.stream(call, timeout=here.timeout):
            file.write(data)
    typer.echo(str(out))
    most = langdesign_client.designs.MAX_ARCHIVE_BYTES
    if (size := out.stat().st_size) > most:
        line = f"it has {size / 2**20:.0f} MiB, and import takes {most // 2**20} MiB: give fewer --pictures"
        typer.echo(line, err=True)


@app.command("import")
def import_archive(
    context: typer.Context,
    archive: Annotated[Path, typer.Argument(help="A ZIP file that `export` wrote.")],
    as_json: JsonOption = False,
) -> None:
    """Create a design from an archive."""
    here = session(context, as_json=as_json)
    with here.client() as client:
        design = client.call(langdesign_client.designs.import_archive(archive), timeout=here.timeout)
    _print(design, as_json=as_json)


@app.command()
def watch(
    context: typer.Context,
    design: DesignArgument,
    after: Annotated[int, typer.Option(min=0, help="Only what changed after this revision.")] = 0,
    count: Annotated[int, typer.Option(min=0, help="End after as many changes; 0 means never.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Follow a design: what there is, then every change, until Ctrl-C."""
    here = session(context, as_json=as_json)
    with here.client() as client:
        changes = (change for change in client.watch_design(design, after) if change.item)
        for told, change in enumerate(changes, 1):
            if as_json:
                print_json(change)
            else:
                typer.echo(_change_line(change))
            if told == count:
                return


def _print(design: "Design", *, as_json: bool) -> None:
    if as_json:
        print_json(design)
        return
    until = f", in the bin until {design.purge_time:%Y-%m-%d %H:%M} UTC" if design.purge_time else ""
    typer.echo(f"{design.name}\nroot {design.root}{until}")


def _change_line(change: "Change") -> str:
    item = change.item
    if isinstance(item, langdesign_client.tree.Node):
        said = (item.name, item.state, item.instruction, node_lines.remarks(item))
        return " ".join([str(change.revision), *filter(None, said)])
    if isinstance(item, langdesign_client.designs.Design):
        return f"{change.revision} {item.name} {item.title}".rstrip()
    if item and isinstance(item.event, langdesign_client.Preview):
        return f"- {item.node} step {item.event.step} of {item.event.steps}"
    return f"- {item.node} {type(item.event).__name__}" if item else ""


def _in_order(found: "list[Node]") -> "list[Node]":
    """Return the nodes with every subtree together, children in the order in which they were made."""
    names = {node.name for node in found}
    children: dict[str, list[Node]] = {}
    for node in found:
        children.setdefault(node.parent if node.parent in names else "", []).append(node)
    ordered, open_nodes = list["Node"](), children.get("", [])[::-1]
    while open_nodes:
        ordered.append(open_nodes.pop())
        open_nodes += children.get(ordered[-1].name, [])[::-1]
    return ordered


def _indented(node: "Node") -> str:
    return "  " * node.depth + (node.instruction or ("join" if node.merged else "the picture"))


node_edits.add_commands(app)
nodes.add_commands(app)
