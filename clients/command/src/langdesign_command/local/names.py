"""A name server for tests: several addresses behind one name, which change as a cluster's do.

DNS: RFC 1035, one question a message, answers of type A alone.
"""

import asyncio
import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import cast

_A, _IN, _HEADER = 1, 1, 12
_ANSWER = 0x8580  # a response, authoritative, recursion asked for and available


class Names(asyncio.DatagramProtocol):
    """Answers every question for IPv4 addresses with `addresses`, and any other one with none.

    Attributes:
        addresses: Of any name; what is changed holds from the next question on.
        port: Where it listens, on 127.0.0.1.

    """

    def __init__(self, addresses: Sequence[str]) -> None:
        self.addresses = list(addresses)
        self.port = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note where it listens."""
        self._transport = cast(asyncio.DatagramTransport, transport)
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, sender: tuple[str, int]) -> None:
        """Answer a question."""
        end = data.index(b"\0", _HEADER) + 5
        kind, _ = struct.unpack("!HH", data[end - 4 : end])
        found = self.addresses if kind == _A else ()
        header = data[:2] + struct.pack("!HHHHH", _ANSWER, 1, len(found), 0, 0)
        records = [
            struct.pack("!HHHIH", 0xC000 | _HEADER, _A, _IN, 0, 4) + bytes(map(int, address.split(".")))
            for address in found
        ]
        self._transport.sendto(header + data[_HEADER:end] + b"".join(records), sender)


@asynccontextmanager
async def name_server(*addresses: str) -> AsyncIterator[Names]:
    """Serve names while the context lasts."""
    loop = asyncio.get_running_loop()
    transport, names = await loop.create_datagram_endpoint(
        lambda: Names(addresses), local_addr=("127.0.0.1", 0)
    )
    try:
        yield names
    finally:
        transport.close()
