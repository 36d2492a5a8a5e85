"""What all jobs of a tenant share: a rate and an allowance, over restarts too."""

import asyncio
from contextlib import asynccontextmanager

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2
from langdesign.instruction.v1 import instruction_pb2 as pb
from langdesign.instruction.v1 import instruction_pb2_grpc
from langdesign_chassis.testing import Issuer, serving, test_settings
from langdesign_instruction.accounts import Accounts, Allowance
from langdesign_instruction.settings import InstructionSettings
from langdesign_instruction.wiring import SERVICE, register
from langdesign_triples import Budget, Endpoint, Limits, Usage
from langdesign_triples.errors import AllowanceSpent, BudgetSpent, SpoolUnwritable

NOON = 20_000 * 86_400.0 + 43_200.0  # of a day, seconds since the epoch
ENDPOINT = Endpoint("http://127.0.0.1:1/v1", "tester", read_price=1.0, write_price=1.0)
SMALL = Budget(tokens=250)
HUNDRED = Usage(60, 40)


class Clock:
    """Seconds since the epoch, as a test sets them."""

    def __init__(self):
        self.now = NOON

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def opened(tmp_path, clock):
    """Opens the accounts of a folder, as each start of the service does."""

    def accounts(budget=SMALL, **limits):
        return Accounts(tmp_path, ENDPOINT, Limits(**limits), Allowance(budget), clock)

    return accounts


async def spend(account, most=HUNDRED, paid=None):
    async with account.request(most) as charge:
        charge.paid = most if paid is None else paid


@pytest.mark.parametrize("budget", [Budget(tokens=250), Budget(dollars=0.00025)])
async def test_an_allowance_holds_over_restarts_until_the_next_span(opened, clock, budget):
    await spend(opened(budget).of("acme"))
    await spend(opened(budget).of("acme"))

    with pytest.raises(
        AllowanceSpent, match=r"200 tokens .* there is more from 2024-10-05 00:00 UTC"
    ) as told:
        await spend(opened(budget).of("acme"))
    assert told.value.seconds == 43_200.0

    await spend(opened(budget).of("other"))
    clock.now += 43_200.0
    await spend(opened(budget).of("acme"))


async def test_what_a_request_did_not_cost_is_given_back(opened):
    account = opened().of("acme")
    for _ in range(5):
        await spend(account, paid=Usage(10, 10))
    await spend(account, paid=Usage())
    await spend(account)


async def test_a_request_that_a_restart_cut_off_stays_counted(opened):
    hanging = opened().of("acme").request(Usage(200, 0))
    await hanging.__aenter__()

    with pytest.raises(AllowanceSpent):
        await spend(opened().of("acme"))


async def test_a_job_waits_for_what_open_requests_of_another_may_give_back(opened):
    account = opened().of("acme")
    async with account.request(Usage(200, 0)) as charge:
        waiting = asyncio.create_task(spend(account))
        await asyncio.sleep(0)
        assert not waiting.done()
        charge.paid = Usage(20, 0)
    await waiting


async def test_an_allowance_below_a_single_request_is_told_as_such(opened):
    with pytest.raises(BudgetSpent, match="One request may cost more"):
        await spend(opened(Budget(tokens=50)).of("acme"))


async def test_the_rate_of_a_tenant_is_one_over_its_jobs_and_over_restarts(opened):
    account = opened(requests_per_minute=2).of("acme")
    await account.pace.turn(1)
    await spend(account)

    assert opened(requests_per_minute=2).of("acme").pace.ahead == pytest.approx(29.0, abs=1.0)
    assert opened(requests_per_minute=2).of("other").pace.ahead == 0.0


async def test_a_damaged_account_is_told_and_not_taken_for_an_empty_one(opened, tmp_path):
    await spend(opened().of("acme"))
    (path,) = tmp_path.iterdir()
    path.write_text("{")

    with pytest.raises(SpoolUnwritable, match="restore it, or remove it"):
        opened().of("acme")


@asynccontextmanager
async def served(settings, issuer, folder):
    chassis = test_settings(auth=issuer.settings(folder))
    async with serving(
        lambda server, runtime: register(server, runtime, settings), SERVICE, settings=chassis
    ) as one:
        yield instruction_pb2_grpc.InstructionServiceStub(one.channel)


async def read(stub, metadata, **fields):
    stream = stub.GenerateTriples(pb.GenerateTriplesRequest(context="wardrobe", **fields), metadata=metadata)
    try:
        return [one async for one in stream], None
    except grpc.aio.AioRpcError as error:
        return [], error


async def test_two_jobs_of_a_tenant_spend_one_allowance_and_another_tenant_has_its_own(
    paid, contexts, tmp_path, model
):
    settings = InstructionSettings(
        **{**paid, "contexts": contexts, "spool": tmp_path / "spool", "tenant_tokens": 12_000}
    )
    issuer = Issuer()
    acme, other = (issuer.metadata(name, "instruction") for name in ("acme", "other"))
    async with served(settings, issuer, tmp_path) as stub:
        _, error = await read(stub, acme, count=100, seed=1)
        assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert model.requests <= 12
    asked = model.requests

    async with served(settings, issuer, tmp_path) as stub:
        _, error = await read(stub, acme, count=100, seed=2)
        assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert "there is more from" in error.details()
        assert 0 < delay(error) <= 86_400
        assert model.requests == asked
        found, error = await read(stub, other, count=5, seed=2)
        assert (len(found), error) == (5, None)


def delay(error):
    """Return the seconds after which a status asks to be tried again."""
    (data,) = (value for key, value in error.trailing_metadata() if key == "grpc-status-details-bin")
    told = error_details_pb2.RetryInfo()
    assert any(detail.Unpack(told) for detail in status_pb2.Status.FromString(data).details)
    return told.retry_delay.seconds
