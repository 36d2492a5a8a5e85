"""`langdesign triples`."""

from typing import Annotated

import typer

import langdesign_client
from langdesign_client.cli.session import JsonOption, plain, print_json, print_rows, session

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Caption / edit / caption triples of a context."
)


@app.command()
def generate(
    context: typer.Context,
    field: Annotated[str, typer.Argument(metavar="CONTEXT", help="A context, such as interior.")],
    count: Annotated[int, typer.Option(min=1, max=100_000, help="How many triples.")] = 10,
    subject: Annotated[
        list[str] | None, typer.Option(help="Only for this subject; give it again for more.")
    ] = None,
    seed: Annotated[
        int, typer.Option(help="The same seed writes the same triples (grammar agents only).")
    ] = 0,
    as_json: JsonOption = False,
) -> None:
    """Write triples; with --json one a line as they come."""
    here = session(context, as_json=as_json)
    call = langdesign_client.triples.generate(field, count, subjects=subject or (), seed=seed)
    rows: list[list[str]] = []
    with here.client() as client, here.console().status("writing") as status:
        for written in client.stream(call, timeout=here.timeout):
            if as_json:
                print_json(plain(written.triple) | {"rejected": written.rejected})
            else:
                triple = written.triple
                rows.append([triple.subject, triple.change, triple.input, triple.edit, triple.output])
                status.update(f"{len(rows)} of {count}, {written.rejected} rejected")
    if not as_json:
        print_rows(["subject", "change", "input", "edit", "output"], rows, empty="no triples were accepted")


@app.command("contexts")
def contexts(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the contexts that the deployment knows."""
    here = session(context, as_json=as_json)
    with here.client() as client:
        found = list(client.list(langdesign_client.triples.list_contexts()))
    if as_json:
        print_json(found)
        return
    rows = [[item.name, item.description, str(len(item.objects)), str(len(item.rooms))] for item in found]
    print_rows(["context", "what", "objects", "rooms"], rows, empty="no contexts")
