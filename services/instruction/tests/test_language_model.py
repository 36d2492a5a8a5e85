"""Triples of agents on a language model, as a caller gets them."""

import grpc
import pytest
from langdesign.instruction.v1 import instruction_pb2 as pb


@pytest.fixture
def options(paid):
    """Take a deployment with a language model."""
    return paid


async def test_triples_come_with_what_was_rejected_and_spent(generate, model):
    found, error = await generate(count=12)

    assert error is None
    assert len(found) == 12
    assert found[-1].rejections["schema"] == found[-1].rejected >= 1
    assert found[-1].spent.tokens == 1000 * model.requests
    assert found[-1].spent.dollars == pytest.approx(0.0014 * model.requests)


async def test_a_caller_may_still_choose_the_grammar(generate, model):
    found, _ = await generate(count=3, writer=pb.WRITER_GRAMMAR)

    assert len(found) == 3
    assert model.requests == 0


async def test_a_stream_that_is_resumed_asks_for_the_rest_alone(generate, model):
    first, _ = await generate(count=5)
    asked = model.requests

    same, _ = await generate(count=5)
    assert [one.triple for one in same] == [one.triple for one in first]
    assert model.requests == asked

    rest, _ = await generate(count=8, resume_token=first[-1].resume_token)
    assert len(rest) == 3
    assert not {one.triple.edit for one in rest} & {one.triple.edit for one in first}


async def test_a_budget_ends_the_stream_with_what_to_do_and_a_larger_one_goes_on(generate):
    first, error = await generate(count=100, budget=pb.Budget(tokens=12_000))

    assert error.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert "budget" in error.details()
    assert first[-1].spent.tokens <= 12_000

    rest, error = await generate(
        count=100, budget=pb.Budget(tokens=500_000), resume_token=first[-1].resume_token
    )
    assert error is None
    assert len(first) + len(rest) == 100


@pytest.mark.parametrize(
    ("status", "code"), [(404, grpc.StatusCode.FAILED_PRECONDITION), (503, grpc.StatusCode.UNAVAILABLE)]
)
async def test_an_endpoint_that_fails_is_told_without_its_address_or_key(generate, model, status, code):
    model.refuse = status

    found, error = await generate(count=4)

    assert found == []
    assert error.code() is code
    assert "language model" in error.details()
    assert not any(secret in error.details() for secret in ("10.0.0.7", "127.0.0.1", "secret-key"))


async def test_what_is_kept_and_lost_is_told_and_not_paid_again(generate, tmp_path, model):
    first, _ = await generate(count=5)
    asked = model.requests
    for spool in (tmp_path / "spool").glob("*.jsonl"):
        spool.unlink()

    found, error = await generate(count=9, resume_token=first[-1].resume_token)

    assert found == []
    assert error.code() is grpc.StatusCode.DATA_LOSS
    assert model.requests == asked


async def test_a_bound_in_dollars_holds_for_a_job_where_there_are_prices(generate, model):
    found, error = await generate(count=100, budget=pb.Budget(dollars=0.02))

    assert error.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert 0 < found[-1].spent.dollars <= 0.02
