import asyncio
import contextlib
import dataclasses
import os
import socket

import grpc
import pytest
from google.protobuf import descriptor_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2
from langdesign_chassis import ChassisSettings, channel
from langdesign_chassis.errors import StartError
from langdesign_chassis.settings import DrainSettings, LimitSettings, TelemetrySettings, TlsSettings
from langdesign_chassis.testing import serving, test_settings

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


async def health(channel, service=""):
    answer = await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(service=service))
    return answer.status


async def test_health_turns_serving_only_when_every_dependency_is_there(echo):
    here = {"engine": asyncio.Event(), "peer": asyncio.Event()}

    def register(server, runtime):
        echo.register(server, runtime)
        for name, event in here.items():
            runtime.wait_for(name, lambda event=event: asyncio.sleep(0, event.is_set()))

    async with (
        serving(register, echo.name, wait_ready=False) as served,
        grpc.aio.insecure_channel(served.address) as probe,
    ):
        watch = health_pb2_grpc.HealthStub(probe).Watch(health_pb2.HealthCheckRequest(service=echo.name))
        assert (await watch.read()).status == NOT_SERVING
        here["engine"].set()
        assert await health(probe) == NOT_SERVING
        here["peer"].set()
        async with asyncio.timeout(5):
            assert (await watch.read()).status == SERVING
        assert await health(probe) == SERVING


async def test_readiness_follows_a_peers_health(echo):
    ready = asyncio.Event()

    def register_back(server, runtime):
        echo.register(server, runtime)
        runtime.wait_for("engine", lambda: asyncio.sleep(0, ready.is_set()))

    async with serving(register_back, echo.name, wait_ready=False) as back:

        def register_front(server, runtime):
            type(echo)().register(server, runtime)
            runtime.wait_for("back", runtime.channel(back.address))

        async with (
            serving(register_front, echo.name, wait_ready=False) as front,
            grpc.aio.insecure_channel(front.address) as probe,
        ):
            assert await health(probe) == NOT_SERVING
            ready.set()
            async with asyncio.timeout(10):
                while await health(probe) != SERVING:  # noqa: ASYNC110 - asked as a probe asks
                    await asyncio.sleep(0.02)


async def test_a_dependency_that_never_comes_ends_the_start_with_its_reason_and_hint(echo):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = f"127.0.0.1:{closed.getsockname()[1]}"

    def register(server, runtime):
        runtime.wait_for("triton", runtime.channel(nobody))

    with pytest.raises(ExceptionGroup) as caught:
        async with serving(register, echo.name, settings=test_settings(startup=0.3)):
            pass
    (error,) = caught.value.exceptions
    assert isinstance(error, StartError)
    assert "triton was not ready within 0.3 s" in str(error)
    assert "TRITON_ADDR" in str(error)


async def test_draining_flips_health_first_and_lets_calls_finish(echo, gate):
    echo.behaviour = gate
    settings = test_settings(drain=DrainSettings(delay=0.2, grace=5))
    stack = contextlib.AsyncExitStack()
    served = await stack.enter_async_context(serving(echo.register, echo.name, settings=settings))
    async with grpc.aio.insecure_channel(served.address) as outside:
        watch = health_pb2_grpc.HealthStub(outside).Watch(health_pb2.HealthCheckRequest())
        assert (await watch.read()).status == SERVING
        call = asyncio.create_task(echo.call(outside))
        await gate.entered.acquire()
        stopping = asyncio.create_task(stack.aclose())
        assert (await watch.read()).status == NOT_SERVING
        late = asyncio.create_task(echo.call(outside))  # within the delay: still taken
        await gate.entered.acquire()
        gate.open()
        assert [answer.width for answer in await asyncio.gather(call, late)] == [1, 1]
        async with asyncio.timeout(4):  # less than the grace: an open watch holds nothing up
            await stopping


