"""The interface of launchers, and what they have in common."""

# ruff: noqa: N818 - members of a family are read as sentences

import hashlib
from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from langdesign_training.runs import Run
from langdesign_training.saying import Said


class LaunchError(Exception):
    """A run's program cannot be started.

    ::

        LaunchError
        ├── LaunchRefused      it never can, as things are set; the message is for the run's owner
        └── LaunchUnavailable  what starts it does not answer now
    """


class LaunchRefused(LaunchError):
    """The program can never be started, as things are set."""


class LaunchUnavailable(LaunchError):
    """What starts programs does not answer now; it is asked again."""


class How(Enum):
    """How a program ended."""

    # It said that it has done its work.
    SUCCEEDED = auto()
    # It said that it failed, or something did for it.
    FAILED = auto()
    # It was stopped, or ended without a word: started again, it goes on where it was.
    INTERRUPTED = auto()
    # The same, while nobody watched: what took this service down may have taken it along.
    LOST = auto()


@dataclass(frozen=True)
class Ending:
    """The end of a program; `failure` says why it failed and what to do."""

    how: How
    failure: str = ""


class Launcher(Protocol):
    """Starts programs of runs, and finds them again after a restart of this service."""

    async def launch(self, run: Run) -> None:
        """Start a run's program; where it runs already, change nothing.

        Raises:
            LaunchRefused: it cannot be started.
            LaunchUnavailable: it cannot be started now.

        """

    def follow(self, run: Run) -> AsyncGenerator[Said | Ending, None]:
        """Yield all that a started program said, again when it said more, and its ending at last."""

    async def stop(self, run: Run) -> None:
        """Stop a run's program in an orderly way, if it has not ended; `follow` tells the end."""

    async def sweep(self, unfinished: Callable[[], Collection[Run]]) -> None:
        """Remove what no unfinished run needs any more; they are asked for after looking at what there is.

        Raises:
            LaunchUnavailable: it cannot be removed now.

        """


def arguments(run: Run, folder: str) -> Sequence[str]:
    """Return what a run's program is called with; none of it goes through a shell unquoted.

    With the same folder of results, the program goes on where it was. What is done of its stages lies in a
    folder of the tenant's, where the tenant's other runs find it.

    Args:
        run: The run.
        folder: Of all runs, as the program sees it, absolute.

    """
    tenant = hashlib.sha256(run.tenant.encode()).hexdigest()[:32]  # a tenant's name may be no folder's
    changed = [word for name, value in sorted(run.overrides.items()) for word in ("--set", f"{name}={value}")]
    own = ["--run", f"runs/{run.id}", "--out", f"{folder}/{run.id}/out"]
    shared = ["--stages", f"{folder}/tenants/{tenant}"]
    return ["run", str(run.kind), "--recipe", run.recipe, *changed, *own, *shared, "--json"]


def verdict(said: Said) -> Ending | None:
    """Return the ending that a program announced; None where it announced none."""
    if said.verdict == "succeeded":
        return Ending(How.SUCCEEDED)
    if said.verdict == "stopped":
        return Ending(How.INTERRUPTED)  # by a node that is drained, or by hand
    if said.verdict == "failed":
        return Ending(How.FAILED, said.failure or "the program failed without a reason; look at its log")
    return None
