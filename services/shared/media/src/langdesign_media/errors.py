"""The error family of this library. It knows no protocol; a service maps it to its own.

::

    MediaError
    ├── InvalidMedia           the caller's picture or mask cannot be used
    │   ├── InvalidImage
    │   └── InvalidMask
    ├── DecoderUnavailable     no decoder process could be had; the same call may succeed later
    ├── CredentialsUnavailable the picture could not be signed; the same call may succeed later
    └── BlobError
        ├── BlobNotFound       no such blob, or it belongs to another tenant
        ├── BlobTooLarge       the blob is larger than the caller takes
        ├── BlobCorrupt        the stored bytes do not match their digest
        └── BlobUnavailable    the store did not answer; the same call may succeed later
            └── BlobStoreFull  there is no room left

Messages hold no path, no address and no text of another error: they may be shown to the caller.
"""

# ruff: noqa: N818 - the root of the family carries the suffix; its members are read as sentences


class MediaError(Exception):
    """Root of the family.

    Args:
        message: What is wrong, as a clause without a subject: "is truncated or damaged".
        hint: What the caller can do about it.

    """

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(f"{message}; {hint}")
        self.message = message
        self.hint = hint


class InvalidMedia(MediaError):
    """The caller's picture or mask cannot be used."""


class InvalidImage(InvalidMedia):
    """The bytes are no picture that is accepted here."""


class InvalidMask(InvalidMedia):
    """The mask is unreadable, or does not fit the picture."""


class DecoderUnavailable(MediaError):
    """No decoder process could be had, or none answered in time; the same call may succeed later."""


class CredentialsUnavailable(MediaError):
    """A picture could not be signed, or not in time; the same call may succeed later."""


class BlobError(MediaError):
    """A stored blob cannot be had."""


class BlobNotFound(BlobError):
    """No such blob, or it belongs to another tenant."""


class BlobTooLarge(BlobError):
    """The blob is larger than the caller takes."""


class BlobCorrupt(BlobError):
    """The stored bytes do not match their digest."""


class BlobUnavailable(BlobError):
    """The store did not answer; the same call may succeed later."""


class BlobStoreFull(BlobUnavailable):
    """The store has no room left. What it holds is whole; the same call may succeed once there is room."""
