"""What a full disk, or one that cannot be written, is to this library: an error that says what to do."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager

from .errors import StorageError

_REFUSALS = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO}
)
# What safetensors and tokenizers raise is no OSError, and tells the system's error in Rust's words alone;
# what shutil raises is one without a number.
_TOLD = re.compile(r"\(os error ([0-9]+)\)|\[Errno ([0-9]+)\]")


@contextmanager
def writing(what: str) -> Iterator[None]:
    """Raise what a disk refuses as this library's error; others pass.

    Args:
        what: is written, for the message.

    Raises:
        StorageError: it cannot be written.

    """
    try:
        yield
    except Exception as error:
        if _number(error) not in _REFUSALS:
            raise
        raise StorageError(
            f"{what} cannot be written ({error}); free space, or let the folder be written, and run it again "
            "with the same --out: what was written whole before is kept, and it goes on from there"
        ) from error


def _number(error: Exception) -> int | None:
    """Return the number of the system's error that lies under another."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno
    found = _TOLD.search(str(error))
    return int(found[1] or found[2]) if found else None
