"""Calls and streams through the gateway: passed on, held back, told in their callers' way."""

import asyncio
import json
import socket

import grpc
import pytest
from grpc import StatusCode
from langdesign.design.v1 import design_pb2
from langdesign.media.v1 import media_pb2
from langdesign.segmentation.v1 import segmentation_pb2, segmentation_pb2_grpc
from langdesign_chassis.testing import Issuer

DESIGN = "langdesign.design.v1.DesignService"
GET, WATCH = f"/{DESIGN}/GetDesign", f"/{DESIGN}/WatchDesign"


async def test_native_calls_and_streams_pass(start):
    gateway = await start()
    async with gateway.stub() as stub:
        answer = await stub.GetDesign(design_pb2.GetDesignRequest(name="designs/a"))
        assert answer.design.name == "designs/a"
        told = aiter(stub.WatchDesign(design_pb2.WatchDesignRequest(name="designs/a")))
        assert (await anext(told)).revision == 1, "the first message comes before the stream ends"
        gateway.designs.go_on.set()
        assert [one.revision async for one in told] == [2]


async def test_a_browser_calls_and_streams_over_http_1(start):
    gateway = await start()
    answer, messages, trailers = await gateway.web(GET, "designs/a")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/grpc-web+proto")
    assert design_pb2.GetDesignResponse.FromString(messages[0]).design.name == "designs/a"
    assert trailers["grpc-status"] == "0"

    connection, told = await asyncio.to_thread(
        gateway.open, "POST", WATCH, gateway.asking("designs/a"), **gateway.WEB
    )
    first, _ = gateway.frames(await asyncio.to_thread(told.read1))
    assert design_pb2.WatchDesignResponse.FromString(first[0]).revision == 1
    gateway.designs.go_on.set()
    rest, trailers = gateway.frames(await asyncio.to_thread(told.read))
    connection.close()
    assert design_pb2.WatchDesignResponse.FromString(rest[0]).revision == 2
    assert trailers["grpc-status"] == "0"


async def test_a_deadline_is_the_callers_and_kept_by_the_service(start):
    gateway = await start()
    answer, _, _ = await gateway.web(GET, "designs/slow", grpc_timeout="200m")
    assert answer.headers["grpc-status"] == str(StatusCode.DEADLINE_EXCEEDED.value[0])


async def test_a_call_that_failed_is_never_sent_again_whatever_its_caller_asks(start):
    gateway = await start()
    wanted = {"x_envoy_retry_on": "5xx", "x_envoy_retry_grpc_on": "unavailable", "x_envoy_max_retries": "3"}
    answer, _, trailers = await gateway.web(GET, "designs/down", **wanted)
    status = trailers.get("grpc-status") or answer.headers["grpc-status"]
    assert status == str(StatusCode.UNAVAILABLE.value[0])
    assert gateway.designs.calls == 1


@pytest.mark.parametrize("size", [1, 3 * 2**20], ids=["a few bytes", "a picture"])
async def test_a_call_is_taken_to_the_replica_that_is_there_though_the_other_was_healthy_last(
    start, replica, size
):
    unknown, ending = await replica(healthy=False), await replica(healthy=True)
    gateway = await start(DESIGN_ADDR=f"ipv4:{unknown.address},{ending.address}")
    async with gateway.stub() as stub:
        asked = design_pb2.GetDesignRequest(name="a" * size)
        await stub.GetDesign(asked)
        assert (unknown.designs.calls, ending.designs.calls) == (0, 1)
        await ending.server.stop(0)
        await asked_as_clients_do(stub, asked)  # before the next looks at their health
        assert unknown.designs.calls == 1


async def asked_as_clients_do(stub, request):
    """Call, and once more where the connection ended with the call on its way: it may have been seen."""
    try:
        await stub.GetDesign(request)
    except grpc.aio.AioRpcError as error:
        if "connection termination" not in error.details():
            raise
        await stub.GetDesign(request)


async def test_a_request_too_large_to_be_kept_for_another_try_is_for_its_caller_to_send_again(start):
    with socket.socket() as nobody:  # has a port, and refuses: the gateway is about to try again
        nobody.bind(("127.0.0.1", 0))
        gateway = await start(SEGMENTATION_ADDR=f"127.0.0.1:{nobody.getsockname()[1]}")
        asked = segmentation_pb2.SegmentRequest(image=media_pb2.Image(data=bytes(48 * 2**20)))
        async with gateway.channel() as channel:
            segment = segmentation_pb2_grpc.SegmentationServiceStub(channel).Segment
            told = ""
            while "exceeded request buffer limit" not in told:  # seldom it gives up before all has come
                call = segment(asked, timeout=60)
                assert await call.code() is StatusCode.UNAVAILABLE
                told = await call.details()


async def test_uploads_that_fill_its_memory_are_refused_and_it_goes_on(start):
    gateway = await start(GATEWAY_HEAP_BYTES=96 * 2**20)
    picture = media_pb2.Image(data=bytes(16 * 2**20))
    upload = design_pb2.CreateDesignRequest(idempotency_key="a", image=picture)
    refusals = {StatusCode.UNAVAILABLE, StatusCode.INTERNAL}
    async with gateway.stub() as stub:
        calls = [stub.CreateDesign(upload) for _ in range(12)]  # each is kept until it is answered
        assert await next(asyncio.as_completed([call.code() for call in calls])) in refusals
        gateway.designs.go_on.set()
        assert {await call.code() for call in calls} <= refusals | {StatusCode.OK}
    async with gateway.stub() as stub:
        assert await until_taken(stub, design_pb2.GetDesignRequest(name="designs/a")) == "designs/a"


