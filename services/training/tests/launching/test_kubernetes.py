import json

import kmock as fake
import pytest
from langdesign.training.v1 import training_pb2 as pb
from langdesign_chassis.errors import StartError
from langdesign_chassis.testing import serving
from langdesign_training.settings import TrainingSettings
from langdesign_training.wiring import SERVICES, register


def said(*records):
    noise = "2026-11-28 10:00:00,000 INFO cli.py:41 -- Job submission server address\n"
    return (noise + "".join(json.dumps(record) + "\n" for record in records)).encode()


HALF = said({"stage": "pairs", "progress": 0.5})
DONE = said(
    {"stage": "pairs", "progress": 0.5},
    {"stage": "pairs", "progress": 1.0},
    {"metrics": {"clip_dir": 0.2}},
    {"model_version": "models/interior@3"},
    {"state": "succeeded"},
)


async def test_a_run_becomes_a_rayjob_and_ends_as_its_program_says(start, launching, cluster, figure):
    async with launching() as launcher, start(launcher=launcher) as training:
        run = await training.create(pb.RUN_KIND_SPECIALISE, "interior-mini", steps=3)
        job = await cluster.job()
        await cluster.submit(job, HALF)
        at_half = await training.until(run, progress=0.5)
        assert (at_half.state, at_half.stage) == (pb.RUN_STATE_RUNNING, "pairs")
        await cluster.finish(job, DONE)
        run = await training.end(run)
    assert run.state == pb.RUN_STATE_SUCCEEDED
    assert run.metrics == {"clip_dir": 0.2}
    assert run.model_version == "models/interior@3"


async def test_a_run_survives_a_restart_of_the_service(start, launching, cluster, figure):
    async with launching() as launcher, start(launcher=launcher) as training:
        run = await training.create()
        job = await cluster.job()
        await cluster.status(job, jobDeploymentStatus="Running", jobStatus="RUNNING")
        await training.until(run, state=pb.RUN_STATE_RUNNING)
    async with launching() as launcher, start(launcher=launcher) as training:
        assert (await training.get(run)).state == pb.RUN_STATE_RUNNING
        await cluster.finish(job, DONE)
        assert (await training.end(run)).state == pb.RUN_STATE_SUCCEEDED
        assert await cluster.names() == [job]
    figure("a run on a fake Kubernetes API survives a restart of the training service: 1 RayJob, SUCCEEDED")


async def test_what_ended_while_the_service_was_away_is_told_by_the_next_start(start, launching, cluster):
    async with launching() as launcher, start(launcher=launcher) as training:
        run = await training.create()
        job = await cluster.job()
        await training.until(run, state=pb.RUN_STATE_RUNNING)
    await cluster.finish(job, DONE)
    async with launching() as launcher, start(launcher=launcher) as training:
        run = await training.end(run)
        assert (run.state, run.metrics) == (pb.RUN_STATE_SUCCEEDED, {"clip_dir": 0.2})


async def test_what_ended_and_was_collected_while_the_service_was_away_is_told_by_the_next_start(
    start, launching, cluster
):
    async with launching() as launcher, start(launcher=launcher) as training:
        run = await training.create()
        job = await cluster.job()
        await training.until(run, state=pb.RUN_STATE_RUNNING)
    await cluster.finish(job, DONE, endTime="2020-01-01T00:00:00Z")
    await cluster.delete(job)  # as KubeRay does where it is told to, or a person who tidies up
    async with launching() as launcher, start(launcher=launcher) as training:
        run = await training.end(run)
        assert (run.state, run.metrics) == (pb.RUN_STATE_SUCCEEDED, {"clip_dir": 0.2})
        assert await cluster.names() == [job], "the log goes with it, so that it stays until that is read"
        await launcher.sweep(list)
        assert await cluster.names() == []


