"""The error family of this library. It knows no protocol; a service maps it to its own.

::

    ReportedError                  its message may be shown to the caller; of any library that edits
    └── EditError
        ├── InvalidRegion          a box or mask does not fit its picture
        ├── InvalidSpec            what is asked contradicts itself
        └── UnworkableShape        the part to edit cannot be shown to a network at its working size

Messages hold no path, no address and no text of another error: they may be shown to the caller.
"""

# ruff: noqa: N818 - the root of the family carries the suffix; its members are read as sentences

from typing import ClassVar


class ReportedError(Exception):
    """An error whose message, field and reason may be shown to the caller; others are told as internal."""

    reason: ClassVar[str] = "REPORTED_ERROR"
    """What a program reads: one word in capitals for each class."""

    field: str = ""
    """The field of the request at fault, such as `regions[1].instruction`; empty where none is."""


class EditError(ReportedError):
    """Root of the family.

    Args:
        message: What is wrong, as a clause without a subject: "does not lie within the picture".
        hint: What the caller can do about it.
        field: The field of `EditSpec` at fault; empty where one value alone is at hand.

    """

    reason = "INVALID_EDIT"

    def __init__(self, message: str, *, hint: str, field: str = "") -> None:
        super().__init__(f"{field} {message}; {hint}".lstrip())
        self.message = message
        self.hint = hint
        self.field = field


class InvalidRegion(EditError):
    """A box or mask does not fit its picture."""


class InvalidSpec(EditError):
    """What is asked contradicts itself."""


class UnworkableShape(EditError):
    """The part to edit cannot be shown to a network at its working size."""
