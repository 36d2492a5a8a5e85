import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest
from langdesign_diffusion.random_weights import random_checkpoint
from langdesign_diffusion.samplers import NoiseSchedule
from langdesign_finetune.processes import Alone, joined
from langdesign_finetune.tuning import tune, tune_preset

from .samples import write_tiny
from .test_tuning import losses


def test_a_process_that_nobody_launched_among_others_is_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    processes, device = joined("cpu")
    assert isinstance(processes, Alone)
    assert device == "cpu"


@pytest.mark.long  # two processes import everything
@pytest.mark.timeout(300)
def test_processes_that_accelerate_launches_learn_what_one_learns(tmp_path: Path) -> None:
    noise = NoiseSchedule(prediction="v_prediction")
    dataclasses.replace(random_checkpoint("tiny"), noise=noise).save(tmp_path / "base")
    samples = write_tiny(tmp_path / "samples").folder
    tune(tune_preset("tiny"), samples, tmp_path / "base", tmp_path / "one")
    launched = ["--cpu", "--num_processes", "2", "--num_machines", "1", "--mixed_precision", "no"]
    asked = ["--samples", samples, "--base", tmp_path / "base", "--out", tmp_path / "two", "--recipe", "tiny"]
    subprocess.run(
        [
            *(sys.executable, "-m", "accelerate.commands.launch", *launched, "--dynamo_backend", "no"),
            *("-m", "langdesign_finetune", "tune", *asked, "--device", "cpu"),
        ],
        check=True,
        timeout=280,
    )
    one, two = (
        [line["total"] for line in losses(tmp_path / name) if "total" in line] for name in ("one", "two")
    )
    assert two == pytest.approx(one, rel=1e-4)
