"""A run's folder: for every stage a folder that its inputs name, so that nothing is done twice.

STAGES/STAGE/DIGEST/        what the stage makes
STAGES/STAGE/DIGEST.json    written last: {"stage", "digest", "inputs", "seconds", "files"}; with both it is
                            done. "files": the SHA-256 of what later stages read, by path
STAGES/.locks/STAGE-DIGEST  held by the run that does the stage

STAGES is the run's folder, or one that several runs share: what one has made, the others find done.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
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
        folder: of the run, made if it is missing.
        stages: folder that runs share; None keeps the stages in the run's own.

    Raises:
        RecipeError: a folder cannot be made.

    """

    def __init__(self, folder: Path, stages: Path | None = None) -> None:
        self.folder, self._stages = folder, stages or folder
        for one, option in ((self.folder, "--out"), (self._stages, "--stages")):
            try:
                one.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise RecipeError(
                    f"{one} cannot be made ({error.strerror}); give another {option}"
                ) from error

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
        self,
        name: str,
        inputs: Mapping[str, Any],
        make: Callable[[Path], None],
        *,
        again: bool = False,
        files: Sequence[str] = (),
    ) -> Done:
        """Do a stage, go on with it, or find it done; one that another run does is waited for.

        Args:
            name: of the stage.
            inputs: all that its result depends on, as JSON values.
            make: fills a folder; one that was cut short before is handed over as it was left.
            again: do it even where it is done.
            files: patterns of those whose digests are kept, for `damaged`.

        """
        digest = _digest([name, inputs])
        folder = self._stages / name / digest
        marker = folder.with_suffix(".json")
        if (done := _done(marker)) and not again:
            return done
        with self._alone(name, digest):
            if (done := _done(marker)) and not again:
                return done  # by a run that was waited for
            return self._made(marker, {"stage": name, "digest": digest, "inputs": inputs}, make, files)

    def recheck(self, name: str, done: Done, damage: Callable[[Path], str]) -> str:
        """Look whether what a done stage made is damaged; if so it is not done, and the next start makes it.

        Args:
            name: of the stage.
            done: what it made; the folder stays, to be gone on with.
            damage: says what is wrong in a folder; "" where nothing is.

        Returns:
            What is wrong; "" where nothing is, or another run has made it anew meanwhile.

        """
        with self._alone(name, done.digest):
            if found := damage(done.folder):
                _undo(done)
            return found

    def damaged(self, name: str, done: Done) -> tuple[str, ...]:
        """Look which of a done stage's files are gone or are not what was made, and remove the latter.

        Where there are any, the stage is not done, and the next start goes on with what is left of it.

        Args:
            name: of the stage.
            done: what it made.

        Returns:
            Their paths in its folder; none where all is well, or another run has made them anew meanwhile.

        """
        with self._alone(name, done.digest):
            wrong = _wrong(done)
            if wrong:
                _undo(done)
                for path in wrong:
                    (done.folder / path).unlink(missing_ok=True)
            return wrong

    @contextmanager
    def _alone(self, name: str, digest: str) -> Iterator[None]:
        locks = self._stages / ".locks"
        locks.mkdir(exist_ok=True)
        with (locks / f"{name}-{digest}").open("w") as lock:
            _locked(lock, math.inf)
            yield

    def _made(
        self, marker: Path, told: Mapping[str, Any], make: Callable[[Path], None], files: Sequence[str]
    ) -> Done:
        folder = marker.with_suffix("")
        if not folder.is_dir():
            marker.unlink(missing_ok=True)  # or a new folder that is cut short would pass for done
        folder.mkdir(parents=True, exist_ok=True)
        with _timed(folder.with_suffix(".seconds")) as spent:
            make(folder)
        record = {**told, "seconds": round(spent(), 1), "files": _digests(folder, files)}
        draft = marker.with_suffix(".draft")
        draft.write_text(json.dumps(record, indent=2) + "\n", "utf-8")
        draft.replace(marker)
        return Done(folder, folder.name, spent())


def _done(marker: Path) -> Done | None:
    folder = marker.with_suffix("")
    record = _record(marker)
    return Done(folder, marker.stem, record["seconds"]) if record and folder.is_dir() else None


def _record(marker: Path) -> dict[str, Any] | None:
    """Return what a marker says; None where there is none, or a power cut left it torn."""
    try:
        record = json.loads(marker.read_text("utf-8"))
        return {**record, "seconds": float(record["seconds"])}
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return None


def _undo(done: Done) -> None:
    done.folder.with_suffix(".json").unlink(missing_ok=True)
    _keep(done.folder.with_suffix(".seconds"), done.seconds)


def _digests(folder: Path, patterns: Sequence[str]) -> dict[str, str]:
    paths = sorted({path for one in patterns for path in folder.glob(one) if path.is_file()})
    return {path.relative_to(folder).as_posix(): _file_digest(path) for path in paths}


def _file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _wrong(done: Done) -> tuple[str, ...]:
    """Return the files that are not what the marker says; a stage without one is another run's to judge."""
    told = _record(done.folder.with_suffix(".json")) or {}
    paths = told.get("files", {}).items()  # a marker from before digests were kept says nothing
    return tuple(path for path, digest in paths if not _is(done.folder / path, digest))


def _is(path: Path, digest: str) -> bool:
    try:
        return _file_digest(path) == digest
    except OSError:
        return False


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
        _keep(path, spent())
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


def _keep(path: Path, seconds: float) -> None:
    with suppress(OSError):  # on a full disk the error that came first says more
        path.write_text(f"{seconds:.1f}", "utf-8")


def _seconds(path: Path) -> float:
    try:
        return float(path.read_text("utf-8"))
    except (OSError, ValueError):
        return 0.0  # nothing was spent before, or nobody could write how much


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
