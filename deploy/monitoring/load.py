"""Calls that let every figure move: edits of every end, and models whose processes die."""

import functools
import itertools
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
from langdesign_client import Client, Connection, designs, runs
from langdesign_client.errors import LangDesignError
from langdesign_client.media import Box

_INSTRUCTIONS = (
    "make the bed red",
    "paint the wall green",
    "make the bed blue and the wall yellow",
    "remove the rug",
    "make it cosier",
)
_ABSENT = ("remove the piano", "paint the xylophone red", "what a nice room")
_PUZZLES = ("paint it like the other one over there",)  # read, and not surely: the language model is asked
_WAVE = 30.0  # seconds of load, then as many of half of it: plots are to show that they move


class Load:
    """Callers in threads of their own, until closed.

    Args:
        connection: Where the services are.
        picture: The room that is edited.
        callers: How many call at once.

    """

    def __init__(self, connection: Connection, picture: Path, callers: int = 4) -> None:
        self._connection, self._picture = connection, picture
        self._began, self._closing, self._lock = time.monotonic(), threading.Event(), threading.Lock()
        self.outcomes: Counter[str] = Counter()
        self._threads = [threading.Thread(target=self._call_on, args=(place,)) for place in range(callers)]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Wait for the calls under way, and make no more."""
        self._closing.set()
        for thread in self._threads:
            thread.join()

    def _call_on(self, place: int) -> None:
        chance = random.Random(place)  # noqa: S311 - which call comes next is no secret
        with Client(self._connection) as client:
            for turn in itertools.count():
                if self._closing.is_set():
                    return
                if place % 2 and self._rests():
                    self._closing.wait(1.0)
                    continue
                ((name, call, _),) = chance.choices(_CALLS, [weight for _, _, weight in _CALLS])
                self._note(name, functools.partial(call, client, self._picture, turn))

    def _rests(self) -> bool:
        return (time.monotonic() - self._began) % (2 * _WAVE) > _WAVE

    def _note(self, name: str, call: Callable[[], None]) -> None:
        try:
            call()
            outcome = "done"
        except LangDesignError as error:
            outcome = type(error).__name__
        with self._lock:
            self.outcomes[f"{name}: {outcome}"] += 1


def _edit(client: Client, picture: Path, turn: int) -> None:
    list(client.edit(picture, _INSTRUCTIONS[turn % len(_INSTRUCTIONS)], timeout=60))


def _edit_absent(client: Client, picture: Path, turn: int) -> None:
    list(client.edit(picture, _ABSENT[turn % len(_ABSENT)], timeout=60))


def _edit_out_of_time(client: Client, picture: Path, turn: int) -> None:
    list(client.edit(picture, "make the bed white", region=Box(10, 40, 80, 60), timeout=0.2))


def _cancel(client: Client, picture: Path, turn: int) -> None:
    for _ in client.edit(picture, "make the bed black", region=Box(10, 40, 80, 60), timeout=60):
        return  # who stops reading, cancels


def _read(client: Client, picture: Path, turn: int) -> None:
    client.refer(_PUZZLES[turn % len(_PUZZLES)], timeout=30)


def _segment(client: Client, picture: Path, turn: int) -> None:
    client.segment(picture, ["the bed", "the wall"], timeout=10)


def _design(client: Client, picture: Path, turn: int) -> None:
    design = client.call(designs.create(picture, "A room"))
    with suppress(StopIteration):
        next(client.watch_design(design.name))


_CALLS = (
    ("edit", _edit, 8),
    ("edit of what is not there", _edit_absent, 3),
    ("edit without time", _edit_out_of_time, 1),
    ("cancelled edit", _cancel, 1),
    ("segmentation", _segment, 3),
    ("instruction", _read, 1),
    ("design", _design, 1),
)


def fail_a_run(connection: Connection) -> None:
    """Let a run fail: its bench is nowhere."""
    with Client(connection) as client:
        run = client.call(runs.create(runs.RunKind.EVALUATE, "interior-mini", {"bench": "/nowhere"}))
        list(client.watch_run(run.name))


def kill_stubs(parent: int) -> int:
    """Kill the processes of Triton's models below a process; return how many there were."""
    children = psutil.Process(parent).children(recursive=True)
    stubs = [child for child in children if child.name().startswith("triton_python_b")]
    for stub in stubs:
        stub.send_signal(signal.SIGKILL)
    return len(stubs)
