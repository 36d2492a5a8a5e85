"""Keeps the pictures that edits result in."""

from langdesign_media import BlobStore, MediaError

from langdesign_editing.event_messages import referring
from langdesign_editing.events import Event, State
from langdesign_editing.failures import media_error
from langdesign_editing.store import Ending, Forgotten

MAX_DATA = 160 * 1024 * 1024
"""Largest picture that the contract carries as bytes; a larger result travels as a blob reference."""
_NAMESPACE = "editing-results"


class Results:
    """Results of operations, each in a place of its own: deleting one takes no other one's away.

    Args:
        blobs: Where they are kept, and where those go that are too large to travel as bytes.

    """

    def __init__(self, blobs: BlobStore) -> None:
        self._blobs = blobs

    async def keep(self, tenant: str, operation: str, event: Event) -> tuple[Event, Ending]:
        """Store the picture of a result; return the event that refers to it, and the operation's end.

        Raises:
            MediaError: It cannot be stored now.

        """
        assert event.picture is not None  # noqa: S101 - every result has one
        fits = len(event.picture) <= MAX_DATA
        digest = await (self._of(operation) if fits else self._blobs).put(tenant, event.picture)
        return referring(event, digest), Ending(State.SUCCEEDED, result=digest if fits else None)

    async def get(self, tenant: str, operation: str, digest: str) -> bytes:
        """Return a stored picture.

        Raises:
            errors.NotFound: It is gone.
            errors.DataLoss: It is damaged.
            errors.Unavailable: The store does not answer now.

        """
        try:
            return await self._of(operation).get(tenant, digest)
        except MediaError as error:
            raise media_error(error, "the result") from error

    async def delete(self, gone: Forgotten) -> None:
        """Delete the picture of an operation that is not kept any longer."""
        await self._of(gone.operation).delete(gone.tenant, gone.result)

    def _of(self, operation: str) -> BlobStore:
        return self._blobs.within(f"{_NAMESPACE}/{operation}")
