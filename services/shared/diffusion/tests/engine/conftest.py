"""A tiny editor of a few tensor operations, whose every call a test may hold, count and fail."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from langdesign_diffusion.engine import Engine, EngineOptions
from langdesign_diffusion.parameters import EditParameters

WAIT = 10.0  # seconds; bounds every wait, and is never reached by a passing test


@dataclass
class TinyState:
    parameters: EditParameters
    steps: int
    latents: torch.Tensor
    generator: torch.Generator
    step: int = 0

    @property
    def done(self):
        return self.step >= self.steps

    @property
    def branches(self):
        return ("text and image", "image", "neither")

    @property
    def latent_shape(self):
        return tuple(self.latents.shape[-2:])


@dataclass
class TinyEditor:
    """A real iterative map over latents: mixes, adds seeded noise and steps, batched like a UNet."""

    batches: list[list[str]] = field(default_factory=list)
    paddings: list[int | None] = field(default_factory=list)
    before: Callable[[str, list[str]], None] = lambda phase, names: None

    def prepare(self, image, masks, parameters):
        self.before("encode", [parameters.instruction])
        pixels = torch.from_numpy(image.astype(np.float32)).mean(-1)[None, None]
        latents = torch.nn.functional.avg_pool2d(pixels, 8) / 255
        generator = torch.Generator().manual_seed(parameters.seed)
        return TinyState(parameters, parameters.steps, latents, generator)

    def denoise_step(self, states, *, pad_rows_to=None):
        names = [state.parameters.instruction for state in states]
        self.before("denoise", names)
        self.batches.append(names)
        self.paddings.append(pad_rows_to)
        batch = torch.cat([state.latents for state in states])
        mixed = torch.tanh(batch @ batch.mT @ batch / batch.shape[-1])
        for state, row in zip(states, mixed, strict=True):
            noise = torch.randn(state.latents.shape, generator=state.generator)
            state.latents = state.latents + row[None] / state.steps + 0.01 * noise
            state.step += 1

    def preview(self, state):
        self.before("preview", [state.parameters.instruction])
        return np.zeros((*state.latent_shape, 3), np.uint8)

    def finish(self, state):
        self.before("decode", [state.parameters.instruction])
        return SimpleNamespace(image=state.latents.numpy())


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


def named(name: str, **fields) -> EditParameters:
    return EditParameters(instruction=name, **{"steps": 4, **fields})


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
            image(height, width), None, named(name, **fields), tenant=tenant, timeout=timeout
        )

    return submit_edit
