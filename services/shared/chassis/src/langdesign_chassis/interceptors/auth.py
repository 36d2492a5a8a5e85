"""Bearer tokens: who calls, for which tenant, and whether this method is allowed."""

from __future__ import annotations  # the class of the keys brings cryptography along

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from langdesign_chassis.callstate import (
    BEHALF_KEY,
    LOCAL_TENANT,
    SIGN_IN_HINT,
    authorization_var,
    behalf_var,
    subject_var,
    tenant_var,
)
from langdesign_chassis.errors import PermissionDenied, Unauthenticated
from langdesign_chassis.interceptors.layer import Context, Layer
from langdesign_chassis.settings import AuthSettings

if TYPE_CHECKING:
    from langdesign_chassis.keys import KeySet

BEHALF_SCOPE = "tenants"
"""Scope of a token whose holder may call on behalf of any tenant, which `BEHALF_KEY` then names."""
_SCHEME = "bearer "


class Auth(Layer):
    """Checks a call's JWT: signature, issuer, audience, expiry, and the scope of the method.

    Args:
        settings: What tokens must look like.
        keys: The issuer's keys; None when authentication is off.
        scopes: Scope by full method name (``/package.Service/Method``). Others need the stem of their
            package: ``editing`` for ``langdesign.editing.v1``.
    """

    def __init__(self, settings: AuthSettings, keys: KeySet | None, scopes: Mapping[str, str]) -> None:
        self._settings, self._keys, self._scopes = settings, keys, scopes

    @asynccontextmanager
    async def around(self, method: str, context: Context) -> AsyncIterator[None]:
        """Surrounds a call; sets its tenant."""
        if self._keys is None:
            tenant_var.set(LOCAL_TENANT)
        else:
            await self._authenticate(self._keys, method, context)
        yield

    async def _authenticate(self, keys: KeySet, method: str, context: Context) -> None:
        metadata = dict(context.invocation_metadata() or ())
        header, behalf = metadata.get("authorization"), metadata.get(BEHALF_KEY)
        if not isinstance(header, str) or not header.lower().startswith(_SCHEME):
            raise Unauthenticated("no bearer token", hint=SIGN_IN_HINT)
        claims = await keys.claims(header[len(_SCHEME) :].strip(), self._settings)
        subject_var.set(str(claims["sub"]))
        _require_scope(claims, self._scopes.get(method) or default_scope(method))
        if isinstance(behalf, bytes):
            _require_scope(claims, BEHALF_SCOPE)
            behalf_var.set(behalf)
            tenant_var.set(_tenant({BEHALF_KEY: behalf.decode(errors="replace")}, BEHALF_KEY))
        else:
            tenant_var.set(_tenant(claims, self._settings.tenant_claim))
        authorization_var.set(header)


def _require_scope(claims: Mapping[str, Any], needed: str) -> None:
    if needed not in granted(claims):
        raise PermissionDenied(f"the token lacks the scope {needed}", hint=f"get a token with scope {needed}")


def _tenant(claims: Mapping[str, Any], claim: str) -> str:
    """Return the tenant. Nothing stands in for it: subjects and tenants are separate name spaces."""
    tenant = claims.get(claim)
    if not isinstance(tenant, str) or not tenant.strip():
        raise PermissionDenied(
            f"the token's claim {claim!r} names no tenant",
            hint=f"get a token whose claim {claim!r} is a non-empty string, or have the operator set "
            "LANGDESIGN_AUTH_TENANT_CLAIM to the claim that the issuer uses",
        )
    return tenant


def default_scope(method: str) -> str:
    """Return the scope of a method without an own one: the stem of its package, ``editing``."""
    package = method.strip("/").split("/")[0].split(".")
    return package[1] if len(package) > 2 else package[0]


def granted(claims: Mapping[str, Any]) -> frozenset[str]:
    """Return the scopes of a token: ``scope`` (RFC 9068, space-separated) or ``scp`` (a list)."""
    scope = claims.get("scope") or claims.get("scp") or ()
    return frozenset(scope.split() if isinstance(scope, str) else map(str, scope))
