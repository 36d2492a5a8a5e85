"""Settings of the chassis, read once from ``LANGDESIGN_*`` variables at start, never at import."""

import ipaddress
from pathlib import Path
from typing import Annotated, ClassVar, Literal
from urllib.parse import urlsplit

from msgspec import Meta

from langdesign_chassis.declaring import Check, Group, SecretStr, Settings, listed

_ASYMMETRIC = {f"{family}{bits}" for family in ("RS", "PS", "ES") for bits in (256, 384, 512)} | {"EdDSA"}
_LAST_PORT = 65535
_METRICS_OFFSET = 2000


def split_address(address: str) -> tuple[str, int]:
    """Split ``host:port`` (``[::1]:7004`` for IPv6). Raises ValueError that names the form."""
    host, separator, port = address.rpartition(":")
    if not separator or not host or not port.isdecimal() or int(port) > _LAST_PORT:
        raise ValueError(f"{address!r} is not an address; write host:port, such as 127.0.0.1:7004")
    return host.strip("[]"), int(port)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _page(address: str | None) -> str | None:
    if address not in (None, "off"):
        split_address(address)
    return address


def _writable(to: str) -> str:
    if to not in ("stdout", "off") and not Path(to).absolute().parent.is_dir():
        raise ValueError(f"the folder of {to} does not exist; make it, or give `stdout` or `off`")
    return to


class TlsSettings(Group, frozen=True):
    """Certificates, PEM files; read again when they change on disk."""

    certificate: Path | None = None
    """Certificate chain of this process; with it, the server speaks only TLS."""
    key: Path | None = None
    """Private key of the certificate."""
    ca: Path | None = None
    """Authorities that this process trusts as a client; with it, peers are called over TLS."""
    client_ca: Path | None = None
    """Authorities whose client certificates the server demands (mTLS)."""

    def check(self) -> None:
        """Refuse half of a pair of files, and files that are not there."""
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key go together: give both or neither")
        if self.client_ca is not None and self.certificate is None:
            raise ValueError("client_ca (mTLS) needs certificate and key too")
        for path in (self.certificate, self.key, self.ca, self.client_ca):
            if path is not None and not path.is_file():
                raise ValueError(f"{path} is not a file; give a PEM file")


class AuthSettings(Group, frozen=True):
    """Who may call: bearer tokens (JWT)."""

    mode: Literal["off", "jwt"] = "off"
    """``off`` is allowed only when listening on loopback."""
    issuer: str | None = None
    """The ``iss`` that tokens must carry."""
    audience: str | None = None
    """The ``aud`` that tokens must carry."""
    jwks: str | None = None
    """Where the issuer's public keys are: a file, or an https URL."""
    jwks_lifetime: Annotated[float, Meta(gt=0)] = 300.0
    """Seconds that fetched keys are trusted before they are fetched again."""
    algorithms: str = "RS256,PS256,ES256,EdDSA"
    """Signatures that are accepted, comma-separated; asymmetric ones only."""
    tenant_claim: str = "tenant"
    """The claim that names the tenant; a token without it is refused."""
    leeway: Annotated[float, Meta(ge=0)] = 30.0
    """Seconds of clock difference that are forgiven."""

    def check(self) -> None:
        """Refuse tokens that nobody could check, or anybody forge."""
        missing = [name for name in ("issuer", "audience", "jwks") if getattr(self, name) is None]
        if self.mode == "jwt" and missing:
            raise ValueError(f"mode jwt needs {', '.join(missing)} too")
        if self.jwks is not None and self.jwks.startswith("http://"):
            host = urlsplit(self.jwks).hostname or ""
            if not _is_loopback(host):
                raise ValueError("jwks over http could be forged on its way: give an https URL or a file")
        if bad := set(listed(self.algorithms)) - _ASYMMETRIC:
            raise ValueError(
                f"algorithms {', '.join(sorted(bad))}: choose among {', '.join(sorted(_ASYMMETRIC))}"
            )


class LimitSettings(Group, frozen=True):
    """What one process takes on. The excess gets RESOURCE_EXHAUSTED at once; nothing queues here."""

    concurrency: Annotated[int, Meta(ge=1)] = 64
    """Calls in progress."""
    rate: Annotated[float, Meta(ge=0)] = 0.0
    """Calls a second of one tenant, sustained; 0 means no limit."""
    burst: Annotated[int, Meta(ge=1)] = 20
    """Calls that a tenant may make at once on top of the rate."""
    message_bytes: Annotated[int, Meta(ge=1024)] = 168 * 1024 * 1024
    """Largest message in and out, bytes; above the 160 MiB of an image."""


