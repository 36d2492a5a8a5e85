import asyncio
import json
import logging
import urllib.request

import grpc
import numpy as np
import pytest
from langdesign_chassis import errors
from langdesign_chassis.logs import JsonFormatter, TextFormatter
from langdesign_chassis.settings import TelemetrySettings
from langdesign_chassis.testing import serving, test_settings
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter


@pytest.fixture
def exporter():
    return InMemorySpanExporter()


@pytest.fixture
def provider(exporter):
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    yield provider
    provider.shutdown()


async def test_one_trace_crosses_services(echo, exporter, provider):
    peers = []
    front = type(echo)()

    async def behaviour(request):
        return await echo.call(peers[0], request)

    front.behaviour = behaviour
    async with serving(echo.register, echo.name, provider=provider) as back:

        def register(server, runtime):
            peers.append(runtime.channel(back.address))
            front.register(server, runtime)

        async with serving(register, echo.name, provider=provider) as served:
            await front.call(served.channel)

    inner, outer = exporter.get_finished_spans()
    assert inner.context.trace_id == outer.context.trace_id
    assert inner.parent.trace_id == outer.context.trace_id
    assert outer.attributes["rpc.method"] == "UnaryUnary"
    assert outer.attributes["rpc.grpc.status_code"] == 0


async def test_spans_metrics_and_logs_tell_how_each_kind_of_call_ended(
    echo, kind, exporter, provider, caplog
):
    caplog.set_level(logging.INFO)

    async def behaviour(request):
        if not request.image.data.startswith(b"picture"):
            raise errors.NotFound("gone")
        return await echo.answer(request)

    echo.behaviour = behaviour
    settings = test_settings(telemetry=TelemetrySettings(metrics="127.0.0.1:0"))
    async with serving(echo.register, echo.name, settings=settings, provider=provider) as served:
        await echo.call(served.channel, kind=kind)
        bad = _bad_request(echo)
        with pytest.raises(grpc.aio.AioRpcError):
            await echo.call(served.channel, bad, kind=kind)
        page = await asyncio.to_thread(_read, served.metrics_port)

    labels = f'grpc_method="{kind}",grpc_service="{echo.name}"'
    assert f'grpc_server_handled_total{{grpc_code="OK",{labels}}} 1.0' in page
    assert f'grpc_server_handled_total{{grpc_code="NOT_FOUND",{labels}}} 1.0' in page
    assert f"grpc_server_handling_seconds_count{{{labels}}} 2.0" in page
    assert f"grpc_server_in_flight{{{labels}}} 0.0" in page
    assert [span.attributes["rpc.grpc.status_code"] for span in exporter.get_finished_spans()] == [0, 5]
    assert [record.code for record in caplog.records if record.msg == "call"] == ["OK", "NOT_FOUND"]


def _bad_request(echo):
    from langdesign.segmentation.v1.segmentation_pb2 import SegmentRequest

    request = SegmentRequest(expressions=["x"])
    request.image.data = b"other"
    return request


def _read(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as page:
        return page.read().decode()


@pytest.mark.parametrize("end", ["CANCELLED", "DEADLINE_EXCEEDED"])
async def test_calls_that_the_caller_gave_up_are_counted_as_such(echo, gate, end):
    echo.behaviour = gate
    async with serving(echo.register, echo.name) as served:
        call = asyncio.create_task(
            echo.call(served.channel, timeout=0.2 if end == "DEADLINE_EXCEEDED" else None)
        )
        await gate.entered.acquire()
        if end == "CANCELLED":
            call.cancel()
        with pytest.raises((asyncio.CancelledError, grpc.aio.AioRpcError)):
            await call
        sample = {"grpc_service": echo.name, "grpc_method": "UnaryUnary", "grpc_code": end}
        async with asyncio.timeout(5):
            while served.runtime.registry.get_sample_value("grpc_server_handled_total", sample) != 1:  # noqa: ASYNC110 - counters have no event
                await asyncio.sleep(0.005)


async def test_a_log_line_in_a_call_carries_its_trace_and_tenant(echo, issuer, tmp_path, exporter, provider):
    lines = []

    async def behaviour(request):
        lines.append(_line(logging.INFO, "working", step=3))
        return await echo.answer(request)

    echo.behaviour = behaviour
    settings = test_settings(auth=issuer.settings(tmp_path))
    async with serving(echo.register, echo.name, settings=settings, provider=provider) as served:
        await echo.call(served.channel, metadata=issuer.metadata("acme", "echo"))

    (span,) = exporter.get_finished_spans()
    (line,) = lines
    assert line["trace_id"] == f"{span.context.trace_id:032x}"
    assert (line["tenant"], line["service"], line["message"], line["step"]) == ("acme", "echo", "working", 3)


def _line(level, message, formatter=None, **extra):
    record = logging.getLogger("test").makeRecord("test", level, "file", 1, message, (), None, extra=extra)
    if formatter is not None:
        return formatter.format(record)
    return json.loads(JsonFormatter("echo").format(record))


@pytest.mark.parametrize("formatter", [JsonFormatter("echo"), TextFormatter()], ids=["json", "text"])
def test_pictures_are_never_logged_and_prompts_at_debug_only(formatter):
    secret = b"\x89PNG secret"
    pictures = {"image": secret, "array": np.zeros((2, 3)), "request": _bad_request(None)}
    for level in (logging.DEBUG, logging.ERROR):
        line = _line(level, "x", formatter, **pictures)
        assert "secret" not in line
        assert "other" not in line
        assert "<11 bytes>" in line
        assert "ndarray of shape (2, 3)" in line
    assert "make it blue" not in _line(logging.INFO, "x", formatter, instruction="make it blue")
    assert "make it blue" in _line(logging.DEBUG, "x", formatter, instruction="make it blue")


def test_an_exception_is_logged_with_its_traceback_in_one_line():
    with pytest.raises(ValueError, match="two") as caught:
        raise ValueError("two\nlines")
    info = (caught.type, caught.value, caught.tb)
    record = logging.getLogger("test").makeRecord("test", logging.ERROR, "file", 1, "failed", (), info)
    line = JsonFormatter("echo").format(record)
    assert "\n" not in line
    assert "ValueError: two\nlines" in json.loads(line)["exception"]