async def test_a_peers_channel_sends_no_new_call_to_a_draining_replica(echo):
    other = type(echo)()
    settings = test_settings(drain=DrainSettings(delay=1, grace=5))
    async with serving(other.register, echo.name) as stays, contextlib.AsyncExitStack() as stack:
        leaves = await stack.enter_async_context(serving(echo.register, echo.name, settings=settings))
        both = await stays.runtime.enter(channel(f"ipv4:{leaves.address},{stays.address}"))
        async with asyncio.timeout(10):
            while not (echo.seen and other.seen):
                await echo.call(both)
        probe = await stays.runtime.enter(grpc.aio.insecure_channel(leaves.address))
        watch = health_pb2_grpc.HealthStub(probe).Watch(health_pb2.HealthCheckRequest())
        assert (await watch.read()).status == SERVING
        stopping = asyncio.create_task(stack.aclose())
        assert (await watch.read()).status == NOT_SERVING
        async with asyncio.timeout(0.9):  # within the delay, once the channel has learnt of it too
            while True:
                before = len(echo.seen)
                for _ in range(10):
                    await echo.call(both)
                if len(echo.seen) == before:
                    break
        watch.cancel()
        await stopping


async def test_a_drain_ends_calls_that_outstay_the_grace(echo, gate):
    echo.behaviour = gate
    settings = test_settings(drain=DrainSettings(delay=0, grace=0.1))
    async with serving(echo.register, echo.name, settings=settings) as served:
        outside = grpc.aio.insecure_channel(served.address)
        call = asyncio.create_task(echo.call(outside))
        await gate.entered.acquire()
    with pytest.raises(grpc.aio.AioRpcError):
        await call
    await outside.close()
    assert gate.cancelled.is_set()


async def test_resources_are_closed_after_the_last_call(echo, gate):
    events = []

    @contextlib.asynccontextmanager
    async def resource():
        yield "engine"
        events.append("closed")

    async def behaviour(request):
        answer = await gate(request)
        events.append("answered")
        return answer

    async def register(server, runtime):
        assert await runtime.enter(resource()) == "engine"
        echo.behaviour = behaviour
        echo.register(server, runtime)

    async with contextlib.AsyncExitStack() as stack:
        served = await stack.enter_async_context(serving(register, echo.name))
        outside = await stack.enter_async_context(grpc.aio.insecure_channel(served.address))
        call = asyncio.create_task(echo.call(outside))
        await gate.entered.acquire()
        gate.open()
        await call
    assert events == ["answered", "closed"]


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
async def test_reflection_lists_the_services_and_their_contracts(echo, version):
    name = f"grpc.reflection.{version}.ServerReflection"
    asked = [
        reflection_pb2.ServerReflectionRequest(list_services=""),
        reflection_pb2.ServerReflectionRequest(file_containing_symbol=name),
    ]
    async with serving(echo.register, echo.name) as served:
        ask = served.channel.stream_stream(
            f"/{name}/ServerReflectionInfo",
            request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
            response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
        )
        listed, described = [answer async for answer in ask(iter(asked))]
    names = {service.name for service in listed.list_services_response.service}
    assert names == {
        echo.name,
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
    }
    (file,) = described.file_descriptor_response.file_descriptor_proto
    assert descriptor_pb2.FileDescriptorProto.FromString(file).package == f"grpc.reflection.{version}"


async def test_a_port_in_use_ends_the_start_with_the_hint(echo):
    async with serving(echo.register, echo.name) as served:
        with pytest.raises(StartError, match="set LANGDESIGN_LISTEN"):
            async with serving(echo.register, echo.name, settings=test_settings(listen=served.address)):
                pass


async def test_a_metrics_port_in_use_ends_the_start_with_the_hint(echo):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        settings = test_settings(telemetry=TelemetrySettings(metrics=address))
        with pytest.raises(StartError, match="LANGDESIGN_TELEMETRY_METRICS"):
            async with serving(echo.register, echo.name, settings=settings):
                pass


async def test_a_failed_start_leaves_nothing_open(echo):
    closed = []

    @contextlib.asynccontextmanager
    async def resource():
        try:
            yield
        finally:
            closed.append("resource")

    async def register(server, runtime):
        await runtime.enter(resource())
        raise StartError("no model", hint="get one")

    with pytest.raises(StartError):
        async with serving(register, echo.name):
            pass
    assert closed == ["resource"]


