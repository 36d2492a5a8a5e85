"""What a server offers, told to those who ask it: reflection in its first version and the one before."""

from collections.abc import Sequence

import grpc
from google.protobuf import descriptor_pool, json_format
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_health.v1 import health
from grpc_reflection.v1alpha import reflection, reflection_pb2

V1 = "grpc.reflection.v1.ServerReflection"


def add_reflection(server: grpc.aio.Server, services: Sequence[str]) -> None:
    """Lets callers ask which services there are, and for their contracts.

    The library has v1alpha alone. Version 1 is the same on the wire under another name, which is what
    clients ask for first.

    Args:
        server: Gets both.
        services: Full names of the services that it serves.
    """
    names = (*services, health.SERVICE_NAME, V1, reflection.SERVICE_NAME)
    _describe_v1()
    servicer = reflection.aio.ReflectionServicer(names)
    handler = grpc.stream_stream_rpc_method_handler(
        servicer.ServerReflectionInfo,
        request_deserializer=reflection_pb2.ServerReflectionRequest.FromString,
        response_serializer=reflection_pb2.ServerReflectionResponse.SerializeToString,
    )
    for name in (V1, reflection.SERVICE_NAME):
        handlers = grpc.method_handlers_generic_handler(name, {"ServerReflectionInfo": handler})
        server.add_generic_rpc_handlers((handlers,))


def _describe_v1() -> None:
    """Put version 1's own contract to the others that are known here."""
    pool = descriptor_pool.Default()
    try:
        pool.FindServiceByName(V1)
    except KeyError:
        told = FileDescriptorProto()
        reflection_pb2.DESCRIPTOR.CopyToProto(told)
        as_v1 = json_format.MessageToJson(told).replace("v1alpha", "v1")
        pool.Add(json_format.Parse(as_v1, FileDescriptorProto()))
