"""A watch of a run goes on over broken streams, deadlines and restarts, until the run has ended."""

import grpc
import pytest
from langdesign.training.v1 import training_pb2, training_pb2_grpc
from langdesign_client import AsyncClient, Client, Connection, NotFoundError, ResumePolicy, UnavailableError

QUICK = ResumePolicy(attempts=3, first=0.001, longest=0.002)
CODE = grpc.StatusCode


class Runs(training_pb2_grpc.TrainingServiceServicer):
    """Answers each watch with the next list: states of the run, and a status at the end."""

    def __init__(self, *streams):
        self.streams = list(streams)

    def WatchRun(self, request, context):
        *states, code = self.streams.pop(0)
        for number, progress in states:
            run = training_pb2.Run(name=request.name, kind=3, state=number, progress=progress)
            yield training_pb2.WatchRunResponse(run=run)
        if code is not CODE.OK:
            context.abort(code, "" if code is CODE.UNAVAILABLE else "told")


@pytest.fixture(params=["blocking", "asynchronous"])
def watch(request, serve_in_threads):
    """Watches `runs/1` with either client; returns what it saw as (state, progress)."""

    async def run(servicer):
        address = serve_in_threads(
            lambda server: training_pb2_grpc.add_TrainingServiceServicer_to_server(servicer, server)
        )
        connection = Connection(addresses={"training": address})
        if request.param == "blocking":
            with Client(connection, resume=QUICK) as client:
                seen = list(client.watch_run("runs/1"))
        else:
            async with AsyncClient(connection, resume=QUICK) as client:
                seen = [one async for one in client.watch_run("runs/1")]
        return [(one.state, one.progress) for one in seen]

    return run


async def test_a_watch_goes_on_over_breaks_and_deadlines_and_tells_every_change_once(watch):
    servicer = Runs(
        [(1, 0), (2, 0.25), CODE.DEADLINE_EXCEEDED],
        [(2, 0.25), CODE.UNAVAILABLE],
        [(2, 0.5), CODE.OK],
        [(3, 0.5), CODE.OK],
    )
    assert await watch(servicer) == [
        ("pending", 0),
        ("running", 0.25),
        ("running", 0.5),
        ("succeeded", 0.5),
    ]


async def test_a_service_that_stays_away_ends_the_watch_and_says_that_the_run_goes_on(watch):
    servicer = Runs([(2, 0.25), CODE.UNAVAILABLE], *[[CODE.UNAVAILABLE]] * 40)
    with pytest.raises(UnavailableError, match="runs/1 broke 4 times") as caught:
        await watch(servicer)
    assert "goes on" in caught.value.line


async def test_a_run_that_is_not_there_is_told_at_once(watch):
    with pytest.raises(NotFoundError):
        await watch(Runs([CODE.NOT_FOUND]))
