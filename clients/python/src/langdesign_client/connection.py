"""Where the services are, and how a channel to them is made."""

import difflib
import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import grpc

from langdesign_client.addresses import LOCAL_ADDRESSES, address_hint, is_address, is_loopback
from langdesign_client.errors import InvalidInputError
from langdesign_client.media import read_file
from langdesign_client.messages import boolean, of_kind, seconds

MAX_MESSAGE_BYTES = 168 * 1024 * 1024
"""Largest message in and out, bytes: above the 160 MiB of an image."""

_SERVICE_CONFIG = {
    "loadBalancingConfig": [{"round_robin": {}}],
    "methodConfig": [
        {
            # Safe for every method: whatever changes something carries an idempotency key.
            "name": [{}],
            "retryPolicy": {
                "maxAttempts": 4,
                "initialBackoff": "0.1s",
                "maxBackoff": "2s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ],
}

# A server that starts or drains gets no new calls; one without a health service counts as healthy.
_HEALTH = {"healthCheckConfig": {"serviceName": ""}}

_OPTIONS: tuple[tuple[str, int | str], ...] = (
    # A call larger than the buffer would not be retried, and a picture is.
    ("grpc.per_rpc_retry_buffer_size", MAX_MESSAGE_BYTES + 1024 * 1024),
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.http2.ping_timeout_ms", 5_000),  # or a ping under way counts 60 s
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
    # A name is asked for again when a connection ends; by default not before 30 s are over.
    ("grpc.dns_min_time_between_resolutions_ms", 2_000),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
)

_PEM = b"-----BEGIN "
_TOKEN = re.compile(r"[!-~]*")  # what is visible of ASCII

HINT = 'give Connection(addresses=everywhere("127.0.0.1:8080")), or of each service its address'
"""What to give where a client is given something else than a connection."""


@dataclass(frozen=True)
class Connection:
    """Where the services are, who calls, and how long a call may take.

    Raises:
        InvalidInputError: there is no such service, an address is malformed, a file is missing or no PEM, a
            token would travel in the clear or fits no header, the time-out is none, or an argument is of
            another type.

    """

    # host:port of each service by its stem; what is left out is a local service.
    addresses: Mapping[str, str] = field(default_factory=dict)
    # Bearer token; sent over TLS, to loopback, or in a trusted network.
    token: str | None = field(default=None, repr=False)
    # PEM file with the authorities to trust; with it, every service is called over TLS.
    ca: Path | None = None
    # PEM files of the client's certificate and key, for mTLS.
    certificate: Path | None = None
    key: Path | None = None
    # Call over TLS with the system's authorities.
    tls: bool = False
    # Send the token without TLS too: in a cluster whose network, or mesh, keeps it.
    trusted_network: bool = False
    # Seconds that a call may take; an edit has its own.
    timeout: float = 60.0

    def __post_init__(self) -> None:
        hint = 'give {"editing": "127.0.0.1:7004"}, or `everywhere("127.0.0.1:8080")` for one server'
        of_kind(self.addresses, Mapping, "addresses", hint)
        _require_known(self.addresses)
        object.__setattr__(self, "addresses", MappingProxyType(LOCAL_ADDRESSES | dict(self.addresses)))
        seconds(self.timeout)
        for name in ("tls", "trusted_network"):
            boolean(getattr(self, name), name)
        _require_token(self.token)
        for stem, address in self.addresses.items():
            if not isinstance(address, str) or not is_address(address):
                raise InvalidInputError(
                    f"{address!r} is no address for the {stem} service", hint=address_hint(str(address))
                )
            kept = self.secure or self.trusted_network or is_loopback(address)
            if self.token and not kept:
                raise InvalidInputError(
                    f"the token would travel unencrypted to {address}",
                    hint="call over TLS: --tls, or --ca with a PEM file (in a cluster: --trusted-network)",
                )
        if (self.certificate is None) != (self.key is None):
            raise InvalidInputError("certificate and key go together", hint="give both or neither")
        for name in ("ca", "certificate", "key"):
            self._take_file(name)

    def _take_file(self, name: str) -> None:
        given = getattr(self, name)
        if given is None:
            return
        of_kind(given, str | os.PathLike, name, "give the path of a PEM file")
        if not Path(given).is_file():
            raise InvalidInputError(f"{given} is not a file", hint="give a PEM file")
        if _PEM not in read_file(Path(given)):
            raise InvalidInputError(
                f"{name} is {given}, which is no PEM file", hint="give one with a line -----BEGIN ...-----"
            )
        object.__setattr__(self, name, Path(given))

    @property
    def secure(self) -> bool:
        """Whether calls go over TLS."""
        return self.tls or self.ca is not None or self.certificate is not None

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        """Metadata of every call."""
        return (("authorization", f"Bearer {self.token}"),) if self.token else ()

    @property
    def options(self) -> tuple[tuple[str, int | str], ...]:
        """Options of every channel: retries with jitter, round robin, message limit and keepalive.

        Servers are asked for their health, but not a gateway (one address for all), which looks after that.
        """
        gateway = len(set(self.addresses.values())) == 1
        config = _SERVICE_CONFIG if gateway else _SERVICE_CONFIG | _HEALTH
        return (("grpc.service_config", json.dumps(config)), *_OPTIONS)

    def channel_options(self, stem: str) -> tuple[tuple[str, int | str], ...]:
        """Return the options of a service's channel; to this machine, no proxy lies between."""
        direct = is_loopback(self.addresses[stem])
        return (*self.options, ("grpc.enable_http_proxy", 0)) if direct else self.options

    def target(self, stem: str) -> str:
        """Return the target of a service, such that every address of its name is used in turn."""
        return f"dns:///{self.addresses[stem]}"

    def credentials(self) -> grpc.ChannelCredentials:
        """Return the TLS credentials, read from the files now."""
        return grpc.ssl_channel_credentials(*(_read(path) for path in (self.ca, self.key, self.certificate)))


def everywhere(address: str) -> dict[str, str]:
    """Return the addresses for one server that offers every service, such as a gateway.

    Raises:
        InvalidInputError: it is no text.

    """
    of_kind(address, str, "address", f"give HOST:PORT, such as {LOCAL_ADDRESSES['editing']}")
    return dict.fromkeys(LOCAL_ADDRESSES, address)


def _require_token(token: object) -> None:
    """Refuse what no header can carry; a token is told nobody."""
    of_kind(token, str | None, "token", "give text")
    if isinstance(token, str) and not _TOKEN.fullmatch(token):
        raise InvalidInputError(
            "token has a space, a line break, or a character beyond ASCII",
            hint="give the token alone, without what ends its line in a file",
        )


def _require_known(stems: Iterable[object]) -> None:
    for stem in stems:
        if stem not in LOCAL_ADDRESSES:
            near = difflib.get_close_matches(str(stem), LOCAL_ADDRESSES, n=1)
            hint = f"did you mean {near[0]}?" if near else f"choose from {', '.join(LOCAL_ADDRESSES)}"
            raise InvalidInputError(f"there is no service {stem!r}", hint=hint)


def _read(path: Path | None) -> bytes | None:
    return path.read_bytes() if path else None
