"""Runs the demo's design session on services of its own."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from langdesign_client import designs, edit_requests, nodes, tree
from langdesign_client.async_client import AsyncClient
from langdesign_client.connection import Connection
from langdesign_client.errors import LangDesignError

from langdesign_command import samples
from langdesign_command.demo import script, sheet
from langdesign_command.demo.story import Step, Story
from langdesign_command.local import ports, run
from langdesign_command.local.processes import LocalStack, Logs

FEATHER = 4
"""Width of the soft edge, pixels: small, as the room is 128 x 128."""


def run_session(
    out: Path,
    models: str | None,
    data: Path,
    tell: Callable[[str], None],
    stay: Callable[[Story], None] | None = None,
) -> Story:
    """Start the services, run the session as a design, draw its sheet, stop all.

    Args:
        out: Folder for the sheet and the services' log.
        models: Folder with checkpoints, or a registered version; None means the embedded ones.
        data: Folder for what the services store; the design stays there.
        tell: Gets a line about what is done now.
        stay: Gets the story once it is told; the services then go on until Ctrl-C. None stops them at once.

    Raises:
        LangDesignError: a service cannot start, or an edit failed or broke its promise.

    """
    out.mkdir(parents=True, exist_ok=True)
    return asyncio.run(_run(out, models, data, tell, stay))


async def _run(
    out: Path,
    models: str | None,
    data: Path,
    tell: Callable[[str], None],
    stay: Callable[[Story], None] | None,
) -> Story:
    started = time.monotonic()
    plan = run.plan("", ports.free_offset(), models, data)
    with (out / "services.log").open("w", encoding="utf-8") as log:
        logs = Logs(log, [service.name for service in plan.services])
        async with LocalStack(plan, logs) as stack:
            story = await _while_running(stack, _tell_all(stack, out / "contact-sheet.png", tell))
            story = replace(story, seconds=time.monotonic() - started)
            sheet.write(story)
            if story.broken:
                raise LangDesignError(
                    f"A promise was not kept: {'; '.join(story.broken)}",
                    hint=f"look at {story.sheet}, and report it",
                )
            if stay is not None:
                stay(story)
                await run.until_stopped_or_ended(stack)
    return story


async def _while_running(stack: LocalStack, session: Coroutine[Any, Any, Story]) -> Story:
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


async def _tell_all(stack: LocalStack, drawn: Path, tell: Callable[[str], None]) -> Story:
    random = bool(stack.weights and stack.weights.random)
    # As the weights advise; random ones make noise in few steps as well as in many.
    editor = edit_requests.InstructPix2PixOptions(steps=5) if random else None
    options = edit_requests.EditOptions(
        preserve=edit_requests.Preserve.STRICT, seed=1, feather=FEATHER, editor=editor
    )
    room = samples.bedroom()
    steps: dict[str, Step] = {}
    async with AsyncClient(Connection(addresses={"design": stack.addresses["design"]})) as client:
        design = await client.call(designs.create(room, "Demo: a bedroom"))
        root = (await client.call(nodes.get(design.root))).node
        for chapter in script.CHAPTERS:
            tell(f"{chapter.key}. {chapter.instruction}")
            on = root if chapter.parent == script.ROOM else steps[chapter.parent].node
            before = room if chapter.parent == script.ROOM else steps[chapter.parent].after
            steps[chapter.key] = await _tell_one(client, chapter, on, before, options, random)
    return Story(design.name, stack.page(design.name), drawn, random, 0.0, room, tuple(steps.values()))


async def _tell_one(
    client: AsyncClient,
    chapter: script.Chapter,
    parent: tree.Node,
    before: bytes,
    options: edit_requests.EditOptions,
    random: bool,
) -> Step:
    started = time.monotonic()
    made = [item async for item in client.create_nodes(parent.name, chapter.instruction, options=options)]
    seconds = time.monotonic() - started
    ended = next(item for item in reversed(made) if isinstance(item, tree.Node))
    node = (await client.call(nodes.get(ended.name))).node  # with its mask
    if node.state != "ready" or node.edit is None or node.edit.result is None:
        raise LangDesignError(f"{chapter.instruction}: {node.failure or node.state}")
    after = (await client.call(nodes.picture(node.name))).image.data
    broken = _broken(chapter, parent, node, node.edit.result, random)
    return Step(chapter, node, node.edit, node.edit.result, before, after, seconds, broken)


def _broken(
    chapter: script.Chapter, parent: tree.Node, node: tree.Node, result: tree.NodeResult, random: bool
) -> str:
    """Return which promise was not kept: an exact no-op, nothing changed outside, no drift along the path.

    Random weights cannot know that something is absent.
    """
    if result.no_op_reason and node.pixels != parent.pixels:
        return "a no-op changed the picture"
    if chapter.no_op and result.no_op_reason != "no_target" and not random:
        return "an edit of what is not there was not certified as a no-op"
    if result.report.outside.changed_share:
        return "pixels outside the region changed"
    if node.path_report is None:
        return "nobody counted what changed since the room"
    drifted = node.path_report.outside.changed_share
    return "pixels that no edit was to touch differ from the room's" if drifted else ""
