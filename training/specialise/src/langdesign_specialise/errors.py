"""What can go wrong on purpose.

SpecialiseError
├── RecipeError     a recipe, one of its settings or an input is not what it should be
├── StageError      a stage failed; what is done stays
└── RunStopped      somebody asked the run to stop; it goes on when it is started again
"""

from __future__ import annotations


class SpecialiseError(Exception):
    """Base of this library's errors; the message says what is wrong and what to do."""


class RecipeError(SpecialiseError):
    """A recipe, a setting or an input is wrong; nothing was begun."""


class StageError(SpecialiseError):
    """A stage failed; what was done before it stays, and the run can go on."""


class RunStopped(SpecialiseError):  # noqa: N818 - it is no error of anybody's
    """The run was asked to stop; starting it again with the same folder goes on."""
