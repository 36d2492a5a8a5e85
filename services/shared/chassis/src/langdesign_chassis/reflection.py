"""What a server offers, told to those who ask it: reflection in its first version and the one before."""

from collections.abc import Sequence
from typing import Any

import grpc
from grpc_health.v1 import health

V1 = "grpc.reflection.v1.ServerReflection"
V1ALPHA = "grpc.reflection.v1alpha.ServerReflection"


def add_reflection(server: grpc.aio.Server, services: Sequence[str]) -> None:
    """Lets callers ask which services there are, and for their contracts.

    The library has v1alpha alone. Version 1 is the same on the wire under another name, which is what
    clients ask for first.

    Args:
        server: Gets both.
        services: Full names of the services that it serves.
    """
    server.add_generic_rpc_handlers((_Reflection((*services, health.SERVICE_NAME, V1, V1ALPHA)),))


class _Reflection(grpc.GenericRpcHandler):
    """Both versions, loaded when somebody asks: they take some megabytes, and people ask, not services."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._handler: grpc.RpcMethodHandler[Any, Any] | None = None

    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> "grpc.RpcMethodHandler[Any, Any] | None":
        """Return the handler of a call, None where it is none of reflection's."""
        if handler_call_details.method not in {f"/{name}/ServerReflectionInfo" for name in (V1, V1ALPHA)}:
            return None
        if self._handler is None:
            self._handler = _handler(self._names)
        return self._handler


def _handler(names: Sequence[str]) -> "grpc.RpcMethodHandler[Any, Any]":
    from grpc_reflection.v1alpha import reflection, reflection_pb2  # noqa: PLC0415 - see `_Reflection`

    _describe_v1()
    return grpc.stream_stream_rpc_method_handler(
        reflection.aio.ReflectionServicer(names).ServerReflectionInfo,
        request_deserializer=reflection_pb2.ServerReflectionRequest.FromString,
        response_serializer=reflection_pb2.ServerReflectionResponse.SerializeToString,
    )


def _describe_v1() -> None:
    """Put version 1's own contract to the others that are known here."""
    from google.protobuf import descriptor_pool, json_format  # noqa: PLC0415 - see `_Reflection`
    from google.protobuf.descriptor_pb2 import FileDescriptorProto  # noqa: PLC0415
    from grpc_reflection.v1alpha import reflection_pb2  # noqa: PLC0415

    pool = descriptor_pool.Default()
    try:
        pool.FindServiceByName(V1)
    except KeyError:
        told = FileDescriptorProto()
        reflection_pb2.DESCRIPTOR.CopyToProto(told)
        as_v1 = json_format.MessageToJson(told).replace("v1alpha", "v1")
        pool.Add(json_format.Parse(as_v1, FileDescriptorProto()))
