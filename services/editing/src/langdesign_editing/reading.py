"""Reads what an instruction asks for, and whether the editor can be told it: all before an edit begins.

So an instruction that cannot be done costs nothing, and the key of its request stays free.
"""

import asyncio
import logging
import time
from collections.abc import Collection
from dataclasses import replace

from langdesign_chassis import errors
from langdesign_edits import EditSpec, Expression, Region, Whole

from langdesign_editing.models import Models
from langdesign_editing.parameters import engine_parameters
from langdesign_editing.peers import Peers, UnexpectedAnswer
from langdesign_editing.plans import (
    MAX_EXPRESSION_LENGTH,
    MAX_EXPRESSIONS,
    Asked,
    InstructionPlan,
    PlannedEdit,
    Reference,
    Role,
)
from langdesign_editing.words import missing_words, other_instructions, plainly, words_in

LANGUAGE_SECONDS = 2.0
"""How long an edit whose region is given waits to learn what its instruction is (its language), at most."""
_log = logging.getLogger(__name__)


class InstructionReading:
    """Finds out what is to be done, with the peers that this deployment has, and the models' own words.

    Args:
        peers: The reference service, if any, reads instructions.
        models: Whether they can be told an instruction, they know.

    """

    def __init__(self, peers: Peers, models: Models) -> None:
        self._peers = peers
        self._models = models

    async def read(self, spec: EditSpec, plan: InstructionPlan | None) -> Asked:
        """Return what is to be done.

        Where the caller says where, that is the instruction as it is, unless it is read as asking for no
        change; one in another language is put into English, if the reference service can. Edits whose words
        the editor does not know have them as their unknown words.

        Args:
            spec: What is asked, completed by `Models.completed`.
            plan: The plan, where the caller gives it.

        Raises:
            errors.InvalidArgument: An instruction is longer than the editor reads, or the plan names more, or
                at more length, than is looked for.
            errors.FailedPrecondition: A peer is missing; see `Peers.require`.
            errors.Error: As the reference service or the engine answers.

        """
        self._peers.require(spec.region, plan)
        started = time.monotonic()
        if spec.region is None:
            asked = await self._planned(spec, plan)
        else:
            asked = Asked(await self._told(spec, spec.region))
        seconds = time.monotonic() - started
        _require_limits({expression for edit in asked.edits for expression in edit.expressions})
        edits = await asyncio.gather(
            *(self._checked(spec, asked, number) for number in range(len(asked.edits)))
        )
        return replace(asked, edits=tuple(edits), seconds=seconds)

    async def _planned(self, spec: EditSpec, plan: InstructionPlan | None) -> Asked:
        if plan is None:
            assert self._peers.reader is not None  # noqa: S101 - it is required
            plan = await self._peers.reader.plan(spec.instruction, spec.caption)
        return Asked(plan.edits if plan.read else (), plan)

    async def _told(self, spec: EditSpec, region: Region) -> tuple[PlannedEdit, ...]:
        """Return the edit of a region that the caller gives; none where nothing is asked for."""
        named = (Reference(region.text, Role.TARGET),) if isinstance(region, Expression) else ()
        edit = PlannedEdit("", isinstance(region, Whole), named, spec.instruction)
        plan = await self._read_aside(spec)
        if plan is None or not plan.read:
            return (edit,)
        if not plan.edits:  # a question, or "don't touch the bed": the region does not turn it into a wish
            return ()
        if not plan.foreign:
            return (edit,)
        unknown = tuple(word for one in plan.edits for word in one.unknown_words)
        english = " and ".join(one.instruction for one in plan.edits if one.instruction)
        return (replace(edit, instruction=english, unknown_words=unknown),)

    async def _read_aside(self, spec: EditSpec) -> InstructionPlan | None:
        if self._peers.reader is None:
            return None
        try:
            async with asyncio.timeout(LANGUAGE_SECONDS):
                return await self._peers.reader.plan(spec.instruction, spec.caption)
        except (errors.Error, UnexpectedAnswer, TimeoutError) as error:
            _log.warning("an instruction goes to the editor unread", exc_info=error)
            return None

    async def _checked(self, spec: EditSpec, asked: Asked, number: int) -> PlannedEdit:
        """Return an edit with what its editor does not know of it."""
        edit = asked.edits[number]
        if edit.unknown_words or not edit.instruction:
            return edit
        place = f"of edit {number + 1} of the plan, " if len(asked.edits) > 1 else ""
        unknown, *strange = await asyncio.gather(
            *(self._unknown(spec, told, place) for told in (edit.instruction, *other_instructions(edit)))
        )
        missing, told = missing_words(edit, unknown), plainly(edit, unknown)
        return replace(
            edit,
            unknown_words=missing,
            instruction=edit.instruction if missing else told,
            strange_words=words_in(word for words in strange for word in words),
        )

    async def _unknown(self, spec: EditSpec, instruction: str, place: str) -> list[str]:
        """Return what an editor does not know of an instruction; `place` says where that is, in errors."""
        model = self._models[spec.model]
        parameters = engine_parameters(spec, [instruction], model.sampling, seed=spec.seed)
        try:
            checks = await model.backend.check(model.name, parameters)
        except errors.InvalidArgument as error:
            if not place:
                raise
            raise errors.InvalidArgument(
                f"{place}{instruction!r}: {error.message}", violations=error.violations, hint=error.hint
            ) from error
        return [word for check in checks for word in check.unknown_words]


def _require_limits(expressions: Collection[str]) -> None:
    longest = max(map(len, expressions), default=0)
    if longest > MAX_EXPRESSION_LENGTH:
        raise errors.InvalidArgument(
            f"the instruction takes {longest} characters to name one thing; {MAX_EXPRESSION_LENGTH} are read",
            field="instruction",
            hint="name it in fewer words, or give region.mask or region.box",
        )
    if len(expressions) > MAX_EXPRESSIONS:
        raise errors.InvalidArgument(
            f"the instruction names {len(expressions)} things, each counted by all that it may mean; "
            f"{MAX_EXPRESSIONS} are looked for in one edit",
            field="instruction",
            hint="name fewer things, or give region.mask or region.box",
        )
