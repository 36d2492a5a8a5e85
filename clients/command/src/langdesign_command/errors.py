"""What the command adds to the client's error family.

::

    LangDesignError               of langdesign_client
    └── StartError                         10   the local services cannot start
"""

from langdesign_client.errors import LangDesignError


class StartError(LangDesignError):
    """The local services cannot start; whatever had started was stopped."""

    exit_code = 10
    default_reason = "START_FAILED"
