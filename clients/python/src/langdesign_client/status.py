"""From a failed gRPC call to the client's error family."""

import os
from collections.abc import Iterable
from typing import Any

import grpc
from google.rpc import error_details_pb2, status_pb2  # type: ignore[import-untyped] # no py.typed

from langdesign_client import errors
from langdesign_client.addresses import is_loopback

_DETAILS = "grpc-status-details-bin"

_KINDS: dict[grpc.StatusCode, type[errors.LangDesignError]] = {
    grpc.StatusCode.INVALID_ARGUMENT: errors.InvalidInputError,
    grpc.StatusCode.OUT_OF_RANGE: errors.InvalidInputError,
    grpc.StatusCode.NOT_FOUND: errors.NotFoundError,
    grpc.StatusCode.UNAVAILABLE: errors.UnavailableError,
    grpc.StatusCode.UNIMPLEMENTED: errors.UnimplementedError,
    grpc.StatusCode.DEADLINE_EXCEEDED: errors.DeadlineError,
    grpc.StatusCode.UNAUTHENTICATED: errors.NotAllowedError,
    grpc.StatusCode.PERMISSION_DENIED: errors.NotAllowedError,
    grpc.StatusCode.ALREADY_EXISTS: errors.ConflictError,
    grpc.StatusCode.ABORTED: errors.ConflictError,
    grpc.StatusCode.FAILED_PRECONDITION: errors.ConflictError,
    grpc.StatusCode.RESOURCE_EXHAUSTED: errors.OverloadedError,
    grpc.StatusCode.CANCELLED: errors.CancelledError,
}
_CODES = {code.value[0]: code for code in grpc.StatusCode}

_HINTS = {
    grpc.StatusCode.UNIMPLEMENTED: "deploy a version that has it, or leave this command out",
    grpc.StatusCode.DEADLINE_EXCEEDED: "give it more time with --timeout, or ask for fewer steps",
    grpc.StatusCode.UNAUTHENTICATED: "give a valid token with --token or LANGDESIGN_CLIENT_TOKEN",
    grpc.StatusCode.PERMISSION_DENIED: "ask for a token with the scope that this needs",
    grpc.StatusCode.RESOURCE_EXHAUSTED: "try again in a moment",
    grpc.StatusCode.ABORTED: "read the resource anew and try again",
    grpc.StatusCode.INTERNAL: "look into the service's log, by the time of this call",
    grpc.StatusCode.UNKNOWN: "look into the service's log, by the time of this call",
}

_ELSEWHERE = "see that host and port are those of a service of LangDesign: another program listens there"

# What gRPC says of a connection that did not come about, and what that means.
_TRANSPORT = {
    "WRONG_VERSION_NUMBER": ("speaks no TLS", "leave out --tls, --ca and --certificate, or ask TLS of it"),
    "CERTIFICATE_VERIFY_FAILED": (
        "has a certificate of an unknown authority",
        "give the authority's PEM file with --ca",
    ),
    **dict.fromkeys(
        ("Socket closed", "Connection reset by peer"),
        (
            "closed the connection before it answered",
            "where it asks for TLS, say --tls or --ca; else try again in a moment",
        ),
    ),
    **dict.fromkeys(("Failed parsing HTTP/2", "missing selected ALPN"), ("speaks no gRPC", _ELSEWHERE)),
    "before receiving SETTINGS frame": (
        "takes connections and says nothing",
        "try again in a moment, or see that host and port are those of a service of LangDesign",
    ),
}
_PROXIES = ("grpc_proxy", "https_proxy", "http_proxy")  # the variables that gRPC reads, in its order


def from_rpc(error: grpc.RpcError, stem: str, address: str) -> errors.LangDesignError:
    """Return the error of the family that tells about a failed call.

    Args:
        error: What the call of gRPC (sync or aio) raised.
        stem: Name of the service that was called, such as ``editing``.
        address: Where it was called, for the hint.

    """
    code = _code(error)
    details = _Details(error)
    message = details.message or _plain_message(code, str(_attribute(error, "details") or ""), stem, address)
    hint = details.hint or _hint(code, stem, address, str(_attribute(error, "details") or ""))
    return _KINDS.get(code, errors.LangDesignError)(
        message, hint=hint, reason=details.reason or code.name, violations=details.violations
    )


