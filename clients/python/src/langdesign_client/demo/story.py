"""The demo's design session as it went: every node of the tree, and whether the promises held."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from langdesign_client import edits, media
from langdesign_client.async_client import AsyncClient
from langdesign_client.connection import Connection
from langdesign_client.demo import drift, page, script, sheet
from langdesign_client.errors import LangDesignError
from langdesign_client.local import ports, run
from langdesign_client.local.processes import LocalStack, Logs
from langdesign_client.local.weights import RANDOM_NOTICE

FEATHER = 4
"""Width of the soft edge, pixels: small, as the room is 128 x 128."""


@dataclass(frozen=True)
class Node:
    """One edit and its outcome."""

    chapter: script.Chapter
    before: bytes = field(repr=False)
    result: edits.EditResult
    mask: media.Mask | None
    plan: str  # what the instruction was read as
    seconds: float
    untouched: int  # pixels that no edit on the path was to act on
    drifted: int  # how many of them differ from the room's
    broken: str  # the promise that was not kept, in words; "" where all were


@dataclass(frozen=True)
class Story:
    """The whole session."""

    page: Path
    sheet: Path
    random_weights: bool
    seconds: float
    room: bytes = field(repr=False)
    nodes: tuple[Node, ...] = ()

    @property
    def broken(self) -> list[str]:
        """The promises that were not kept, in words."""
        return [f"{node.chapter.key}: {node.broken}" for node in self.nodes if node.broken]

    def lines(self) -> Iterator[str]:
        """Yield what a person wants to read on the terminal."""
        if self.random_weights:
            yield f"NOTE: {RANDOM_NOTICE}. What is shown is that edits stay where they belong."
        for node in self.nodes:
            depth = "  " * (len(script.path(node.chapter.key)) - 1)
            done = f"no-op: {node.result.no_op_reason}" if node.result.no_op_reason else "edited"
            yield (
                f"{depth + node.chapter.key + '. ' + node.chapter.instruction:<38} {done:<17} "
                f"inside changed {node.result.report.inside.changed_share:6.1%}  outside "
                f"{node.result.report.outside.changed_share:6.2%}  since the room {node.drifted} of "
                f"{node.untouched} px  {node.seconds:5.2f} s  {'NOT KEPT' if node.broken else 'kept'}"
            )
        yield f"{self.page}  (contact sheet: {self.sheet}; {self.seconds:.0f} s in all)"


def run_session(out: Path, models: str | None, data: Path, tell: Callable[[str], None]) -> Story:
    """Start the services, run the session, write the page, stop all.

    Raises:
        LangDesignError: a service cannot start, or an edit failed or broke its promise.

    """
    out.mkdir(parents=True, exist_ok=True)
    story = asyncio.run(_run(out, models, data, tell))
    page.write(story)
    sheet.write(story)
    if story.broken:
        raise LangDesignError(
            f"A promise was not kept: {'; '.join(story.broken)}", hint=f"look at {story.page}, and report it"
        )
    return story


async def _run(out: Path, models: str | None, data: Path, tell: Callable[[str], None]) -> Story:
    started = time.monotonic()
    plan = run.plan("", ports.free_offset(), models, data)
    room = script.room()
    with (out / "services.log").open("w", encoding="utf-8") as log:
        logs = Logs(log, [service.name for service in plan.services])
        async with LocalStack(plan, logs) as stack:
            random = bool(stack.weights and stack.weights.random)
            nodes = await _while_running(stack, _tell_all(stack, room, random, tell))
    seconds = time.monotonic() - started
    return Story(out / "index.html", out / "contact-sheet.png", random, seconds, room, tuple(nodes))


async def _while_running(stack: LocalStack, session: Coroutine[Any, Any, list[Node]]) -> list[Node]:
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


async def _tell_all(stack: LocalStack, room: bytes, random: bool, tell: Callable[[str], None]) -> list[Node]:
    names = ("reference", "segmentation", "editing")
    connection = Connection(addresses={name: stack.addresses[name] for name in names})
    # As the weights advise; random ones make noise in few steps as well as in many.
    editor = edits.InstructPix2PixOptions(steps=5) if random else None
    options = edits.EditOptions(preserve=edits.Preserve.STRICT, seed=1, feather=FEATHER, editor=editor)
    nodes: dict[str, Node] = {}
    async with AsyncClient(connection) as client:
        for chapter in script.CHAPTERS:
            tell(f"{chapter.key}. {chapter.instruction}")
            before = room if chapter.parent == script.ROOM else nodes[chapter.parent].result.image.data
            nodes[chapter.key] = await _tell_one(client, chapter, before, room, nodes, options, random)
    return list(nodes.values())


async def _tell_one(
    client: AsyncClient,
    chapter: script.Chapter,
    before: bytes,
    room: bytes,
    nodes: dict[str, Node],
    options: edits.EditOptions,
    random: bool,
) -> Node:
    started = time.monotonic()
    mask, plan = None, ""
    async for event in client.edit(before, chapter.instruction, options=options):
        if isinstance(event, edits.PlanRead) and event.plan:
            names = ", ".join(item.expression for item in event.plan.references)
            plan = f"{event.plan.operation}: {names or event.plan.scope}"
        elif isinstance(event, edits.MaskFound):
            mask = event.mask
        elif isinstance(event, edits.EditResult):
            seconds = time.monotonic() - started
            way = [nodes[one.key].mask for one in script.path(chapter.parent)]
            masks = [one.png for one in (*way, mask) if one is not None]
            kept, drifted = drift.untouched(room, event.image.data, masks, FEATHER)
            broken = _broken(chapter, before, event, drifted, random)
            return Node(chapter, before, event, mask, plan, seconds, kept, drifted, broken)
    raise LangDesignError(f"{chapter.instruction}: no result came")


def _broken(
    chapter: script.Chapter, before: bytes, result: edits.EditResult, drifted: int, random: bool
) -> str:
    """Return which promise was not kept: an exact no-op, nothing changed outside, no drift along the path.

    Random weights cannot know that something is absent.
    """
    _, changed = drift.untouched(before, result.image.data, [], 0)
    if result.no_op_reason and changed:
        return "a no-op changed the picture"
    if chapter.no_op and not result.no_op_reason and not random:
        return "an edit of what is not there was not certified as a no-op"
    if result.report.outside.changed_share:
        return "pixels outside the region changed"
    return "pixels that no edit was to touch differ from the room's" if drifted else ""
