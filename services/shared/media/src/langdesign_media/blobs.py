"""A content-addressed store of bytes, one namespace a tenant, over a folder or an S3-compatible bucket."""

import asyncio
import hashlib
import re
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

import obstore
from obstore import exceptions
from obstore.store import LocalStore, MemoryStore, from_url

from langdesign_media.errors import BlobCorrupt, BlobNotFound, BlobStoreFull, BlobTooLarge, BlobUnavailable

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_RETRY = "try again later"
# ENOSPC, EDQUOT and EFBIG, as Rust's errors end. Obstore tells them by their text alone.
_FULL = re.compile(r"\(os error (28|122|27)\)")
_PATIENCE: Any = {"max_retries": 4, "retry_timeout": timedelta(seconds=20)}


def digest(data: bytes) -> str:
    """Return the content address of bytes: ``sha256:`` and 64 lower-case hexadecimal digits."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


class BlobStore:
    """Stores bytes under their digest; storing them again changes nothing.

    A tenant sees its own blobs only: the same bytes of two tenants are two blobs.

    Args:
        store: Any store of obstore's.
        namespace: A folder within it, for blobs with a lifetime of their own.

    """

    def __init__(self, store: Any, *, namespace: str = "blobs") -> None:
        self._store = store
        self._namespace = namespace

    @classmethod
    def open(cls, location: str, *, namespace: str = "blobs") -> Self:
        """Open a store: a folder's path, ``memory://``, or a URL such as ``s3://bucket/prefix``.

        A folder is made where it does not exist. Credentials of a bucket come from its provider's usual
        environment variables or instance role; one that does not answer is asked for 20 seconds at most.

        Raises:
            ValueError: The location is neither a usable folder nor a URL of a known store.

        """
        if location.startswith("memory:"):
            return cls(MemoryStore(), namespace=namespace)
        try:
            if "://" not in location:
                return cls(
                    LocalStore(Path(location).absolute(), mkdir=True, automatic_cleanup=True),
                    namespace=namespace,
                )
            return cls(from_url(location, retry_config=_PATIENCE), namespace=namespace)
        except (exceptions.BaseError, OSError, ValueError) as error:
            raise ValueError(f"{location} cannot be opened as a blob store") from error

    def within(self, namespace: str) -> "BlobStore":
        """Return the store of another namespace at the same place."""
        return BlobStore(self._store, namespace=namespace)

    async def put(self, tenant: str, data: bytes) -> str:
        """Store bytes and return their digest.

        Raises:
            BlobStoreFull: There is no room for them; nothing of them stays behind.
            BlobUnavailable: The store did not answer.

        """
        address = await asyncio.to_thread(digest, data)
        try:
            await obstore.put_async(self._store, self._key(tenant, address), data)
        except exceptions.BaseError as error:
            if _FULL.search(str(error)):
                raise BlobStoreFull(
                    "could not be stored, as the store is full", hint="make room there, and try again"
                ) from error
            raise BlobUnavailable("could not be stored now", hint=_RETRY) from error
        return address

    async def get(self, tenant: str, address: str, *, max_bytes: int | None = None) -> bytes:
        """Return the bytes of a digest, verified against it.

        Raises:
            BlobNotFound: The tenant has no such blob, or the address is none.
            BlobTooLarge: It has more than ``max_bytes``; it is not read.
            BlobCorrupt: The bytes do not match the digest.
            BlobUnavailable: The store did not answer.

        """
        missing = BlobNotFound("names no stored blob", hint="store the bytes again, or send them as data")
        if not _DIGEST.fullmatch(address):
            raise missing
        try:
            found = await obstore.get_async(self._store, self._key(tenant, address))
            size = int(found.meta["size"])
            if max_bytes is not None and size > max_bytes:
                raise BlobTooLarge(
                    f"has {size} bytes, and at most {max_bytes} are taken", hint="store a smaller picture"
                )
            data = bytes(await found.bytes_async())
        except (exceptions.NotFoundError, FileNotFoundError):
            raise missing from None
        except exceptions.BaseError as error:
            raise BlobUnavailable("could not be read now", hint=_RETRY) from error
        if await asyncio.to_thread(digest, data) != address:
            raise BlobCorrupt("does not match its digest any more", hint="store the bytes again")
        return data

    async def delete(self, tenant: str, address: str) -> None:
        """Delete a blob; one that is not there is no error.

        Raises:
            BlobUnavailable: The store did not answer.

        """
        try:
            await obstore.delete_async(self._store, self._key(tenant, address))
        except (exceptions.NotFoundError, FileNotFoundError):
            return
        except exceptions.BaseError as error:
            raise BlobUnavailable("could not be deleted now", hint=_RETRY) from error

    def _key(self, tenant: str, address: str) -> str:
        # A tenant's name may hold anything; its digest is a safe folder name of fixed length.
        owner = hashlib.sha256(tenant.encode()).hexdigest()
        hexadecimal = address.removeprefix("sha256:")
        return f"{self._namespace}/{owner}/{hexadecimal[:2]}/{hexadecimal}"
