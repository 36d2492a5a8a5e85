import dataclasses
import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch
from langdesign_finetune import LoopSettings, ResumeError, StorageError, TrainingError, loop, train
from langdesign_finetune.checkpoints import saved
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from .conftest import full_disk

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
        self.poison: set[int] = set()  # steps whose gradient is not finite
        self.broken: set[int] = set()  # steps whose loss is not

    def batch(self, step: int) -> Tensor:
        if step == self.cut_at:
            os.kill(os.getpid(), signal.SIGTERM)
        self.step = step
        noise = torch.randn(4, 3, 8, 8, generator=torch.Generator().manual_seed(step))
        return noise * float("nan") if step in self.broken else noise

    def losses(self, batch: Tensor) -> Mapping[str, Tensor]:
        error = (self.trained(batch) - batch).square().mean()
        if self.step in self.poison:  # the root of 0 has an infinite slope
            return {"total": error + (0 * self.trained[4].bias[0]).sqrt(), "error": error}
        return {"total": error, "error": error}

    def part(self, batch: Tensor, index: int, count: int) -> Tensor:
        return batch.chunk(count)[index]

    def suspects(self, batch: Tensor) -> list[str]:
        return [f"noise {place}" for place, one in enumerate(batch) if not one.isfinite().all()]

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


def test_a_full_disk_is_told_and_costs_no_more_than_what_came_after_the_last_checkpoint(
    tmp_path: Path,
) -> None:
    train(Copying(), SETTINGS, tmp_path / "whole")
    train(Copying(cut_at=4), SETTINGS, tmp_path / "cut")
    before = final(tmp_path / "cut")
    with full_disk(4096), pytest.raises(StorageError, match=r"checkpoint .*step-.* free space.* same --out"):
        train(Copying(), SETTINGS, tmp_path / "cut")
    assert_same(final(tmp_path / "cut"), before)
    assert left_over(tmp_path / "cut") == [], "what could not be written takes no space"
    train(Copying(), SETTINGS, tmp_path / "cut")
    assert_same(final(tmp_path / "whole"), final(tmp_path / "cut"))


def test_a_model_that_a_full_disk_refuses_leaves_the_one_before(tmp_path: Path) -> None:
    class Large(Copying):
        def save(self, folder: Path, ema: bool) -> None:
            save_file({"large": torch.zeros(2**16)}, folder / "model.safetensors")

    train(Copying(cut_at=4), SETTINGS, tmp_path)
    model = (tmp_path / "model/model.safetensors").read_bytes()
    with full_disk(2**17), pytest.raises(StorageError, match=r"The model .*model cannot be written"):
        train(Large(), SETTINGS, tmp_path)
    assert (tmp_path / "model/model.safetensors").read_bytes() == model
    assert left_over(tmp_path) == []


def test_what_killed_runs_left_is_removed_or_put_back_and_what_others_write_is_not(tmp_path: Path) -> None:
    train(Copying(), SETTINGS, tmp_path / "whole")
    folder = tmp_path / "cut"
    train(Copying(cut_at=3), SETTINGS, folder)
    dead, living = gone(), os.getppid()
    (last,) = saved(folder)
    last.rename(last.with_name(f".{last.name}.{dead}.old"))  # killed while a draft took its place
    drafts = [
        *(last.with_name(f".{name}.{dead}") for name in (last.name, "step-00000003")),
        *(folder / f".model.{process}" for process in (dead, f"{dead}.old", os.getpid(), living)),
        last.with_name(f".step-00000008.{living}"),
    ]
    for draft in drafts:
        draft.mkdir()
        (draft / "weights.safetensors").write_bytes(b"half")
    report = train(Copying(cut_at=5), SETTINGS, folder)
    assert report.step == 6, "it went on from what was put back"
    assert left_over(folder) == [f".model.{living}", f".step-00000008.{living}"]
    train(Copying(), SETTINGS, folder)
    assert_same(final(tmp_path / "whole"), final(folder))


def left_over(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob(".*"))


def gone() -> int:
    """Return the number of a process that is no more."""
    child = subprocess.Popen(["true"])
    child.wait()
    return child.pid


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


def test_a_hopeless_training_ends_with_an_error_that_names_the_hint(tmp_path: Path) -> None:
    task = Copying()
    task.poison = set(range(100))
    with pytest.raises(
        TrainingError, match=r"to step 20, in 4\.bias; begin a new training \(another --out\)"
    ):
        train(task, dataclasses.replace(SETTINGS, steps=100), tmp_path)


def test_a_loss_that_is_no_number_ends_the_training_at_once_and_says_where(tmp_path: Path) -> None:
    task = Copying()
    task.broken = {5}
    said = r"step 6 the loss total, error was not finite, on the samples noise 0, noise 1, noise 2, noise 3;"
    with pytest.raises(TrainingError, match=said + r".* begin a new training \(another --out\) with a lower"):
        train(task, dataclasses.replace(SETTINGS, checkpoint_minutes=0), tmp_path)
    assert [place.name for place in saved(tmp_path)] == ["step-00000004", "step-00000005"]
    report = train(Copying(), SETTINGS, tmp_path)  # what was repaired goes on
    assert report.step == 12


def test_weights_that_are_no_numbers_are_named(tmp_path: Path) -> None:
    task = Copying()
    with torch.no_grad():
        task.trained[0].weight.fill_(float("inf"))
    with pytest.raises(TrainingError, match=r"weights 0\.weight are not finite either"):
        train(task, SETTINGS, tmp_path)


