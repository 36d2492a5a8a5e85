"""Chat completions by OpenAI's protocol, over HTTP: one request, one answer, nothing tried again."""

import json
from collections.abc import Mapping
from typing import Any

import httpx2

_MOST_CHARACTERS = 2000  # of an error's body that is no JSON


class StatusError(Exception):
    """The endpoint answered with another status than success.

    Attributes:
        status_code: HTTP's number of it.
        said: What the endpoint says of it; may be empty.
        codes: Its names for the error, such as "invalid_api_key"; may be none.

    """

    def __init__(self, status_code: int, said: str, codes: frozenset[str]) -> None:
        super().__init__(f"the endpoint answers with status {status_code}")
        self.status_code = status_code
        self.said = said
        self.codes = codes


class ChatClient:
    """A client of an endpoint.

    The protocol is small, and its official client is not: that takes twenty megabytes more than this one.

    Args:
        http: Sends the requests; bounds them in time and size.
        base_url: The endpoint's address, such as http://127.0.0.1:7010/v1.
        key: The bearer token for it; may be empty.

    """

    def __init__(self, http: httpx2.AsyncClient, base_url: str, key: str) -> None:
        self._http = http
        self._url = f"{base_url.rstrip('/')}/chat/completions"
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}

    async def complete(self, request: Mapping[str, Any]) -> object:
        """Return the endpoint's answer, which may be any JSON.

        Args:
            request: The body: model, messages, ...

        Raises:
            StatusError: the endpoint refuses, redirects or fails.
            httpx2.HTTPError: there is no answer.
            ValueError, RecursionError: the answer is no JSON, or is nested without end.

        """
        response = await self._http.post(self._url, json=request, headers=self._headers)
        if not response.is_success:
            raise _status_error(response)
        return response.json()


def _status_error(response: httpx2.Response) -> StatusError:
    try:
        body = response.json()
    except (ValueError, RecursionError):
        return StatusError(response.status_code, response.text[:_MOST_CHARACTERS], frozenset())
    told = body.get("error", body) if isinstance(body, dict) else body  # vLLM says it without the "error"
    if not isinstance(told, dict):
        return StatusError(response.status_code, _written(told), frozenset())
    codes = frozenset(str(told[name]) for name in ("code", "type") if told.get(name) is not None)
    return StatusError(response.status_code, _written(told.get("message", told)), codes)


def _written(said: object) -> str:
    return said if isinstance(said, str) else json.dumps(said)
