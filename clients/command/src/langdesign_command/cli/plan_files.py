"""Plans in files: what `edit --plan-only --json`, `designs plan --json` and `refer --json` print."""

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import langdesign_client
import typer
from langdesign_client.errors import InvalidInputError

if TYPE_CHECKING:
    from langdesign_client.references import Plan

PlanOption = Annotated[
    Path | None,
    typer.Option(help="Do this plan, as --plan-only --json printed it, or changed; nothing is read again."),
]


@dataclasses.dataclass(frozen=True)
class KeptPlan:
    """A plan from a file, and the instruction that it was read from; "" where the file does not say."""

    plan: "Plan"
    instruction: str

    def told_with(self, instruction: str | None) -> str | None:
        """Return the plan's instruction, or the caller's where the file has none.

        Raises:
            InvalidInputError: they are two: the plan is done, so that the caller's would be ignored.

        """
        if instruction is not None and self.instruction and instruction != self.instruction:
            raise InvalidInputError(
                f'--plan was read from "{self.instruction}", and another instruction would be ignored',
                hint="leave out --instruction, or read it anew with --plan-only",
            )
        return instruction or self.instruction or None


def kept_plan(path: Path) -> KeptPlan:
    """Return the plan in a file.

    Raises:
        InvalidInputError: the file cannot be read, or holds no plan.

    """
    data = langdesign_client.media.read_file(path)
    try:
        told = json.loads(data)
        whole = told if isinstance(told.get("edits"), list) else told["plan"]
        plan = _made(langdesign_client.Plan, whole)
        langdesign_client.references.plan_message(plan)  # what is of another type than a plan's is told now
        return KeptPlan(plan, str(told.get("instruction", "")))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InvalidInputError(
            f"{path} holds no plan", hint="give what `langdesign edit --plan-only --json` printed"
        ) from None


def _made(kind: type, told: Mapping[str, Any]) -> Any:
    """Return a data class of what JSON tells of its fields; what JSON tells beyond them is left out."""
    fields = {item.name for item in dataclasses.fields(kind)}
    return kind(**{name: _value(name, value) for name, value in told.items() if name in fields})


def _value(name: str, value: Any) -> Any:
    kinds = {
        "edits": langdesign_client.PlannedEdit,
        "references": langdesign_client.Reference,
        "corrections": langdesign_client.Correction,
    }
    if name in kinds:
        return tuple(_made(kinds[name], item) for item in value)
    return tuple(value) if isinstance(value, list) else value
