"""The processes of a server's Python models, and when one of them is taken for dead or hanging."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from langdesign_supervisor.processes import arguments, children, look
from langdesign_supervisor.triton import Triton

_NAME = "triton_python_backend_stub"[:15]  # as much as Linux keeps of it
_BUSY = 0.05  # of one core, at least, is used by a process that computes; idle threads use a hundredth


@dataclass(frozen=True)
class Limits:
    """How much silence is too much.

    Attributes:
        misses: Unanswered checks in a row of a process that does not compute.
        busy: Seconds without an answer of one that does: its thread may be in a long pass of a network, or on
            a machine with far too much to do.
        pause: Seconds between two checks.

    """

    misses: int = 3
    busy: float = 120.0
    pause: float = 1.0


@dataclass
class Model:
    """A model, as its process lives.

    Attributes:
        name: In the model repository.
        stubs: Numbers of its processes, one an instance.

    """

    name: str
    stubs: tuple[int, ...]
    _looked: tuple[float, float] = field(default=(0.0, 0.0), repr=False)
    _misses: int = 0
    _silent_since: float | None = field(default=None, repr=False)

    def dead(self) -> bool:
        """Return whether one of its processes has ended."""
        found = [look(stub) for stub in self.stubs]
        return not all(process and process.alive for process in found)

    def computes(self) -> bool:
        """Return whether its processes have used the processor since this was last asked."""
        (before, used), now = self._looked, time.monotonic()
        cpu = sum(process.cpu for stub in self.stubs if (process := look(stub)))
        self._looked = (now, cpu)
        return cpu - used >= _BUSY * (now - before)

    def heard(self) -> None:
        """Note that it has answered."""
        self._misses, self._silent_since = 0, None

    def missed(self, *, since: float, busy: bool, limits: Limits) -> str | None:
        """Note that it has not answered a check; return why it is taken to hang, where it is.

        Args:
            since: When it was asked, by the monotonic clock.
            busy: Whether it has computed meanwhile.
            limits: How much is too much.

        """
        self._silent_since = since if self._silent_since is None else self._silent_since
        self._misses += not busy
        silent = time.monotonic() - self._silent_since
        if self._misses >= limits.misses:
            return f"{self.name} hangs: it does not answer, nor compute, for {silent:.1f} s"
        if silent >= limits.busy:
            return f"{self.name} hangs: it computes, but has answered nothing for {silent:.0f} s"
        return None


def models_of(server: int) -> list[Model]:
    """Return the Python models of a server that has loaded them, by its process."""
    stubs: dict[str, list[int]] = {}
    for child in children(server):
        if child.name == _NAME:
            # Its first argument is REPOSITORY/MODEL/VERSION/model.py.
            file = Path(next(iter(arguments(child.pid)[1:]), ""))
            stubs.setdefault(file.parent.parent.name, []).append(child.pid)
    return [Model(name, tuple(pids)) for name, pids in sorted(stubs.items())]


def first_dead(models: Sequence[Model]) -> str | None:
    """Return why the server is of no use any more, where the process of a model has ended."""
    for model in models:
        if model.dead():
            return f"the process of {model.name} has ended"
    return None


def watch_answers(
    triton: Triton, models: Sequence[Model], limits: Limits, stopped: Callable[[float], bool]
) -> str | None:
    """Ask every model again and again whether it lives; return why one is taken to hang.

    A model counts as heard when anybody was answered meanwhile: a check may have to wait behind others' work.

    Args:
        triton: The server.
        models: Its models.
        limits: How much silence is too much.
        stopped: Waits so many seconds; returns whether to give up, and then nothing is returned.

    """
    inputs: dict[str, frozenset[str]] = {}
    for model in models:
        model.computes()  # from now on
    while not stopped(limits.pause):
        for model in models:
            asked, done = time.monotonic(), triton.executions(model.name)
            inputs[model.name] = inputs.get(model.name) or triton.inputs(model.name)
            answered = triton.answers(model.name, inputs[model.name])
            busy = model.computes()
            if answered or triton.executions(model.name) > done >= 0:
                model.heard()
            elif why := model.missed(since=asked, busy=busy, limits=limits):
                return why
    return None
