"""What the engine asks of an editor."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from langdesign_diffusion.parameters import EditParameters
from langdesign_diffusion.state import EditResult, EditState


class Stepper(Protocol):
    """An edit cut into phases; `Editor` is the real one. Only the engine's worker thread calls it."""

    def prepare(
        self, image: NDArray[np.uint8], masks: NDArray[np.uint8] | None, parameters: EditParameters
    ) -> EditState:
        """Encode the image `[H, W, 3 or 4]`, the masks `[R, H, W]` and the text."""

    def denoise_step(self, states: Sequence[EditState], *, pad_rows_to: int | None = None) -> None:
        """Advance every state, all of one latent shape, by one step."""

    def preview(self, state: EditState) -> NDArray[np.uint8]:
        """Return a small picture `[h, w, 3]` of the state's current estimate."""

    def finish(self, state: EditState) -> EditResult:
        """Decode a state whose steps are done."""
