# ruff: noqa: N818, D214, D416 - the names are those of the status codes; the tree is no section
"""The error family of the services. Domain code raises these; it knows no protocol.

::

    Error
    ├── InvalidArgument       a field of the request is wrong; names the field
    ├── FailedPrecondition    right request, wrong state; do not retry before the state changes
    ├── NotFound              no such resource, or it belongs to another tenant
    ├── AlreadyExists         the key or name is taken by something else
    ├── Aborted               lost a race; retry the whole read-modify-write
    ├── Unauthenticated       no credentials, or bad ones
    ├── PermissionDenied      good credentials that do not allow this
    ├── Cancelled             the caller, or the owner of the operation, cancelled it
    ├── DeadlineExceeded      the time given was not enough
    ├── Unimplemented         a known thing that this build does not do
    ├── DataLoss              stored data is gone or does not match its digest
    └── Retryable             the same request may succeed later
        ├── ResourceExhausted     a quota, rate or queue is full
        └── Unavailable           a dependency or this service is not there now

    StartError                the service cannot start; one line with the hint, exit code 2

``message`` reaches the caller: it holds no path, address or text of another error. ``hint`` says what to do.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class FieldViolation:
    """One wrong field: its path in the request (``options.steps``), and what is wrong with it."""

    field: str
    description: str


class Error(Exception):
    """Root of the family.

    Args:
        message: What went wrong, for the caller.
        hint: What the caller can do about it.
        reason: A constant for machines, UPPER_SNAKE_CASE; the class's own by default.
    """

    reason = "ERROR"

    def __init__(self, message: str, *, hint: str | None = None, reason: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.reason = reason or type(self).reason


class InvalidArgument(Error):
    """A field of the request is wrong.

    Args:
        message: What is wrong.
        field: Path of the field in the request, as in the contract: ``image.data``.
        violations: All the wrong fields, when there are several; then ``field`` may be left out.
        hint: What the caller can do about it.
        reason: A constant for machines.
    """

    reason = "INVALID_ARGUMENT"

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        violations: tuple[FieldViolation, ...] = (),
        hint: str | None = None,
        reason: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint, reason=reason)
        own = (FieldViolation(field, message),) if field is not None else ()
        self.violations = own + violations


class FailedPrecondition(Error):
    """The request is right, and the state does not allow it."""

    reason = "FAILED_PRECONDITION"


class NotFound(Error):
    """No such resource, or it belongs to another tenant."""

    reason = "NOT_FOUND"


class AlreadyExists(Error):
    """The key or name is taken by something else."""

    reason = "ALREADY_EXISTS"


class Aborted(Error):
    """Lost a race: retry the whole read-modify-write."""

    reason = "ABORTED"


class Unauthenticated(Error):
    """No credentials, or bad ones."""

    reason = "UNAUTHENTICATED"


class PermissionDenied(Error):
    """Good credentials that do not allow this."""

    reason = "PERMISSION_DENIED"


class Cancelled(Error):
    """The caller, or the owner of the operation, cancelled it."""

    reason = "CANCELLED"


class DeadlineExceeded(Error):
    """The time given was not enough."""

    reason = "DEADLINE_EXCEEDED"


class Unimplemented(Error):
    """A known thing that this build does not do."""

    reason = "UNIMPLEMENTED"


class DataLoss(Error):
    """Stored data is gone or does not match its digest."""

    reason = "DATA_LOSS"


class Retryable(Error):
    """The same request may succeed later.

    Args:
        message: What went wrong.
        retry_after: Seconds after which a retry makes sense; None when unknown.
        hint: What the caller can do about it.
        reason: A constant for machines.
    """

    reason = "RETRYABLE"

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None = None,
        hint: str | None = None,
        reason: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint, reason=reason)
        self.retry_after = retry_after


class ResourceExhausted(Retryable):
    """A quota, rate or queue is full."""

    reason = "RESOURCE_EXHAUSTED"


class Unavailable(Retryable):
    """A dependency or this service is not there now."""

    reason = "UNAVAILABLE"


class StartError(Exception):
    """The service cannot start. Printed as one line, ``message``: ``hint``, with exit code 2."""

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(f"{message}; {hint}")
        self.message = message
        self.hint = hint
