"""A run outlives its program and this service: killed, restarted, found again."""

import asyncio
import os
import signal
from pathlib import Path

import pytest
from langdesign.training.v1 import training_pb2 as pb

PROGRAM = Path(__file__).with_name("program.py")


async def test_a_killed_program_is_started_again_and_goes_on_where_it_was(training):
    run = await training.end(await training.create(steps=4, kill=2))
    assert run.state == pb.RUN_STATE_SUCCEEDED
    assert len(training.starts(run)) == 2


async def test_a_program_that_somebody_else_stops_is_started_again(training):
    run = await training.create(steps=4, hold=2)
    await training.until(run, progress=0.5)
    os.kill(training.starts(run)[0], signal.SIGTERM)
    await training.until_started(run, 2)
    training.go_on(run)
    assert (await training.end(run)).state == pb.RUN_STATE_SUCCEEDED


async def test_a_program_that_comes_no_further_is_given_up_with_the_place_and_a_hint(training):
    run = await training.end(await training.create(steps=4, kill=2, again=1))
    assert run.state == pb.RUN_STATE_FAILED
    assert "stage work, 50%" in run.failure
    assert "memory" in run.failure
    assert len(training.starts(run)) == 2


async def test_a_run_goes_on_without_the_service_and_the_next_start_finds_it(start):
    async with start() as training:
        run = await training.create(steps=4, hold=2)
        await training.until(run, progress=0.5)
    async with start() as training:
        assert (await training.get(run)).state == pb.RUN_STATE_RUNNING
        training.go_on(run)
        assert (await training.end(run)).state == pb.RUN_STATE_SUCCEEDED
    assert len(training.starts(run)) == 1


async def test_what_ended_while_the_service_was_away_is_told_by_the_next_start(start):
    async with start() as training:
        run = await training.create(steps=4, hold=2)
        await training.until(run, progress=0.5)
        (pid,) = training.starts(run)
    training.go_on(run)
    await asyncio.to_thread(os.waitpid, pid, 0)
    async with start() as training:
        run = await training.end(run)
        assert run.state == pb.RUN_STATE_SUCCEEDED
        assert run.metrics["clip_dir"] == 0.25
    assert training.starts(run) == [pid]


async def test_a_program_that_was_killed_while_the_service_was_away_is_started_again(start):
    async with start() as training:
        run = await training.create(steps=4, hold=2)
        await training.until(run, progress=0.5)
        (pid,) = training.starts(run)
    os.killpg(pid, signal.SIGKILL)
    await asyncio.to_thread(os.waitpid, pid, 0)
    async with start() as training:
        await training.until(run, progress=0.5)
        training.go_on(run)
        assert (await training.end(run)).state == pb.RUN_STATE_SUCCEEDED
    assert len(training.starts(run)) == 2


async def test_runs_that_waited_are_begun_by_the_next_start(start):
    async with start(concurrency=1) as training:
        first, second = [await training.create(steps=2, hold=1) for _ in range(2)]
        await training.until(first, progress=0.5)
    async with start(concurrency=1) as training:
        assert (await training.get(second)).state == pb.RUN_STATE_PENDING
        for run in (first, second):
            await training.until(run, progress=0.5)
            training.go_on(run)
            assert (await training.end(run)).state == pb.RUN_STATE_SUCCEEDED


async def test_a_cancellation_that_was_asked_for_is_carried_out_by_the_next_start(start):
    async with start() as training:
        run = await training.create(steps=2, hold=1, deaf=1)
        await training.until(run, progress=0.5)
        stopping = asyncio.create_task(training.cancel(run))
        async with asyncio.timeout(10):
            while not (training.out(run) / "asked").exists():  # noqa: ASYNC110 - a program makes it
                await asyncio.sleep(0.01)
        stopping.cancel()
    async with start(grace=0.05) as training:
        assert (await training.end(run)).state == pb.RUN_STATE_CANCELLED


async def test_a_service_that_is_killed_amid_a_run_finds_it_again_and_sees_it_to_its_end(killable, figure):
    await killable.start()
    async with killable.called() as training:
        run = await training.create(steps=4, hold=2, call={"wait_for_ready": True})
        await training.until(run, progress=0.5)
        await killable.kill()
        await killable.start()
        again = training.watch(run, wait_for_ready=True)
        assert (await again.read()).run.state == pb.RUN_STATE_RUNNING
        training.go_on(run)
        ended = [answer.run async for answer in again][-1]
        assert ended.state == pb.RUN_STATE_SUCCEEDED
        assert len(training.starts(run)) == 1
    figure("a run goes on while its service is killed with SIGKILL and started again: 1 start of its program")


@pytest.mark.long
async def test_service_and_program_killed_together_the_run_resumes(killable):
    await killable.start()
    async with killable.called() as training:
        run = await training.create(steps=4, hold=2, call={"wait_for_ready": True})
        await training.until(run, progress=0.5)
        await killable.kill()
        os.killpg(training.starts(run)[0], signal.SIGKILL)
        await killable.start()
        again = training.watch(run, wait_for_ready=True)
        await training.until_started(run, 2)
        training.go_on(run)
        ended = [answer.run async for answer in again][-1]
        assert ended.state == pb.RUN_STATE_SUCCEEDED
        assert len(training.starts(run)) == 2
