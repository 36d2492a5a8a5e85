"""Where each service listens on one machine. Imports nothing of gRPC."""

import ipaddress
import re
from urllib.parse import urlsplit

LOCAL_PORTS = {
    "instruction": 7001,
    "reference": 7002,
    "segmentation": 7003,
    "editing": 7004,
    "design": 7005,
    "training": 7006,
}
"""gRPC port of each service by its stem, as `langdesign up` starts them."""

LOCAL_ADDRESSES = {stem: f"127.0.0.1:{port}" for stem, port in LOCAL_PORTS.items()}
"""host:port of each service by its stem."""


_SCHEME_PORTS = {"http": 80, "https": 443}
_NO_HOST = re.compile(r"[/\s@?#]")
_EXAMPLE = "127.0.0.1:7004"


def is_address(text: str) -> bool:
    """Tell whether a text is host:port."""
    host, separator, port = text.rpartition(":")
    number = port.isascii() and port.isdecimal() and 0 < int(port) < 65536
    return bool(separator and host and number and not _NO_HOST.search(host))


def address_hint(text: str) -> str:
    """Return what to write in place of a text that is no host:port; of a URL, the address in it."""
    scheme, separator, _ = text.partition("://")
    if not separator:
        return f"write HOST:PORT, such as {_EXAMPLE}"
    told = f"an address is HOST:PORT without a scheme: write {_within(text) or f'such as {_EXAMPLE}'}"
    return f"{told}, with TLS (--tls)" if scheme.lower() == "https" else told


def _within(url: str) -> str:
    """Return the host:port of a URL; empty where it has none."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or _SCHEME_PORTS.get(parts.scheme)
    except ValueError:
        return ""
    if not host or not port:
        return ""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def is_loopback(address: str) -> bool:
    """Tell whether host:port is on this machine."""
    host = address.rpartition(":")[0].strip("[]")
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
