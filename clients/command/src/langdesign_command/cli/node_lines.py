"""What is said about nodes of designs, in lines."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import langdesign_client
import typer

from langdesign_command.cli.session import print_json
from langdesign_command.extents import changes
from langdesign_command.plan_lines import no_op_line, outcome_lines, plan_summary

if TYPE_CHECKING:
    from langdesign_client.tree import Node, NodeEvent, Replayed


def remarks(node: "Node") -> str:
    """Return what people say about a node, in a line."""
    said = [
        "favourite" if node.favourite else "",
        "hidden" if node.hidden else "",
        "in the bin" if node.delete_time else "",
        node.title,
        node.note,
        node.failure,
    ]
    return "; ".join(one for one in said if one)


def tree_line(node: "Node", words: str) -> str:
    """Return a node's line in a list: its whole name first, since other commands take it."""
    state = "" if node.state == "ready" else node.state
    said = "; ".join(one for one in (state, remarks(node)) if one)
    return f"{node.name}  {words}" + (f"  ({said})" if said else "")


def print_names(names: Sequence[str], *, as_json: bool) -> None:
    """Print the names of nodes, a line each."""
    if as_json:
        print_json(list(names))
        return
    for name in names:
        typer.echo(name)


def progress_line(item: "NodeEvent") -> str:
    """Return how far an edit is."""
    event, node = item.event, item.node.rpartition("/")[2]
    if isinstance(event, langdesign_client.Preview):
        return f"{node}: step {event.step} of {event.steps}"
    if isinstance(event, langdesign_client.PlanRead):
        return plan_summary(event.plan) or "editing"
    return f"{node}: editing"


def result_line(node: "Node") -> str:
    """Return what came of a node's edit; where its plan has several, each in a line of its own."""
    if node.state != "ready" or node.edit is None or node.edit.result is None:
        return f"  {node.state} {node.failure}".rstrip()
    result, plan = node.edit.result, node.edit.plan
    whole = (
        no_op_line(result.no_op_reason, plan, result.edits)
        if result.no_op_reason
        else f"{changes(result.report)}, seed {result.seed}"
    )
    return "\n".join(f"  {line}" for line in (whole, *outcome_lines(plan, result.edits)))


def likeness(item: "Replayed") -> str:
    """Return how a picture that was made again is like the stored one."""
    if item.difference is None:
        return "on another root"
    found = item.difference
    if item.identical:
        return "identical"
    return f"{found.changed_share:.2%} of the pixels differ, by {found.mean_difference:.2g} of 255 on average"


def print_node(node: "Node", *, as_json: bool) -> None:
    """Print a node."""
    if as_json:
        print_json(node)
        return
    typer.echo(f"{node.name} {node.state} {node.instruction}".rstrip())
    if node.width:
        typer.echo(f"  {node.width}x{node.height}")
    if node.edit and node.edit.result:
        typer.echo(result_line(node))
    if node.path_report:
        outside = node.path_report.outside
        differing = round(outside.changed_share * outside.pixels)
        typer.echo(
            f"  pixels that no edit was to touch: {outside.pixels}, {differing} differ from the root's"
        )
    if said := remarks(node):
        typer.echo(f"  {said}")
