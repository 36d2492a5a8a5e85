"""Rows of parquet files whose pictures are read when they are asked for, as `datasets` writes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any

from .errors import BenchSetError

Load = Callable[[], bytes]
"""Reads an encoded picture."""

_SPLITS = ("dev", "test", "validation")


def rows(
    path: Path, texts: Sequence[str], pictures: Sequence[str]
) -> Iterator[tuple[Mapping[str, Any], list[Load]]]:
    """Yield each row's texts by column, and how to read its pictures.

    Of a folder that holds several splits, those that are trained on are left out.

    Raises:
        BenchSetError: there is no parquet file, it cannot be read, or it lacks a column.

    """
    for file in _files(path):
        parquet = _open(str(file))
        missing = [name for name in (*texts, *pictures) if name not in parquet.schema_arrow.names]
        if missing:
            have = ", ".join(parquet.schema_arrow.names)
            raise BenchSetError(f"{file} has no column {missing[0]}, but {have}; is it of this benchmark?")
        for group in range(parquet.num_row_groups):
            told = parquet.read_row_group(group, columns=list(texts)).to_pylist()
            for place, row in enumerate(told):
                yield row, [partial(_picture, str(file), group, name, place) for name in pictures]


def _files(path: Path) -> list[Path]:
    files = [path] if path.is_file() else sorted(path.rglob("*.parquet"))
    if not files:
        raise BenchSetError(f"{path} holds no parquet file; give the folder that was downloaded")
    judged = [file for file in files if file.name.startswith(_SPLITS) or file.parent.name.startswith(_SPLITS)]
    return judged or files


@lru_cache(maxsize=8)
def _open(file: str) -> Any:
    try:
        reader = import_module("pyarrow.parquet")  # of an extra: our own sets do without
    except ImportError as error:
        raise BenchSetError(
            "Reading parquet needs pyarrow; install it by `pip install 'langdesign-evaluation[public]'`"
        ) from error
    try:
        return reader.ParquetFile(file)
    except (OSError, ValueError) as error:  # pyarrow's errors are of these
        raise BenchSetError(f"{file} cannot be read as parquet ({error}); download it again") from error


@lru_cache(maxsize=6)
def _column(file: str, group: int, name: str) -> Any:
    """Read one column of a row group; cases come in the files' order, so few are kept."""
    return _open(file).read_row_group(group, columns=[name]).column(name)


def _picture(file: str, group: int, name: str, place: int) -> bytes:
    cell = _column(file, group, name)[place].as_py()
    data = cell.get("bytes") if isinstance(cell, dict) else cell
    if not isinstance(data, bytes):
        raise BenchSetError(
            f"{file} holds no picture in row {place} of {name}; download it with its pictures"
        )
    return data
