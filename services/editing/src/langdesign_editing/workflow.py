"""The course of an edit: plan, mask, previews, result."""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

from google.protobuf.duration_pb2 import Duration
from langdesign.editing.v1 import editing_pb2 as pb
from langdesign.media.v1 import media_pb2
from langdesign_edits import ImageFormat
from langdesign_media import encode
from langdesign_media.convert import format_from_message

from langdesign_editing import report
from langdesign_editing.engine import Engine, EngineRequest, Finished, Pixels, Progress
from langdesign_editing.intake import Job
from langdesign_editing.options import effective_preserve, engine_parameters, feather_of, preserve_of
from langdesign_editing.regions import Locator, Region, mask_event
from langdesign_editing.sampling import Sampling

Payload = pb.PlanEvent | pb.MaskEvent | pb.PreviewEvent | pb.ResultEvent
"""What an event of an edit tells."""


class Workflow:
    """Does edits.

    Args:
        locator: Finds out where an edit acts.
        engine: Edits.
        sampling: For what a caller does not say.

    """

    def __init__(self, locator: Locator, engine: Engine, sampling: Sampling) -> None:
        self._locator = locator
        self._engine = engine
        self._sampling = sampling

    async def run(self, job: Job) -> AsyncGenerator[Payload, None]:
        """Does a job and tells what happens; the last is the result. Closing it stops the engine.

        Raises:
            errors.Error: As the peers or the engine answer.

        """
        plan, reading = None, 0.0
        if job.region is None:
            started = time.monotonic()
            plan = await self._locator.read(job)
            reading = time.monotonic() - started
            yield pb.PlanEvent(plan=plan)
        region = await self._locator.locate(job, plan)
        yield await mask_event(region)
        timings = {"reference": reading, "segmentation": region.segmentation_seconds}
        if region.no_op:
            yield _no_op(job, region, timings)
            return
        async with aclosing(self._edit(job, region, timings)) as payloads:
            async for payload in payloads:
                yield payload

    async def _edit(
        self, job: Job, region: Region, timings: Mapping[str, float]
    ) -> AsyncGenerator[Payload, None]:
        parameters = engine_parameters(job.instruction, job.options, len(region.masks), self._sampling)
        request = EngineRequest(job.picture.pixels, region.masks, parameters, job.tenant)
        async with _closing(self._engine.edit(request)) as events:
            async for event in events:
                match event:
                    case Progress():
                        if event.step:
                            yield await asyncio.to_thread(_preview, event)
                    case Finished():
                        yield await asyncio.to_thread(_result, job, region, event, timings)


def _closing(events: object) -> "aclosing[AsyncGenerator[Progress | Finished, None]]":
    assert isinstance(events, AsyncGenerator)  # noqa: S101 - engines are asynchronous generators
    return aclosing(events)


def _preview(progress: Progress) -> pb.PreviewEvent:
    event = pb.PreviewEvent(step=progress.step, steps=progress.steps)
    if progress.preview is not None:
        event.image.data = encode(progress.preview, ImageFormat.JPEG)
    return event


def _result(job: Job, region: Region, finished: Finished, timings: Mapping[str, float]) -> pb.ResultEvent:
    pixels = _checked(finished.pixels, job.picture.pixels)
    measured = report.measure(
        job.picture.pixels,
        pixels,
        region.union,
        feather=feather_of(job.options),
        preserve=effective_preserve(job.options, len(region.masks)),
    )
    encoded = encode(pixels, format_from_message(job.options.result_format))
    queue = finished.timings.get("queue", 0.0)
    engine = sum(finished.timings.values()) - queue
    return pb.ResultEvent(
        image=media_pb2.Image(data=encoded),
        report=measured,
        seed=job.options.seed,
        checkpoint=finished.checkpoint,
        timings=_timings(job, {**timings, "queue": queue, "engine": engine}),
    )


def _checked(pixels: Pixels, source: Pixels) -> Pixels:
    if pixels.shape != source.shape:
        raise RuntimeError(f"the engine returned {pixels.shape} for {source.shape}")
    return pixels


def _no_op(job: Job, region: Region, timings: Mapping[str, float]) -> pb.ResultEvent:
    """The certified no-op: the very bytes of the input, and why."""
    return pb.ResultEvent(
        image=media_pb2.Image(data=job.data),
        no_op_reason=region.no_op,
        report=report.unchanged(job.picture.width * job.picture.height, preserve_of(job.options)),
        seed=job.options.seed,
        timings=_timings(job, timings),
    )


def _timings(job: Job, seconds: Mapping[str, float]) -> pb.EditTimings:
    total = time.monotonic() - job.arrived
    return pb.EditTimings(**{name: _duration(value) for name, value in {**seconds, "total": total}.items()})


def _duration(seconds: float) -> Duration:
    duration = Duration()
    duration.FromMicroseconds(round(seconds * 1e6))
    return duration
