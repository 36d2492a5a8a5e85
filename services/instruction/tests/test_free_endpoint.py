"""A deployment whose language model costs nothing."""

import grpc
import pytest
from langdesign.instruction.v1 import instruction_pb2 as pb

FREE = {"llm_read_price": 0.0, "llm_write_price": 0.0, "budget_dollars": 0.0, "tenant_dollars": 0.0}


@pytest.fixture
def options(paid):
    return {**paid, **FREE}


async def test_it_writes(generate):
    found, error = await generate(count=2, budget=pb.Budget(tokens=100_000))

    assert (len(found), error) == (2, None)


async def test_an_order_that_bounds_dollars_is_refused_before_anything_is_asked(generate, model):
    found, error = await generate(count=2, budget=pb.Budget(dollars=1.0))

    assert found == []
    assert error.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert "no prices" in error.details()
    assert model.requests == 0
