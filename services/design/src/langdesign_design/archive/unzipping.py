"""The files of a stranger's ZIP archive, within limits."""

from __future__ import annotations

import io
import zipfile
import zlib

from ..errors import ArchiveError
from .document import DOCUMENT
from .limits import ArchiveLimits

ANEW = "export the design again"
FOREIGN = "choose a file that was exported from a design"

_ENCRYPTED = 0x1  # flag of an entry (APPNOTE.TXT 6.3.10, 4.4.4)
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ENTRIES_PER_NODE = 3
_ENTRIES_BESIDE = 16


class ZipFiles:
    """Reads an archive's files by name; nothing is unpacked before its size is known to be within the limits.

    Args:
        data: The archive.
        limits: What it may ask.

    Raises:
        ArchiveError: It is no archive, damaged, encrypted or too large.

    """

    def __init__(self, data: bytes, limits: ArchiveLimits) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
            raise ArchiveError("the file is no ZIP archive, or is damaged", hint=FOREIGN) from None
        entries = [entry for entry in self._zip.infolist() if not entry.is_dir()]
        _hold_against(entries, limits)
        self._entries = {entry.filename: entry for entry in entries}

    @property
    def names(self) -> frozenset[str]:
        """The names of its files."""
        return frozenset(self._entries)

    def read(self, name: str) -> bytes:
        """Return a file.

        Raises:
            ArchiveError: It is not there, or damaged.

        """
        entry = self._entries.get(name)
        if entry is None:
            raise ArchiveError(f"the archive lacks {name}", hint=ANEW)
        try:
            return self._zip.read(entry)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError):
            raise ArchiveError(f"{name} in the archive is damaged", hint=ANEW) from None


def _hold_against(entries: list[zipfile.ZipInfo], limits: ArchiveLimits) -> None:
    if len(entries) > _ENTRIES_PER_NODE * limits.nodes + _ENTRIES_BESIDE:
        raise ArchiveError(
            f"the archive has {len(entries)} files; a design has at most {limits.nodes} nodes", hint=FOREIGN
        )
    if len({entry.filename for entry in entries}) < len(entries):
        raise ArchiveError("the archive has two files of one name", hint=FOREIGN)
    for entry in entries:
        if entry.flag_bits & _ENCRYPTED or entry.compress_type not in _METHODS:
            raise ArchiveError("the archive is encrypted or packed in an unusual way", hint=ANEW)
        most = limits.document_bytes if entry.filename == DOCUMENT else limits.file_bytes
        if entry.file_size > most:
            raise ArchiveError(
                f"a file in the archive would unpack to {entry.file_size:,} bytes, and {most:,} are taken",
                hint=ANEW,
            )
    total = sum(entry.file_size for entry in entries)
    if total > limits.total_bytes:
        raise ArchiveError(
            f"the archive would unpack to {total:,} bytes, and {limits.total_bytes:,} are taken",
            hint="export it without pictures",
        )