async def test_another_ones_finalizer_is_left_to_that_one(make_run, launching, cluster):
    async with launching() as launcher:
        run = make_run()
        await launcher.launch(run)
        job = await cluster.job()
        await cluster.change(job, {"finalizers": ["langdesign.dev/unrecorded", "ray.io/rayjob-finalizer"]})
        await launcher.stop(run)
        found = await cluster.jobs.get_namespaced_custom_object(*cluster.where, job)
    assert found["metadata"]["finalizers"] == ["ray.io/rayjob-finalizer"]
    assert "deletionTimestamp" in found["metadata"]


async def test_a_program_that_fails_ends_the_run_with_its_own_reason(start, launching, cluster):
    async with launching() as launcher, start(launcher=launcher) as training:
        run = await training.create()
        log = said({"state": "failed", "failure": "there is no recipe 'mini'; choose tiny"})
        await cluster.finish(await cluster.job(), log, state="FAILED", message="exit code 1")
        run = await training.end(run)
    assert (run.state, run.failure) == (pb.RUN_STATE_FAILED, "there is no recipe 'mini'; choose tiny")


async def test_cancelling_deletes_the_rayjob(start, launching, cluster):
    async with launching() as launcher, start(launcher=launcher) as training:
        run = await training.create()
        await cluster.submit(await cluster.job(), HALF)
        await training.until(run, progress=0.5)
        run = await training.cancel(run)
        assert (run.state, run.failure) == (pb.RUN_STATE_CANCELLED, "")
        assert await cluster.names() == []


async def test_a_rayjob_that_vanishes_fails_the_run_with_the_reason(start, launching, cluster):
    async with launching() as launcher, start(launcher=launcher) as training:
        run = await training.create()
        await training.until(run, state=pb.RUN_STATE_RUNNING)
        await cluster.delete(await cluster.job())
        run = await training.end(run)
        assert await cluster.names() == [], "its pods go at once"
    assert run.state == pb.RUN_STATE_FAILED
    assert "deleted in the cluster" in run.failure


async def test_launching_twice_makes_one_rayjob(make_run, launching, cluster):
    async with launching() as launcher:
        run = make_run()
        await launcher.launch(run)
        await launcher.launch(run)
        assert await cluster.names() == [f"run-{run.id}-0"]


async def test_a_job_that_dies_without_a_word_is_started_again_once_where_it_comes_no_further(
    start, launching, cluster
):
    async with launching() as launcher, start(launcher=launcher) as training:
        run = await training.create()
        first = await cluster.job()
        await cluster.finish(first, HALF, state="FAILED", message="a node was lost")
        second = await cluster.job(2)
        assert second == first.removesuffix("0") + "1"
        await cluster.finish(second, HALF, state="FAILED")
        run = await training.end(run)
    assert run.state == pb.RUN_STATE_FAILED
    assert "twice" in run.failure


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ({"jobDeploymentStatus": "Failed", "reason": "DeadlineExceeded"}, "longer than a run may"),
        ({"jobDeploymentStatus": "Complete", "jobStatus": "STOPPED"}, "stopped in the cluster"),
        ({"jobDeploymentStatus": "ValidationFailed", "message": "no head"}, "no head"),
    ],
)
async def test_what_the_cluster_says_of_a_job_is_the_runs_reason(start, launching, cluster, status, reason):
    async with launching() as launcher, start(launcher=launcher) as training:
        run = await training.create()
        await cluster.status(await cluster.job(), **status)
        run = await training.end(run)
    assert run.state == pb.RUN_STATE_FAILED
    assert reason in run.failure


async def test_a_job_that_succeeds_and_whose_log_is_gone_succeeded(start, launching, cluster):
    async with launching() as launcher, start(launcher=launcher) as training:
        run = await training.create()
        await cluster.status(await cluster.job(), jobDeploymentStatus="Complete", jobStatus="SUCCEEDED")
        assert (await training.end(run)).state == pb.RUN_STATE_SUCCEEDED


async def test_what_the_cluster_refuses_fails_the_run_in_its_words(start, launching, kmock):
    kmock[fake.action.CREATE, fake.resource("rayjobs")] << 403 << {"message": "exceeded quota: gpus"}
    async with launching() as launcher, start(launcher=launcher) as training:
        run = await training.end(await training.create())
    assert run.state == pb.RUN_STATE_FAILED
    assert "exceeded quota: gpus" in run.failure


