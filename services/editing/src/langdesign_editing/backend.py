"""What the service asks of whatever edits the pixels, wherever it runs."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from langdesign_edits import Mask, Pixels
from langdesign_edits.focus import Focus


@dataclass(frozen=True)
class BackendRequest:
    """One edit for the backend.

    Attributes:
        pixels: ``[H, W, 3 or 4]`` uint8.
        masks: One ``[H, W]`` bool per region of the parameters; none for the whole picture.
        region: The masks together; None for the whole picture.
        parameters: The engine's parameters, as `parameters.engine_parameters` makes them.
        tenant: Whose edit it is; the engine is fair between tenants.
        native: Whether the network is to see the whole picture as it is.
        profile: The ICC profile that the pixels are in; empty for sRGB.
        crop: Whether the network is to see a crop around the regions of a larger picture; else all of it.
        model: Which model edits, by its name.

    """

    pixels: Pixels
    masks: tuple[Mask, ...]
    parameters: Mapping[str, Any]
    tenant: str = ""
    native: bool = False
    profile: bytes = b""
    crop: bool = True
    region: Mask | None = field(kw_only=True)
    model: str = field(kw_only=True)


@dataclass(frozen=True)
class BackendProgress:
    """Steps done so far, 0 when the edit has got its slot; with a small picture ``[h, w, 3]`` at times."""

    step: int
    steps: int
    preview: Pixels | None = None


@dataclass(frozen=True)
class Edited:
    """The edited pixels.

    Attributes:
        pixels: The edited picture, of the request's shape and in its profile.
        timings: Seconds by phase: ``queue``, and those in the engine.
        checkpoint: ``name@sha256:...``; empty when the backend does not tell.
        focus: What the network saw of the picture; None when it was the whole picture as it is.

    """

    pixels: Pixels
    timings: Mapping[str, float] = field(default_factory=dict)
    checkpoint: str = ""
    focus: Focus | None = None


@dataclass(frozen=True, slots=True)
class InstructionCheck:
    """What an editor makes of an instruction, before any work.

    Attributes:
        field: Which of the parameters it is: ``instruction``, ``regions[1].instruction``.
        tokens: How many tokens it has; at most ``token_limit`` fit.
        unknown_words: Words that the editor's network cannot know, as they are written, in order.

    """

    field: str
    tokens: int
    token_limit: int
    unknown_words: tuple[str, ...] = ()


class Backend(Protocol):
    """Edits pixels; the engine behind Triton in production."""

    async def ready(self) -> bool:
        """Return whether an edit would be taken now."""

    async def check(self, model: str, parameters: Mapping[str, Any]) -> Sequence[InstructionCheck]:
        """Return what a model makes of the instructions of an edit's parameters.

        They are the whole one, if it is not blank, then each region's own. Takes milliseconds, and no turn.

        Raises:
            errors.InvalidArgument: An edit with these parameters would be refused: an instruction is longer
                than the model reads, say.
            errors.Unavailable: The model cannot be asked now.

        """

    def edit(self, request: BackendRequest) -> AsyncIterator[BackendProgress | Edited]:
        """Edits; `Edited` comes last. Closing the iterator stops the engine within one step.

        Raises:
            errors.Error: InvalidArgument, ResourceExhausted, DeadlineExceeded, Unavailable or Cancelled.

        """