async def test_an_image_of_160_mib_passes_and_a_message_above_the_limit_does_not(echo, request_of):
    async with serving(echo.register, echo.name) as served:
        request = request_of()
        request.image.data = bytes(160 * 1024 * 1024)
        assert (await echo.call(served.channel, request)).width == 1
    small = test_settings(limits=LimitSettings(message_bytes=1024))
    async with serving(echo.register, echo.name, settings=small) as served:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await echo.call(served.channel, request)
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_a_handler_that_is_not_asynchronous_is_told_at_its_first_call(echo, caplog):
    def register(server, runtime):
        handlers = {"UnaryUnary": grpc.unary_unary_rpc_method_handler(lambda request, context: None)}
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(echo.name, handlers),))

    async with serving(register, echo.name) as served:
        with pytest.raises(grpc.aio.AioRpcError):
            await echo.call(served.channel)
    assert "is not asynchronous" in caplog.text


@dataclasses.dataclass
class Pki:
    server: TlsSettings
    client: TlsSettings


@pytest.fixture
def tls(authority):
    certificate, key = authority.issue("server")
    return Pki(TlsSettings(certificate=certificate, key=key), TlsSettings(ca=authority.path))


async def test_calls_go_over_tls(echo, tls):
    async with serving(
        echo.register, echo.name, settings=test_settings(tls=tls.server), client_tls=tls.client
    ) as served:
        assert (await echo.call(served.channel)).width == 1
        async with grpc.aio.insecure_channel(served.address) as plain:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await echo.call(plain)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_a_client_does_not_trust_another_authority(echo, tls, new_authority):
    other = TlsSettings(ca=new_authority("other").path)
    async with serving(
        echo.register, echo.name, settings=test_settings(tls=tls.server), client_tls=other
    ) as served:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await echo.call(served.channel)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_mtls_admits_only_clients_with_a_certificate_of_its_authority(echo, authority, new_authority):
    certificate, key = authority.issue("server")
    server = TlsSettings(certificate=certificate, key=key, client_ca=authority.path)
    friend = TlsSettings(
        ca=authority.path, **dict(zip(("certificate", "key"), authority.issue("friend"), strict=True))
    )
    stranger_pair = new_authority("other").issue("stranger")
    stranger = TlsSettings(ca=authority.path, certificate=stranger_pair[0], key=stranger_pair[1])
    settings = test_settings(tls=server)
    async with serving(echo.register, echo.name, settings=settings, client_tls=friend) as served:
        assert (await echo.call(served.channel)).width == 1
    for refused in (TlsSettings(ca=authority.path), stranger):
        async with serving(echo.register, echo.name, settings=settings, client_tls=refused) as served:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await echo.call(served.channel)
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


@pytest.mark.parametrize("broken", ["certificate", "key", "ca", "client_ca"])
async def test_a_broken_tls_file_is_named_by_its_setting(echo, authority, broken):
    certificate, key = authority.issue("server")
    files = {"certificate": certificate, "key": key, "ca": authority.path, "client_ca": authority.path}
    files[broken] = authority.folder / "broken.pem"
    files[broken].write_text("not PEM")
    with pytest.raises(StartError, match=f"LANGDESIGN_TLS_{broken.upper()} "):
        async with serving(echo.register, echo.name, settings=test_settings(tls=TlsSettings(**files))):
            pass


async def test_a_renewed_certificate_serves_without_a_restart(echo, tls, new_authority):
    renewed = new_authority("renewed")
    async with serving(
        echo.register, echo.name, settings=test_settings(tls=tls.server), client_tls=tls.client
    ) as served:
        assert (await echo.call(served.channel)).width == 1
        for old, new in zip((tls.server.certificate, tls.server.key), renewed.issue("server"), strict=True):
            new.replace(old)
            os.utime(old, (1, 1))
        roots = grpc.ssl_channel_credentials(renewed.path.read_bytes())
        async with grpc.aio.secure_channel(served.address, roots) as fresh:
            assert (await echo.call(fresh, timeout=5)).width == 1


def test_the_default_settings_listen_on_loopback_only():
    assert ChassisSettings().listen.startswith("127.0.0.1")
