"""For tests: starts any servicer in-process behind the real layers, and mints tokens."""

import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from opentelemetry.sdk.trace import TracerProvider

from langdesign_chassis import channels
from langdesign_chassis.runtime import Runtime
from langdesign_chassis.server import running
from langdesign_chassis.settings import (
    AuthSettings,
    ChassisSettings,
    DrainSettings,
    TelemetrySettings,
    TlsSettings,
)


@dataclass(frozen=True)
class Served:
    """A service in this process.

    Attributes:
        address: Where it listens, host:port.
        channel: An open channel to it, as a peer has one.
        runtime: What it was built with.
        metrics_port: Port of its Prometheus page, if any.
    """

    address: str
    channel: grpc.aio.Channel
    runtime: Runtime
    metrics_port: int | None


@asynccontextmanager
async def serving(
    register: Callable[[grpc.aio.Server, Runtime], Awaitable[None] | None],
    *services: str,
    settings: ChassisSettings | None = None,
    scopes: dict[str, str] | None = None,
    provider: TracerProvider | None = None,
    client_tls: TlsSettings | None = None,
    wait_ready: bool = True,
) -> AsyncIterator[Served]:
    """Start a service on a free loopback port, and drain it at the end.

    Args:
        register: Adds servicers to the server; may be a plain function.
        services: Full names of the served services.
        settings: Settings; by default `test_settings()`.
        scopes: Scope by full method name.
        provider: Where spans go; by default nowhere.
        client_tls: How the channel speaks TLS.
        wait_ready: Whether to wait for the dependencies first.
    """

    async def add(server: grpc.aio.Server, runtime: Runtime) -> None:
        pending = register(server, runtime)
        if pending is not None:
            await pending

    chosen = settings or test_settings()
    provider = provider or TracerProvider(shutdown_on_exit=False)
    async with running(chosen, add, services, scopes or {}, provider) as service:
        if wait_ready:
            await service.readiness
        async with channels.channel(service.address, tls=client_tls) as channel:
            yield Served(service.address, channel, service.runtime, service.metrics_port)


def test_settings(**values: Any) -> ChassisSettings:
    """Returns settings that fit tests; ``values`` come first.

    A free port, no metrics page, no drain delay, and a start that fails soon where a dependency is not there.
    """
    defaults = {
        "listen": "127.0.0.1:0",
        "startup": 30,
        "drain": DrainSettings(delay=0, grace=1),
        "telemetry": TelemetrySettings(metrics="off"),
    }
    return ChassisSettings(**{**defaults, **values})


test_settings.__test__ = False  # type: ignore[attr-defined]  # not a test itself


@dataclass
class Issuer:
    """A token issuer with one ES256 key; `rotate` makes another.

    Attributes:
        name: The ``iss`` of its tokens.
        audience: Their ``aud``.
    """

    name: str = "https://issuer.test"
    audience: str = "langdesign"
    _serial: int = field(default=0, repr=False)
    _key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1()), repr=False
    )

    def rotate(self) -> None:
        """Signs with a new key, with a new id, from now on."""
        self._key, self._serial = ec.generate_private_key(ec.SECP256R1()), self._serial + 1

    def token(self, tenant: str = "acme", scope: str = "", *, lifetime: float = 300.0, **claims: Any) -> str:
        """Return a signed token; ``claims`` come first."""
        now = time.time()
        body = {"iss": self.name, "aud": self.audience, "sub": "tester", "tenant": tenant, "scope": scope}
        body |= {"iat": int(now), "exp": int(now + lifetime)} | claims
        return jwt.encode(body, self._key, algorithm="ES256", headers={"kid": self._key_id})

    def metadata(self, tenant: str = "acme", scope: str = "", **claims: Any) -> tuple[tuple[str, str], ...]:
        """Return call metadata with a token."""
        return (("authorization", f"Bearer {self.token(tenant, scope, **claims)}"),)

    def jwks(self) -> dict[str, Any]:
        """Return the public keys as a JWK set."""
        public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self._key.public_key()))
        return {"keys": [public | {"kid": self._key_id, "use": "sig", "alg": "ES256"}]}

    def settings(self, folder: Path) -> AuthSettings:
        """Write the public keys into a folder; return settings that trust them."""
        path = folder / "jwks.json"
        path.write_text(json.dumps(self.jwks()), "utf-8")
        return AuthSettings(mode="jwt", issuer=self.name, audience=self.audience, jwks=str(path))

    @property
    def _key_id(self) -> str:
        return f"key-{self._serial}"
