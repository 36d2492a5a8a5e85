"""Where blobs lie: a folder or a bucket, by obstore, which takes seven megabytes; its errors become ours."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import obstore
from obstore import exceptions
from obstore.store import LocalStore, MemoryStore, from_url

from langdesign_media.errors import BlobNotFound, BlobStoreFull, BlobTooLarge, BlobUnavailable

_RETRY = "try again later"
# ENOSPC, EDQUOT and EFBIG, as Rust's errors end. Obstore tells them by their text alone.
_FULL = re.compile(r"\(os error (28|122|27)\)")
_PATIENCE: Any = {"max_retries": 4, "retry_timeout": timedelta(seconds=20)}


class Store:
    """Bytes by key.

    Args:
        location: A folder's path, ``memory://``, or a URL such as ``s3://bucket/prefix``.

    Raises:
        ValueError: The location is neither a usable folder nor a URL of a known store.

    """

    def __init__(self, location: str) -> None:
        try:
            self._store = _opened(location)
        except (exceptions.BaseError, OSError, ValueError) as error:
            raise ValueError(f"{location} cannot be opened as a blob store") from error

    async def put(self, key: str, data: bytes) -> None:
        """Store bytes.

        Raises:
            BlobStoreFull: There is no room for them; nothing of them stays behind.
            BlobUnavailable: The store did not answer.

        """
        try:
            await obstore.put_async(self._store, key, data)
        except exceptions.BaseError as error:
            if _FULL.search(str(error)):
                raise BlobStoreFull(
                    "could not be stored, as the store is full", hint="make room there, and try again"
                ) from error
            raise BlobUnavailable("could not be stored now", hint=_RETRY) from error

    async def get(self, key: str, max_bytes: int | None) -> bytes:
        """Return the bytes of a key.

        Raises:
            BlobNotFound: There is no such key.
            BlobTooLarge: It has more than ``max_bytes``; it is not read.
            BlobUnavailable: The store did not answer.

        """
        try:
            found = await obstore.get_async(self._store, key)
            size = int(found.meta["size"])
            if max_bytes is not None and size > max_bytes:
                raise BlobTooLarge(
                    f"has {size} bytes, and at most {max_bytes} are taken", hint="store a smaller picture"
                )
            return bytes(await found.bytes_async())
        except (exceptions.NotFoundError, FileNotFoundError):
            raise BlobNotFound(
                "names no stored blob", hint="store the bytes again, or send them as data"
            ) from None
        except exceptions.BaseError as error:
            raise BlobUnavailable("could not be read now", hint=_RETRY) from error

    async def delete(self, key: str) -> None:
        """Delete a key; one that is not there is no error.

        Raises:
            BlobUnavailable: The store did not answer.

        """
        try:
            await obstore.delete_async(self._store, key)
        except (exceptions.NotFoundError, FileNotFoundError):
            return
        except exceptions.BaseError as error:
            raise BlobUnavailable("could not be deleted now", hint=_RETRY) from error


def _opened(location: str) -> Any:
    if location.startswith("memory:"):
        return MemoryStore()
    if "://" not in location:
        return LocalStore(Path(location).absolute(), mkdir=True, automatic_cleanup=True)
    return from_url(location, retry_config=_PATIENCE)
