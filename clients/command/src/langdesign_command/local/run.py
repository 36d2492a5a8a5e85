"""A local run from its beginning to its orderly end."""

import asyncio
import contextlib
import signal
from collections.abc import Callable
from pathlib import Path
from typing import IO

from langdesign_command.local import checkout, registered, stack
from langdesign_command.local.preflight import Launch
from langdesign_command.local.processes import LocalStack, Logs


def plan(only: str, offset: int, models: str | None, data: Path) -> Launch:
    """Return the launch of a run.

    Args:
        only: Names of services, comma-separated; empty means all.
        offset: Added to every port.
        models: Folder with the checkpoints, or the name of a registered version (`models:/MODEL@ALIAS`); None
            means the embedded or random ones.
        data: Folder for what the services store.

    Raises:
        InvalidInputError: no such service.
        StartError: this is no checkout.

    """
    names = [name.strip() for name in only.split(",") if name.strip()]
    return Launch(
        services=stack.chosen(names),
        root=checkout.find_root(),
        data=data.resolve(),
        offset=offset,
        models=_models(models),
    )


def _models(given: str | None) -> Path | str | None:
    if not given or given.startswith(registered.SCHEME):
        return given or None
    return Path(given).resolve()


def until_stopped(launch: Launch, output: IO[str], ready: Callable[[LocalStack], None]) -> None:
    """Run until SIGINT or SIGTERM; logs go to `output`, `ready` is called once all are healthy.

    Raises:
        StartError: something cannot start, or ended by itself; everything else was stopped.

    """
    asyncio.run(_until_stopped(launch, output, ready))


async def until_stopped_or_ended(stack: LocalStack) -> None:
    """Wait for SIGINT or SIGTERM while the services run.

    Raises:
        StartError: one ended by itself.

    """
    _cancel_when_stopped()
    with contextlib.suppress(asyncio.CancelledError):
        await stack.until_one_ends()


def _cancel_when_stopped() -> None:
    """Let SIGINT and SIGTERM cancel this task."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None  # noqa: S101 - this is a coroutine
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)


async def _until_stopped(launch: Launch, output: IO[str], ready: Callable[[LocalStack], None]) -> None:
    _cancel_when_stopped()
    with contextlib.suppress(asyncio.CancelledError):
        async with LocalStack(launch, Logs(output, [service.name for service in launch.services])) as running:
            ready(running)
            await running.until_one_ends()
