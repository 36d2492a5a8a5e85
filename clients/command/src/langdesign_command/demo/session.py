"""Runs the demo's design session on services of its own."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

from langdesign_client import edits
from langdesign_client.async_client import AsyncClient
from langdesign_client.connection import Connection
from langdesign_client.errors import LangDesignError

from langdesign_command.demo import drift, page, script, sheet
from langdesign_command.demo.story import Node, Story
from langdesign_command.local import ports, run
from langdesign_command.local.processes import LocalStack, Logs

FEATHER = 4
"""Width of the soft edge, pixels: small, as the room is 128 x 128."""


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