class DeadlineSettings(Group, frozen=True):
    """How long a call may take, seconds."""

    default: Annotated[float, Meta(gt=0)] = 60.0
    """For callers that give no deadline."""
    maximum: Annotated[float, Meta(gt=0)] = 3600.0
    """No call takes longer, whatever its caller asks."""


class KeepaliveSettings(Group, frozen=True):
    """How a dead peer is noticed, both sides, seconds."""

    time: Annotated[float, Meta(gt=0)] = 20.0
    """Silence before a ping."""
    timeout: Annotated[float, Meta(gt=0)] = 5.0
    """Wait for its answer before the connection counts as dead."""
    max_connection_age: Annotated[float, Meta(gt=0)] = 300.0
    """Age at which the server asks a client to connect anew, so that load spreads to new replicas."""
    max_connection_age_grace: Annotated[float, Meta(gt=0)] = 600.0
    """How long calls on such a connection may still go on."""


class DrainSettings(Group, frozen=True):
    """How a process stops on SIGTERM, seconds."""

    delay: Annotated[float, Meta(ge=0)] = 1.5
    """Time between NOT_SERVING and refusing new calls, in which clients turn to other replicas."""
    grace: Annotated[float, Meta(ge=0)] = 30.0
    """Time that calls in progress then have to finish."""


class TelemetrySettings(Group, frozen=True):
    """What a process tells about itself."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """Log level. Prompts are logged at debug only, images never."""
    format: Literal["json", "text"] = "json"
    """One JSON object a line, or text for people."""
    metrics: Annotated[str | None, Check(_page)] = None
    """Address of the Prometheus page; by default the listening host and its port + 2000. ``off`` for none."""
    otlp: str | None = None
    """OTLP/gRPC collector for traces, such as ``http://collector:4317``; without it they stay in the logs."""
    otlp_headers: SecretStr | None = None
    """Headers for the collector, ``name=value,name=value``."""
    sample: Annotated[float, Meta(ge=0, le=1)] = 1.0
    """Share of new traces that are kept; the caller's decision comes first."""


class AuditSettings(Group, frozen=True):
    """The audit log: who changed what, one JSON object a call."""

    to: Annotated[str, Check(_writable)] = "stdout"
    """``stdout``, ``off``, or a file that lines are appended to; a file that was rotated is opened anew."""
    instructions: bool = False
    """Whether the lines hold what a person wrote, too: instructions and titles."""


class ChassisSettings(Settings, frozen=True):
    """Settings of every service. A group's field joins with ``_``: ``LANGDESIGN_AUTH_ISSUER``."""

    env_prefix: ClassVar[str] = "LANGDESIGN_"

    listen: str = "127.0.0.1:0"
    """Address to listen on, host:port; port 0 takes a free one. A service has its own default."""
    startup: Annotated[float, Meta(gt=0)] = 300.0
    """Seconds that the dependencies have to become ready before the service gives up."""
    tls: TlsSettings = TlsSettings()
    auth: AuthSettings = AuthSettings()
    limits: LimitSettings = LimitSettings()
    deadline: DeadlineSettings = DeadlineSettings()
    keepalive: KeepaliveSettings = KeepaliveSettings()
    drain: DrainSettings = DrainSettings()
    telemetry: TelemetrySettings = TelemetrySettings()
    audit: AuditSettings = AuditSettings()

    def check(self) -> None:
        """Refuse to let anybody call from elsewhere, and a page of metrics without a port."""
        host, _ = split_address(self.listen)
        if self.auth.mode == "off" and not _is_loopback(host):
            raise ValueError(
                f"authentication is off and {self.listen} is not a loopback address: set auth_mode=jwt with "
                "auth_issuer, auth_audience and auth_jwks, or listen on 127.0.0.1"
            )
        if self.metrics_address is not None and self.metrics_address[1] > _LAST_PORT:
            raise ValueError(
                f"{self.listen} leaves no port for the metrics page, whose default is that port + "
                f"{_METRICS_OFFSET}: set telemetry_metrics to host:port or `off`, or listen on a lower port"
            )

    @property
    def metrics_address(self) -> tuple[str, int] | None:
        """Host and port of the Prometheus page; None when it is off."""
        if self.telemetry.metrics == "off":
            return None
        if self.telemetry.metrics is not None:
            return split_address(self.telemetry.metrics)
        host, port = split_address(self.listen)
        return host, port + _METRICS_OFFSET if port else 0
