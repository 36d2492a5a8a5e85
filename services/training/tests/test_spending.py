"""What a caller's run may cost is the deployment's to decide; a caller can only ask for less."""

import asyncio
import shlex

import grpc
import pytest
from langdesign.training.v1 import training_pb2 as pb
from langdesign_chassis.environment import load
from langdesign_chassis.errors import StartError
from langdesign_training.settings import SpendingSettings, TrainingSettings
from langdesign_training.spending import spending_options

CODE = grpc.StatusCode


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        (
            "llm_tokens",
            "2000001",
            "the most that this deployment allows is 2000000|TRAINING_SPENDING_LLM_TOKENS",
        ),
        ("llm_dollars", "10.01", "the most that this deployment allows is 10|TRAINING_SPENDING_LLM_DOLLARS"),
        ("llm_dollars", "0", "the most that this deployment allows is 10|TRAINING_SPENDING_LLM_DOLLARS"),
        ("llm_dollars", "nan", "allows is 10"),
        ("llm_dollars", "much", "allows is 10"),
        ("dataset.budget.dollars", "none", "allows is 10|TRAINING_SPENDING_JUDGE_DOLLARS"),
        ("dataset.budget.dollars", "1e9", "allows is 10"),
        ("llm_read_price", "0", "for the deployment to decide|TRAINING_SPENDING_LLM_READ_PRICE"),
        ("llm_model", "dearest", "for the deployment to decide"),
        ("dataset.judging.model", "dearest", "for the deployment to decide|TRAINING_SPENDING_JUDGE_MODEL"),
        ("dataset.judging.endpoint", "http://elsewhere", "for the deployment to decide"),
        ("dataset.judging.output_price", "0", "for the deployment to decide"),
        ("dataset.judging.picture_tokens", "1", "leave it out"),
    ],
)
async def test_what_is_dearer_than_the_deployment_allows_is_refused_with_the_ceiling(
    training, refused, name, value, told
):
    error = await refused(training.create(**{name: value}), CODE.INVALID_ARGUMENT)
    told_all = error.details()
    assert told_all.startswith(f"{name} ")
    metadata = " ".join(str(item) for _, item in error.trailing_metadata() or ())
    assert all(part in told_all + metadata for part in told.split("|"))
    assert not (await training.runs.ListRuns(pb.ListRunsRequest())).runs


async def test_less_than_the_ceiling_and_what_costs_nothing_is_taken(training):
    asked = {"llm_tokens": 5, "llm_dollars": 10, "dataset.budget.dollars": 0, "dataset.judging.least": 0.5}
    run = await training.end(await training.create(**asked))
    assert run.state == pb.RUN_STATE_SUCCEEDED


def options(**spending):
    words = spending_options(SpendingSettings(**spending))
    return {tuple(pair) for pair in zip(words[::2], words[1::2], strict=True)}


def test_a_program_is_told_prices_models_and_ceilings():
    told = options(llm_read_price=0.25, judge_model="judge", llm_tokens=9, judge_dollars=0)
    assert {("--own", "llm_read_price=0.25"), ("--own", "dataset.judging.model=judge")} <= told
    assert ("--own", "llm_model") in told, "the recipe's, which no caller changes"
    assert {one[1] for one in told if one[0] == "--ceiling"} == {"llm_tokens=9", "llm_dollars=10.0"}


def test_the_settings_are_read_from_the_environment(monkeypatch):
    monkeypatch.setenv("TRAINING_SPENDING_LLM_DOLLARS", "2.5")
    monkeypatch.setenv("TRAINING_SPENDING_JUDGE_READ_PRICE", "1.25")
    spending = load(TrainingSettings).spending
    assert (spending.llm_dollars, spending.judge_read_price) == (2.5, 1.25)


@pytest.mark.parametrize("value", ["-1", "nan", "inf"])
def test_a_price_that_is_none_is_refused_at_the_start(monkeypatch, value):
    monkeypatch.setenv("TRAINING_SPENDING_LLM_READ_PRICE", value)
    with pytest.raises(StartError, match="TRAINING_SPENDING_LLM_READ_PRICE"):
        load(TrainingSettings)


async def test_the_launched_program_hears_the_ceilings(killable, tmp_path):
    program = tmp_path / "program.sh"
    program.write_text('#!/bin/sh\necho "$@" > "$0.heard"\necho \'{"state": "succeeded"}\'\n')
    program.chmod(0o700)
    killable.settings = {"TRAINING_COMMAND": str(program), "TRAINING_SPENDING_LLM_DOLLARS": "3"}
    await killable.start()
    async with killable.called() as training, asyncio.timeout(60):
        run = await training.create(call={"wait_for_ready": True})
        assert (await training.end(run)).state == pb.RUN_STATE_SUCCEEDED
    heard = shlex.split(program.with_suffix(".sh.heard").read_text())
    assert "llm_dollars=3.0" in heard
    assert "llm_read_price" in heard
