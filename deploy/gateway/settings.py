"""Settings of the gateway, read once from the environment. Nothing but the standard library is needed."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

STEMS = ("design", "editing", "reference", "segmentation", "instruction", "training")
"""The services that the gateway leads to; where each is, `<STEM>_ADDR` says."""


class SettingError(ValueError):
    """A setting is missing or wrong; the message names its variable and says what to do."""


@dataclass(frozen=True)
class Authentication:
    """Which bearer tokens pass: the settings of the services, by the same names."""

    # The `iss` that tokens carry.
    issuer: str
    # The `aud` that tokens carry.
    audience: str
    # Where the issuer's public keys are: a file, or an https address.
    jwks: str
    # Seconds that fetched keys are trusted.
    lifetime: float
    # Seconds of clock difference that are forgiven.
    leeway: float


@dataclass(frozen=True)
class Settings:
    """What one gateway does."""

    # host:port for browsers and clients.
    listen: str
    # host:port where Envoy tells about itself and is told to drain; loopback only.
    admin: str
    # host:port of the page for Prometheus; None for none.
    metrics: str | None
    # Folder of the built page.
    page: Path
    # Folder for the configuration as it was filled in.
    state: Path
    # host:port of each service's replicas, by its stem; every address of a name is one, too.
    services: Mapping[str, tuple[str, ...]]
    # Who may call; None lets everybody, on loopback only.
    authentication: Authentication | None
    # Origins of other pages that may call from a browser; the gateway's own needs none.
    origins: tuple[str, ...]
    # Models that the page offers, the default first.
    models: tuple[str, ...]
    # Requests a second of one client address, sustained; 0 means no limit.
    rate: float
    # Requests that one client address may send at once.
    burst: int
    # Largest body with a stated length, bytes.
    body_bytes: int
    # Bytes of memory, mostly of requests that are kept for another try; short of them it refuses and cuts.
    heap_bytes: int
    # Proxies before the gateway whose word on the client's address is taken.
    proxies: int
    # Threads of Envoy; 0 takes one a core.
    threads: int
    # Whether each request is a JSON line on standard output.
    access_log: bool
    # Seconds between turning unready and the last new connection.
    drain_delay: float
    # Seconds that requests under way then have to end.
    drain_grace: float


def read(variables: Mapping[str, str]) -> Settings:
    """Return the settings that these variables make.

    Raises:
        SettingError: one is missing, misspelt or wrong.

    """
    variables = {name: value for name, value in variables.items() if value}
    reader = _Reader(variables)
    settings = Settings(
        listen=reader.address("GATEWAY_LISTEN", "127.0.0.1:8080"),
        admin=reader.address("GATEWAY_ADMIN", "127.0.0.1:10080"),
        metrics=reader.address("GATEWAY_METRICS") if "GATEWAY_METRICS" in variables else None,
        page=Path(reader.text("GATEWAY_PAGE", "clients/web/dist")),
        state=Path(reader.text("GATEWAY_STATE", ".langdesign/gateway")),
        services={
            stem: reader.replicas(f"{stem.upper()}_ADDR")
            for stem in STEMS
            if f"{stem.upper()}_ADDR" in variables
        },
        authentication=_authentication(reader),
        origins=reader.texts("GATEWAY_ORIGINS"),
        models=reader.texts("GATEWAY_MODELS"),
        rate=reader.number("GATEWAY_RATE", 0),
        burst=int(reader.number("GATEWAY_BURST", 200, least=1)),
        body_bytes=int(reader.number("GATEWAY_BODY_BYTES", 168 * 1024 * 1024, least=1024)),
        heap_bytes=int(reader.number("GATEWAY_HEAP_BYTES", 768 * 1024 * 1024, least=1024)),
        proxies=int(reader.number("GATEWAY_PROXIES", 0)),
        threads=int(reader.number("GATEWAY_THREADS", 2)),
        access_log=reader.choice("GATEWAY_ACCESS_LOG", ("on", "off")) == "on",
        drain_delay=reader.number("LANGDESIGN_DRAIN_DELAY", 1.5),
        drain_grace=reader.number("LANGDESIGN_DRAIN_GRACE", 30),
    )
    if unknown := sorted(
        name for name in variables if name.startswith("GATEWAY_") and name not in reader.known
    ):
        known = ", ".join(sorted(reader.known))
        raise SettingError(f"{unknown[0]} is no setting: unset it; there are {known}")
    _check_safe(settings)
    return settings


def host_and_port(address: str) -> tuple[str, int]:
    """Return the parts of `host:port` (`[::1]:7004` for IPv6)."""
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def _is_address(text: str) -> bool:
    host, _, port = text.rpartition(":")
    return bool(host) and port.isdecimal() and 0 < int(port) < 65536


def _authentication(reader: "_Reader") -> Authentication | None:
    if reader.choice("LANGDESIGN_AUTH_MODE", ("off", "jwt")) == "off":
        return None
    jwks = reader.text("LANGDESIGN_AUTH_JWKS")
    if "://" in jwks and not jwks.startswith("https://"):
        raise SettingError("LANGDESIGN_AUTH_JWKS could be forged on its way: give an https address or a file")
    if "://" not in jwks and not Path(jwks).is_file():
        raise SettingError(f"LANGDESIGN_AUTH_JWKS: {jwks} is not a file; give the issuer's keys as JSON")
    return Authentication(
        issuer=reader.text("LANGDESIGN_AUTH_ISSUER"),
        audience=reader.text("LANGDESIGN_AUTH_AUDIENCE"),
        jwks=jwks,
        lifetime=reader.number("LANGDESIGN_AUTH_JWKS_LIFETIME", 300, least=1),
        leeway=reader.number("LANGDESIGN_AUTH_LEEWAY", 30),
    )


def _check_safe(settings: Settings) -> None:
    if not _is_loopback(settings.admin):
        raise SettingError("GATEWAY_ADMIN can stop the gateway: let it listen on 127.0.0.1 alone")
    if settings.authentication is None and not _is_loopback(settings.listen):
        raise SettingError(
            f"authentication is off and {settings.listen} is not a loopback address: set "
            "LANGDESIGN_AUTH_MODE=jwt with _ISSUER, _AUDIENCE and _JWKS, or listen on 127.0.0.1"
        )
    if not settings.services:
        raise SettingError("no service to lead to: give DESIGN_ADDR=host:port and the like")
    if not (settings.page / "index.html").is_file():
        raise SettingError(f"GATEWAY_PAGE: {settings.page} has no index.html; run `make web`")


def _is_loopback(address: str) -> bool:
    host, _ = host_and_port(address)
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _Reader:
    """Variables by name, with errors that say them."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self.known: set[str] = {"GATEWAY_METRICS"}

    def text(self, name: str, default: str | None = None) -> str:
        self.known.add(name)
        value = self._variables.get(name, default)
        if value is None:
            raise SettingError(f"{name} is not set: set it")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in self.text(name, "").split(",") if part.strip())

    def number(self, name: str, default: float, least: float = 0) -> float:
        text = self.text(name, str(default))
        try:
            value = float(text)
        except ValueError:
            value = least - 1
        if not least <= value < float("inf"):
            raise SettingError(f"{name}={text}: give a number of at least {least:g}")
        return value

    def address(self, name: str, default: str | None = None) -> str:
        text = self.text(name, default)
        if not _is_address(text):
            raise SettingError(f"{name}={text}: give host:port, such as 127.0.0.1:8080")
        return text

    def replicas(self, name: str) -> tuple[str, ...]:
        """Return the addresses that a target of gRPC names, as the services take it."""
        text = self.text(name)
        _, several, rest = text.partition("ipv4:")
        found = tuple(rest.split(",")) if several else (text,)
        if not all(map(_is_address, found)):
            raise SettingError(
                f"{name}={text}: give host:port, or several replicas as ipv4:10.0.0.1:7005,10.0.0.2:7005"
            )
        return found

    def choice(self, name: str, values: tuple[str, str]) -> str:
        text = self.text(name, values[0])
        if text not in values:
            raise SettingError(f"{name}={text}: give one of {', '.join(values)}")
        return text
