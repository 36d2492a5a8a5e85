"""What an archive may ask of a process that reads it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveLimits:
    """What an archive may ask of this process."""

    nodes: int = 10_000
    depth: int = 2_000  # nodes between the root and a leaf
    document_bytes: int = 64 * 1024 * 1024  # of `design.json`
    file_bytes: int = 256 * 1024 * 1024  # of any other file, unpacked
    total_bytes: int = 1024 * 1024 * 1024  # of all files, unpacked
    pixels: int = 20_000_000_000  # of all pictures that are composed to check it: a minute or two of work
    memory_bytes: int = 512 * 1024 * 1024  # of pictures that wait until their children are checked
