"""The error family of the instruction domain; it knows no protocol.

::

    InstructionError
    ├── UnknownContext      no such context
    ├── NoLanguageModel     a language model is asked for, and the deployment has none
    └── StrangeToken        a resume token is of another request

What the library of triples raises comes as it is.
"""

# ruff: noqa: N818 - the root of the family carries the suffix


class InstructionError(Exception):
    """Root of the family."""


class UnknownContext(InstructionError):
    """There is no such context."""


class NoLanguageModel(InstructionError):
    """A language model is asked for, and the deployment has none."""


class StrangeToken(InstructionError):
    """A resume token is of another request."""
