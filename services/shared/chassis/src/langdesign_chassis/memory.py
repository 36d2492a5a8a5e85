"""What a service's process does with memory that it no longer needs."""

import ctypes

_MMAP_THRESHOLD, _ARENA_MAX = -3, -8  # of glibc's <malloc.h>
_LARGE = 256 * 1024  # bytes
_ARENAS = 2


def give_back_memory() -> None:
    """Let the C library return what a large picture took as soon as it is freed; once, at start.

    glibc keeps freed blocks of up to 32 MiB once one was freed, and an arena for each of many threads.
    Other C libraries are left as they are.
    """
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is not None:
        set_option(_MMAP_THRESHOLD, _LARGE)
        set_option(_ARENA_MAX, _ARENAS)
