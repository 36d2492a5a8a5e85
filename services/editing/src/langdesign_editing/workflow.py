"""The course of an edit: plan, region, steps, result."""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

from langdesign_edits import ChangeReport, ImageFormat, Pixels, measure_change
from langdesign_edits.focus import whole
from langdesign_edits.put_back import feather_width
from langdesign_media import encode

from langdesign_editing.backend import BackendProgress, BackendRequest, Edited
from langdesign_editing.events import Grounding, Happening, Outcome, StepDone
from langdesign_editing.grounding import Grounder
from langdesign_editing.intake import EditTask
from langdesign_editing.models import Models
from langdesign_editing.parameters import engine_parameters
from langdesign_editing.plans import InstructionPlan


class Workflow:
    """Does edits.

    Args:
        grounder: Finds out where an edit acts.
        models: What edits, by the model of the task.

    """

    def __init__(self, grounder: Grounder, models: Models) -> None:
        self._grounder = grounder
        self._models = models

    async def run(self, task: EditTask) -> AsyncGenerator[Happening, None]:
        """Does a task and tells what happens; the last is the outcome. Closing it stops the engine.

        Raises:
            errors.Error: As the peers or the engine answer.

        """
        plan, reading, started = None, 0.0, time.monotonic()
        grounding = Grounding()
        async with aclosing(self.read(task)) as happenings:
            async for read in happenings:
                if isinstance(read, Grounding):
                    grounding = read
                else:
                    plan, reading = read, time.monotonic() - started
                yield read
        seconds = {"reference": reading, "segmentation": grounding.segmentation_seconds}
        if grounding.no_op is not None:
            yield _no_op(task, grounding, seconds)
            return
        operation = "" if plan is None or not plan.edits else plan.edits[0].operation
        async with aclosing(self._edit(task, grounding, operation, seconds)) as happenings:
            async for happening in happenings:
                yield happening

    async def read(self, task: EditTask) -> AsyncGenerator[InstructionPlan | Grounding, None]:
        """Reads the instruction where no region is given, and finds the region; edits nothing.

        Raises:
            errors.Error: As the peers answer.

        """
        plan = None
        if task.spec.region is None:
            plan = await self._grounder.read(task)
            yield plan
        yield await self._grounder.ground(task, plan)

    async def _edit(
        self, task: EditTask, grounding: Grounding, operation: str, seconds: Mapping[str, float]
    ) -> AsyncGenerator[Happening, None]:
        picture, model = task.picture, self._models[task.spec.model]
        parameters = engine_parameters(task.spec, len(grounding.masks), model.sampling)
        request = BackendRequest(
            picture.pixels,
            grounding.masks,
            parameters,
            task.tenant,
            task.spec.native,
            picture.profile,
            model.sampling.crops(operation),
            region=grounding.union,
            model=model.name,
        )
        async with _closing(model.backend.edit(request)) as events:
            async for event in events:
                match event:
                    case BackendProgress():
                        if event.step:
                            yield await asyncio.to_thread(_step, event, picture.profile)
                    case Edited():
                        yield await asyncio.to_thread(
                            _outcome, task, grounding, event, parameters["feather"], seconds
                        )


def _closing(events: object) -> "aclosing[AsyncGenerator[BackendProgress | Edited, None]]":
    assert isinstance(events, AsyncGenerator)  # noqa: S101 - backends are asynchronous generators
    return aclosing(events)


def _step(progress: BackendProgress, profile: bytes) -> StepDone:
    picture = progress.preview
    preview = None if picture is None else encode(picture, ImageFormat.JPEG, profile)
    return StepDone(progress.step, progress.steps, preview)


def _outcome(
    task: EditTask, grounding: Grounding, edited: Edited, feather: int, seconds: Mapping[str, float]
) -> Outcome:
    spec, pixels = task.spec, _checked(edited.pixels, task.picture.pixels)
    focus = edited.focus or whole(task.picture.height, task.picture.width)
    union = grounding.union
    report = measure_change(
        task.picture.pixels,
        pixels,
        union,
        feather=feather_width(focus, union, feather),
        preserve=spec.preserve_over(len(grounding.masks)),
    )
    data = encode(pixels, spec.result_format, task.picture.profile)
    queue = edited.timings.get("queue", 0.0)
    engine = sum(edited.timings.values()) - queue
    spent = _until_now(task, {**seconds, "queue": queue, "engine": engine})
    return Outcome(data, report, spec.seed, spent, edited.checkpoint, focus=focus)


def _checked(pixels: Pixels, source: Pixels) -> Pixels:
    if pixels.shape != source.shape:
        raise RuntimeError(f"the engine returned {pixels.shape} for {source.shape}")
    return pixels


def _no_op(task: EditTask, grounding: Grounding, seconds: Mapping[str, float]) -> Outcome:
    """The certified no-op: the very bytes of the input, and why."""
    report = ChangeReport.unchanged(task.picture.width * task.picture.height, task.spec.preserve)
    return Outcome(task.data, report, task.spec.seed, _until_now(task, seconds), no_op=grounding.no_op)


def _until_now(task: EditTask, seconds: Mapping[str, float]) -> dict[str, float]:
    return {**seconds, "total": time.monotonic() - task.arrived}
