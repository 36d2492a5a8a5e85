"""Translates the error family to gRPC statuses with google.rpc details, and back."""

from typing import TypeVar

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2  # type: ignore[import-untyped]  # no py.typed

from langdesign_chassis import errors

M = TypeVar("M", bound=Message)
DOMAIN = "langdesign"
"""``domain`` of every ErrorInfo."""
DETAILS_KEY = "grpc-status-details-bin"
# Errors travel as metadata, of which clients may refuse more than 8 KiB, and then report their own error in
# the place of ours. The message travels twice, once with up to three characters a byte.
MESSAGE_BYTES = 1024
"""Most of an error's message that leaves a server, bytes of UTF-8."""
_HINT_BYTES = 512
_VIOLATIONS_BYTES = 2048
_CUT = " ..."

CODES: dict[type[errors.Error], grpc.StatusCode] = {
    errors.InvalidArgument: grpc.StatusCode.INVALID_ARGUMENT,
    errors.FailedPrecondition: grpc.StatusCode.FAILED_PRECONDITION,
    errors.NotFound: grpc.StatusCode.NOT_FOUND,
    errors.AlreadyExists: grpc.StatusCode.ALREADY_EXISTS,
    errors.Aborted: grpc.StatusCode.ABORTED,
    errors.Unauthenticated: grpc.StatusCode.UNAUTHENTICATED,
    errors.PermissionDenied: grpc.StatusCode.PERMISSION_DENIED,
    errors.Cancelled: grpc.StatusCode.CANCELLED,
    errors.DeadlineExceeded: grpc.StatusCode.DEADLINE_EXCEEDED,
    errors.Unimplemented: grpc.StatusCode.UNIMPLEMENTED,
    errors.DataLoss: grpc.StatusCode.DATA_LOSS,
    errors.ResourceExhausted: grpc.StatusCode.RESOURCE_EXHAUSTED,
    errors.Unavailable: grpc.StatusCode.UNAVAILABLE,
}
_TRANSPORT: dict[type[errors.Error], str] = {
    errors.Unavailable: "a dependency is unavailable",
    errors.DeadlineExceeded: "a dependency did not answer in time",
    errors.ResourceExhausted: "a dependency is exhausted",
}
_KINDS = {code: kind for kind, code in CODES.items()}


def shortened(text: str, most: int = MESSAGE_BYTES) -> str:
    """Return a text of at most so many bytes of UTF-8, its end cut off where it has more."""
    data = text.encode(errors="replace")
    if len(data) <= most:
        return data.decode()
    return data[: most - len(_CUT.encode())].decode(errors="ignore") + _CUT


def code_of(error: errors.Error) -> grpc.StatusCode:
    """Return the status code of an error, or of its nearest base that has one; UNKNOWN where none has."""
    for kind in type(error).__mro__:
        if kind in CODES:
            return CODES[kind]
    return grpc.StatusCode.UNKNOWN


def to_status(error: errors.Error) -> status_pb2.Status:
    """Return the status of an error, with BadRequest, RetryInfo and ErrorInfo as they apply."""
    info = error_details_pb2.ErrorInfo(reason=error.reason, domain=DOMAIN)
    if error.hint:
        info.metadata["hint"] = shortened(error.hint, _HINT_BYTES)
    details: list[Message] = [info]
    if isinstance(error, errors.InvalidArgument) and error.violations:
        details.append(_bad_request(error.violations))
    if isinstance(error, errors.Retryable) and error.retry_after is not None:
        details.append(error_details_pb2.RetryInfo(retry_delay=_duration(error.retry_after)))
    status = status_pb2.Status(code=code_of(error).value[0], message=shortened(error.message))
    for detail in details:
        status.details.add().Pack(detail)
    return status


def from_rpc(error: grpc.aio.AioRpcError) -> errors.Error | None:
    """Return the error that a failed downstream call stands for.

    Returns:
        The error with its field violations, delay, reason and hint; None for codes that no error of the
        family has (INTERNAL, UNKNOWN, OUT_OF_RANGE): those are unexpected.
    """
    kind = _KINDS.get(error.code())
    if kind is None:
        return None
    details = _details(error)
    info = _find(details, error_details_pb2.ErrorInfo())
    reason = info.reason or None
    message = _own_words(kind, error.details() or kind.reason, reason)
    hint = info.metadata.get("hint") if info.metadata else None
    if issubclass(kind, errors.InvalidArgument):
        bad = _find(details, error_details_pb2.BadRequest())
        fields = tuple(errors.FieldViolation(v.field, v.description) for v in bad.field_violations)
        return kind(message, violations=fields, reason=reason, hint=hint)
    if issubclass(kind, errors.Retryable):
        delay = _find(details, error_details_pb2.RetryInfo()).retry_delay
        after = delay.seconds + delay.nanos / 1e9
        return kind(message, retry_after=after or None, reason=reason, hint=hint)
    return kind(message, reason=reason, hint=hint)


def _own_words(kind: type[errors.Error], message: str, reason: str | None) -> str:
    """Return what a caller may see: a transport's text names addresses, a service's own has a reason."""
    return message if reason is not None else _TRANSPORT.get(kind, f"a dependency answered {kind.reason}")


def _details(error: grpc.aio.AioRpcError) -> list[AnyMessage]:
    for key, value in error.trailing_metadata() or ():
        if key == DETAILS_KEY and isinstance(value, bytes):
            return list(status_pb2.Status.FromString(value).details)
    return []


def _find(details: list[AnyMessage], into: M) -> M:
    for detail in details:
        if detail.Unpack(into):
            break
    return into


def _bad_request(violations: tuple[errors.FieldViolation, ...]) -> error_details_pb2.BadRequest:
    """Return the first violations, and how many more there are."""
    bad = error_details_pb2.BadRequest()
    for number, violation in enumerate(violations):
        bad.field_violations.add(
            field=shortened(violation.field, _HINT_BYTES),
            description=shortened(violation.description, _HINT_BYTES),
        )
        if bad.ByteSize() > _VIOLATIONS_BYTES:
            del bad.field_violations[-1]
            bad.field_violations.add(description=f"and {len(violations) - number} more")
            break
    return bad


def _duration(seconds: float) -> Duration:
    duration = Duration()
    duration.FromNanoseconds(round(seconds * 1e9))
    return duration
