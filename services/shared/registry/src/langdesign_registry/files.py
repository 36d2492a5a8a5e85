"""The files of an artifact: plain ones, each of which is what its name says."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from .errors import InvalidArtifact, UnsafeFile

_HEADER_LIMIT = 100 << 20  # bytes of a safetensors header, as that format's own reader has it


def list_files(folder: Path) -> tuple[str, ...]:
    """Return the files below a folder as sorted POSIX paths; empty folders do not count.

    Raises:
        InvalidArtifact: there is no such folder.
        UnsafeFile: something in it is a link, or neither a file nor a folder.

    """
    if not folder.is_dir():
        raise InvalidArtifact(f"There is no folder {folder.name}; give the artifact's folder")
    return tuple(sorted(_walk(folder, "")))


def _walk(folder: Path, above: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            name = f"{above}{entry.name}"
            if entry.is_symlink():
                raise UnsafeFile(f"{name} is a link; put the file itself there, as packaging does")
            if entry.is_dir():
                yield from _walk(Path(entry.path), f"{name}/")
            elif entry.is_file():
                yield name
            else:
                raise UnsafeFile(f"{name} is neither a file nor a folder; remove it")


def sha256(path: Path) -> str:
    """Return the hexadecimal SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_kind(folder: Path, name: str) -> None:
    """Check that a file is of a kind that no reader executes, and what its name says.

    Args:
        folder: the artifact.
        name: path of the file below it.

    Raises:
        UnsafeFile: it is a pickle, of a kind that is not served, or not what its name says.

    """
    suffix = Path(name).suffix.lower()
    if suffix in _PICKLES:
        raise UnsafeFile(f"{name} is a pickle, which can run code when loaded; save it as safetensors")
    if suffix not in KINDS:
        raise UnsafeFile(f"{name} is of no kind that is served ({', '.join(KINDS)}); leave it out")
    if not KINDS[suffix](folder / name):
        raise UnsafeFile(f"{name} is not what its name says: no {suffix[1:]} file; write it anew")


def _is_safetensors(path: Path) -> bool:
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 0 < length <= min(_HEADER_LIMIT, size - 8):
            return False
        return _parses(file.read(length))


def _is_json(path: Path) -> bool:
    return _parses(path.read_bytes())


def _parses(content: bytes) -> bool:
    try:
        json.loads(content)
    except ValueError:  # of UTF-8 or of JSON
        return False
    return True


def _is_text(path: Path) -> bool:
    content = path.read_bytes()
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return b"\0" not in content


def _is_jpeg(path: Path) -> bool:
    return _begins(path, b"\xff\xd8\xff")


def _is_png(path: Path) -> bool:
    return _begins(path, b"\x89PNG\r\n\x1a\n")


def _begins(path: Path, magic: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(magic)) == magic


_PICKLES = frozenset({".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib"})

KINDS: Mapping[str, Callable[[Path], bool]] = MappingProxyType(
    {
        ".safetensors": _is_safetensors,
        ".json": _is_json,
        ".txt": _is_text,
        ".md": _is_text,
        ".jpg": _is_jpeg,
        ".png": _is_png,
    }
)
"""By suffix: whether a file is what its name says. No reader of these kinds runs what it reads."""
