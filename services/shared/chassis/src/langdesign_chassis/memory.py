"""What a service's process does with memory that it no longer needs."""

import ctypes
from typing import Any

_MMAP_THRESHOLD, _ARENA_MAX = -3, -8  # of glibc's <malloc.h>
_LARGE = 256 * 1024  # bytes
_ARENAS = 2


def give_back_memory() -> None:
    """Let the C library return what a large picture took as soon as it is freed; once, at start.

    glibc keeps freed blocks of up to 32 MiB once one was freed, and an arena for each of many threads.
    Other C libraries are left as they are.
    """
    set_option = _of_glibc("mallopt")
    if set_option is not None:
        set_option(_MMAP_THRESHOLD, _LARGE)
        set_option(_ARENA_MAX, _ARENAS)


def give_back_leftovers() -> None:
    """Return what lies free between blocks that are in use: what importing and large pictures left.

    It takes milliseconds. glibc by itself returns only what lies behind the last block.
    """
    trim = _of_glibc("malloc_trim")
    if trim is not None:
        trim(0)


def _of_glibc(name: str) -> Any:
    """Return a function of the C library, None where it has none of that name."""
    return getattr(ctypes.CDLL(None), name, None)
