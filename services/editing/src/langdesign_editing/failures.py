"""What a caller is told of a failed edit, in an event as in a status."""

import logging

import grpc
from langdesign_chassis import errors
from langdesign_chassis.status import CODES, code_of
from langdesign_edits import EditError
from langdesign_media import BlobCorrupt, BlobNotFound, BlobTooLarge, InvalidMedia, MediaError

from langdesign_editing.events import Failure

RETRY_AFTER = 1.0
_log = logging.getLogger(__name__)
_INTERNAL = grpc.StatusCode.INTERNAL.value[0]
_KINDS = {code.value[0]: kind for kind, code in CODES.items()}


def media_error(error: MediaError, field: str) -> errors.Error:
    """Return the service's error for an error of the media library, at a field of the request."""
    message = f"{field} {error.message}"
    match error:
        case InvalidMedia() | BlobTooLarge():
            return errors.InvalidArgument(message, field=field, hint=error.hint)
        case BlobNotFound():
            return errors.NotFound(message, hint=error.hint)
        case BlobCorrupt():
            return errors.DataLoss(message, hint=error.hint)
    return errors.Unavailable(message, retry_after=RETRY_AFTER, hint=error.hint)


def edit_error(error: EditError, field: str) -> errors.InvalidArgument:
    """Return the service's error for what is asked in a way that cannot be, at a field of the request."""
    return errors.InvalidArgument(f"{field} {error.message}", field=field, hint=error.hint)


def known(error: BaseException) -> errors.Error | None:
    """Return the error of the service's family; None for the unexpected."""
    if isinstance(error, MediaError):
        return media_error(error, "the result")
    return error if isinstance(error, errors.Error) else None


def failure_of(error: BaseException) -> Failure:
    """Return what ends a failed edit; the unexpected is logged whole and told as INTERNAL."""
    told = known(error)
    if told is None:
        _log.error("unexpected error in an edit", exc_info=error)
        return Failure(_INTERNAL, "internal error; the service's log has the details")
    message = f"{told.message}; {told.hint}" if told.hint else told.message
    return Failure(code_of(told).value[0], message)


def is_retryable(error: BaseException) -> bool:
    """Return whether the same request, with the same key, may begin anew."""
    return isinstance(known(error), errors.Retryable | errors.DeadlineExceeded | errors.Aborted)


def status_error(failure: Failure) -> Exception:
    """Return the error whose status equals a failure."""
    kind = _KINDS.get(failure.code)
    if kind is None:
        return RuntimeError(failure.message)
    if issubclass(kind, errors.Retryable):
        return kind(failure.message, retry_after=RETRY_AFTER)
    return kind(failure.message)