async def test_an_api_server_that_fails_for_a_while_fails_no_run(start, launching, cluster, kmock, pause):
    pause(0.05)
    for action in (fake.action.CREATE, fake.action.FETCH, fake.action.LIST, fake.action.WATCH):
        kmock[action, fake.resource("rayjobs")][:2] << 503
    async with launching() as launcher, start(launcher=launcher) as training:
        run = await training.create()
        await training.until(run, state=pb.RUN_STATE_RUNNING)
        await cluster.finish(await cluster.job(), DONE)
        assert (await training.end(run)).state == pb.RUN_STATE_SUCCEEDED
        # kmock keeps what it answered with 503: the second try finds it there, as after a lost answer.
        assert len(kmock[fake.action.CREATE, fake.resource("rayjobs")]) == 2


async def test_a_watch_whose_version_expired_begins_anew(start, launching, cluster, kmock):
    gone = {"type": "ERROR", "object": {"kind": "Status", "code": 410, "message": "too old"}}
    kmock[fake.action.WATCH, fake.resource("rayjobs")][:1] << [gone]
    # Looked at every minute only: what ends the run is the watch.
    async with launching(poll=60) as launcher, start(launcher=launcher) as training:
        run = await training.create()
        job = await cluster.job()
        while len(kmock[fake.action.WATCH]) < 2:
            await training.get(run)
        await cluster.finish(job, DONE)
        assert (await training.end(run)).state == pb.RUN_STATE_SUCCEEDED


async def test_orphans_are_swept_and_what_is_anothers_or_fresh_stays(
    make_run, launching, cluster, connection
):
    needed, orphan, ended, fresh = (make_run() for _ in range(4))
    async with launching() as launcher:
        for run in (needed, orphan, ended, fresh):
            await launcher.launch(run)
        long_ago, later = "2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z"
        for run, when in ((ended, long_ago), (fresh, later)):
            await cluster.status(f"run-{run.id}-0", jobDeploymentStatus="Complete", endTime=when)
        others = {"name": "other", "namespace": "langdesign", "labels": {"langdesign.dev/training": "other"}}
        await cluster.jobs.create_namespaced_custom_object(*cluster.where, {"metadata": others})
        await launcher.sweep(lambda: [needed])
        kept = {f"run-{needed.id}-0", f"run-{fresh.id}-0", "other"}
        assert set(await cluster.names()) == kept


@pytest.mark.long
async def test_a_service_that_is_killed_amid_a_rayjob_finds_it_again(kubeconfig, cluster, killable, figure):
    killable.settings = {
        "KUBECONFIG": str(kubeconfig),
        "TRAINING_LAUNCHER": "kubernetes",
        "TRAINING_KUBERNETES_CONTEXT": "fake",
    }
    await killable.start()
    async with killable.called() as training:
        run = await training.create(call={"wait_for_ready": True})
        job = await cluster.job()
        await cluster.submit(job, HALF)
        await training.until(run, progress=0.5)
        await killable.kill()
        await cluster.finish(job, DONE)
        await killable.start()
        ended = [answer.run async for answer in training.watch(run, wait_for_ready=True)][-1]
        assert (ended.state, ended.metrics) == (pb.RUN_STATE_SUCCEEDED, {"clip_dir": 0.2})
        assert await cluster.names() == [job]
    figure("the same with a service that is killed with SIGKILL: 1 RayJob, SUCCEEDED")


async def test_without_a_cluster_the_start_ends_in_one_line(tmp_path, monkeypatch):
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    settings = TrainingSettings(database=f"sqlite:///{tmp_path}/training.sqlite", launcher="kubernetes")
    with pytest.raises(StartError, match="TRAINING_KUBERNETES_CONTEXT") as caught:
        async with serving(lambda server, runtime: register(server, runtime, settings), *SERVICES):
            pass
    assert "\n" not in str(caught.value)
