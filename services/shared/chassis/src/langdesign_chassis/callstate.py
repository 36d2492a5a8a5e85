"""What a handler may know about the call it serves: its tenant, its deadline, its caller's token."""

import time
from contextvars import ContextVar

LOCAL_TENANT = "local"
"""The tenant of every call while authentication is off."""
SIGN_IN_HINT = "send metadata `authorization: Bearer <token>` from the configured issuer"
BEHALF_KEY = "langdesign-tenant-bin"
"""Metadata key by which a service under its own token names the tenant it calls for, UTF-8."""

tenant_var: ContextVar[str | None] = ContextVar("langdesign_tenant", default=None)
subject_var: ContextVar[str | None] = ContextVar("langdesign_subject", default=None)
deadline_var: ContextVar[float | None] = ContextVar("langdesign_deadline", default=None)
authorization_var: ContextVar[str | None] = ContextVar("langdesign_authorization", default=None)
behalf_var: ContextVar[bytes | None] = ContextVar("langdesign_behalf", default=None)


def current_tenant() -> str:
    """Return the tenant of the call being served; ``local`` without authentication or outside a call."""
    return tenant_var.get() or LOCAL_TENANT


def remaining() -> float | None:
    """Return the seconds left to the call being served, >= 0; None outside a call."""
    deadline = deadline_var.get()
    return None if deadline is None else max(0.0, deadline - time.monotonic())
