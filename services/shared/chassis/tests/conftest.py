"""One service with a method of every kind, whose behaviour each test gives."""

import asyncio
import datetime
import ipaddress
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from langdesign.segmentation.v1.segmentation_pb2 import SegmentRequest, SegmentResponse
from langdesign_chassis import current_tenant
from langdesign_chassis.testing import Issuer

KINDS = ("UnaryUnary", "UnaryStream", "StreamUnary", "StreamStream")


class Echo:
    """``langdesign.echo.v1.EchoService``; every method awaits ``behaviour(request)`` for each request."""

    name = "langdesign.echo.v1.EchoService"

    def __init__(self):
        self.behaviour = self.answer
        self.seen = []

    async def answer(self, request):
        return SegmentResponse(width=len(request.expressions))

    def register(self, server, runtime):
        messages = {
            "request_deserializer": SegmentRequest.FromString,
            "response_serializer": SegmentResponse.SerializeToString,
        }
        server.add_generic_rpc_handlers(
            (
                grpc.method_handlers_generic_handler(
                    self.name,
                    {
                        "UnaryUnary": grpc.unary_unary_rpc_method_handler(self._unary_unary, **messages),
                        "UnaryStream": grpc.unary_stream_rpc_method_handler(self._unary_stream, **messages),
                        "StreamUnary": grpc.stream_unary_rpc_method_handler(self._stream_unary, **messages),
                        "StreamStream": grpc.stream_stream_rpc_method_handler(
                            self._stream_stream, **messages
                        ),
                    },
                ),
            )
        )

    async def _unary_unary(self, request, context):
        self.seen.append(current_tenant())
        return await self.behaviour(request)

    async def _unary_stream(self, request, context):
        yield await self.behaviour(request)

    async def _stream_unary(self, requests, context):
        return [await self.behaviour(request) async for request in requests][-1]

    async def _stream_stream(self, requests, context):
        async for request in requests:
            yield await self.behaviour(request)

    async def call(self, channel, request=None, kind="UnaryUnary", **options):
        """Calls a method; returns its last response."""
        request = request or valid_request()
        multi = getattr(channel, _snake(kind))(
            f"/{self.name}/{kind}",
            request_serializer=SegmentRequest.SerializeToString,
            response_deserializer=SegmentResponse.FromString,
        )
        call = multi(iter([request]) if kind.startswith("Stream") else request, **options)
        if kind.endswith("Unary"):
            return await call
        return [response async for response in call][-1]


def _snake(kind):
    return {"UnaryUnary": "unary_unary", "UnaryStream": "unary_stream", "StreamUnary": "stream_unary"}.get(
        kind, "stream_stream"
    )


def valid_request(*expressions):
    request = SegmentRequest(expressions=expressions or ("the chair",))
    request.image.data = b"picture"
    return request


@pytest.fixture
def echo():
    return Echo()


@pytest.fixture
def request_of():
    return valid_request


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture
def issuer():
    return Issuer()


@dataclass
class Authority:
    """A certificate authority that writes PEM files."""

    folder: Path
    name: str = "test authority"

    def __post_init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self._sign(self.name, self.key, self.key, self.name, authority=True)
        self.path = self._write("ca", self.certificate.public_bytes(serialization.Encoding.PEM))

    def issue(self, name):
        """Returns the paths of a certificate for 127.0.0.1 and of its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._sign(name, key, self.key, self.name, authority=False)
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return (
            self._write(f"{name}-certificate", certificate.public_bytes(serialization.Encoding.PEM)),
            self._write(f"{name}-key", pem),
        )

    def _write(self, name, content):
        path = self.folder / f"{self.name}-{name}.pem"
        path.write_bytes(content)
        return path

    def _sign(self, subject, key, signer, issuer, *, authority):
        now = datetime.datetime.now(datetime.UTC)
        address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
        return (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(minutes=5))
            .not_valid_after(now + datetime.timedelta(hours=1))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([address]), critical=False)
            .sign(signer, hashes.SHA256())
        )


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


@pytest.fixture
def new_authority(tmp_path):
    return lambda name: Authority(tmp_path, name)


class Gate:
    """A behaviour that waits until it is opened, and tells who has come and who was cancelled."""

    def __init__(self):
        self.entered = asyncio.Semaphore(0)
        self.cancelled = asyncio.Event()
        self._open = asyncio.Event()

    async def __call__(self, request):
        self.entered.release()
        try:
            await self._open.wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        return SegmentResponse(width=1)

    def open(self):
        self._open.set()


@pytest.fixture
async def gate():
    return Gate()
