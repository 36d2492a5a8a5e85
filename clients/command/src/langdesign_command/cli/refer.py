"""`langdesign refer`."""

from typing import TYPE_CHECKING, Annotated

import typer

from langdesign_command.cli.session import JsonOption, plain, print_json, print_rows, session
from langdesign_command.plan_lines import nothing_line, plan_lines, reader_line

if TYPE_CHECKING:
    from langdesign_client.references import Reference


def refer(
    context: typer.Context,
    instruction: Annotated[str, typer.Argument(help='An instruction: "Paint the left chair red".')],
    caption: Annotated[str, typer.Option(help="What the picture shows, when known.")] = "",
    language: Annotated[str, typer.Option(help="BCP 47 tag such as en, ro, de; found out when absent.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Read what an instruction asks for, edit by edit, and what each refers to."""
    here = session(context, as_json=as_json)
    with here.client() as client, here.console().status("reading"):
        plan = client.refer(instruction, caption=caption, language=language)
    if as_json:
        print_json({"instruction": instruction, **plain(plan)})
        return
    lines = plan_lines(plan) if plan.edits else [nothing_line(plan)]
    for line in (*lines, reader_line(plan)):
        typer.echo(line)
    if plan.language_model_refusal:
        typer.echo(f"the language model refuses to read: {plan.language_model_refusal}")
    rows = [
        [item.expression, _in_english(item), item.role, str(number), f"{item.start}-{item.end}"]
        for number, edit in enumerate(plan.edits, 1)
        for item in edit.references
    ]
    if plan.edits:
        headings = ["expression", "in English", "role", "edit", "span"]
        print_rows(headings, rows, empty="nothing in the picture is named")


def _in_english(reference: "Reference") -> str:
    return " or ".join((reference.english or "-", *reference.alternatives))
