"""The error family of this library.

ReportedError (of `langdesign_edits`: its message may be shown to the caller)
└── EngineError                  the engine did not carry a request through
    ├── QueueFull
    ├── Cancelled
    ├── DeadlineExceeded
    ├── EngineStopped
    ├── ImageMissing             there is nothing to edit
    ├── InvalidMasks             the bits of masks do not fit their picture
    └── UnknownEditor            no editor is installed for a folder

Editors and what they are made of have families of their own under `ReportedError`.
"""

# ruff: noqa: N818 - the root of the family carries the suffix; its members are read as sentences
from __future__ import annotations

from langdesign_edits import ReportedError


class EngineError(ReportedError):
    """The engine did not carry a request through."""

    reason = "ENGINE_ERROR"


class QueueFull(EngineError):
    """The engine's queue is at its bound; the caller may try again later."""

    reason = "QUEUE_FULL"


class Cancelled(EngineError):
    """The caller cancelled the request; the work stopped at a step boundary."""

    reason = "CANCELLED"


class DeadlineExceeded(EngineError):
    """The request's deadline passed; the work stopped at a step boundary."""

    reason = "DEADLINE_EXCEEDED"


class EngineStopped(EngineError):
    """The engine is shutting down and takes no more requests."""

    reason = "ENGINE_STOPPED"


class ImageMissing(EngineError):
    """A request for an edit came without its picture."""

    reason = "INVALID_ARRAYS"
    field = "image"


class InvalidMasks(EngineError):
    """The bits of the masks do not fit their picture's width."""

    reason = "INVALID_MASKS"
    field = "masks"


class UnknownEditor(EngineError):
    """No installed editor loads a folder; the message lists those that are."""

    reason = "UNKNOWN_EDITOR"
