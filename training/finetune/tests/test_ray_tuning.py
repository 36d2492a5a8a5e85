import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
import ray
from langdesign_dataset.samples import SampleSetError
from langdesign_diffusion.random_weights import random_checkpoint
from langdesign_finetune import TrainingError
from langdesign_finetune.denoising import Objective
from langdesign_finetune.ray_tuning import tune_on_workers
from langdesign_finetune.tracking import TrackingWarning
from langdesign_finetune.tune_recipes import TUNE, TuneRecipe
from langdesign_finetune.tuning import tune

from .samples import write_tiny
from .test_tuning import losses

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.long,  # Ray and its workers take half a minute to start
    pytest.mark.filterwarnings("default"),  # what Ray warns of is not ours
]


@pytest.fixture(scope="module", autouse=True)
def _cluster() -> Iterator[None]:
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    yield
    ray.shutdown()


def recipe(**changes: object) -> TuneRecipe:
    loop = dataclasses.replace(TUNE["tiny"].loop, learning_rate=3e-3, threads=1)
    small = {"side": 32, "objective": Objective(min_snr=None), "held_out": 0.3, "measured": 4}
    return dataclasses.replace(TUNE["tiny"], **{"loop": loop, **small, **changes})


def test_two_workers_learn_what_one_process_learns(tmp_path: Path) -> None:
    random_checkpoint("tiny").save(tmp_path / "base")
    samples = write_tiny(tmp_path / "samples").folder
    tune(recipe(), samples, tmp_path / "base", tmp_path / "one")
    told: list[float] = []
    report = tune_on_workers(
        recipe(), samples, tmp_path / "base", tmp_path / "two", workers=2, progress=told.append
    )
    assert told[-1] == 1.0
    assert told == sorted(told)
    assert (report.stopped, report.step, report.samples) == ("done", 4, 16)
    one, two = (
        [line["total"] for line in losses(tmp_path / name) if "total" in line] for name in ("one", "two")
    )
    assert two == pytest.approx(one, rel=1e-4)


def test_what_a_worker_fails_of_is_said_in_a_line(tmp_path: Path) -> None:
    samples = write_tiny(tmp_path / "samples").folder
    with pytest.raises(TrainingError, match=r"^A worker failed \(.*no diffusers folder .*its checkpoint$"):
        tune_on_workers(recipe(), samples, tmp_path / "none", tmp_path / "out", workers=1)


def test_a_data_set_that_is_none_is_told_before_workers_start(tmp_path: Path) -> None:
    with pytest.raises(SampleSetError, match="holds no data set"):
        tune_on_workers(recipe(), tmp_path, tmp_path / "base", tmp_path / "out", workers=1)


def test_a_tracker_that_no_worker_reaches_is_told_of_and_the_training_ends(tmp_path: Path) -> None:
    random_checkpoint("tiny").save(tmp_path / "base")
    samples = write_tiny(tmp_path / "samples", 12).folder
    with pytest.warns(TrackingWarning, match="could not begin a run of MLflow at http://127.0.0.1:9"):
        report = tune_on_workers(
            recipe(), samples, tmp_path / "base", tmp_path / "out", workers=1, tracking="http://127.0.0.1:9"
        )
    assert report.stopped == "done"
