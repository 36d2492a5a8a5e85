"""What a job has asked and got, on disk before anything else happens: JSON lines, appended and flushed.

{"spool": "langdesign-spool/1", "job": "sha256:..."}                    the first line
{"asked": 7, "read": 812, "written": 2000}                              before a request: the most it can cost
{"answered": 7, "read": 790, "written": 411, "triples": [[slot, {...}], ...], "rejections": {...}}
{"unpaid": 7}                                                           it failed and cannot have been charged

A request that is neither answered nor unpaid may have been charged: it counts in full, for ever.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from ..errors import InvalidSpool, SpoolBusy, SpoolUnwritable
from ..triple import Triple, from_fields
from .spending import Usage

FORMAT = "langdesign-spool/1"


class Spool:
    """The file of one job; open it with `opened`."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path = path
        self._file = file
        self._open: dict[int, Usage] = {}
        self._settled = Usage()
        self._asked = 0
        self.triples: list[Triple] = []
        self.slots: set[int] = set()
        self.rejections: Counter[str] = Counter()

    @property
    def spent(self) -> Usage:
        """All that may have been charged so far."""
        return sum(self._open.values(), self._settled)

    def asked(self, most: Usage) -> int:
        """Write down that a request goes out, and return its number."""
        self._asked += 1
        self._append({"asked": self._asked, "read": most.read, "written": most.written})
        return self._asked

    def answered(
        self, number: int, paid: Usage, kept: Sequence[tuple[int, Triple]], rejections: Mapping[str, int]
    ) -> None:
        """Write down what came of a request."""
        triples = [[slot, asdict(triple)] for slot, triple in kept]
        line = {"answered": number, "read": paid.read, "written": paid.written}
        self._append({**line, "triples": triples, "rejections": dict(rejections)})

    def unpaid(self, number: int) -> None:
        """Write down that a request cannot have been charged."""
        self._append({"unpaid": number})

    def _append(self, line: dict[str, Any]) -> None:
        self._put(line)
        self._take(line)

    def _put(self, line: dict[str, Any]) -> None:
        try:
            self._file.write(json.dumps(line).encode() + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise SpoolUnwritable(
                f"{self._path} cannot be written ({error.strerror}); make room and run again: it goes on"
            ) from error

    def _take(self, line: dict[str, Any]) -> None:
        if "asked" in line:
            self._asked = max(self._asked, line["asked"])
            self._open[line["asked"]] = Usage(line["read"], line["written"])
        elif "unpaid" in line:
            del self._open[line["unpaid"]]
        else:
            del self._open[line["answered"]]
            self._settled += Usage(line["read"], line["written"])
            self.rejections.update(line["rejections"])
            for slot, fields in line["triples"]:
                self.slots.add(int(slot))
                self.triples.append(from_fields(fields))

    def _read(self, job: str) -> None:
        """Read what is there; a last line without its end was being written when the run was killed."""
        lines = self._file.read().split(b"\n")
        torn = lines.pop()
        if torn:
            self._file.truncate(self._file.tell() - len(torn))
            self._file.seek(0, os.SEEK_END)
        if not lines:
            self._begin(job)
            return
        for number, line in enumerate(lines, start=1):
            try:
                self._read_line(number, json.loads(line), job)
            except (ValueError, KeyError, TypeError) as error:
                raise InvalidSpool(
                    f"{self._path}, line {number} is damaged; move the file away to begin anew, or restore it"
                ) from error

    def _begin(self, job: str) -> None:
        self._put({"spool": FORMAT, "job": job})

    def _read_line(self, number: int, line: dict[str, Any], job: str) -> None:
        if number > 1:
            self._take(line)
        elif line["spool"] != FORMAT or line["job"] != job:
            raise InvalidSpool(
                f"{self._path} is of another job (context, subjects, model or seed); give each its own file"
            )


@contextmanager
def opened(path: Path, job: str) -> Iterator[Spool]:
    """Open the spool of a job for one writer, begun where there is none.

    Raises:
        InvalidSpool: it is damaged, or is of another job.
        SpoolBusy: another writer has it.
        SpoolUnwritable: it cannot be written.

    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = _locked(path)
    except BlockingIOError as error:
        raise SpoolBusy(f"Another writer is at {path}; wait for it, or give this job another seed") from error
    except OSError as error:
        raise SpoolUnwritable(
            f"{path} cannot be opened ({error.strerror}); choose a folder for it"
        ) from error
    with file:
        os.utime(file.fileno())  # reading touches it too: what is still used is not removed
        file.seek(0)
        spool = Spool(path, file)
        spool._read(job)
        yield spool


def remove_spools(folder: Path, before: float) -> int:
    """Remove the spools that nobody has touched for long, but those that a writer has open.

    Args:
        folder: that holds them, as `*.jsonl`; it need not be there.
        before: time of the last touch, seconds since the epoch.

    Returns:
        how many were removed.

    """
    removed = 0
    for path in folder.glob("*.jsonl"):
        try:
            with path.open("r+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.fstat(file.fileno()).st_mtime < before:
                    path.unlink()
                    removed += 1
        except (BlockingIOError, FileNotFoundError):
            continue  # a writer has it, or another process removed it
    return removed


def _locked(path: Path) -> BinaryIO:
    """Open a file and lock it; once more where it was removed between the two."""
    while True:
        file = path.open("a+b")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(path.stat(), os.fstat(file.fileno())):
                return file
        except FileNotFoundError:
            file.close()
            continue
        except OSError:
            file.close()
            raise
        file.close()
