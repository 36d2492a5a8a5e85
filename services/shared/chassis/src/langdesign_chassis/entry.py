"""The command line of a service: `python -m langdesign_editing [--show-settings]`."""

import argparse
import asyncio
import functools
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import TypeVar

import grpc

from langdesign_chassis.declaring import Settings
from langdesign_chassis.environment import describe, load
from langdesign_chassis.errors import StartError
from langdesign_chassis.memory import give_back_memory
from langdesign_chassis.runtime import Runtime
from langdesign_chassis.server import serve
from langdesign_chassis.settings import ChassisSettings

S = TypeVar("S", bound=Settings)
CANNOT_START = 2
"""Exit code when the service cannot start: a wrong setting, a port in use, a missing dependency."""


def run(
    name: str,
    register: Callable[[grpc.aio.Server, Runtime, S], Awaitable[None]],
    *,
    settings: type[S],
    services: Sequence[str],
    listen: str,
    scopes: Mapping[str, str] | None = None,
    arguments: Sequence[str] | None = None,
) -> None:
    """Run a service from its command line and environment: the one call of its ``__main__``.

    Exits with 0 after a drain, with 2 and one line on stderr when the service cannot start.

    Args:
        name: The service's stem, such as ``editing``.
        register: Builds the service's parts and adds its servicers to the server.
        settings: The class of the service's own settings.
        services: Full names of the served services.
        listen: Where to listen unless ``LANGDESIGN_LISTEN`` says otherwise, host:port.
        scopes: Scope by full method name, where a method needs another than the stem.
        arguments: The command line; that of the process by default.
    """
    parser = argparse.ArgumentParser(
        prog=f"langdesign-{name}", description=f"The {name} service of LangDesign."
    )
    parser.add_argument(
        "--show-settings", action="store_true", help="print every setting with its value, and exit"
    )
    options = parser.parse_args(arguments)
    try:
        own, chassis = load(settings), load(ChassisSettings, listen=listen)
        if options.show_settings:
            print("\n".join((*describe(chassis), *describe(own))))  # noqa: T201 - what was asked for
            return
        give_back_memory()
        build = functools.partial(_register, register, own)
        asyncio.run(serve(name=name, settings=chassis, register=build, services=services, scopes=scopes))
    except* StartError as group:
        for error in _leaves(group):
            print(f"{name}: {error}", file=sys.stderr)  # noqa: T201 - one line for a person
        sys.exit(CANNOT_START)


def _leaves(group: BaseExceptionGroup[StartError]) -> Iterator[StartError]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error


async def _register(
    register: Callable[[grpc.aio.Server, Runtime, S], Awaitable[None]],
    own: S,
    server: grpc.aio.Server,
    runtime: Runtime,
) -> None:
    await register(server, runtime, own)
