"""What a check does to a running deployment, whatever runs it: a cluster, or processes of this machine."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from langdesign_client import AsyncClient


class Place(Protocol):
    """A deployment with one model server at first; entering it starts everything, leaving it ends that."""

    name: str
    """What it is, for people."""
    connection_age: float
    """Seconds after which clients learn of a new model server at the latest."""

    async def __aenter__(self) -> "Place":
        """Start everything, and wait until it serves."""
        ...

    async def __aexit__(self, *error: object) -> None:
        """End what was started."""
        ...

    def client(self) -> AbstractAsyncContextManager[AsyncClient]:
        """Return a client of the deployment."""
        ...

    async def roll(self) -> str:
        """Replace every replica of the services by a new one; return what was replaced."""
        ...

    async def scale(self, count: int) -> None:
        """Run so many model servers, 1 or 2, and wait until they serve; a new one is the last."""
        ...

    async def calls(self) -> list[int]:
        """Return how many calls of its model `edit` each model server has answered, the oldest first."""
        ...

    async def kill_model(self) -> None:
        """Kill the processes of the oldest model server's models, and not the server."""
        ...

    async def until_model_served_again(self) -> None:
        """Wait until that server's models were there again."""
        ...
