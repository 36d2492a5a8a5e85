"""The error family of the client.

::

    LangDesignError               exit code 1   anything else that failed
    ├── InvalidInputError                   2   an argument or a field of the request is wrong
    ├── NotFoundError                       3   no such resource, or it belongs to another tenant
    ├── UnavailableError                    4   the service cannot be reached, or is not ready
    │   └── UnimplementedError              4   the service does not know this method in its version
    ├── DeadlineError                       5   the time given was not enough
    ├── NotAllowedError                     6   no credentials, bad ones, or ones that do not allow this
    ├── ConflictError                       7   the state, or a name or key already taken, forbids it
    ├── OverloadedError                     8   a quota, rate or queue is full
    └── CancelledError                      9   somebody cancelled the operation

This module imports no gRPC, so that a command can map errors to exit codes without it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class FieldViolation:
    """One wrong field: its path in the request (``options.steps``), and what is wrong with it."""

    field: str
    description: str


class LangDesignError(Exception):
    """Root of the family.

    Args:
        message: What went wrong, in one line.
        hint: What to do about it.
        reason: A constant for machines, UPPER_SNAKE_CASE.
        violations: The wrong fields, where the service names them.

    `operation_id` is the edit's, where one had begun, and empty elsewhere. `resumable` says that it may still
    be under way or done, so that awaiting it (`watch_edit`) can bring its result.

    """

    exit_code: ClassVar[int] = 1
    default_reason: ClassVar[str] = "FAILED"

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        reason: str | None = None,
        violations: Sequence[FieldViolation] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.reason = reason or self.default_reason
        self.violations = tuple(violations)
        self.operation_id = ""
        self.resumable = False

    @property
    def line(self) -> str:
        """Message, wrong fields and hint in one line."""
        parts = [self.message.strip().rstrip(".")]
        parts += [
            f"{violation.field}: {violation.description}"
            for violation in self.violations
            if violation.description not in self.message or violation.field not in self.message
        ]
        if self.hint:
            parts.append(self.hint.strip().rstrip("."))
        return " ".join("; ".join(parts).split())


class InvalidInputError(LangDesignError):
    """An argument or a field of the request is wrong."""

    exit_code = 2
    default_reason = "INVALID_ARGUMENT"


class NotFoundError(LangDesignError):
    """No such resource, or it belongs to another tenant."""

    exit_code = 3
    default_reason = "NOT_FOUND"


class UnavailableError(LangDesignError):
    """The service cannot be reached, or is not ready."""

    exit_code = 4
    default_reason = "UNAVAILABLE"


class UnimplementedError(UnavailableError):
    """The service does not know this method in its version."""

    default_reason = "UNIMPLEMENTED"


class DeadlineError(LangDesignError):
    """The time given was not enough."""

    exit_code = 5
    default_reason = "DEADLINE_EXCEEDED"


class NotAllowedError(LangDesignError):
    """No credentials, bad ones, or ones that do not allow this."""

    exit_code = 6
    default_reason = "PERMISSION_DENIED"


class ConflictError(LangDesignError):
    """The state, or a name or key already taken, forbids it."""

    exit_code = 7
    default_reason = "FAILED_PRECONDITION"


class OverloadedError(LangDesignError):
    """A quota, rate or queue is full."""

    exit_code = 8
    default_reason = "RESOURCE_EXHAUSTED"


class CancelledError(LangDesignError):
    """Somebody cancelled the operation."""

    exit_code = 9
    default_reason = "CANCELLED"
