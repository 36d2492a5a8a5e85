import dataclasses
import json
import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from langdesign_finetune import LoopSettings, ResumeError, TrainingError, train
from langdesign_finetune.checkpoints import saved
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

SETTINGS = LoopSettings(
    steps=12, learning_rate=0.01, warmup=3, ema=0.9, log_every=4, validate_every=6, checkpoint_minutes=1e9
)


class Copying:
    """A small network with convolutions, dropout and tied weights learns to copy noise."""

    batch_size = 4

    def __init__(self, cut_at: int | None = None) -> None:
        with torch.random.fork_rng():
            torch.manual_seed(1)
            middle = nn.Conv2d(8, 8, 3, padding=1)
            self.trained = nn.Sequential(
                nn.Conv2d(3, 8, 3, padding=1), nn.Dropout(0.1), middle, middle, nn.Conv2d(8, 3, 1)
            )
        self.cut_at = cut_at
        self.validated = 0
        self.poison: set[int] = set()

    def batch(self, step: int) -> Tensor:
        if step == self.cut_at:
            os.kill(os.getpid(), signal.SIGTERM)
        noise = torch.randn(4, 3, 8, 8, generator=torch.Generator().manual_seed(step))
        return noise * float("nan") if step in self.poison else noise

    def losses(self, batch: Tensor) -> Mapping[str, Tensor]:
        error = (self.trained(batch) - batch).square().mean()
        return {"total": error, "error": error}

    def validate(self) -> Mapping[str, float]:
        self.validated += 1
        assert not self.trained.training
        torch.rand(3)  # may draw: it must not change what is trained
        return {"norm": float(sum(one.square().sum() for one in self.trained.parameters()))}

    def save(self, folder: Path, ema: bool) -> None:
        assert ema
        state = self.trained[:3].state_dict()
        save_file({name: value.contiguous() for name, value in state.items()}, folder / "model.safetensors")


def final(folder: Path) -> dict[str, Tensor]:
    files = ("weights", "average", "optimizer", "random")
    place = saved(folder)[-1]
    return {
        f"{name}/{key}": value
        for name in files
        for key, value in load_file(place / f"{name}.safetensors").items()
    }


def assert_same(one: dict[str, Tensor], other: dict[str, Tensor]) -> None:
    assert one.keys() == other.keys()
    for name, value in one.items():
        assert torch.equal(value, other[name]), name


def test_a_training_that_was_cut_ends_with_the_very_weights_of_one_that_was_not(tmp_path: Path) -> None:
    train(Copying(), SETTINGS, tmp_path / "whole")
    first = train(Copying(cut_at=4), SETTINGS, tmp_path / "cut")
    assert (first.stopped, first.step) == ("signal", 5)
    second = train(Copying(cut_at=9), SETTINGS, tmp_path / "cut")
    assert (second.stopped, second.step) == ("signal", 10)
    last = train(Copying(), SETTINGS, tmp_path / "cut")
    assert (last.stopped, last.step, last.samples) == ("done", 12, 48)
    assert_same(final(tmp_path / "whole"), final(tmp_path / "cut"))


def test_the_budget_of_minutes_ends_a_run_with_a_checkpoint_and_a_validation(tmp_path: Path) -> None:
    task = Copying()
    report = train(task, dataclasses.replace(SETTINGS, minutes=0.0), tmp_path)
    assert (report.stopped, report.step, task.validated) == ("minutes", 0, 1)
    assert json.loads((tmp_path / "report.json").read_text())["metrics"] == report.metrics
    assert len(saved(tmp_path)) == 1


def test_the_saved_model_is_the_average(tmp_path: Path) -> None:
    train(Copying(), SETTINGS, tmp_path)
    state, model = final(tmp_path), load_file(tmp_path / "model" / "model.safetensors")
    assert torch.equal(model["0.weight"], state["average/0.weight"])
    assert not torch.equal(model["0.weight"], state["weights/0.weight"])


