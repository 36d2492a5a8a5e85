"""The demo's design session: what is asked for, what came back, and whether it kept its word."""

import asyncio
import io
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from langdesign_client import edits, media
from langdesign_client.async_client import AsyncClient
from langdesign_client.connection import Connection
from langdesign_client.demo import page, room
from langdesign_client.errors import LangDesignError
from langdesign_client.local import ports, run
from langdesign_client.local.processes import LocalStack, Logs
from langdesign_client.local.weights import RANDOM_NOTICE


@dataclass(frozen=True)
class Chapter:
    """One edit that the session asks for."""

    title: str
    instruction: str
    region: edits.Region | None
    preserve: edits.Preserve


@dataclass(frozen=True)
class Told:
    """One edit and its outcome; `kept`: did the promise hold, by the report, and a no-op by its pixels."""

    chapter: Chapter
    result: edits.EditResult
    mask: media.Mask | None
    plan: str
    seconds: float
    kept: bool | None


@dataclass(frozen=True)
class Story:
    """The whole session."""

    page: Path
    sheet: Path
    random_weights: bool
    seconds: float
    before: bytes = field(repr=False)
    told: tuple[Told, ...] = ()

    def lines(self) -> Iterator[str]:
        """Yield what a person wants to read on the terminal."""
        if self.random_weights:
            yield f"NOTE: {RANDOM_NOTICE}. What is shown is that edits stay where they belong."
        for one in self.told:
            outside = one.result.report.outside
            done = f"no-op: {one.result.no_op_reason}" if one.result.no_op_reason else "edited"
            verdict = {None: "", True: "  kept", False: "  NOT KEPT"}[one.kept]
            yield (
                f"{one.chapter.title:<42} {done:<18} outside changed {outside.changed_share:8.3%}"
                f"{verdict}  {one.seconds:5.2f} s"
            )
        yield f"{self.page}  (contact sheet: {self.sheet}; {self.seconds:.0f} s in all)"


def chapters() -> list[Chapter]:
    """Return the session: each contract on one region, an expression, and a certified no-op."""
    sofa = media.Mask(room.mask("sofa"))
    levels = [
        Chapter(f"Recolour the sofa, preserve {level}", "Make the sofa dark green", sofa, level)
        for level in (edits.Preserve.ATTENTION, edits.Preserve.LATENT, edits.Preserve.STRICT)
    ]
    return [
        *levels,
        Chapter("A box around the lamp", "Make the lamp golden", room.box("lamp"), edits.Preserve.STRICT),
        Chapter("The services find where", "Paint the wall light blue", None, edits.Preserve.STRICT),
        Chapter(
            "An expression: the rug",
            "Make the rug striped",
            edits.Expression("the rug"),
            edits.Preserve.STRICT,
        ),
        Chapter(
            "An empty mask: a certified no-op",
            "Remove the piano",
            media.Mask(room.mask(None)),
            edits.Preserve.STRICT,
        ),
    ]


def run_session(out: Path, models: Path | None, data: Path, tell: Callable[[str], None]) -> Story:
    """Start the services, run the session, write the page, stop all.

    Raises:
        LangDesignError: a service cannot start, or an edit failed or broke its promise.

    """
    out.mkdir(parents=True, exist_ok=True)
    story = asyncio.run(_run(out, models, data, tell))
    if broken := [one.chapter.title for one in story.told if one.kept is False]:
        raise LangDesignError(
            f"A promise was not kept: {', '.join(broken)}", mend=f"look at {story.page}, and report it"
        )
    return story


async def _run(out: Path, models: Path | None, data: Path, tell: Callable[[str], None]) -> Story:
    started = time.monotonic()
    plan = run.plan("", ports.free_offset(), models, data)
    before = room.picture()
    with (out / "services.log").open("w", encoding="utf-8") as log:
        logs = Logs(log, [service.name for service in plan.services])
        async with LocalStack(plan, logs) as stack:
            told = await _while_running(stack, _tell_all(stack, before, _steps(stack), tell))
    random = bool(stack.weights and stack.weights.random)
    story = Story(
        out / "index.html", out / "contact-sheet.png", random, time.monotonic() - started, before, tuple(told)
    )
    page.write(story)
    return story


async def _while_running(stack: LocalStack, session: Coroutine[Any, Any, list[Told]]) -> list[Told]:
    """Return what the session tells; a service that ends meanwhile ends it."""
    telling = asyncio.create_task(session)
    watching = asyncio.create_task(stack.until_one_ends())
    try:
        await asyncio.wait({telling, watching}, return_when=asyncio.FIRST_COMPLETED)
        if watching.done():
            watching.result()
        return await telling
    finally:
        for task in (telling, watching):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.wait({task})


async def _tell_all(stack: LocalStack, before: bytes, steps: int, tell: Callable[[str], None]) -> list[Told]:
    names = ("reference", "segmentation", "editing")
    connection = Connection(addresses={name: stack.addresses[name] for name in names})
    told = []
    async with AsyncClient(connection) as client:
        for chapter in chapters():
            tell(chapter.title)
            told.append(await _tell_one(client, before, chapter, steps))
    return told


async def _tell_one(client: AsyncClient, before: bytes, chapter: Chapter, steps: int) -> Told:
    started = time.monotonic()
    mask, plan = None, ""
    options = edits.EditOptions(preserve=chapter.preserve, steps=steps, seed=1)
    async for event in client.edit(before, chapter.instruction, region=chapter.region, options=options):
        if isinstance(event, edits.PlanRead) and event.plan:
            names = ", ".join(item.expression for item in event.plan.references)
            plan = f"{event.plan.operation}: {names or event.plan.scope}"
        elif isinstance(event, edits.MaskFound):
            mask = event.mask
        elif isinstance(event, edits.EditResult):
            seconds = time.monotonic() - started
            return Told(chapter, event, mask, plan, seconds, _kept(before, chapter, event))
    raise LangDesignError(f"{chapter.title}: no result came")


def _steps(stack: LocalStack) -> int:
    """Random weights make noise in few steps as well as in many."""
    return 5 if stack.weights and stack.weights.random else 20


def _kept(before: bytes, chapter: Chapter, result: edits.EditResult) -> bool | None:
    """Return whether the promise held: a no-op is pixel-identical, and `strict` changed nothing outside.

    None where the contract promises no exactness (attention, latent).
    """
    if result.no_op_reason:
        return _pixels(before) == _pixels(result.image.data)
    if chapter.preserve is edits.Preserve.STRICT:
        return result.report.outside.changed_share == 0
    return None


def _pixels(data: bytes) -> bytes:
    return Image.open(io.BytesIO(data)).convert("RGB").tobytes()
