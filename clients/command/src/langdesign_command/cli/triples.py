"""`langdesign triples`."""

from typing import TYPE_CHECKING, Annotated, Any

import langdesign_client
import typer
from langdesign_client.errors import InvalidInputError

from langdesign_command.cli.session import JsonOption, Session, plain, print_json, print_rows, session

if TYPE_CHECKING:
    from langdesign_client.calls import Streaming
    from langdesign_client.triples import Writer, Written

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Caption / edit / caption triples of a context."
)
_WRITERS = ("grammar", "language-model")


@app.command()
def generate(
    context: typer.Context,
    field: Annotated[str, typer.Argument(metavar="CONTEXT", help="A context, such as interior.")],
    count: Annotated[int, typer.Option(min=1, max=100_000, help="How many triples in all.")] = 10,
    subject: Annotated[
        list[str] | None, typer.Option(help="Only for this subject; give it again for more.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed writes the same, or goes on with the same.")] = 0,
    writer: Annotated[str, typer.Option(help=f"Who writes: {' or '.join(_WRITERS)}.")] = "",
    tokens: Annotated[
        int, typer.Option(min=0, help="Tokens that a language model may use; 0: no bound.")
    ] = 0,
    dollars: Annotated[float, typer.Option(min=0, help="US dollars that it may cost; 0: no bound.")] = 0.0,
    resume: Annotated[str, typer.Option(metavar="TOKEN", help="Go on after the triple of this token.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Write triples; with --json one a line as they come."""
    here = session(context, as_json=as_json)
    call = langdesign_client.triples.generate(
        field,
        count,
        subjects=subject or (),
        seed=seed,
        writer=_writer(writer),
        budget=langdesign_client.triples.Budget(tokens, dollars) if tokens or dollars else None,
        resume_token=resume,
    )
    if as_json:
        with here.client() as client:
            for written in client.stream(call, timeout=here.timeout):
                print_json(_flat(written))
        return
    _show(here, call, count)


def _writer(name: str) -> "Writer | None":
    if name and name not in _WRITERS:
        raise InvalidInputError(f"--writer {name} is nobody", hint=f"choose from {', '.join(_WRITERS)}")
    return langdesign_client.triples.Writer(name) if name else None


def _flat(written: "Written") -> dict[str, Any]:
    """Return a triple's own fields, and beside them what was rejected and spent."""
    told: dict[str, Any] = plain(written)
    return {**told.pop("triple"), **told}


def _show(here: Session, call: "Streaming[Written]", count: int) -> None:
    """Print a table; of a stream that breaks off too, with the token that goes on."""
    rows: list[list[str]] = []
    last: Written | None = None
    try:
        with here.client() as client, here.console().status("writing") as status:
            for last in client.stream(call, timeout=here.timeout):
                triple = last.triple
                rows.append([triple.subject, triple.change, triple.input, triple.edit, triple.output])
                status.update(f"{len(rows)} of {count}, {last.rejected} rejected")
    except langdesign_client.LangDesignError:
        if last is not None and last.resume_token:
            typer.echo(f"what is missing comes with --resume {last.resume_token}", err=True)
        raise
    finally:
        if rows:
            print_rows(["subject", "change", "input", "edit", "output"], rows, empty="")
    if last is None:
        typer.echo("no triples were accepted")
    elif last.spent.tokens:
        typer.echo(f"spent: {last.spent.tokens} tokens, ${last.spent.dollars:.4f}", err=True)


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
