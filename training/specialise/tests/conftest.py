import io
from pathlib import Path

import pytest
from langdesign_specialise.places import Places
from langdesign_specialise.recipes import recipe
from langdesign_specialise.reporting import JsonReport
from langdesign_specialise.work import Work
from langdesign_specialise.workspace import Done, Workspace

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def work(tmp_path):
    """Makes a run whose stages, if any are named, are done in its own folder."""

    def make(*done, preset="tiny", overrides=(), **places):
        places = {"contexts": ROOT / "contexts", "models": ROOT / "deploy/models/mini", **places}
        made = Work(
            recipe(preset, dict(overrides)),
            Places(**places),
            Workspace(tmp_path / "run"),
            JsonReport(io.StringIO(), io.StringIO()),
        )
        made.done = {name: Done(tmp_path / name, name, 0.0) for name in done}
        return made

    return make


@pytest.fixture
def notes():
    """What a run noted for people."""
    return lambda work: work.report._log.getvalue()
