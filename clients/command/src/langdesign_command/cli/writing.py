"""Files of results: each is written beside its place and renamed, so that none is ever half there."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from langdesign_client.errors import InvalidInputError, LangDesignError

if TYPE_CHECKING:
    from langdesign_client.media import Picture


def check(out: Path) -> None:
    """Find out before the work whether a file can be written; its folder is made, and it is left as it is.

    Raises:
        InvalidInputError: it cannot, or is no file.

    """
    with _telling(out, InvalidInputError):
        part = _beside(out)
        part.touch(exist_ok=False)
        part.unlink()


def picture_bytes(picture: "Picture") -> bytes:
    """Return a picture's bytes.

    Raises:
        LangDesignError: it came as a reference, as nothing, or as bytes that are no picture.

    """
    if picture.data:
        from langdesign_client.media import is_picture  # noqa: PLC0415 - loads the contracts, which is slow

        if not is_picture(picture.data):
            raise LangDesignError(
                f"The service answered with {len(picture.data)} bytes that are no PNG, JPEG or WebP",
                hint="see what serves at that address, and the services' logs",
            )
        return picture.data
    if picture.blob:
        raise LangDesignError(
            f"The picture is too large to travel; it is stored as {picture.blob}",
            hint="take it from the services' blob store, or ask for it as .webp or .jpg",
        )
    raise LangDesignError(
        "The picture came without its bytes", hint="update this command: the service is newer"
    )


def write(out: Path, data: bytes) -> None:
    """Write a file, and its folders.

    Raises:
        LangDesignError: it cannot be written; nothing of it is left, and what was there before stays.

    """
    with writing(out) as file:
        file.write(data)


@contextmanager
def writing(out: Path) -> Iterator[IO[bytes]]:
    """Give a file to write into, which takes its name when all is written. Through links, as any writer.

    Raises:
        LangDesignError: it cannot be written; nothing of it is left, and what was there before stays.

    """
    with _telling(out, LangDesignError):
        part = _beside(out)
        try:
            with part.open("xb") as file:
                yield file
            part.replace(out.resolve())
        finally:
            part.unlink(missing_ok=True)


def _beside(out: Path) -> Path:
    """Return a name beside what `out` is or links to; make its folder.

    Raises:
        OSError: something is there that is no file, or that may not be written.

    """
    target = out.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_dir():
        raise IsADirectoryError(0, "is a directory")
    if target.exists() and not target.is_file():
        raise OSError(0, "a pipe or a device is there")  # renaming would put a file in its place
    if target.exists() and not os.access(target, os.W_OK):
        raise PermissionError(0, "permission denied")
    return target.with_name(f".{target.name[:200]}.{uuid.uuid4().hex[:8]}.part")


@contextmanager
def _telling(out: Path, kind: type[LangDesignError]) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = (error.strerror or "no reason").lower()
        raise kind(f"{out} cannot be written: {reason}", hint="give another --out") from None
