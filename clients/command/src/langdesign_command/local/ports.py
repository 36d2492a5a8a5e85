"""Which ports a local run takes, and whether they are free."""

import random
import socket
from collections.abc import Iterable

import psutil

from langdesign_command.errors import StartError
from langdesign_command.local.stack import HOST, SERVICES, Service

# Every port stays below 32768, from where on Linux gives ports to connections and could take a free one.
_OFFSETS = range(1_000, 22_000, 10)


def check_ports(services: Iterable[Service], offset: int) -> None:
    """Check that every port is free.

    Raises:
        StartError: one is not; names it, who has it where that can be seen, and the hint.

    """
    for service in services:
        for use, port in service.ports.items():
            if not 0 < port + offset < 65536:
                raise StartError(
                    f"--port-offset {offset} makes port {port + offset}", hint="choose one from 0 to 50000"
                )
            if not _free(port + offset):
                raise StartError(
                    f"Port {port + offset} ({service.name}, {use}) is in use{_by_whom(port + offset)}",
                    hint="stop that process, or start with another --port-offset, such as 100, and "
                    "a --data of its own: one folder serves one run",
                )


def free_offset() -> int:
    """Return an offset at which every port of the table is free now.

    Raises:
        StartError: none was found.

    """
    ports = [port for service in SERVICES for port in service.ports.values()]
    for offset in random.sample(_OFFSETS, 50):  # random, so that runs side by side seldom meet
        if all(_free(port + offset) for port in ports):
            return offset
    raise StartError("No free ports were found", hint="stop some servers on this machine")


def reachable(address: str) -> bool:
    """Tell whether something accepts connections at host:port within a second."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
    except OSError:
        return False
    return True


def _free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: a port whose last connection is still winding down counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _by_whom(port: int) -> str:
    try:
        owners = [
            connection.pid
            for connection in psutil.net_connections("tcp")
            if connection.laddr and connection.laddr.port == port and connection.status == psutil.CONN_LISTEN
        ]
        return f" by process {owners[0]} ({psutil.Process(owners[0]).name()})" if owners and owners[0] else ""
    except psutil.Error:
        return ""  # others' connections are hidden from this user
