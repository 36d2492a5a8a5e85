"""The error family of the reference domain; it knows no protocol.

::

    ReferenceError
    ├── NothingToRead          the instruction holds no words
    └── LanguageModelError     the language model gave no usable answer; the parser reads alone
        ├── LanguageModelSpent       the budget of tokens is used up for now
        ├── LanguageModelAway        it did not answer, answered late, or is left alone after failures
        └── LanguageModelNonsense    its answer breaks the schema, or names what the instruction does not say
"""

# ruff: noqa: N818, A001 - the root of the family carries the suffix; it is named after the service


class ReferenceError(Exception):
    """Root of the family."""


class NothingToRead(ReferenceError):
    """The instruction holds no words."""


class LanguageModelError(ReferenceError):
    """The language model gave no usable answer."""


class LanguageModelSpent(LanguageModelError):
    """The budget of tokens is used up for now."""


class LanguageModelAway(LanguageModelError):
    """The language model did not answer in time, or is left alone after failures."""


class LanguageModelNonsense(LanguageModelError):
    """The answer breaks the schema, or names what the instruction does not say."""
