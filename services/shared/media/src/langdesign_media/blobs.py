"""A content-addressed store of bytes, one namespace a tenant, over a folder or an S3-compatible bucket."""

import asyncio
import functools
import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Self

from langdesign_media.errors import BlobCorrupt, BlobNotFound

if TYPE_CHECKING:
    from langdesign_media.stores import Store

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def digest(data: bytes) -> str:
    """Return the content address of bytes: ``sha256:`` and 64 lower-case hexadecimal digits."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


class BlobStore:
    """Stores bytes under their digest; storing them again changes nothing.

    A tenant sees its own blobs only: the same bytes of two tenants are two blobs.

    Args:
        store: Returns where they lie, always the same.
        namespace: A folder within it, for blobs with a lifetime of their own.

    """

    def __init__(self, store: "Callable[[], Store]", *, namespace: str = "blobs") -> None:
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
        store = functools.cache(functools.partial(_store, location))
        if location.startswith("memory:") or "://" in location:
            store()
        else:
            _make_folder(location)  # what reads and writes there is loaded by its first use
        return cls(store, namespace=namespace)

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
        await self._store().put(self._key(tenant, address), data)
        return address

    async def get(self, tenant: str, address: str, *, max_bytes: int | None = None) -> bytes:
        """Return the bytes of a digest, verified against it.

        Raises:
            BlobNotFound: The tenant has no such blob, or the address is none.
            BlobTooLarge: It has more than ``max_bytes``; it is not read.
            BlobCorrupt: The bytes do not match the digest.
            BlobUnavailable: The store did not answer.

        """
        if not _DIGEST.fullmatch(address):
            raise BlobNotFound("names no stored blob", hint="store the bytes again, or send them as data")
        data = await self._store().get(self._key(tenant, address), max_bytes)
        if await asyncio.to_thread(digest, data) != address:
            raise BlobCorrupt("does not match its digest any more", hint="store the bytes again")
        return data

    async def delete(self, tenant: str, address: str) -> None:
        """Delete a blob; one that is not there is no error.

        Raises:
            BlobUnavailable: The store did not answer.

        """
        await self._store().delete(self._key(tenant, address))

    def _key(self, tenant: str, address: str) -> str:
        # A tenant's name may hold anything; its digest is a safe folder name of fixed length.
        owner = hashlib.sha256(tenant.encode()).hexdigest()
        hexadecimal = address.removeprefix("sha256:")
        return f"{self._namespace}/{owner}/{hexadecimal[:2]}/{hexadecimal}"


def _store(location: str) -> "Store":
    from langdesign_media.stores import Store  # noqa: PLC0415

    return Store(location)


def _make_folder(location: str) -> None:
    try:
        Path(location).absolute().mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise ValueError(f"{location} cannot be opened as a blob store") from error
