"""What stands in the place of a file of weights, before a loader blames it for something else."""

from pathlib import Path

_BEGINNINGS = (
    (
        b"version https://git-lfs.github.com/spec/",
        "is a Git LFS pointer, not the file itself; fetch it with `git lfs pull`",
    ),
    (b"<!doctype html", "is a web page, not the file itself; fetch it by its download link"),
    (b"<html", "is a web page, not the file itself; fetch it by its download link"),
    (b"<?xml", "is an answer in XML, not the file itself; fetch it by its download link"),
    (b"\x1f\x8b", "is packed (gzip); unpack it"),
    (b"\xfd7zxz\x00", "is packed (xz); unpack it"),
    (b"\x28\xb5\x2f\xfd", "is packed (zstd); unpack it"),
)


def in_its_place(path: Path) -> str | None:
    """Return what a file is instead of weights, and what to do; None where it may be weights.

    Args:
        path: an existing file or folder.

    Raises:
        OSError: it cannot be read.

    """
    if path.is_dir():
        return "is a folder; name the file of weights in it"
    with path.open("rb") as file:
        beginning = file.read(64).lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if not beginning:
        return "is empty; fetch it again"
    return next((told for start, told in _BEGINNINGS if beginning.startswith(start)), None)


def may_hold_code(path: Path) -> bool:
    """Return whether a file is a pickle, bare or in torch's archive, by its first bytes."""
    with path.open("rb") as file:
        return file.read(4).startswith((b"PK\x03\x04", b"\x80"))
