"""What a caller is told of an error, as a status and as a node's failure."""

from __future__ import annotations

import logging

import grpc
from langdesign_chassis import errors
from langdesign_chassis.status import code_of
from langdesign_media import BlobCorrupt, BlobNotFound, BlobTooLarge, InvalidMedia, MediaError

from .errors import ArchiveError, PatchError, PathError, PictureError
from .nodes import Failure

_INTERNAL = grpc.StatusCode.INTERNAL.value[0]
_log = logging.getLogger(__name__)


def media_error(error: MediaError, what: str, field: str | None = None) -> errors.Error:
    """Return the service's error for one of the media library.

    Args:
        error: What the library says.
        what: What it says it of, such as "the picture".
        field: The request's field, where a caller's picture is at fault; else a stored one is.

    """
    message = f"{what} {error.message}"
    match error:
        case InvalidMedia() | BlobTooLarge() if field is not None:
            return errors.InvalidArgument(message, field=field, hint=error.hint)
        case BlobNotFound() if field is not None:
            return errors.NotFound(message, hint=error.hint)
        case BlobNotFound() | BlobCorrupt() | InvalidMedia() | BlobTooLarge():
            _log.error("a stored blob cannot be used", exc_info=error)
            return errors.DataLoss(
                f"{what} is gone from the store or damaged there",
                hint="go on from another node, or have the operator restore the blobs from a backup",
            )
    return errors.Unavailable(message, retry_after=1.0, hint=error.hint)


def picture_error(error: PictureError, field: str | None = None) -> errors.Error:
    """Return the service's error for one of pictures and archives, where it may be of a request's field."""
    if isinstance(error, ArchiveError):
        return errors.InvalidArgument(error.message, field=field, hint=error.hint)
    if isinstance(error, PatchError | PathError):
        _log.error("a stored path cannot be composed", exc_info=error)
        return errors.DataLoss(error.message, hint=error.hint)
    return errors.FailedPrecondition(error.message, hint=error.hint)


def known(error: BaseException) -> errors.Error | None:
    """Return the service's error for what went wrong with stored pictures; None for the unexpected."""
    if isinstance(error, MediaError):
        return media_error(error, "a picture of this design")
    if isinstance(error, PictureError):
        return picture_error(error)
    return error if isinstance(error, errors.Error) else None


def failure_of(error: BaseException) -> Failure:
    """Return why a node's edit failed; the unexpected is logged whole and told as INTERNAL."""
    told = known(error)
    if told is None:
        _log.error("unexpected error in an edit", exc_info=error)
        return Failure(
            code=_INTERNAL, message="internal error; ask again, and see the service's log if it stays"
        )
    message = f"{told.message}; {told.hint}" if told.hint else told.message
    return Failure(code=code_of(told).value[0], message=message)
