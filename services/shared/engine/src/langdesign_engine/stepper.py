"""The seam between engine and editor: what the engine asks of an editor, and never more."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from langdesign_edits import Pixels


class Request(Protocol):
    """What a caller asks of an editor, as far as the engine looks at it."""

    @property
    def work(self) -> float:
        """What serving it costs, in a unit of the editor's own: tenants share the slots by it."""

    @property
    def preview_every(self) -> int:
        """Steps between previews; 0: none."""


class State(Protocol):
    """One edit on its way, as far as the engine looks at it."""

    @property
    def step(self) -> int:
        """Steps done, 0..steps."""

    @property
    def steps(self) -> int:
        """How many steps there are in all."""

    @property
    def done(self) -> bool:
        """Whether no step is left; then it may be finished."""

    @property
    def shape(self) -> Hashable:
        """Only states of equal shape may share a step."""

    @property
    def rows(self) -> int:
        """How many rows of the network's batch the next step takes, 1 or more."""


@dataclass(frozen=True, slots=True)
class Output:
    """What an editor made of a request."""

    image: Pixels  # [H, W, 3 or 4], of the size and kind that the caller sent
    checkpoint: str = ""  # `name@sha256:...` of what edited; empty for weights from no folder


class InstructionCheck(Protocol):
    """What can be said of one instruction before any work."""

    @property
    def field(self) -> str:
        """Where it stands in the parameters, such as `instruction` or `regions[1].instruction`."""

    @property
    def tokens(self) -> int:
        """How many tokens it has."""

    @property
    def token_limit(self) -> int:
        """The most that fit."""

    @property
    def unknown_words(self) -> Sequence[str]:
        """The words that the editor's network cannot know, as written, each once."""


RequestT = TypeVar("RequestT", bound=Request)
StateT = TypeVar("StateT", bound=State)


class Stepper(Protocol[RequestT, StateT]):
    """An editor, its work cut into phases.

    `check` and `read_request` are called from any thread, all else by the engine's worker alone.
    """

    def check(self, parameters: str | bytes) -> Sequence[InstructionCheck]:
        """Look at JSON parameters alone, in milliseconds: return what there is to say of each instruction.

        Raises:
            ReportedError: of parameters that would be refused with any picture, and of an instruction that
                is too long; naming the field at fault and a hint.

        """

    def read_request(self, image: Pixels, masks: Pixels | None, parameters: str | bytes) -> RequestT:
        """Return the request that an image `[H, W, 3 or 4]`, masks `[R, H, W]` and JSON parameters state.

        The arrays are the request's own.

        Raises:
            ReportedError: naming the field at fault and a hint.

        """

    def prepare(self, request: RequestT) -> StateT:
        """Encode a request."""

    def denoise_step(self, states: Sequence[StateT], *, pad_rows_to: int | None = None) -> None:
        """Advance every state, all of one shape, by one step; idle rows fill the batch to `pad_rows_to`."""

    def preview(self, state: StateT) -> Pixels:
        """Return a small picture `[h, w, 3]` of the state's current estimate."""

    def finish(self, state: StateT) -> Output:
        """Decode a state whose steps are done."""

    def synchronize(self) -> None:
        """Wait for the device, so that a cancel is never overtaken by steps that it was only handed."""
