import asyncio
import itertools
from pathlib import Path

import grpc
import pytest
from langdesign.training.v1 import training_pb2 as pb
from langdesign_chassis.testing import Issuer, test_settings

CODE = grpc.StatusCode


async def test_a_run_is_carried_out_and_tells_what_its_program_said(training):
    created = await training.create(pb.RUN_KIND_SPECIALISE, "interior-mini", steps=3)
    assert created.state == pb.RUN_STATE_PENDING
    assert created.overrides == {"steps": "3"}
    run = await training.end(created)
    assert run.state == pb.RUN_STATE_SUCCEEDED
    assert run.metrics == {"clip_dir": 0.25, "recipe": len("interior-mini")}
    assert run.model_version == "models/interior@3"
    assert run.failure == ""
    assert created.create_time == run.create_time
    times = [stamp.ToMicroseconds() for stamp in (run.create_time, run.start_time, run.end_time)]
    assert times == sorted(times)
    assert await training.get(run) == run


async def test_a_program_hears_whose_run_it_is_and_shares_a_folder_with_its_tenants_other_runs(training):
    runs = [await training.end(await training.create()) for _ in range(2)]
    heard = [(training.out(run) / "starts").read_text().split()[2:] for run in runs]
    assert [name for name, _ in heard] == [run.name for run in runs]
    (shared,) = {folder for _, folder in heard}
    assert Path(shared).parent == training.folder / "runs" / "tenants"


@pytest.mark.parametrize(
    ("recipe", "overrides", "known"),
    [
        ("huge", {}, "tiny, mini, full"),
        ("interior-huge", {}, "tiny, mini, full"),
        ("interior", {}, "interior-tiny"),
        ("gardens-mini", {}, "give one of interior, wardrobe"),
        ("mini", {"context": "gardens"}, "give one of interior, wardrobe"),
    ],
)
async def test_a_recipe_that_is_not_there_is_refused_at_once_with_those_that_are(
    start, refused, tmp_path, recipe, overrides, known
):
    for name in ("interior", "wardrobe"):
        (tmp_path / "contexts" / name).mkdir(parents=True)
        (tmp_path / "contexts" / name / "context.toml").touch()
    async with start(contexts=tmp_path / "contexts") as training:
        error = await refused(training.create(recipe=recipe, **overrides), CODE.INVALID_ARGUMENT)
        assert known in str(error.trailing_metadata()) + error.details()
        assert not (await training.runs.ListRuns(pb.ListRunsRequest())).runs
        (tmp_path / "contexts" / "gardens").mkdir()
        (tmp_path / "contexts" / "gardens" / "context.toml").touch()
        await training.end(await training.create(recipe="gardens-mini"))  # put there while the service runs


async def test_contexts_that_the_service_does_not_see_are_the_programs_to_know(training):
    run = await training.end(await training.create(recipe="gardens-mini"))
    assert run.state == pb.RUN_STATE_SUCCEEDED


async def test_a_program_that_fails_ends_the_run_with_its_own_reason(training):
    run = await training.end(await training.create(fail="there is no recipe 'mini'; choose tiny"))
    assert run.state == pb.RUN_STATE_FAILED
    assert run.failure == "there is no recipe 'mini'; choose tiny"


async def test_a_program_that_ends_without_a_word_fails_the_run_and_names_the_log(training):
    run = await training.end(await training.create(exit=3))
    assert run.state == pb.RUN_STATE_FAILED
    assert "exit code 3" in run.failure
    assert "log.txt" in run.failure
    assert len(training.starts(run)) == 1


async def test_the_same_key_gives_the_same_run_and_another_request_is_refused(training, refused):
    first = await training.create(key="k", steps=1)
    assert (await training.create(key="k", steps=1)).name == first.name
    await training.end(first)
    assert (await training.create(key="k", steps=1)).name == first.name
    await refused(training.create(key="k", steps=2), CODE.ALREADY_EXISTS)
    await refused(training.create(pb.RUN_KIND_EVALUATE, key="k", steps=1), CODE.ALREADY_EXISTS)


async def test_equal_calls_at_once_make_one_run(training):
    runs = await asyncio.gather(*(training.create(key="k", steps=1) for _ in range(20)))
    assert len({run.name for run in runs}) == 1
    await training.end(runs[0])
    assert len(training.starts(runs[0])) == 1


async def test_runs_wait_for_room_in_the_order_of_their_creation(start):
    async with start(concurrency=1) as training:
        runs = [await training.create(steps=1, hold=0) for _ in range(3)]
        for run, waiting in itertools.zip_longest(runs, runs[1:]):
            await training.until(run, state=pb.RUN_STATE_RUNNING)
            if waiting is not None:
                assert (await training.get(waiting)).state == pb.RUN_STATE_PENDING
            training.go_on(run)
            assert (await training.end(run)).state == pb.RUN_STATE_SUCCEEDED


async def test_lists_are_newest_first_paged_and_by_state(training, refused):
    runs = [await training.create(steps=1) for _ in range(5)]
    failed = await training.create(fail="no")
    for run in (*runs, failed):
        await training.end(run)
    found, token = [], ""
    while True:
        page = await training.runs.ListRuns(pb.ListRunsRequest(page_size=2, page_token=token))
        found += page.runs
        token = page.next_page_token
        if not token:
            break
    assert [run.name for run in found] == [run.name for run in reversed([*runs, failed])]
    succeeded = pb.ListRunsRequest(state=pb.RUN_STATE_SUCCEEDED, page_size=4)
    page = await training.runs.ListRuns(succeeded)
    assert [run.name for run in page.runs] == [run.name for run in reversed(runs[1:])]
    other = pb.ListRunsRequest(page_token=page.next_page_token)
    await refused(training.runs.ListRuns(other), CODE.INVALID_ARGUMENT)
    for token in ("!", "bm8=", "QQpCCkM="):
        request = pb.ListRunsRequest(page_token=token)
        await refused(training.runs.ListRuns(request), CODE.INVALID_ARGUMENT)


