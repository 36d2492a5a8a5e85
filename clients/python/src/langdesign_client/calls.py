"""Calls as values: what to call, with what, and how to read the answer. The clients run them."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from google.protobuf import message_factory
from google.protobuf.descriptor import FileDescriptor, MethodDescriptor
from google.protobuf.message import Message

from langdesign_client.messages import of_kind

T = TypeVar("T")


@dataclass(frozen=True)
class Call(Generic[T]):
    """A request to a method, whose answer (or each answer of a stream) is read as a `T`."""

    method: MethodDescriptor
    request: Message
    read: Callable[[Any], T]

    @property
    def stem(self) -> str:
        """Name of the service: ``editing`` of ``langdesign.editing.v1.EditingService``."""
        return str(self.method.containing_service.full_name.split(".")[1])

    @property
    def path(self) -> str:
        """Path of the method, as gRPC names it."""
        return f"/{self.method.containing_service.full_name}/{self.method.name}"

    @property
    def response_type(self) -> type[Message]:
        """Class of the answer's message."""
        return message_factory.GetMessageClass(self.method.output_type)

    @property
    def method_arguments(self) -> dict[str, Any]:
        """Arguments with which a channel of gRPC makes the method's callable."""
        return {
            "method": self.path,
            "request_serializer": type(self.request).SerializeToString,
            "response_deserializer": self.response_type.FromString,
        }


class Unary(Call[T]):
    """A call with one answer."""


class Streaming(Call[T]):
    """A call with a stream of answers."""


@dataclass(frozen=True)
class Page(Generic[T]):
    """A page of a list; `next_token` is empty on the last."""

    items: tuple[T, ...]
    next_token: str


Listing = Callable[[str], Unary[Page[T]]]
"""The call for the page with a token; the empty token asks for the first."""


_CALLS = "give what a function of langdesign_client's modules returns, such as"


def require_unary(call: object) -> None:
    """Refuse what is no call with one answer.

    Raises:
        InvalidInputError: it is something else.

    """
    of_kind(call, Unary, "call", f"{_CALLS} designs.get(...); pages go to `list`, streams to `stream`")


def require_streaming(call: object) -> None:
    """Refuse what is no call with a stream of answers.

    Raises:
        InvalidInputError: it is something else.

    """
    of_kind(call, Streaming, "call", f"{_CALLS} triples.generate(...); one answer comes by `call`")


def require_listing(listing: object) -> None:
    """Refuse what does not ask for pages.

    Raises:
        InvalidInputError: it is something else.

    """
    of_kind(listing, Callable, "listing", f"{_CALLS} designs.list_designs()")


def method(file: FileDescriptor, service: str, name: str) -> MethodDescriptor:
    """Return a method of a contract."""
    return file.services_by_name[service].methods_by_name[name]


def new_key() -> str:
    """Return a new idempotency key."""
    return str(uuid.uuid4())
