"""A run's folder: for every stage a folder that its inputs name, so that nothing is done twice.

OUT/STAGE/DIGEST/        what the stage makes
OUT/STAGE/DIGEST.json    written last: {"stage", "digest", "inputs", "seconds"}; with it the stage is done
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from .errors import RecipeError


@dataclass(frozen=True)
class Done:
    """A stage that is done."""

    folder: Path  # what it made
    digest: str  # of its inputs, 16 hexadecimal digits
    seconds: float  # that it took, over all its parts


class Workspace:
    """The stages of one run, or of several that share what they have in common.

    Args:
        folder: made if it is missing.

    Raises:
        RecipeError: the folder cannot be made.

    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RecipeError(f"{folder} cannot be made ({error.strerror}); give another --out") from error

    @contextmanager
    def held(self, patience: float = 0.0) -> Iterator[None]:
        """Keep the folder to this run; a lock that its process leaves behind is none.

        Args:
            patience: seconds to wait for another run that is ending.

        Raises:
            RecipeError: another run works in the folder.

        """
        try:
            lock = (self.folder / ".lock").open("w")
        except OSError as error:
            raise RecipeError(
                f"{self.folder} cannot be written ({error.strerror}); give another --out"
            ) from error
        with lock:
            if not _locked(lock, patience):
                raise RecipeError(
                    f"Another run works in {self.folder}; wait for it, stop it, or give another --out"
                )
            yield

    def stage(
        self, name: str, inputs: Mapping[str, Any], make: Callable[[Path], None], *, again: bool = False
    ) -> Done:
        """Do a stage, go on with it, or find it done.

        Args:
            name: of the stage.
            inputs: all that its result depends on, as JSON values.
            make: fills a folder; one that was cut short before is handed over as it was left.
            again: do it even where it is done.

        """
        digest = _digest([name, inputs])
        folder = self.folder / name / digest
        marker = folder.with_suffix(".json")
        if marker.is_file() and not again:
            return Done(folder, digest, float(json.loads(marker.read_text("utf-8"))["seconds"]))
        folder.mkdir(parents=True, exist_ok=True)
        with _timed(folder.with_suffix(".seconds")) as spent:
            make(folder)
        record = {"stage": name, "digest": digest, "inputs": inputs, "seconds": round(spent(), 1)}
        draft = marker.with_suffix(".draft")
        draft.write_text(json.dumps(record, indent=2) + "\n", "utf-8")
        draft.replace(marker)
        return Done(folder, digest, spent())


@contextmanager
def _timed(path: Path) -> Iterator[Callable[[], float]]:
    """Time a stage, and add what its earlier parts took that ended by themselves."""
    earlier = _seconds(path)
    began = time.monotonic()

    def spent() -> float:
        return earlier + time.monotonic() - began

    try:
        yield spent
    except BaseException:
        with suppress(OSError):  # on a full disk the error that came first says more
            path.write_text(f"{spent():.1f}", "utf-8")
        raise
    path.unlink(missing_ok=True)


def _locked(file: TextIO, patience: float) -> bool:
    """Lock a file within some seconds, and tell whether it could be."""
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(min(1.0, patience))
        else:
            return True


def _seconds(path: Path) -> float:
    try:
        return float(path.read_text("utf-8"))
    except (OSError, ValueError):
        return 0.0  # nothing was spent before, or nobody could write how much


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
