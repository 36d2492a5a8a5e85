"""Why a server cannot be reached is told as what it is."""

import contextlib
import socket
import ssl
import subprocess
import threading
from concurrent import futures

import grpc
import langdesign_client as lc
import pytest
from langdesign.reference.v1 import reference_pb2, reference_pb2_grpc
from langdesign_client.errors import UnavailableError

NOBODY = "http://127.0.0.1:9"  # the port of the discard protocol, where no proxy listens


class Reader(reference_pb2_grpc.ReferenceServiceServicer):
    def PlanEdit(self, request, context):
        return reference_pb2.PlanEditResponse(plan=reference_pb2.Plan(language="en"))


def add(server):
    reference_pb2_grpc.add_ReferenceServiceServicer_to_server(Reader(), server)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 alone, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    files = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-keyout", files[0], "-out", files[1], "-days", "1", "-subj", "/CN=room", "-addext",
         "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    return files


@pytest.fixture
def over_tls(certificate):
    server = grpc.server(futures.ThreadPoolExecutor(1))
    add(server)
    credentials = grpc.ssl_server_credentials([tuple(path.read_bytes() for path in certificate)])
    port = server.add_secure_port("127.0.0.1:0", credentials)
    server.start()
    yield f"127.0.0.1:{port}"
    server.stop(None).wait(5)


def refer(address, **connection):
    with lc.Client(lc.Connection(addresses={"reference": address}, timeout=10, **connection)) as client:
        return client.refer("Make the bed red.").language


@pytest.mark.parametrize("variable", ["grpc_proxy", "https_proxy", "http_proxy"])
def test_what_is_on_this_machine_is_called_past_any_proxy(serve_in_threads, monkeypatch, variable):
    monkeypatch.setenv(variable, NOBODY)
    monkeypatch.delenv("no_proxy", raising=False)
    assert refer(serve_in_threads(add)) == "en"


def test_a_proxy_on_the_way_to_another_machine_is_named(monkeypatch):
    monkeypatch.setenv("http_proxy", NOBODY)
    with pytest.raises(UnavailableError) as failed:
        refer("192.0.2.1:7002")  # an address of documentation, which is nobody's
    assert "calls go through http_proxy, unless no_proxy names 192.0.2.1" in failed.value.line


def test_tls_against_a_server_without_it(serve_in_threads):
    with pytest.raises(UnavailableError) as failed:
        refer(serve_in_threads(add), tls=True)
    assert "speaks no TLS; leave out --tls" in failed.value.line


def test_no_tls_against_a_server_that_asks_for_it(over_tls):
    with pytest.raises(UnavailableError) as failed:
        refer(over_tls)
    assert "closed the connection before it answered; where it asks for TLS, say --tls" in failed.value.line


def test_an_unknown_authority(over_tls):
    with pytest.raises(UnavailableError) as failed:
        refer(over_tls, tls=True)
    assert "certificate of an unknown authority; give the authority's PEM file with --ca" in failed.value.line


def test_a_known_authority(over_tls, certificate):
    assert refer(over_tls, ca=certificate[1]) == "en"


@contextlib.contextmanager
def listening(answer, tls=None):
    """Something that is no gRPC server: it answers every connection by `answer`, or says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            with contextlib.ExitStack() as held, contextlib.suppress(OSError):  # the test is over
                while True:
                    connection = held.enter_context(server.accept()[0])
                    with contextlib.suppress(OSError):  # the client turned away
                        if tls:
                            connection = held.enter_context(tls.wrap_socket(connection, server_side=True))
                        connection.sendall(answer)

        serving = threading.Thread(target=serve, daemon=True)
        serving.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
        serving.join(5)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"-ERR unknown command 'PRI'\r\n",
    ],
)
def test_a_server_of_another_kind_is_told_as_that(answer):
    with listening(answer) as address, pytest.raises(UnavailableError) as failed:
        refer(address)
    assert f"The server at {address} speaks no gRPC; see that host and port" in failed.value.line
    assert "langdesign up" not in failed.value.line


def test_a_server_of_another_kind_behind_tls(certificate):
    key, known = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(known, key)
    with listening(b"", context) as address, pytest.raises(UnavailableError, match="speaks no gRPC"):
        refer(address, ca=known)


def test_a_server_that_takes_connections_and_says_nothing():
    with listening(b"") as address, pytest.raises(UnavailableError) as failed:
        refer(address)
    assert "takes connections and says nothing; try again in a moment, or see" in failed.value.line


def test_nobody_there_is_still_told_as_that():
    with pytest.raises(UnavailableError, match=r"The reference service at .* cannot be reached"):
        refer("127.0.0.1:1")
