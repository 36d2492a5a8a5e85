"""Settings of the chassis, read once from ``LANGDESIGN_*`` variables at start, never at import."""

import difflib
import ipaddress
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from langdesign_chassis.errors import StartError

_ASYMMETRIC = {f"{family}{bits}" for family in ("RS", "PS", "ES") for bits in (256, 384, 512)} | {"EdDSA"}
_MASK = "********"
_OTHERS = ("LANGDESIGN_CLIENT_", "LANGDESIGN_REGISTRY", "LANGDESIGN_TEST")  # read by others than services
_USER = re.compile(r"(?<=://)\S*@")  # greedy: an unescaped `/` or `@` in a secret is masked as well
_LAST_PORT = 65535
_METRICS_OFFSET = 2000
S = TypeVar("S", bound=BaseSettings)


class _Group(BaseModel):
    model_config = {"extra": "forbid", "frozen": True, "use_attribute_docstrings": True}


class TlsSettings(_Group):
    """Certificates, PEM files; read again when they change on disk."""

    certificate: Path | None = None
    """Certificate chain of this process; with it, the server speaks only TLS."""
    key: Path | None = None
    """Private key of the certificate."""
    ca: Path | None = None
    """Authorities that this process trusts as a client; with it, peers are called over TLS."""
    client_ca: Path | None = None
    """Authorities whose client certificates the server demands (mTLS)."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key go together: give both or neither")
        if self.client_ca is not None and self.certificate is None:
            raise ValueError("client_ca (mTLS) needs certificate and key too")
        for path in (self.certificate, self.key, self.ca, self.client_ca):
            if path is not None and not path.is_file():
                raise ValueError(f"{path} is not a file; give a PEM file")
        return self


class AuthSettings(_Group):
    """Who may call: bearer tokens (JWT)."""

    mode: Literal["off", "jwt"] = "off"
    """``off`` is allowed only when listening on loopback."""
    issuer: str | None = None
    """The ``iss`` that tokens must carry."""
    audience: str | None = None
    """The ``aud`` that tokens must carry."""
    jwks: str | None = None
    """Where the issuer's public keys are: a file, or an https URL."""
    jwks_lifetime: float = Field(default=300.0, gt=0)
    """Seconds that fetched keys are trusted before they are fetched again."""
    algorithms: str = "RS256,PS256,ES256,EdDSA"
    """Signatures that are accepted, comma-separated; asymmetric ones only."""
    tenant_claim: str = "tenant"
    """The claim that names the tenant; a token without it is refused."""
    leeway: float = Field(default=30.0, ge=0)
    """Seconds of clock difference that are forgiven."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        missing = [name for name in ("issuer", "audience", "jwks") if getattr(self, name) is None]
        if self.mode == "jwt" and missing:
            raise ValueError(f"mode jwt needs {', '.join(missing)} too")
        if self.jwks is not None and self.jwks.startswith("http://"):
            host = urlsplit(self.jwks).hostname or ""
            if not _is_loopback(host):
                raise ValueError("jwks over http could be forged on its way: give an https URL or a file")
        if bad := set(self.algorithms.split(",")) - _ASYMMETRIC:
            raise ValueError(
                f"algorithms {', '.join(sorted(bad))}: choose among {', '.join(sorted(_ASYMMETRIC))}"
            )
        return self


class LimitSettings(_Group):
    """What one process takes on. The excess gets RESOURCE_EXHAUSTED at once; nothing queues here."""

    concurrency: int = Field(default=64, ge=1)
    """Calls in progress."""
    rate: float = Field(default=0.0, ge=0)
    """Calls a second of one tenant, sustained; 0 means no limit."""
    burst: int = Field(default=20, ge=1)
    """Calls that a tenant may make at once on top of the rate."""
    message_bytes: int = Field(default=168 * 1024 * 1024, ge=1024)
    """Largest message in and out, bytes; above the 160 MiB of an image."""


class DeadlineSettings(_Group):
    """How long a call may take, seconds."""

    default: float = Field(default=60.0, gt=0)
    """For callers that give no deadline."""
    maximum: float = Field(default=3600.0, gt=0)
    """No call takes longer, whatever its caller asks."""


class KeepaliveSettings(_Group):
    """How a dead peer is noticed, both sides, seconds."""

    time: float = Field(default=20.0, gt=0)
    """Silence before a ping."""
    timeout: float = Field(default=5.0, gt=0)
    """Wait for its answer before the connection counts as dead."""
    max_connection_age: float = Field(default=300.0, gt=0)
    """Age at which the server asks a client to connect anew, so that load spreads to new replicas."""
    max_connection_age_grace: float = Field(default=600.0, gt=0)
    """How long calls on such a connection may still go on."""


class DrainSettings(_Group):
    """How a process stops on SIGTERM, seconds."""

    delay: float = Field(default=1.5, ge=0)
    """Time between NOT_SERVING and refusing new calls, in which clients turn to other replicas."""
    grace: float = Field(default=30.0, ge=0)
    """Time that calls in progress then have to finish."""


class TelemetrySettings(_Group):
    """What a process tells about itself."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """Log level. Prompts are logged at debug only, images never."""
    format: Literal["json", "text"] = "json"
    """One JSON object a line, or text for people."""
    metrics: str | None = None
    """Address of the Prometheus page; by default the listening host and its port + 2000. ``off`` for none."""
    otlp: str | None = None
    """OTLP/gRPC collector for traces, such as ``http://collector:4317``; without it they stay in the logs."""
    otlp_headers: SecretStr | None = None
    """Headers for the collector, ``name=value,name=value``."""
    sample: float = Field(default=1.0, ge=0, le=1)
    """Share of new traces that are kept; the caller's decision comes first."""

    @field_validator("metrics")
    @classmethod
    def _address(cls, metrics: str | None) -> str | None:
        if metrics not in (None, "off"):
            split_address(metrics)
        return metrics