async def test_a_cancelled_run_stops_and_stays_cancelled(training):
    run = await training.create(steps=2, hold=1)
    await training.until(run, progress=0.5)
    cancelled = await training.cancel(run)
    assert cancelled.state == pb.RUN_STATE_CANCELLED
    assert cancelled.failure == ""
    assert await training.cancel(run) == cancelled
    assert await training.end(run) == cancelled
    assert len(training.starts(run)) == 1


async def test_a_run_that_waits_is_cancelled_at_once(start):
    async with start(concurrency=1) as training:
        first, second, third = [await training.create(steps=1, hold=0) for _ in range(3)]
        assert (await training.cancel(second)).state == pb.RUN_STATE_CANCELLED
        assert not training.out(second).exists()
        training.go_on(first)
        await training.until(third, state=pb.RUN_STATE_RUNNING)
        await training.cancel(third)


async def test_a_program_that_is_deaf_to_sigterm_is_killed_after_the_grace(start):
    async with start(grace=0.05) as training:
        run = await training.create(steps=2, hold=1, deaf=1)
        await training.until(run, progress=0.5)
        assert (await training.cancel(run)).state == pb.RUN_STATE_CANCELLED


async def test_cancelling_an_ended_run_changes_nothing(training):
    run = await training.end(await training.create(steps=1))
    assert await training.cancel(run) == run


async def test_every_watcher_sees_the_run_as_it_stands_and_its_end(training):
    run = await training.create(steps=4, hold=2)
    early = [asyncio.create_task(training.changes(run)) for _ in range(3)]
    at_hold = await training.until(run, progress=0.5)
    assert at_hold.stage == "work"
    late = training.watch(run)
    assert (await late.read()).run.progress == 0.5
    training.go_on(run)
    ends = [(await task)[-1] for task in early] + [[answer.run async for answer in late][-1]]
    assert ends == [await training.get(run)] * 4
    assert ends[0].state == pb.RUN_STATE_SUCCEEDED
    assert await training.changes(run) == ends[:1]


async def test_a_watch_that_breaks_off_changes_nothing(training):
    run = await training.create(steps=2, hold=1)
    watch = training.watch(run)
    await watch.read()
    watch.cancel()
    training.go_on(run)
    assert (await training.end(run)).state == pb.RUN_STATE_SUCCEEDED


@pytest.mark.parametrize(
    ("name", "value"),
    [("", "1"), ("-x", "1"), ("a b", "1"), ("lr", "1\n2"), ("lr", "x" * 1001), ("a" * 65, "1")],
)
async def test_settings_of_an_impossible_form_are_refused_and_the_key_stays_free(
    training, refused, name, value
):
    await refused(training.create(key="k", **{name: value}), CODE.INVALID_ARGUMENT)
    assert await training.create(key="k", steps=1)


async def test_a_key_that_not_every_database_takes_is_refused(training, refused):
    await refused(training.create(key="k\x00"), CODE.INVALID_ARGUMENT)


async def test_nothing_of_a_setting_reaches_a_shell(training, tmp_path):
    run = await training.create(
        steps="2", note="$(touch " + str(tmp_path / "hacked") + "); `id` && 'x' --out /"
    )
    assert (await training.end(run)).state == pb.RUN_STATE_SUCCEEDED
    assert not (tmp_path / "hacked").exists()


async def test_runs_of_another_tenant_are_not_found_by_any_method(start, refused, tmp_path, figure):
    issuer = Issuer()
    chassis = test_settings(auth=issuer.settings(tmp_path))
    ann, bob = ({"metadata": issuer.metadata(name, "training")} for name in ("ann", "bob"))
    async with start(chassis=chassis) as training:
        run = await training.create(key="k", call=ann, steps=1, hold=0)
        calls = {
            "GetRun": training.get(run, **bob),
            "CancelRun": training.cancel(run, **bob),
            "WatchRun": training.watch(run, **bob).read(),
        }
        for call in calls.values():
            await refused(call, CODE.NOT_FOUND)
        assert not (await training.runs.ListRuns(pb.ListRunsRequest(), **bob)).runs
        assert (await training.create(key="k", call=bob, steps=1)).name != run.name
        assert (await training.get(run, **ann)).state != pb.RUN_STATE_CANCELLED
        training.go_on(run)
        async for answer in training.watch(run, **ann):
            run = answer.run
        assert run.state == pb.RUN_STATE_SUCCEEDED
    methods = {method.name for method in pb.DESCRIPTOR.services_by_name["TrainingService"].methods}
    assert methods == {"CreateRun", "ListRuns", *calls}
    figure(
        f"promise 18: another tenant's run is NOT_FOUND on all {len(calls)} methods that name one",
        methods=len(calls),
        open=len(methods - {"CreateRun", "ListRuns", *calls}),
    )


async def test_a_run_that_nobody_made_is_not_found(training, refused):
    await refused(training.get(pb.Run(name="runs/abc")), CODE.NOT_FOUND)
