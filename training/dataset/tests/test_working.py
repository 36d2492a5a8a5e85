"""Work on Ray: equal to work in one process, past a worker's death, and without anything left behind."""

import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import psutil
import pytest
from langdesign_dataset.errors import JudgeError, WorkerError
from langdesign_dataset.lines import Line, led
from langdesign_dataset.pipeline import Cluster, build
from langdesign_dataset.stages.stage import Made, Work
from langdesign_dataset.store import Store
from langdesign_dataset.working import work

from .conftest import recipe
from .test_build import files_of

RAY = Cluster(workers=2)
pytestmark = pytest.mark.timeout(600)  # Ray starts a handful of processes, which takes long on a busy machine


@dataclass(frozen=True)
class Counting:
    """A stage that counts, and that dies or refuses at a number once."""

    marker: Path
    dies_at: int = -1
    refuses: int = -1
    name: ClassVar[str] = "counting"

    @property
    def depends(self) -> Mapping[str, Any]:
        return {}

    def open(self) -> Work:
        def count(payload: Mapping[str, Any], store: Store) -> Made:
            number = payload["number"]
            if number == self.refuses:
                raise JudgeError("it has cost all it may")
            if number == self.dies_at and not self.marker.exists():
                self.marker.touch()
                os.kill(os.getpid(), signal.SIGKILL)
            return Made(str(number).encode())

        return count


@pytest.fixture(autouse=True)
def _travels_by_value():
    """Workers do not know this file, so its classes travel whole."""
    from ray import cloudpickle

    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    yield
    cloudpickle.unregister_pickle_by_value(sys.modules[__name__])


def lines(stage, count=6):
    return [Line(stage, (), [{"number": number} for number in range(count)])]


def left_over():
    """Processes of Ray that this one started."""
    lines = (" ".join(one.cmdline()) for one in psutil.Process().children(recursive=True))
    return [line for line in lines if any(name in line for name in ("raylet", "gcs_server", "ray::"))]


def test_ray_builds_what_one_process_builds_and_leaves_no_process(
    triples, models, scenes, tmp_path, monkeypatch, capfd
):
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")  # of no concern to work that shall be done here
    build(recipe(), triples, models, tmp_path / "here", scenes, cluster=Cluster(workers=0))
    capfd.readouterr()
    build(recipe(), triples, models, tmp_path / "ray", scenes, cluster=RAY)
    assert capfd.readouterr() == ("", "")
    assert files_of(tmp_path / "ray") == files_of(tmp_path / "here")
    assert not left_over()


@pytest.mark.long
def test_a_killed_worker_costs_nothing_and_a_refusal_ends_the_work_with_its_error(tmp_path):
    store = Store(tmp_path / "stages")
    (line,) = lines(Counting(tmp_path / "marker", dies_at=3))
    counts = []
    work([line], store, RAY, lambda line, count: counts.append(count))
    assert (tmp_path / "marker").exists()
    assert counts == list(range(7))
    assert all(led(line, task, store) for task in line.tasks)

    refusing = Store(tmp_path / "refusing")
    (line,) = lines(Counting(tmp_path / "marker", refuses=3))
    with pytest.raises(JudgeError, match="cost all it may"):
        work([line], refusing, RAY)
    assert not left_over()


@dataclass(frozen=True)
class Broken(Counting):
    def open(self) -> Work:
        raise ZeroDivisionError("nobody foresaw this")


@pytest.mark.long
def test_what_nobody_foresaw_names_itself_and_says_that_nothing_is_lost(tmp_path):
    with pytest.raises(WorkerError, match=r"nobody foresaw this.*what is done stays"):
        work(lines(Broken(tmp_path / "marker")), Store(tmp_path / "stages"), RAY)
