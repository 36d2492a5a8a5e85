"""`langdesign refer`."""

from typing import Annotated

import typer

from langdesign_command.cli.session import JsonOption, print_json, print_rows, session


def refer(
    context: typer.Context,
    instruction: Annotated[str, typer.Argument(help='An instruction: "Paint the left chair red".')],
    caption: Annotated[str, typer.Option(help="What the picture shows, when known.")] = "",
    language: Annotated[str, typer.Option(help="BCP 47 tag such as en, ro, de; found out when absent.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Read what an instruction refers to."""
    here = session(context, as_json=as_json)
    with here.client() as client, here.console().status("reading"):
        plan = client.refer(instruction, caption=caption, language=language)
    if as_json:
        print_json(plan)
        return
    agreed = {True: "parser and language model agree", False: "parser and language model disagree"}
    typer.echo(
        f"{plan.operation}, {plan.scope}, confidence {plan.confidence:.2f}, read by {plan.reader}, "
        f"language {plan.language}"
    )
    if plan.agreed is not None:
        typer.echo(agreed[plan.agreed])
    rows = [[item.expression, item.role, f"{item.start}-{item.end}"] for item in plan.references]
    print_rows(["expression", "role", "span"], rows, empty="no references: the whole picture is meant")
