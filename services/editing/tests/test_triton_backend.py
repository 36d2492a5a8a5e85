import asyncio
from contextlib import aclosing, asynccontextmanager, suppress

import grpc
import numpy as np
import pytest
from langdesign_chassis import channel, errors
from langdesign_editing.backend import BackendProgress, BackendRequest, InstructionCheck
from langdesign_editing.triton_backend import TritonBackend, contract_field, engine_error
from tritonclient.grpc import service_pb2, service_pb2_grpc

MODELS = {"edit": "instruct_pix2pix"}
REQUEST = BackendRequest(
    np.zeros((2, 3, 3), np.uint8),
    (np.ones((2, 3), bool),),
    {"steps": 1},
    "acme",
    region=np.ones((2, 3), bool),
    model="edit",
)


class Server(service_pb2_grpc.GRPCInferenceServiceServicer):
    """Triton's side of the protocol, going wrong in a chosen way."""

    def __init__(self, answer):
        self._answer = answer
        self.request = None
        self.closed = asyncio.Event()  # the caller's half of the stream is
        self.ended = asyncio.Event()

    async def ModelStreamInfer(self, request_iterator, context):
        self.request = await anext(request_iterator)
        closing = asyncio.create_task(self._await_closed(request_iterator))
        try:
            async for response in self._answer(context):
                yield response
        finally:
            self.ended.set()
            closing.cancel()

    async def _await_closed(self, request_iterator):
        async for _ in request_iterator:
            pytest.fail("a second request came")
        self.closed.set()


@asynccontextmanager
async def engine_over(answer):
    server, servicer = grpc.aio.server(), Server(answer)
    service_pb2_grpc.add_GRPCInferenceServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with channel(f"127.0.0.1:{port}") as peer:
        yield TritonBackend(peer, MODELS), servicer
    await server.stop(None)


def response(text, picture=b"", shape=(0, 0, 0)):
    answer = service_pb2.ModelInferResponse(
        raw_output_contents=[len(text).to_bytes(4, "little") + text, picture]
    )
    answer.outputs.add(name="EVENT", datatype="BYTES", shape=[1])
    answer.outputs.add(name="IMAGE", datatype="UINT8", shape=shape)
    return service_pb2.ModelStreamInferResponse(infer_response=answer)


STARTED = b'{"kind": "started", "step": 0, "steps": 9}'


async def dies(context):
    yield response(STARTED)
    await context.abort(grpc.StatusCode.UNAVAILABLE, "ipv4:10.1.2.3:8001: Socket closed")


async def refuses(context):
    yield service_pb2.ModelStreamInferResponse(error_message="/models/edit/1/model.py is not healthy")


async def ends(context):
    yield response(STARTED)


@pytest.mark.parametrize("answer", [dies, refuses, ends])
async def test_a_server_that_fails_is_unavailable_and_tells_nothing_of_itself(answer):
    async with engine_over(answer) as (engine, _):
        with pytest.raises(errors.Unavailable) as caught:
            [event async for event in engine.edit(REQUEST)]
    assert "10.1.2.3" not in caught.value.message
    assert "/models" not in caught.value.message


async def test_the_tensors_have_the_form_that_triton_reads():
    async with engine_over(ends) as (engine, server):
        with pytest.raises(errors.Unavailable):
            [event async for event in engine.edit(REQUEST)]
    forms = [(tensor.name, tensor.datatype, list(tensor.shape)) for tensor in server.request.inputs]
    assert forms == [
        ("PARAMETERS", "BYTES", [1]),
        ("IMAGE", "UINT8", [2, 3, 3]),
        ("MASKS", "UINT8", [1, 2, 1]),
    ]
    assert list(server.request.raw_input_contents) == [b'\x0c\0\0\0{"steps": 1}', bytes(18), b"\xe0" * 2]
    assert server.request.parameters["tenant"].string_param == "acme"


async def test_a_check_asks_the_model_of_the_edit_with_its_parameters_and_no_picture():
    async def answers(context):
        yield response(
            b'{"kind": "checked", "instructions": [{"field": "instruction", "tokens": 7, "token_limit": 75, '
            b'"unknown_words": ["Sitzpouf"]}]}'
        )

    async with engine_over(answers) as (engine, server):
        checks = await engine.check("edit", {"instruction": "make the Sitzpouf red"})
    assert list(checks) == [InstructionCheck("instruction", 7, 75, ("Sitzpouf",))]
    assert server.request.model_name == "edit"
    assert server.request.parameters["check"].bool_param
    assert [tensor.name for tensor in server.request.inputs] == ["PARAMETERS"]


