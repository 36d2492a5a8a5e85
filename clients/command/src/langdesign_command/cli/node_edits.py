"""`langdesign designs`: edits of nodes, and how they would be."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import langdesign_client
import typer
from langdesign_client.errors import CancelledError, InvalidInputError, LangDesignError

from langdesign_command.cli.names import NodeArgument
from langdesign_command.cli.node_files import masked_picture
from langdesign_command.cli.node_lines import progress_line, result_line
from langdesign_command.cli.plan_files import PlanOption, kept_plan
from langdesign_command.cli.session import MAX_SEED, JsonOption, plain, print_json, session
from langdesign_command.cli.where import BoxOption, ExpressionOption, MaskOption, WholeOption, region
from langdesign_command.cli.writing import check, write
from langdesign_command.extents import tiny_lines
from langdesign_command.plan_lines import no_op_line, plan_lines, reader_line

if TYPE_CHECKING:
    from langdesign_client.tree import Node

_Instruction = Annotated[str, typer.Option(help='What to do: "Paint the left chair red".')]
ModelOption = Annotated[str, typer.Option(help="Which of the models that the services serve.")]
"""`--model` of what edits nodes."""


def edit(
    context: typer.Context,
    node: NodeArgument,
    instruction: Annotated[
        str | None, typer.Option(help='What to do: "Paint the left chair red". Required without --plan.')
    ] = None,
    mask: MaskOption = None,
    box: BoxOption = None,
    expression: ExpressionOption = None,
    whole: WholeOption = False,
    plan: PlanOption = None,
    candidates: Annotated[int, typer.Option(min=1, max=8, help="How many results, by seeds in turn.")] = 1,
    seed: Annotated[int | None, typer.Option(min=0, max=MAX_SEED, help="Seed of the first.")] = None,
    feather: Annotated[int | None, typer.Option(min=0, max=128, help="Soft edge around the mask.")] = None,
    model: ModelOption = "",
    key: Annotated[
        str | None, typer.Option(help="Idempotency key: the same key joins the same edits.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Edit a node's picture; the results become its children, and their names are printed.

    Ctrl-C leaves them under way in the service: `cancel` stops them.
    """
    here = session(context, as_json=as_json)
    where = region(mask, box, expression, whole=whole)
    kept = None if plan is None else kept_plan(plan)
    if kept is not None:
        instruction = kept.told_with(instruction)
    if instruction is None:
        raise InvalidInputError("An edit needs an instruction", hint="give --instruction, or --plan")
    with here.client() as client, here.console().status("editing") as status:
        ended = []
        for item in client.create_nodes(
            node,
            instruction,
            region=where,
            plan=None if kept is None else kept.plan,
            options=langdesign_client.EditOptions(seed=seed, feather=feather),
            candidates=candidates,
            model=model,
            idempotency_key=key,
            timeout=here.timeout,
        ):
            if not isinstance(item, langdesign_client.tree.Node):
                status.update(progress_line(item))
            elif item.ended:
                ended.append(item)
    if as_json:
        print_json(ended)
    else:
        for line in plan_lines(
            ended[0].edit.plan if ended and ended[0].edit else None, seen=plan is not None
        ):
            here.console().print(line, markup=False, highlight=False, soft_wrap=True)
        for made in ended:
            typer.echo(made.name)
            here.console().print(result_line(made), markup=False, highlight=False, soft_wrap=True)
    _check_ended(ended)


def plan(
    context: typer.Context,
    node: NodeArgument,
    instruction: _Instruction,
    mask: MaskOption = None,
    box: BoxOption = None,
    expression: ExpressionOption = None,
    whole: WholeOption = False,
    out: Annotated[Path | None, typer.Option(help="Where to write the mask over the picture, a PNG.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Say how an instruction is read for a node, without editing."""
    here = session(context, as_json=as_json)
    where = region(mask, box, expression, whole=whole)
    if out is not None:
        check(out)
    with here.client() as client:
        read = client.call(langdesign_client.nodes.plan(node, instruction, region=where))
        if out is not None and read.mask is not None:
            write(out, masked_picture(client, node, read.mask.png))
    if as_json:
        print_json({"instruction": instruction, **plain(read)})
        return
    lines = [
        *plan_lines(read.plan, read.regions, seen=True),
        *([reader_line(read.plan)] if read.plan else ()),
    ]
    lines += [f"region: {read.coverage:.1%} of the picture", *tiny_lines(read.regions)]
    if read.no_op_reason:
        lines.append(no_op_line(read.no_op_reason, read.plan, read.regions, "would be"))
    if out is not None:
        lines.append(str(out) if read.mask else "there is no mask to write")
    typer.echo("\n".join(lines))


def _check_ended(ended: "list[Node]") -> None:
    """Fail where nothing came of an edit."""
    if any(node.state == "ready" for node in ended):
        return
    for node in ended:
        if node.state == "cancelled":
            raise CancelledError(f"{node.name} was cancelled")
        raise LangDesignError(f"{node.name} failed: {node.failure}", hint="it stays in the tree: try again")


def add_commands(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (edit, plan):
        app.command(command.__name__)(command)