async def until_taken(stub, asked):
    """Ask again, as callers do, while the gateway frees what the uploads held."""
    async with asyncio.timeout(30):
        while True:
            try:
                return (await stub.GetDesign(asked, wait_for_ready=True)).design.name
            except grpc.aio.AioRpcError as error:
                if error.code() is not StatusCode.UNAVAILABLE:
                    raise
            await asyncio.sleep(0.1)


async def test_a_token_is_checked_before_anything_reaches_a_service(start, tmp_path):
    issuer = Issuer()
    auth = issuer.settings(tmp_path)
    gateway = await start(
        {"auth": auth},
        LANGDESIGN_AUTH_MODE="jwt",
        LANGDESIGN_AUTH_ISSUER=auth.issuer,
        LANGDESIGN_AUTH_AUDIENCE=auth.audience,
        LANGDESIGN_AUTH_JWKS=auth.jwks,
        GATEWAY_ORIGINS="https://studio.example",
    )

    async def status(token):
        given = {"authorization": f"Bearer {token}"} if token else {}
        answer, _, trailers = await gateway.web(GET, "designs/a", **given)
        return answer.status, trailers.get("grpc-status")

    assert await status(issuer.token(scope="design")) == (200, "0")
    assert await status(None) == (401, None)
    assert await status(issuer.token(scope="design", lifetime=-300)) == (401, None)
    assert await status(Issuer().token(scope="design")) == (401, None)
    assert await status(issuer.token(scope="design", aud="another")) == (403, None)
    assert gateway.designs.calls == 1
    refusal, _, _ = await gateway.web(GET, "designs/a", origin="https://studio.example")
    assert refusal.headers["access-control-allow-origin"] == "https://studio.example", "its page is told why"
    async with gateway.stub() as stub:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await stub.GetDesign(design_pb2.GetDesignRequest(name="designs/a"))
        assert refused.value.code() is StatusCode.UNAUTHENTICATED
    assert (await gateway.http("GET", "/")).status == 200, "the page itself asks for the token"
    assert json.loads((await gateway.http("GET", "/config.json")).body)["auth"] == "token"


async def test_pages_of_named_origins_may_call_and_no_others(start):
    gateway = await start(GATEWAY_ORIGINS="https://studio.example, https://other.example")
    asked = {"access_control_request_method": "POST", "access_control_request_headers": "x-grpc-web"}

    allowed = await gateway.http("OPTIONS", GET, origin="https://studio.example", **asked)
    assert allowed.status == 200
    assert allowed.headers["access-control-allow-origin"] == "https://studio.example"
    assert "x-grpc-web" in allowed.headers["access-control-allow-headers"]
    assert "authorization" in allowed.headers["access-control-allow-headers"]
    refused = await gateway.http("OPTIONS", GET, origin="https://evil.example", **asked)
    assert "access-control-allow-origin" not in refused.headers

    answer, _, _ = await gateway.web(GET, "designs/a", origin="https://studio.example")
    assert answer.headers["access-control-allow-origin"] == "https://studio.example"
    exposed = set(answer.headers["access-control-expose-headers"].split(","))
    assert exposed == {"grpc-status", "grpc-message", "grpc-status-details-bin"}


async def test_what_is_too_large_is_413_and_the_page_knows_the_limit_before(start):
    gateway = await start()
    assert (await gateway.http("POST", GET, bytes(gateway.BODY_BYTES + 1), **gateway.WEB)).status == 413
    assert (await gateway.http("POST", GET, bytes(gateway.BODY_BYTES), **gateway.WEB)).status == 200
    config = json.loads((await gateway.http("GET", "/config.json")).body)
    assert config["maxRequestBytes"] == gateway.BODY_BYTES
    assert gateway.designs.calls == 0, "neither was a message"


async def test_who_sends_too_many_requests_is_told_so(start):
    gateway = await start(GATEWAY_RATE=1, GATEWAY_BURST=20)
    answers = [(await gateway.web(GET, "designs/a"))[0] for _ in range(25)]
    refused = [one for one in answers if one.status == 429]
    assert refused
    assert answers[0].status == 200
    assert refused[0].headers["cache-control"] == "no-store"
    async with gateway.stub() as stub:
        calls = [stub.GetDesign(design_pb2.GetDesignRequest(name="designs/a")) for _ in range(5)]
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await asyncio.gather(*calls)
        assert error.value.code() is StatusCode.RESOURCE_EXHAUSTED


async def test_no_service_and_no_method_is_reached_that_is_not_offered(start):
    gateway = await start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{gateway.port}") as channel:
        for method in ("/langdesign.design.v2.X/Y", "/grpc.health.v1.Health/Check", f"/{DESIGN}/Nothing"):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await channel.unary_unary(method)(b"")
            assert refused.value.code() is StatusCode.UNIMPLEMENTED, method


@pytest.mark.long
async def test_a_stream_that_is_silent_for_longer_than_envoys_own_timeout_is_not_cut(start):
    gateway = await start()
    asyncio.get_running_loop().call_later(20, gateway.designs.go_on.set)
    _, messages, trailers = await gateway.web(WATCH, "designs/a")
    assert (len(messages), trailers["grpc-status"]) == (2, "0")
