"""`langdesign designs`."""

from pathlib import Path
from typing import Annotated

import langdesign_client
import typer
from langdesign_client.errors import InvalidInputError, LangDesignError

from langdesign_command.cli.session import JsonOption, print_json, print_rows, session

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Designs: trees of edits.")

_Design = Annotated[str, typer.Argument(metavar="DESIGN", help="The design, designs/ID or its ID.")]
_Node = Annotated[str, typer.Argument(metavar="NODE", help="The node, designs/ID/nodes/ID.")]


@app.command("list")
def list_designs(context: typer.Context, as_json: JsonOption = False) -> None:
    """List your designs, newest first."""
    here = session(context, as_json=as_json)
    with here.client() as client:
        found = list(client.list(langdesign_client.designs.list_designs()))
    if as_json:
        print_json(found)
        return
    rows = [
        [item.name, item.title, str(item.node_count), f"{item.update_time:%Y-%m-%d %H:%M}"] for item in found
    ]
    print_rows(["design", "title", "nodes", "changed (UTC)"], rows, empty="no designs")


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
    if as_json:
        print_json(design)
    else:
        typer.echo(f"{design.name}\nroot {design.root}")


@app.command()
def show(context: typer.Context, design: _Design, as_json: JsonOption = False) -> None:
    """Show a design's nodes, parents first, and its branches."""
    here = session(context, as_json=as_json)
    with here.client() as client:
        nodes = list(client.list(langdesign_client.designs.list_nodes(_resource(design))))
        branches = list(client.list(langdesign_client.designs.list_branches(_resource(design))))
    if as_json:
        print_json({"nodes": nodes, "branches": branches})
        return
    at = {
        node.name: [item.name.rsplit("/", 1)[1] for item in branches if item.node == node.name]
        for node in nodes
    }
    rows = [
        [node.name, node.parent or "-", node.instruction or "-", ", ".join(at[node.name])] for node in nodes
    ]
    print_rows(["node", "parent", "instruction", "branches"], rows, empty="no nodes")


@app.command()
def edit(
    context: typer.Context,
    node: _Node,
    instruction: Annotated[str, typer.Option(help="What to do.")],
    expression: Annotated[str | None, typer.Option(help="Where: a referring expression.")] = None,
    branch: Annotated[str, typer.Option(help="Branch to move to the new node.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Edit a node's picture; the result becomes its child."""
    here = session(context, as_json=as_json)
    region = langdesign_client.Expression(expression) if expression else None
    call = langdesign_client.designs.create_node(node, instruction, region=region, branch=branch)
    with here.client() as client, here.console().status("editing") as status:
        for event in client.stream(call, timeout=here.timeout):
            if isinstance(event, langdesign_client.Preview):
                status.update(f"editing: step {event.step} of {event.steps}")
            elif isinstance(event, langdesign_client.designs.Node):
                made = event
                break
        else:
            raise LangDesignError("The stream ended without a node", hint="look at the design, and try again")
    if as_json:
        print_json(made)
    else:
        typer.echo(made.name)


@app.command()
def export(
    context: typer.Context,
    node: _Node,
    out: Annotated[Path, typer.Option(help="File for the node's picture.")],
) -> None:
    """Write a node's picture to a file."""
    here = session(context, as_json=False)
    with here.client() as client:
        found = client.call(langdesign_client.designs.get_node(node, with_picture=True))
    try:
        out.write_bytes(found.image.data)
    except OSError as error:
        reason = (error.strerror or "no reason").lower()
        raise InvalidInputError(f"{out} cannot be written: {reason}", hint="give another --out") from None
    typer.echo(str(out))


@app.command()
def branch(
    context: typer.Context,
    node: _Node,
    name: Annotated[str, typer.Argument(help="Short name of the new branch.")],
    as_json: JsonOption = False,
) -> None:
    """Create a branch at a node."""
    here = session(context, as_json=as_json)
    design = node.partition("/nodes/")[0]
    with here.client() as client:
        made = client.call(langdesign_client.designs.create_branch(design, name, node))
    if as_json:
        print_json(made)
    else:
        typer.echo(made.name)


@app.command()
def compare(
    context: typer.Context,
    base: _Node,
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The other node.")],
    as_json: JsonOption = False,
) -> None:
    """Compare two nodes of one design."""
    here = session(context, as_json=as_json)
    with here.client() as client:
        found = client.call(langdesign_client.designs.compare(base, other))
    if as_json:
        print_json(found)
        return
    typer.echo(
        f"common ancestor {found.ancestor}; {len(found.base_path)} and {len(found.other_path)} edits apart"
    )
    typer.echo(f"{found.difference.changed_share:.1%} of the pixels differ")


@app.command()
def replay(context: typer.Context, node: _Node, as_json: JsonOption = False) -> None:
    """Do the edits up to a node again; fails when a picture is not the stored one."""
    here = session(context, as_json=as_json)
    with here.client() as client, here.console().status("replaying"):
        done = list(client.stream(langdesign_client.designs.replay(node), timeout=here.timeout))
    if as_json:
        print_json(done)
    else:
        rows = [
            [item.node, "identical" if item.identical else f"{item.difference.changed_share:.2%} differ"]
            for item in done
        ]
        print_rows(["node", "picture"], rows, empty="the root has no edits to replay")
    if not all(item.identical for item in done):
        raise LangDesignError(
            "A replayed picture differs from the stored one", hint="compare the checkpoints"
        )


@app.command()
def delete(context: typer.Context, design: _Design, as_json: JsonOption = False) -> None:
    """Delete a design with its nodes and branches."""
    here = session(context, as_json=as_json)
    with here.client() as client:
        client.call(langdesign_client.designs.delete(_resource(design)))
    if as_json:
        print_json({"deleted": _resource(design)})


def _resource(name: str) -> str:
    return name if name.startswith("designs/") else f"designs/{name}"