class AuditSettings(_Group):
    """The audit log: who changed what, one JSON object a call."""

    to: str = "stdout"
    """``stdout``, ``off``, or a file that lines are appended to; a file that was rotated is opened anew."""
    instructions: bool = False
    """Whether the lines hold what a person wrote, too: instructions and titles."""

    @field_validator("to")
    @classmethod
    def _writable(cls, to: str) -> str:
        if to not in ("stdout", "off") and not Path(to).absolute().parent.is_dir():
            raise ValueError(f"the folder of {to} does not exist; make it, or give `stdout` or `off`")
        return to


class ChassisSettings(BaseSettings):
    """Settings of every service. A group's field joins with ``_``: ``LANGDESIGN_AUTH_ISSUER``."""

    model_config = SettingsConfigDict(
        env_prefix="LANGDESIGN_",
        env_nested_delimiter="_",
        env_nested_max_split=1,
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
    )

    listen: str = "127.0.0.1:0"
    """Address to listen on, host:port; port 0 takes a free one. A service has its own default."""
    startup: float = Field(default=300.0, gt=0)
    """Seconds that the dependencies have to become ready before the service gives up."""
    tls: TlsSettings = TlsSettings()
    auth: AuthSettings = AuthSettings()
    limits: LimitSettings = LimitSettings()
    deadline: DeadlineSettings = DeadlineSettings()
    keepalive: KeepaliveSettings = KeepaliveSettings()
    drain: DrainSettings = DrainSettings()
    telemetry: TelemetrySettings = TelemetrySettings()
    audit: AuditSettings = AuditSettings()

    @model_validator(mode="after")
    def _safe(self) -> Self:
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
        return self

    @property
    def metrics_address(self) -> tuple[str, int] | None:
        """Host and port of the Prometheus page; None when it is off."""
        if self.telemetry.metrics == "off":
            return None
        if self.telemetry.metrics is not None:
            return split_address(self.telemetry.metrics)
        host, port = split_address(self.listen)
        return host, port + _METRICS_OFFSET if port else 0


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


def load(kind: type[S], **values: Any) -> S:
    """Read settings from the environment, ``values`` first.

    Raises:
        StartError: A setting is wrong or misspelt; the message names its variable, and not its value.
    """
    _refuse_unknown(kind)
    try:
        return kind(**values)
    except ValidationError as error:
        prefix = kind.model_config.get("env_prefix", "")
        problems = [
            f"{_variable(prefix, problem['loc'])}: {_reason(problem['msg'])}" for problem in error.errors()
        ]
        raise StartError(
            "wrong setting: " + "; ".join(problems), hint="--show-settings lists them all"
        ) from None
    except SettingsError as error:
        raise StartError(f"unreadable setting: {error}", hint="--show-settings lists them all") from None


def _refuse_unknown(kind: type[BaseSettings]) -> None:
    """Raise StartError on a variable with the prefix that is no setting: it would be ignored."""
    prefix = str(kind.model_config.get("env_prefix", "")).upper()
    if not prefix:
        return
    known = set(_names(kind, prefix))
    for name in sorted(map(str.upper, os.environ)):
        if name in known or not name.startswith(prefix) or name.startswith(_OTHERS):
            continue
        if name == f"{prefix}ADDR":  # where peers find this service
            continue
        near = difflib.get_close_matches(name, known, n=1)
        meant = f"did you mean {near[0]}?" if near else "unset it;"
        raise StartError(f"{name} is no setting", hint=f"{meant} --show-settings lists them all")


def _names(kind: type[BaseModel], prefix: str) -> Iterator[str]:
    """Yield every variable that is read, those of groups as a whole (JSON) too."""
    for name, field in kind.model_fields.items():
        alias = field.validation_alias
        yield alias.upper() if isinstance(alias, str) else f"{prefix}{name}".upper()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _names(field.annotation, f"{prefix}{name}_")


def _variable(prefix: str, location: Sequence[int | str]) -> str:
    return (prefix + "_".join(str(part) for part in location)).upper().rstrip("_") or prefix


def _reason(message: str) -> str:
    return message.removeprefix("Value error, ")


def describe(settings: BaseSettings) -> Iterator[str]:
    """Yield ``NAME=value  # what it is`` for every setting, secrets and users in URLs masked."""
    yield from _describe(settings, str(settings.model_config.get("env_prefix", "")))


def _describe(group: BaseModel, prefix: str) -> Iterator[str]:
    for name, field in type(group).model_fields.items():
        value = getattr(group, name)
        alias = field.validation_alias
        if isinstance(value, BaseModel):
            yield from _describe(value, f"{prefix}{name}_")
            continue
        variable = alias if isinstance(alias, str) else f"{prefix}{name}"
        shown = _MASK if isinstance(value, SecretStr) else "" if value is None else _masked(value)
        yield f"{variable.upper()}={shown}  # {field.description or field.title or ''}".rstrip(" #")


def _masked(value: object) -> object:
    return _USER.sub(f"{_MASK}@", value) if isinstance(value, str) else value