def test_a_damaged_checkpoint_gives_way_to_the_one_before(tmp_path: Path) -> None:
    train(Copying(), SETTINGS, tmp_path / "whole")
    train(Copying(cut_at=3), SETTINGS, tmp_path / "cut")
    train(Copying(cut_at=7), SETTINGS, tmp_path / "cut")
    (saved(tmp_path / "cut")[-1] / "optimizer.safetensors").write_bytes(b"torn")
    train(Copying(), SETTINGS, tmp_path / "cut")
    assert_same(final(tmp_path / "whole"), final(tmp_path / "cut"))


def test_checkpoints_that_are_all_damaged_are_not_trained_over(tmp_path: Path) -> None:
    train(Copying(cut_at=3), SETTINGS, tmp_path)
    (saved(tmp_path)[-1] / "state.json").unlink()
    with pytest.raises(ResumeError, match="remove"):
        train(Copying(), SETTINGS, tmp_path)


def test_a_folder_of_another_recipe_is_refused(tmp_path: Path) -> None:
    train(Copying(cut_at=3), SETTINGS, tmp_path, recipe="one")
    with pytest.raises(ResumeError, match="another folder"):
        train(Copying(), SETTINGS, tmp_path, recipe="two")


def test_a_folder_of_another_model_is_refused(tmp_path: Path) -> None:
    train(Copying(cut_at=3), SETTINGS, tmp_path)
    other = Copying()
    other.trained = nn.Sequential(nn.Conv2d(3, 3, 1))
    with pytest.raises(ResumeError, match="does not fit"):
        train(other, SETTINGS, tmp_path)


def test_a_step_without_a_finite_gradient_is_skipped_and_counted(tmp_path: Path) -> None:
    task = Copying()
    task.poison = {2, 5}
    report = train(task, SETTINGS, tmp_path)
    assert (report.step, report.skipped) == (12, 2)
    assert all(torch.isfinite(value).all() for value in final(tmp_path).values())


def test_a_hopeless_training_ends_with_an_error_that_names_the_mend(tmp_path: Path) -> None:
    task = Copying()
    task.poison = set(range(100))
    with pytest.raises(TrainingError, match="learning rate"):
        train(task, dataclasses.replace(SETTINGS, steps=100), tmp_path)


def test_the_log_holds_losses_speed_and_validations(tmp_path: Path) -> None:
    train(Copying(), SETTINGS, tmp_path)
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    steps = [line for line in lines if "validation" not in line]
    assert [line["step"] for line in steps] == [4, 8, 12]
    assert {"total", "error", "gradient", "lr", "samples/s", "seconds"} < steps[0].keys()
    assert [line["step"] for line in lines if "validation" in line] == [6, 12]


def test_groups_of_the_task_keep_their_own_learning_rate(tmp_path: Path) -> None:
    class Halves(Copying):
        def parameter_groups(self) -> list[dict[str, Any]]:
            still, moving = self.trained[0].parameters(), self.trained[4].parameters()
            return [{"params": list(still), "lr": 0.0, "weight_decay": 0.0}, {"params": list(moving)}]

    before = {name: value.clone() for name, value in Halves().trained.state_dict().items()}
    task = Halves()
    train(task, SETTINGS, tmp_path)
    assert torch.equal(task.trained[0].weight, before["0.weight"])
    assert not torch.equal(task.trained[4].weight, before["4.weight"])


def test_training_lowers_the_loss(tmp_path: Path) -> None:
    task = Copying()
    start = float(task.losses(task.batch(99))["error"].detach())
    train(task, dataclasses.replace(SETTINGS, steps=100), tmp_path)
    assert float(task.losses(task.batch(99))["error"].detach()) < start / 2


@pytest.mark.parametrize(("step", "rate"), [(0, 1 / 3), (2, 1.0), (3, 1.0), (12, 0.05), (99, 0.05)])
def test_the_rate_warms_up_and_then_falls_to_the_floor(step: int, rate: float) -> None:
    assert SETTINGS.rate(step) == pytest.approx(rate)
