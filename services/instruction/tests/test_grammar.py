"""Triples of the grammar, as a caller gets them."""

from pathlib import Path

import grpc
import pytest
from langdesign.instruction.v1 import instruction_pb2 as pb
from langdesign_triples import GrammarWriter, load_context

CONTEXTS = Path(__file__).parents[3] / "contexts"


async def generate(stub, **fields):
    request = pb.GenerateTriplesRequest(**{"context": "interior", "count": 5, **fields})
    return [response async for response in stub.GenerateTriples(request)]


async def refused(stub, **fields):
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await generate(stub, **fields)
    return raised.value


async def test_a_stream_has_as_many_triples_as_were_asked_for_and_those_of_the_library(stub):
    found = await generate(stub, count=130, seed=4)

    written = list(GrammarWriter(load_context(CONTEXTS / "interior"), 4).triples(130))
    assert [one.triple.edit for one in found] == [one.edit for one in written]
    assert [one.triple.target_after for one in found] == [one.target_after for one in written]
    assert {one.triple.subject_kind for one in found} == {pb.SUBJECT_KIND_OBJECT, pb.SUBJECT_KIND_ROOM}
    assert {one.triple.change for one in found} == {1, 2, 3, 4, 5}
    assert found[-1].rejected == 0


async def test_a_stream_goes_on_after_the_token_of_its_last_response(stub):
    whole = await generate(stub, count=90)
    rest = await generate(stub, count=90, resume_token=whole[69].resume_token)

    assert [one.triple for one in rest] == [one.triple for one in whole[70:]]
    assert rest[-1].resume_token == whole[-1].resume_token


async def test_a_token_of_the_last_triple_leaves_nothing_to_send(stub):
    whole = await generate(stub, count=3)

    assert await generate(stub, count=3, resume_token=whole[-1].resume_token) == []


async def test_a_token_of_another_request_is_refused(stub):
    token = (await generate(stub, seed=1))[0].resume_token

    for fields in ({"seed": 2, "resume_token": token}, {"resume_token": "abc"}, {"resume_token": "/w=="}):
        error = await refused(stub, **fields)
        assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert "resume_token" in error.details()


async def test_only_the_subjects_that_are_asked_for_come(stub):
    found = await generate(stub, subjects=["kitchen", "lamp"], count=20)

    assert {one.triple.subject for one in found} == {"kitchen", "lamp"}


@pytest.mark.parametrize(
    ("fields", "code", "told"),
    [
        ({"context": "garden"}, grpc.StatusCode.NOT_FOUND, "no such context"),
        ({"context": "../secret"}, grpc.StatusCode.INVALID_ARGUMENT, "context"),
        ({"subjects": ["garage"]}, grpc.StatusCode.INVALID_ARGUMENT, "no subject 'garage'"),
        ({"count": 0}, grpc.StatusCode.INVALID_ARGUMENT, "count"),
        ({"count": 100_001}, grpc.StatusCode.INVALID_ARGUMENT, "count"),
        ({"writer": 9}, grpc.StatusCode.INVALID_ARGUMENT, "writer"),
        ({"budget": pb.Budget(dollars=float("nan"))}, grpc.StatusCode.INVALID_ARGUMENT, "budget"),
        (
            {"writer": pb.WRITER_LANGUAGE_MODEL},
            grpc.StatusCode.FAILED_PRECONDITION,
            "this deployment has no language model",
        ),
    ],
)
async def test_a_wrong_order_is_refused_before_anything_is_written(stub, fields, code, told):
    error = await refused(stub, **fields)

    assert error.code() is code
    assert told in error.details()


async def test_contexts_are_listed_page_by_page(stub):
    first = await stub.ListContexts(pb.ListContextsRequest(page_size=1))
    second = await stub.ListContexts(pb.ListContextsRequest(page_size=1, page_token=first.next_page_token))

    assert [one.name for one in first.contexts] == ["interior"]
    assert [one.name for one in second.contexts] == ["wardrobe"]
    assert second.next_page_token == ""
    assert "bedroom" in first.contexts[0].rooms
    assert "chair" in first.contexts[0].objects
    assert first.contexts[0].description


async def test_a_page_token_that_is_none_is_refused(stub):
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await stub.ListContexts(pb.ListContextsRequest(page_token="*"))
    assert raised.value.code() is grpc.StatusCode.INVALID_ARGUMENT
