"""What can go wrong on purpose.

SpecialiseError
├── RecipeError     a recipe, one of its settings or an input is not what it should be
└── StageError      a stage failed; what is done stays

RunStopped          no error: somebody asked the run to stop; it goes on when it is started again
"""

from __future__ import annotations


class SpecialiseError(Exception):
    """Base of this library's errors; the message says what is wrong and what to do."""


class RecipeError(SpecialiseError):
    """A recipe, a setting or an input is wrong; nothing was begun."""


class StageError(SpecialiseError):
    """A stage failed; what was done before it stays, and the run can go on."""


class RunStopped(BaseException):
    """The run was asked to stop; starting it again with the same folder goes on.

    As KeyboardInterrupt it is no Exception, so that what catches those on its way lets it pass.
    """
