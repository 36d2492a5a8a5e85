"""The course of an edit: plan, regions, passes of steps, result."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from langdesign_edits import ImageFormat
from langdesign_media import encode

from langdesign_editing.backend import BackendProgress, Edited
from langdesign_editing.course import Course
from langdesign_editing.events import GroundedEdit, Grounding, Happening, StepDone
from langdesign_editing.grounding import Grounder
from langdesign_editing.intake import EditTask
from langdesign_editing.models import Models
from langdesign_editing.passes import numbered
from langdesign_editing.provenance import ResultProvenance


class Workflow:
    """Does edits.

    Args:
        grounder: Finds out where an edit acts.
        models: What edits, by the model of the task.
        provenance: What results say about how they came about.

    """

    def __init__(self, grounder: Grounder, models: Models, provenance: ResultProvenance) -> None:
        self._grounder = grounder
        self._models = models
        self._provenance = provenance

    async def run(self, task: EditTask) -> AsyncGenerator[Happening, None]:
        """Do a task and tell what happens; the last is the outcome. Closing it stops the engine.

        The edits of a plan are done in as few passes of the editor as their regions allow, each on what the
        one before made; no picture is encoded in between but for a second look. Where the edits act is told
        once more after each of those.

        Raises:
            errors.Error: As the peers or the engine answer.
            CredentialsUnavailable: The result could not be signed.

        """
        if task.asked.plan is not None:
            yield task.asked.plan
        grounding = await self.ground(task)
        yield grounding
        course = Course(task, self._models[task.spec.model], grounding, task.picture.pixels)
        if grounding.no_op is not None:
            yield await asyncio.to_thread(course.no_op)
            return
        while left := await asyncio.to_thread(course.left):
            if left[0][0].look_again:
                await self._look_again(course, left[0][0])
                yield course.grounding
                continue
            async with aclosing(_pass(course, left)) as steps:
                async for step in steps:
                    yield step
        outcome = await asyncio.to_thread(course.outcome, self._provenance)
        yield await self._provenance.signed(outcome, task)

    async def ground(self, task: EditTask) -> Grounding:
        """Return where a task acts; edits nothing.

        Raises:
            errors.Error: As the segmentation service answers.

        """
        grounding = await self._grounder.ground(task)
        return replace(grounding, edits=await asyncio.to_thread(numbered, grounding.edits))

    async def _look_again(self, course: Course, edit: GroundedEdit) -> None:
        image, picture = await asyncio.to_thread(course.picture)
        course.see_again(*await self._grounder.look_again(edit, image, picture))


async def _pass(course: Course, left: Sequence[Sequence[GroundedEdit]]) -> AsyncGenerator[StepDone, None]:
    """Do the first of the passes that are left."""
    together = left[0]
    request = await asyncio.to_thread(course.request, together)
    events = course.model.backend.edit(request)
    assert isinstance(events, AsyncGenerator)  # noqa: S101 - backends are asynchronous generators
    async with aclosing(events):
        async for event in events:
            match event:
                case BackendProgress():
                    if event.step:
                        yield await asyncio.to_thread(_step, event, course, len(left))
                case Edited():
                    course.advance(together, request, event)


def _step(progress: BackendProgress, course: Course, passes: int) -> StepDone:
    """Return the steps done by all passes so far, of all that are known to come."""
    picture = progress.preview
    preview = None if picture is None else encode(picture, ImageFormat.JPEG, course.task.picture.profile)
    return StepDone(course.steps + progress.step, course.steps + progress.steps * passes, preview)
