"""When an endpoint refuses for good: told from failures that pass, shown once, then left alone."""

import http
import logging
import re
import time
from collections.abc import Callable

from langdesign_reference.chat import StatusError
from langdesign_reference.errors import LanguageModelRefused

_log = logging.getLogger(__name__)
_PASSING = frozenset({408, 409, 425, 429})
"""Statuses below 500 that another try may help, as OpenAI's own client has it."""
_NO_TRY_HELPS = frozenset({"insufficient_quota", "billing_hard_limit_reached"})
"""Codes of 429 that stay until somebody pays."""
_THIS_REQUEST = frozenset({"content_filter", "context_length_exceeded", "exceed_context_size_error"})
"""Codes, of Azure, OpenAI and llama.cpp, that say something of one request alone."""
_THESE_WORDS = re.compile(r"maximum context length|context window|content management policy", re.IGNORECASE)
"""As vLLM and gateways say it, which give no code."""
_SECRET = re.compile(r"\b(?:sk|pk|gsk|hf|key)[-_][\w*.-]{4,}|\bBearer\s+\S+", re.IGNORECASE)
_MOST_CHARACTERS = 300


class Refusals:
    """Remembers that an endpoint refuses, and why.

    Args:
        rest: Seconds for which the endpoint is then left alone, > 0.
        secret: What must never be shown, such as the key; may be empty.
        clock: Seconds that only grow.

    Attributes:
        reason: The status of the last refusal, "401 Unauthorized"; empty once the endpoint has answered.

    """

    def __init__(self, rest: float, secret: str = "", clock: Callable[[], float] = time.monotonic) -> None:
        self.reason = ""
        self._rest = rest
        self._secret = secret
        self._clock = clock
        self._until = 0.0

    def require_none(self) -> None:
        """Raise LanguageModelRefused while the endpoint is left alone."""
        if self.reason and self._clock() < self._until:
            raise LanguageModelRefused(self.reason)

    def answered(self) -> None:
        """Forget the refusal: the endpoint takes requests."""
        self.reason = ""

    def refused(self, error: StatusError) -> LanguageModelRefused:
        """Begin a rest. Show the refusal, once until the endpoint answers or refuses otherwise."""
        status = _status(error.status_code)
        self._until = self._clock() + self._rest
        if status != self.reason:
            self.reason = status
            said = {"status": status, "said": self._shown(error.said), "rest_s": self._rest}
            _log.error(
                "the language model refuses: look at its address, name, key and parameters", extra=said
            )
        return LanguageModelRefused(status)

    def _shown(self, said: str) -> str:
        if self._secret:
            said = said.replace(self._secret, "[secret]")
        return " ".join(_SECRET.sub("[secret]", said).split())[:_MOST_CHARACTERS]


def is_refusal(error: StatusError) -> bool:
    """Whether no other try helps: a client's error but those that pass, or a redirection."""
    if error.status_code == http.HTTPStatus.TOO_MANY_REQUESTS:
        return bool(error.codes & _NO_TRY_HELPS)
    return error.status_code < http.HTTPStatus.INTERNAL_SERVER_ERROR and error.status_code not in _PASSING


def is_about_this_request(error: StatusError) -> bool:
    """Whether the endpoint refuses one request alone, for its words or its length."""
    return bool(error.codes & _THIS_REQUEST or _THESE_WORDS.search(error.said))


def _status(code: int) -> str:
    try:
        return f"{code} {http.HTTPStatus(code).phrase}"
    except ValueError:
        return str(code)
