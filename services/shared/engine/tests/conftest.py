"""A tiny editor of a few array operations, whose every call a test may hold, count and fail."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest
from langdesign_edits import ReportedError
from langdesign_engine import Engine, EngineOptions, Output
from numpy.typing import NDArray

WAIT = 10.0  # seconds; bounds every wait, and is never reached by a passing test


class StepsError(ReportedError):
    reason = "TOO_MANY_STEPS"
    field = "steps"


@dataclass
class TinyRequest:
    image: NDArray[np.uint8]
    name: str
    steps: int = 4
    seed: int = 0
    preview_every: int = 0
    masks: NDArray[np.uint8] | None = None

    @property
    def work(self):
        return self.steps * self.image.size


@dataclass
class TinyState:
    name: str
    steps: int
    values: NDArray[np.float64]
    dice: np.random.Generator
    step: int = 0
    rows: int = 3

    @property
    def done(self):
        return self.step >= self.steps

    @property
    def shape(self):
        return self.values.shape


@dataclass
class TinyCheck:
    field: str
    tokens: int
    token_limit: int = 8
    unknown_words: tuple[str, ...] = ()


@dataclass
class TinyEditor:
    """A real iterative map over arrays: mixes, adds seeded noise and steps, in batches."""

    batches: list[list[str]] = field(default_factory=list)
    paddings: list[int | None] = field(default_factory=list)
    before: Callable[[str, list[str]], None] = lambda phase, names: None
    synchronize: Callable[[], None] = lambda: None

    def check(self, parameters):
        words = self.read_request(None, None, parameters).name.split()
        return [TinyCheck("name", len(words), unknown_words=tuple(word for word in words if len(word) > 9))]

    def read_request(self, image, masks, parameters):
        request = TinyRequest(image, **json.loads(parameters), masks=masks)
        if request.steps > 200:
            raise StepsError("steps: is too many; choose 200 or fewer")
        return request

    def prepare(self, request):
        self.before("encode", [request.name])
        values = request.image[::8, ::8].mean(axis=-1) / 255
        return TinyState(request.name, request.steps, values, np.random.default_rng(request.seed))

    def denoise_step(self, states, *, pad_rows_to=None):
        names = [state.name for state in states]
        self.before("denoise", names)
        self.batches.append(names)
        self.paddings.append(pad_rows_to)
        batch = np.stack([state.values for state in states])
        mixed = np.tanh(batch @ batch.swapaxes(1, 2) @ batch / batch.shape[-1])
        for state, row in zip(states, mixed, strict=True):
            state.values = state.values + row / state.steps + 0.01 * state.dice.normal(size=row.shape)
            state.step += 1

    def preview(self, state):
        self.before("preview", [state.name])
        return np.zeros((*state.shape, 3), np.uint8)

    def finish(self, state):
        self.before("decode", [state.name])
        return Output(state.values, "tiny")


class Gate:
    """Holds the engine's thread at a phase until the test lets it go on."""

    def __init__(self, phase: str, name: str | None = None) -> None:
        self.reached, self.opened = threading.Event(), threading.Event()
        self._phase, self._name = phase, name

    def __call__(self, phase, names):
        if phase == self._phase and (self._name is None or self._name in names):
            self.reached.set()
            assert self.opened.wait(WAIT)


def image(height=64, width=64, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


@pytest.fixture
def editor() -> TinyEditor:
    return TinyEditor()


@pytest.fixture
def start(editor) -> Iterator[Callable[..., Engine]]:
    """Start engines over the tiny editor; they are closed at the end of the test."""
    engines: list[Engine] = []

    def start_engine(**options) -> Engine:
        engines.append(Engine(editor, EngineOptions(**options)))
        return engines[-1]

    yield start_engine
    editor.before = lambda phase, names: None
    for engine in engines:
        engine.close(drain=False)


@pytest.fixture
def gate() -> type[Gate]:
    return Gate


@pytest.fixture
def submit():
    """Submit a named edit of a small random picture."""

    def submit_edit(engine, name, *, height=64, width=64, tenant="", timeout=None, **fields):
        return engine.submit(
            TinyRequest(image(height, width), name, **fields), tenant=tenant, timeout=timeout
        )

    return submit_edit
