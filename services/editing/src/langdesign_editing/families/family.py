"""What the service knows of one family of editors."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from langdesign_edits import EditorOptions, Preserve

from langdesign_editing.sampling import Sampling

Options = TypeVar("Options", bound=EditorOptions)


@dataclass(frozen=True)
class Family(Generic[Options]):
    """One family of editors.

    Attributes:
        options: Its knobs; all of them have a default.
        parameters: Makes of them what the engine's parameters hold beside what every editor understands; told
            the promise that is kept, of each region its own instruction (None: the whole one; no region means
            the whole picture), and what is advised.

    """

    options: type[Options]
    parameters: Callable[[Options, Preserve, Sequence[str | None], Sampling], dict[str, Any]]
