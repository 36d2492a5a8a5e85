"""What a caller is told of a failed edit, in an event as in a status."""

import logging

import grpc
from langdesign.editing.v1 import editing_pb2 as pb
from langdesign_chassis import errors
from langdesign_chassis.status import CODES, code_of
from langdesign_media import MediaError

from langdesign_editing.intake import RETRY_AFTER, media_error

_log = logging.getLogger(__name__)
_INTERNAL = grpc.StatusCode.INTERNAL.value[0]
_KINDS = {code.value[0]: kind for kind, code in CODES.items()}


def known(error: BaseException) -> errors.Error | None:
    """Returns the error of the service's family; None for the unexpected."""
    if isinstance(error, MediaError):
        return media_error(error, "the result")
    return error if isinstance(error, errors.Error) else None


def failed_event(error: BaseException) -> pb.FailedEvent:
    """Returns the last event of a failed edit; the unexpected is logged whole and told as INTERNAL."""
    told = known(error)
    if told is None:
        _log.error("unexpected error in an edit", exc_info=error)
        return pb.FailedEvent(code=_INTERNAL, message="internal error; the service's log has the details")
    message = f"{told.message}; {told.mend}" if told.mend else told.message
    return pb.FailedEvent(code=code_of(told).value[0], message=message)


def is_retryable(error: BaseException) -> bool:
    """Returns whether the same request, with the same key, may begin anew."""
    return isinstance(known(error), errors.Retryable | errors.DeadlineExceeded | errors.Aborted)


def status_error(event: pb.FailedEvent) -> Exception:
    """Returns the error whose status equals a failed event."""
    kind = _KINDS.get(event.code)
    if kind is None:
        return RuntimeError(event.message)
    if issubclass(kind, errors.Retryable):
        return kind(event.message, retry_after=RETRY_AFTER)
    return kind(event.message)
