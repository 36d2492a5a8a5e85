"""Writes a ZIP archive file by file, and hands on what is complete."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from types import TracebackType
from typing import Self

PART = 1024 * 1024
"""Bytes of a part, at most: what one message carries."""

_TIME = 1980, 1, 1, 0, 0, 0  # ZIP's first: equal content shall be equal bytes
_MODE = 0o644 << 16  # a plain file, as Unix has it
_UNIX = 3


class _Window(io.BytesIO):
    """The end of a file whose beginning was handed on; the writer goes back within its last file alone."""

    def __init__(self) -> None:
        super().__init__()
        self._passed = 0

    def tell(self) -> int:
        return self._passed + super().tell()

    def seek(self, place: int, whence: int = io.SEEK_SET) -> int:
        return self._passed + super().seek(place - self._passed if whence == io.SEEK_SET else place, whence)

    def hand_on(self) -> bytes:
        data = self.getvalue()
        self._passed += len(data)
        super().seek(0)
        self.truncate()
        return data


class ZipStream:
    """A ZIP archive under way; use it as a context manager, which writes its directory at the end.

    What is written lies in memory until `parts` takes it.
    """

    def __init__(self) -> None:
        self._window = _Window()
        self._zip = zipfile.ZipFile(self._window, "w", strict_timestamps=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    def add(self, name: str, data: bytes, *, compressed: bool = False) -> None:
        """Write a file."""
        info = zipfile.ZipInfo(name, _TIME)
        info.external_attr, info.create_system = _MODE, _UNIX
        method = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
        self._zip.writestr(info, data, compress_type=method)

    def parts(self) -> Iterator[bytes]:
        """Yield what was written since the last time, in parts of at most `PART` bytes."""
        data = self._window.hand_on()
        for start in range(0, len(data), PART):
            yield data[start : start + PART]