async def test_a_check_that_fails_names_the_contracts_field_in_place_of_the_engines():
    async def refuses_it(context):
        yield response(
            b'{"kind": "error", "reason": "INVALID_PARAMETERS", "field": "regions[1].instruction", '
            b'"message": "regions[1].instruction: has 82 tokens; at most 75 fit: shorten it"}'
        )

    async with engine_over(refuses_it) as (engine, _):
        with pytest.raises(errors.InvalidArgument) as caught:
            await engine.check("edit", {})
    assert caught.value.message == "instruction has 82 tokens; at most 75 fit: shorten it"
    assert [violation.field for violation in caught.value.violations] == ["instruction"]


@pytest.mark.parametrize("answer", [dies, refuses, ends])
async def test_a_check_that_nobody_answers_is_unavailable(answer):
    async with engine_over(answer) as (engine, _):
        with pytest.raises(errors.Unavailable):
            await engine.check("edit", {})


RESULT = b'{"kind": "result", "checkpoint": "edit@sha256:0"}'
CHECKED = b'{"kind": "checked", "instructions": []}'


@pytest.mark.parametrize(
    ("ask", "last"),
    [
        (lambda engine: anext(engine.edit(REQUEST)), RESULT),
        (lambda engine: engine.check("edit", {}), CHECKED),
    ],
    ids=["edit", "check"],
)
async def test_a_stream_is_closed_once_it_is_answered_and_ends_before_the_answer_is_told(ask, last):
    """Real servers have crashed where it was closed before, or cancelled while they wrote the end."""
    seen = {}

    async def answers(context):
        with suppress(TimeoutError):
            await asyncio.wait_for(server.closed.wait(), 0.1)
        seen["closed before the answer"] = server.closed.is_set()
        yield response(last)
        async with asyncio.timeout(5):
            await server.closed.wait()
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(asked), 0.1)
        seen["told before the end"] = asked.done()
        yield service_pb2.ModelStreamInferResponse()  # closes a decoupled request
        seen["cancelled"] = context.cancelled()

    async with engine_over(answers) as (engine, server):
        asked = asyncio.ensure_future(ask(engine))
        await asked
    assert seen == {"closed before the answer": False, "told before the end": False, "cancelled": False}


async def test_closing_the_events_cancels_the_call_at_the_server():
    async def waits(context):
        yield response(STARTED)
        await asyncio.Event().wait()

    async with engine_over(waits) as (engine, server):
        async with aclosing(engine.edit(REQUEST)) as events:
            assert await anext(events) == BackendProgress(0, 9)
        async with asyncio.timeout(5):
            await server.ended.wait()


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("INVALID_PARAMETERS", errors.InvalidArgument),
        ("INVALID_ARRAYS", errors.InvalidArgument),
        ("QUEUE_FULL", errors.ResourceExhausted),
        ("DEADLINE_EXCEEDED", errors.DeadlineExceeded),
        ("ENGINE_STOPPED", errors.Unavailable),
        ("CANCELLED", errors.Unavailable),
        ("INTERNAL", RuntimeError),
        ("SOMETHING_NEW", RuntimeError),
    ],
)
def test_each_reason_of_the_engine_is_an_error_of_the_service(reason, kind):
    error = engine_error(reason, "steps: is 300; choose a value from 1 to 200")
    assert type(error) is kind
    if isinstance(error, errors.Retryable):
        assert error.retry_after
        assert "idempotency_key" in error.hint


@pytest.mark.parametrize(
    ("theirs", "family", "ours"),
    [
        ("image", "inpainting", "image"),
        ("masks", "inpainting", "region"),
        ("preserve", "inpainting", "options.preserve"),
        ("steps", "inpainting", "options.inpainting.steps"),
        ("steps", "instruct_pix2pix", "options.instruct_pix2pix.steps"),
        ("regions[0]", "instruct_pix2pix", None),
        (None, "instruct_pix2pix", None),
    ],
)
def test_a_field_of_the_engine_is_told_by_the_contracts_name(theirs, family, ours):
    assert contract_field(theirs, family) == ours
    error = engine_error("INVALID_PARAMETERS", "wrong", ours)
    assert [violation.field for violation in error.violations] == ([ours] if ours else [])
