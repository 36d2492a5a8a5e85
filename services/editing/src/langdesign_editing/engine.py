"""What the service asks of an editing engine, wherever it runs."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from langdesign_edits import Mask
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class EngineRequest:
    """One edit for the engine.

    Attributes:
        pixels: ``[H, W, 3 or 4]`` uint8.
        masks: One ``[H, W]`` bool per region of the parameters; none for the whole picture.
        parameters: The engine's parameters, as `options.engine_parameters` makes them.
        tenant: Whose edit it is; the engine is fair between tenants.

    """

    pixels: Pixels
    masks: tuple[Mask, ...]
    parameters: Mapping[str, Any]
    tenant: str = ""


@dataclass(frozen=True)
class Progress:
    """Steps done so far, 0 when the edit has got its slot; with a small picture ``[h, w, 3]`` at times."""

    step: int
    steps: int
    preview: Pixels | None = None


@dataclass(frozen=True)
class Finished:
    """The outcome.

    Attributes:
        pixels: The edited picture, of the request's shape.
        timings: Seconds by phase: ``queue``, and those in the engine.
        checkpoint: ``name@sha256:...``; empty when the engine does not tell.

    """

    pixels: Pixels
    timings: Mapping[str, float] = field(default_factory=dict)
    checkpoint: str = ""


class Engine(Protocol):
    """Edits pictures; Triton in production."""

    async def ready(self) -> bool:
        """Returns whether an edit would be taken now."""

    def edit(self, request: EngineRequest) -> AsyncIterator[Progress | Finished]:
        """Edits; `Finished` comes last. Closing the iterator stops the engine within one step.

        Raises:
            errors.Error: InvalidArgument, ResourceExhausted, DeadlineExceeded, Unavailable or Cancelled.

        """
