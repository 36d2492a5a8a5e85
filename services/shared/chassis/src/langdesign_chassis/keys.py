"""The public keys of a token issuer, and what the tokens say that they prove.

From a file or a URL, cached, followed when they rotate.
"""

import asyncio
import json
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import URLError

import jwt

from langdesign_chassis.callstate import SIGN_IN_HINT
from langdesign_chassis.declaring import listed
from langdesign_chassis.errors import StartError, Unauthenticated, Unavailable
from langdesign_chassis.settings import AuthSettings

_log = logging.getLogger(__name__)
_FETCH_TIMEOUT = 5
_COOL_DOWN = 5.0
_UNREADABLE = (OSError, URLError, ValueError, jwt.PyJWKClientError, jwt.PyJWKSetError)


class KeySet:
    """Keys by id. An unknown id fetches anew, at most every few seconds, so that forged ids cause no load.

    Args:
        source: A file, or an https (for tests http) URL that answers with a JWK set.
        lifetime: Seconds after which the keys are fetched again.
        clock: Seconds, monotonic.
    """

    def __init__(self, source: str, lifetime: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._source, self._lifetime, self._clock = source, lifetime, clock
        self._keys: dict[str | None, jwt.PyJWK] = {}
        self._fetched = -float("inf")
        self._tried = -float("inf")
        self._lock = asyncio.Lock()
        self._refreshing: asyncio.Task[None] | None = None

    async def load(self) -> None:
        """Fetch the keys for the first time. Raises StartError when they cannot be had."""
        try:
            await self._fetch()
        except _UNREADABLE as error:
            hint = "set LANGDESIGN_AUTH_JWKS to a readable JWK set"
            raise StartError(
                f"the token issuer's keys cannot be read from {self._source}: {error}", hint=hint
            ) from error

    async def key(self, key_id: str | None) -> jwt.PyJWK:
        """Return the key of an id. Raises Unauthenticated when the issuer has none such."""
        if key_id not in self._keys:
            await self._refresh(key_id)
        elif self._clock() - self._fetched > self._lifetime and (
            self._refreshing is None or self._refreshing.done()
        ):
            self._refreshing = asyncio.create_task(self._refresh(key_id))  # a known key does not wait for it
        try:
            return self._keys[key_id]
        except KeyError:
            raise Unauthenticated("the token is signed with an unknown key", hint="get a new token") from None

    async def claims(self, token: str, settings: AuthSettings) -> dict[str, Any]:
        """Return what a token says: signed by the issuer, for this audience, and not expired.

        Raises:
            Unauthenticated: it is none of that.

        """
        try:
            key = await self.key(jwt.get_unverified_header(token).get("kid"))
            return jwt.decode(
                token,
                key,
                algorithms=listed(settings.algorithms),
                audience=settings.audience,
                issuer=settings.issuer,
                leeway=settings.leeway,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except jwt.ExpiredSignatureError as error:
            raise Unauthenticated(
                "the token has expired", hint="get a new token", reason="TOKEN_EXPIRED"
            ) from error
        except jwt.InvalidTokenError as error:
            raise Unauthenticated("the token is not valid here", hint=SIGN_IN_HINT) from error

    async def _refresh(self, key_id: str | None) -> None:
        async with self._lock:
            stale = self._clock() - self._fetched > self._lifetime
            if (key_id in self._keys and not stale) or self._clock() - self._tried < _COOL_DOWN:
                return
            self._tried = self._clock()
            try:
                await self._fetch()
            except _UNREADABLE as error:
                _log.warning("the token issuer's keys cannot be fetched", exc_info=error)
                if not self._keys:
                    raise Unavailable("tokens cannot be checked now", retry_after=_COOL_DOWN) from error

    async def _fetch(self) -> None:
        document = await asyncio.to_thread(_read, self._source)
        self._keys = {key.key_id: key for key in jwt.PyJWKSet.from_dict(document).keys}
        self._fetched = self._clock()


def _read(source: str) -> dict[str, object]:
    if source.startswith(("https://", "http://")):
        document = jwt.PyJWKClient(source, cache_jwk_set=False, timeout=_FETCH_TIMEOUT).fetch_data()
    else:
        document = json.loads(Path(source).read_text("utf-8"))
    if not isinstance(document, dict):
        raise ValueError("not a JWK set")  # noqa: TRY004 - a malformed document, not a caller's type error
    return document