def from_code(number: int, message: str) -> errors.LangDesignError:
    """Return the error for a ``google.rpc.Code`` number that came inside a message, which says what to do."""
    code = _CODES.get(number, grpc.StatusCode.UNKNOWN)
    return _KINDS.get(code, errors.LangDesignError)(message, reason=code.name)


def is_broken_connection(error: grpc.RpcError) -> bool:
    """Tell whether the stream broke on the way, so that resuming it makes sense.

    A cancellation without details is the transport's (a server that went down); one with details is a
    service's own word. A proxy that loses the server behind it resets the stream: INTERNAL to gRPC.
    """
    match _code(error):
        case grpc.StatusCode.UNAVAILABLE:
            return True
        case grpc.StatusCode.CANCELLED:
            return not _Details(error).present
        case grpc.StatusCode.INTERNAL:
            return "RST_STREAM" in str(_attribute(error, "details"))
    return False


class _Details:
    """What ``google.rpc.Status`` in the trailing metadata says, where the service sent one."""

    def __init__(self, error: grpc.RpcError) -> None:
        status = _rich_status(error)
        self.present = status is not None
        self.message = status.message if status else ""
        self.hint = ""
        self.reason = ""
        self.violations: list[errors.FieldViolation] = []
        for detail in status.details if status else ():
            self._take(detail)

    def _take(self, detail: Any) -> None:
        info = error_details_pb2.ErrorInfo()
        bad = error_details_pb2.BadRequest()
        if detail.Unpack(info):
            self.reason = info.reason
            self.hint = info.metadata.get("hint", "")
        elif detail.Unpack(bad):
            self.violations += [
                errors.FieldViolation(violation.field, violation.description)
                for violation in bad.field_violations
            ]


def _rich_status(error: grpc.RpcError) -> status_pb2.Status | None:
    metadata: Iterable[tuple[str, Any]] = _attribute(error, "trailing_metadata") or ()
    for key, value in metadata:
        if key == _DETAILS and isinstance(value, bytes):
            return status_pb2.Status.FromString(value)
    return None


def _code(error: grpc.RpcError) -> grpc.StatusCode:
    code = _attribute(error, "code")
    return code if isinstance(code, grpc.StatusCode) else grpc.StatusCode.UNKNOWN


def _attribute(error: grpc.RpcError, name: str) -> Any:
    """``RpcError`` itself has no methods; the errors that calls raise do."""
    method = getattr(error, name, None)
    return method() if callable(method) else None


def _plain_message(code: grpc.StatusCode, details: str, stem: str, address: str) -> str:
    if told := _transport(details):
        return f"The server at {address} {told[0]}"
    if code is grpc.StatusCode.UNAVAILABLE:
        return f"The {stem} service at {address} cannot be reached"
    if code is grpc.StatusCode.UNIMPLEMENTED:
        return f"The server at {address} does not offer this method of the {stem} service in its version"
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return f"The {stem} service did not finish in the time given"
    return details or f"The {stem} service answered {code.name}"


def _transport(details: str) -> tuple[str, str] | None:
    """Return what is wrong with the connection and what to do, where gRPC's own words tell."""
    return next((told for sign, told in _TRANSPORT.items() if sign in details), None)


def _hint(code: grpc.StatusCode, stem: str, address: str, details: str) -> str | None:
    if told := _transport(details):
        return told[1]
    if code is not grpc.StatusCode.UNAVAILABLE:
        return _HINTS.get(code)
    start = f"start it with `langdesign up`, or say where it is with {stem.upper()}_ADDR=host:port or --addr"
    proxy = next((name for name in _PROXIES if os.environ.get(name)), None)
    if proxy is None or is_loopback(address):
        return start
    host = address.rpartition(":")[0]
    return f"{start}; calls go through {proxy}, unless no_proxy names {host}"
