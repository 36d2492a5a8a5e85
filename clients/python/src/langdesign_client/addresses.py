"""Where each service listens on one machine. Imports nothing of gRPC."""

import ipaddress

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


def is_address(text: str) -> bool:
    """Tell whether a text is host:port."""
    host, separator, port = text.rpartition(":")
    return bool(separator and host and port.isdecimal() and 0 < int(port) < 65536)


def is_loopback(address: str) -> bool:
    """Tell whether host:port is on this machine."""
    host = address.rpartition(":")[0].strip("[]")
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