def lines_of(folder: Path) -> list[dict[str, Any]]:
    """The log without what depends on the clock."""
    timed = {"samples/s", "seconds"}
    lines = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    return [{name: value for name, value in line.items() if name not in timed} for line in lines]


def test_a_training_that_was_cut_writes_the_very_log_of_one_that_was_not(tmp_path: Path) -> None:
    train(Copying(), SETTINGS, tmp_path / "whole")
    train(Copying(cut_at=5), SETTINGS, tmp_path / "cut")
    with (tmp_path / "cut/log.jsonl").open("a") as log:  # what a run wrote after its last checkpoint
        log.write('{"step": 8, "total": 1e9}\n{"step": 9, "tot')
    train(Copying(cut_at=9), SETTINGS, tmp_path / "cut")
    train(Copying(), SETTINGS, tmp_path / "cut")
    assert lines_of(tmp_path / "cut") == lines_of(tmp_path / "whole")


def test_a_checkpoint_without_unwritten_losses_is_read(tmp_path: Path) -> None:
    train(Copying(cut_at=3), SETTINGS, tmp_path)
    (saved(tmp_path)[-1] / "unlogged.json").unlink()
    assert train(Copying(), SETTINGS, tmp_path).step == 12


def losses_of(folder: Path) -> list[float]:
    return [line["total"] for line in lines_of(folder) if "total" in line]


def still() -> Copying:
    """A task without dropout, whose parts draw nothing."""
    task = Copying()
    task.trained[1] = nn.Identity()
    return task


def test_a_batch_in_parts_teaches_what_it_teaches_whole(tmp_path: Path) -> None:
    train(still(), SETTINGS, tmp_path / "whole")
    train(still(), SETTINGS, tmp_path / "parts", parts=4)
    assert losses_of(tmp_path / "parts") == pytest.approx(losses_of(tmp_path / "whole"), rel=1e-4)


class Together:
    """Processes as threads of this one."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._meeting = threading.Barrier(size, timeout=30)
        self._said: list[Any] = [None] * size
        self._local = threading.local()

    def run(self, work: Callable[[Copying], object]) -> None:
        tasks = [still() for _ in range(self.size)]  # here, as threads share torch's generator

        def one(rank: int) -> None:
            self._local.rank = rank
            work(tasks[rank])

        with ThreadPoolExecutor(self.size) as pool:
            list(pool.map(one, range(self.size)))

    @property
    def rank(self) -> int:
        return int(self._local.rank)

    def _all(self, value: Any) -> list[Any]:
        self._said[self.rank] = value
        self._meeting.wait()
        said = list(self._said)
        self._meeting.wait()
        return said

    def average_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        own = [one.grad for one in parameters if one.grad is not None]
        means = [torch.stack(same).mean(dim=0) for same in zip(*self._all(own), strict=True)]
        self._meeting.wait()
        for gradient, mean in zip(own, means, strict=True):
            gradient.copy_(mean)

    def mean(self, values: Mapping[str, Tensor]) -> dict[str, Tensor]:
        said = self._all(values)
        return {name: torch.stack([one[name] for one in said]).mean() for name in values}

    def highest(self, value: int) -> int:
        return max(self._all(value))


def test_processes_that_share_a_batch_learn_what_one_learns_and_one_of_them_writes(tmp_path: Path) -> None:
    train(still(), SETTINGS, tmp_path / "one")
    two = Together(2)
    two.run(lambda task: train(task, SETTINGS, tmp_path / "two", parts=2, processes=two))
    assert losses_of(tmp_path / "two") == pytest.approx(losses_of(tmp_path / "one"), rel=1e-4)
    assert len(lines_of(tmp_path / "two")) == len(lines_of(tmp_path / "one"))


def test_processes_go_on_together_from_what_one_wrote(tmp_path: Path) -> None:
    two = Together(2)
    for steps in (5, 12):
        settings = dataclasses.replace(SETTINGS, steps=steps, warmup=0, floor=1.0)
        two.run(lambda task, settings=settings: train(task, settings, tmp_path / "two", processes=two))
    train(still(), settings, tmp_path / "one")
    assert losses_of(tmp_path / "two") == pytest.approx(losses_of(tmp_path / "one"), rel=1e-4)


def test_a_batch_that_cannot_be_divided_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="batch of 4 cannot be divided among 1 processes in 3 parts"):
        train(Copying(), SETTINGS, tmp_path, parts=3)

    class Whole(Copying):
        part = None  # type: ignore[assignment]

    with pytest.raises(TrainingError, match="Whole cannot be divided"):
        train(Whole(), SETTINGS, tmp_path, parts=2)


@pytest.mark.parametrize("bf16", [True, False])
@pytest.mark.parametrize("multiplies", [True, False])
def test_bfloat16_is_computed_only_where_the_device_multiplies_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bf16: bool, multiplies: bool
) -> None:
    seen: set[bool] = set()

    class Watching(Copying):
        def losses(self, batch: Tensor) -> Mapping[str, Tensor]:
            seen.add(torch.is_autocast_enabled("cpu"))
            return super().losses(batch)

    monkeypatch.setattr(loop, "multiplies_bfloat16", lambda _device: multiplies)
    report = train(Watching(), dataclasses.replace(SETTINGS, steps=2, bf16=bf16), tmp_path)
    assert seen == {bf16 and multiplies}
    assert report.precision == ("bfloat16" if bf16 and multiplies else "float32")


def test_progress_is_told_after_each_step(tmp_path: Path) -> None:
    told: list[float] = []
    train(Copying(), SETTINGS, tmp_path, progress=told.append)
    assert told == pytest.approx([step / 12 for step in range(1, 13)])


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
