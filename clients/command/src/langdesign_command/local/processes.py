"""The processes of a local run: commands, logs, start in order of dependency, stop of everything."""

import asyncio
import contextlib
import itertools
import signal
import sys
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from types import TracebackType
from typing import IO, Self

from honcho.colour import get_colours
from honcho.printer import Message, Printer

from langdesign_command.errors import StartError
from langdesign_command.local import checkout, gateway, registered, stack, triton, weights
from langdesign_command.local.claims import claim
from langdesign_command.local.guard import start_guarded
from langdesign_command.local.health import until_healthy
from langdesign_command.local.preflight import Launch, check, triton_models
from langdesign_command.local.stack import Service

_GRACE = 12.0  # seconds that a program has to stop; above Triton's own 10
# What the services get unless the environment says otherwise. The working folder holds data, no code.
_DEFAULTS = {
    "PYTHONSAFEPATH": "1",
    "LANGDESIGN_TELEMETRY_FORMAT": "text",
    "LANGDESIGN_AUDIT_TO": "off",
    "LANGDESIGN_DRAIN_DELAY": "0",
    "LANGDESIGN_DRAIN_GRACE": "5",
}


class Logs:
    """Prints lines of the services, prefixed and coloured."""

    def __init__(self, output: IO[str], names: Sequence[str]) -> None:
        self._printer = Printer(output, width=max(len(name) for name in (*names, "langdesign")))
        self._colours = dict(zip(names, get_colours(), strict=False))

    def write(self, name: str, line: bytes | str) -> None:
        """Print a line of a service, or of `langdesign` itself."""
        self._printer.write(Message("line", line, datetime.now().astimezone(), name, self._colours.get(name)))


class _Running:
    """A started service: its guard's process, and its last lines."""

    def __init__(
        self, service: Service, process: asyncio.subprocess.Process, write: Callable[[str, bytes], None]
    ) -> None:
        self.service = service
        self.process = process
        self.last: deque[str] = deque(maxlen=200)  # a model's refusal stands above others' loading
        self.pumping = asyncio.create_task(self._pump(write))

    async def _pump(self, write: Callable[[str, bytes], None]) -> None:
        """Hand on its output line by line until it ends."""
        stream, rest = self.process.stdout, b""
        while stream and (chunk := await stream.read(65536)):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self._say(line, write)
        if rest:  # a program that dies may not end its last line
            self._say(rest, write)

    def _say(self, line: bytes, write: Callable[[str, bytes], None]) -> None:
        self.last.append(line.decode(errors="replace"))
        write(self.service.name, line)

    async def stop(self) -> None:
        """Stop it in an orderly way; its guard kills what is left after the grace."""
        if self.process.returncode is None:
            self.process.terminate()
        await self.process.wait()
        await self.pumping

    def ended(self, weights: weights.Weights | None = None) -> StartError:
        """Return the error for a service that ended by itself, perhaps for want of weights that load."""
        code = self.process.returncode or 0
        # As the guard tells it; the program itself had no chance to say a word.
        if code == 128 + signal.SIGKILL:
            return StartError(
                f"{self.service.name} was killed (SIGKILL)",
                hint="a machine without memory left does that: `dmesg` tells; then start again",
            )
        if weights is not None and (refused := triton.not_loaded(self.last)):
            told = "; ".join(f"{weights.folders.get(name, name)}: {why}" for name, why in refused.items())
            return StartError(
                f"{self.service.name} cannot load {told}",
                hint="then start again, or give other weights with --models",
            )
        return _stopped(self.service.name, code, self.last)


def _stopped(name: str, code: int, lines: Sequence[str]) -> StartError:
    """Return the error for a program that ended, with its last words."""
    said = next((line for line in reversed(lines) if line.strip()), "it said nothing")
    return StartError(
        f"{name} stopped with exit code {code}: {said.strip()}",
        hint="fix what it names, and start again; `langdesign doctor` looks for what is missing",
    )


