"""The error family of the reference domain; it knows no protocol.

::

    ReferenceError
    ├── NothingToRead          the instruction holds no words
    ├── TooManyEdits           the instruction asks for more edits than a plan holds
    └── LanguageModelError     the language model gave no usable answer; the parser reads alone
        ├── LanguageModelSpent       the budget of tokens is used up for now
        ├── LanguageModelAway        it did not answer, answered late, or is left alone after failures
        ├── LanguageModelRefused     it refuses for good: a wrong key, an unknown model, ...
        ├── LanguageModelDeclined    it refuses this instruction alone: filtered, or too long for it
        └── LanguageModelNonsense    its answer breaks the schema, or names what the instruction does not say
"""

# ruff: noqa: N818, A001 - the root of the family carries the suffix; it is named after the service


class ReferenceError(Exception):
    """Root of the family."""


class NothingToRead(ReferenceError):
    """The instruction holds no words."""


class TooManyEdits(ReferenceError):
    """The instruction asks for more edits than a plan holds; the message says how many, and the limit."""


class LanguageModelError(ReferenceError):
    """The language model gave no usable answer."""


class LanguageModelSpent(LanguageModelError):
    """The budget of tokens is used up for now."""


class LanguageModelAway(LanguageModelError):
    """The language model did not answer in time, or is left alone after failures."""


class LanguageModelRefused(LanguageModelError):
    """The endpoint refuses what it is asked, and will as long as nobody changes a setting.

    Attributes:
        status: Its status, such as "401 Unauthorized".

    """

    def __init__(self, status: str) -> None:
        super().__init__(f"the language model refuses: {status}")
        self.status = status


class LanguageModelDeclined(LanguageModelError):
    """The endpoint refuses this instruction, and takes others."""


class LanguageModelNonsense(LanguageModelError):
    """The answer breaks the schema, or names what the instruction does not say."""
