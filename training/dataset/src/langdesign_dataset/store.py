"""Blocks of work on disk: found by what they are made of, whole or not there at all.

    OUT/stages/pairs/0123456789abcdef0123456789abcdef.block

A block is a line of JSON, which holds the SHA-256 of the rest, and a body. Its name is the digest of all that
the body depends on, so that a build which is cut short, or whose recipe changes late, finds what is
done.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from dataclasses import dataclass
from pathlib import Path

from .errors import StorageError

STAGES = "stages"
ANSWERS = "answers"  # of the judge, each in a block of its own, so that none is paid for twice
_DRAFT = ".draft"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Spent:
    """What a block cost; no part of its digest."""

    seconds: float = 0.0  # of a worker
    dollars: float = 0.0  # to others


@dataclass(frozen=True)
class Block:
    """A block as it was read."""

    body: bytes
    digest: str  # hexadecimal SHA-256 of the body
    spent: Spent


@dataclass(frozen=True)
class Store:
    """The blocks of a build.

    Args:
        folder: `OUT/stages`; where workers run on several machines, all of them see it.

    """

    folder: Path

    def path(self, stage: str, address: str) -> Path:
        """Return where a block lies."""
        return self.folder / stage / f"{address}.block"

    def read(self, stage: str, address: str) -> Block | None:
        """Return a block; None where it is not there or is damaged, which comes to the same."""
        path = self.path(stage, address)
        try:
            head, _, body = path.read_bytes().partition(b"\n")
        except FileNotFoundError:
            return None
        digest = hashlib.sha256(body).hexdigest()
        told = _header(head)
        if told is None or told[0] != digest:
            _log.warning("%s is damaged; it is computed again", path)
            return None
        return Block(body, digest, told[1])

    def write(self, stage: str, address: str, body: bytes, spent: Spent) -> None:
        """Write a block: it appears whole, or not at all.

        Raises:
            StorageError: the disk is full, or the folder cannot be written.

        """
        path = self.path(stage, address)
        draft = path.with_suffix(f".{os.getpid()}{_DRAFT}")
        header = {
            "digest": hashlib.sha256(body).hexdigest(),
            "seconds": round(spent.seconds, 3),
            "dollars": spent.dollars,
        }
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with draft.open("wb") as file:
                file.write(json.dumps(header).encode() + b"\n" + body)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise StorageError(
                f"{path.parent} cannot be written ({error.strerror or error}); make room or give write "
                "access there, and build again: what is done stays"
            ) from error

    def costs(self) -> list[float]:
        """Return what each single answer has cost, in US dollars."""
        paths = sorted((self.folder / ANSWERS).glob("*.block"))
        blocks = (self.read(ANSWERS, path.stem) for path in paths)
        return [block.spent.dollars for block in blocks if block is not None]

    def sweep(self) -> None:
        """Remove what killed workers left half written."""
        for draft in self.folder.glob(f"*/*{_DRAFT}"):
            draft.unlink(missing_ok=True)


def _header(line: bytes) -> tuple[str, Spent] | None:
    try:
        told = json.loads(line)
        return str(told["digest"]), Spent(float(told["seconds"]), float(told["dollars"]))
    except (ValueError, KeyError, TypeError):
        return None