class LocalStack:
    """Runs a launch: `async with LocalStack(launch, logs) as run: await run.until_one_ends()`.

    On entry everything is checked before anything starts, and everything is healthy afterwards; where that
    fails, everything is stopped and StartError is raised.
    """

    def __init__(self, launch: Launch, logs: Logs) -> None:
        self.launch = launch
        self.addresses = stack.addresses(launch.offset)
        self.weights: weights.Weights | None = None
        self._logs = logs
        self._running: dict[str, _Running] = {}
        self._claims = contextlib.ExitStack()

    async def __aenter__(self) -> Self:
        check(self.launch)
        self._claims = claim(self.launch.data, [service.name for service in self.launch.services])
        try:
            if stack.BY_NAME["triton"] in self.launch.services:
                self.weights = await self._find_weights()
            await self._start_all()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def page(self, path: str = "") -> str:
        """Return the address of the web page, or of what it shows at a path such as `designs/{id}`."""
        return f"http://{self.addresses['gateway']}/{path}"

    async def until_one_ends(self) -> None:
        """Wait for as long as every service runs.

        Raises:
            StartError: one ended; names it and its last words.

        """
        raise (await _first_to_end(list(self._running.values()))).ended(self.weights)

    async def stop(self) -> None:
        """Stop everything, dependents first."""
        for step in reversed(stack.levels(self.launch.services)):
            running = [self._running[service.name] for service in step if service.name in self._running]
            await asyncio.gather(*(one.stop() for one in running))
        self._claims.close()

    async def _find_weights(self) -> weights.Weights:
        models = triton_models(self.launch)
        if isinstance(self.launch.models, str):
            name, data, environment = self.launch.models, self.launch.data, self.launch.environment
            return await registered.fetch(name, models, data, environment, self._tell)
        found = weights.find_weights(models, self.launch.models, self.launch.root)
        if found is None:
            found = await weights.make_random_weights(models, self.launch.data, self._tell)
        if found.random:
            self._tell(weights.RANDOM_NOTICE)
        return found

    def _tell(self, line: str) -> None:
        self._logs.write("langdesign", line)

    async def _start_all(self) -> None:
        """Start step by step; a wrong setting of a service whose turn comes later is told meanwhile."""
        first, *later = stack.levels(self.launch.services)
        try:
            async with asyncio.TaskGroup() as group:
                for service in itertools.chain.from_iterable(later):
                    if service.module is not None:
                        group.create_task(self._check_settings(service))
                for step in (first, *later):
                    await self._start_step(step)
        except* StartError as failed:
            raise failed.exceptions[0] from None

    async def _check_settings(self, service: Service) -> None:
        """Let a service read its settings alone. Raises StartError with what it says of wrong ones."""
        argv, environment = self._command(service)
        reading = await asyncio.create_subprocess_exec(
            *argv,
            "--show-settings",
            env=environment,
            cwd=self.launch.data,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            _, said = await reading.communicate()
        finally:
            if reading.returncode is None:
                reading.kill()
                await reading.wait()
        if reading.returncode:
            raise _stopped(service.name, reading.returncode, said.decode(errors="replace").splitlines())

    async def _start_step(self, step: list[Service]) -> None:
        started = [await self._start(service) for service in step]
        try:
            async with asyncio.TaskGroup() as group:
                for one in started:
                    group.create_task(self._healthy(one))
        except* StartError as failed:
            raise failed.exceptions[0] from None  # the first to fail; the group has cancelled the others

    async def _start(self, service: Service) -> _Running:
        argv, environment = self._command(service)
        process = await start_guarded(
            argv,
            environment=environment,
            folder=self.launch.data,
            grace=_GRACE,
            shared_memory=triton.shared_memory_prefix(self._ports(service)) if _is_triton(service) else None,
        )
        running = _Running(service, process, self._logs.write)
        self._running[service.name] = running
        return running

    async def _healthy(self, running: _Running) -> None:
        service = running.service
        healthy = asyncio.create_task(until_healthy(service, self.launch.offset))
        ended = asyncio.create_task(running.process.wait())
        done, pending = await asyncio.wait(
            {healthy, ended}, timeout=service.patience, return_when=asyncio.FIRST_COMPLETED
        )
        for task in pending:
            task.cancel()
        if ended in done:
            await running.pumping
            raise running.ended(self.weights)
        if healthy not in done:
            raise StartError(
                f"{service.name} was not healthy after {service.patience:g} s",
                hint="read its lines above; a slow machine may need smaller models",
            )
        self._tell(f"{service.name} is healthy at {self.addresses[service.name]}")

    def _command(self, service: Service) -> tuple[list[str], dict[str, str]]:
        offset, data = self.launch.offset, self.launch.data
        own = stack.environment(service, offset, str(data), str(self.launch.root))
        environment = _DEFAULTS | dict(self.launch.environment) | own
        if self.weights:
            environment = self.weights.advice(service.name) | environment
        if service.module is not None:
            return [sys.executable, "-m", service.module], environment
        if service.name == "llama":
            port = str(service.ports["http"] + offset)
            return [sys.executable, "-m", "langdesign_command.local.llama", "--port", port], environment
        if service.name == "gateway":
            listen, admin = (f"{stack.HOST}:{port + offset}" for port in service.ports.values())
            return gateway.gateway_command(self.launch.root, data, environment, listen=listen, admin=admin)
        argv, environment = triton.triton_command(
            checkout.model_repository(self.launch.root),
            triton.lay_out_backend(data / "triton-backend"),
            environment | (self.weights.environment if self.weights else {}),
            ports=self._ports(service),
        )
        return triton.supervised(argv), environment

    def _ports(self, service: Service) -> triton.TritonPorts:
        return triton.TritonPorts(**{use: port + self.launch.offset for use, port in service.ports.items()})


def _is_triton(service: Service) -> bool:
    return service.module is None and service.name == "triton"


async def _first_to_end(running: list[_Running]) -> _Running:
    tasks = {asyncio.create_task(one.process.wait()): one for one in running}
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
    return tasks[done.pop()]
