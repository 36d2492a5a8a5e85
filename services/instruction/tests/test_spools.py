"""Spools of jobs that nobody comes back to."""

import os
import time

import pytest
from langdesign_chassis.testing import serving
from langdesign_instruction.settings import InstructionSettings
from langdesign_instruction.wiring import SERVICE, register

DAY = 86_400


@pytest.fixture
def options(paid, tmp_path):
    folder = tmp_path / "spool"
    folder.mkdir()
    for name, days in (("old", 8), ("new", 6)):
        write(folder / f"{name}.jsonl", days)
    return {**paid, "spool_days": 7}


def write(path, days):
    path.write_text("{}")
    os.utime(path, (time.time() - days * DAY,) * 2)


def names(tmp_path):
    return {path.stem for path in (tmp_path / "spool").glob("*.jsonl")}


async def test_old_spools_are_removed_at_start(contexts, options, tmp_path):
    settings = InstructionSettings(**{**options, "contexts": contexts, "spool": tmp_path / "spool"})
    async with serving(lambda server, runtime: register(server, runtime, settings), SERVICE):
        assert names(tmp_path) == {"new"}


async def test_old_spools_are_removed_when_a_job_is_finished_and_what_tenants_spent_is_not(
    generate, tmp_path
):
    write(tmp_path / "spool" / "late.jsonl", 8)
    found, error = await generate(count=3)

    assert (len(found), error) == (3, None)
    left = names(tmp_path)
    assert "late" not in left
    assert len(left) == 2
    assert len(list((tmp_path / "spool" / "tenants").iterdir())) == 1


async def test_a_job_that_is_read_again_stays_however_old_it_is(generate, model, tmp_path):
    await generate(count=3, seed=1)
    (path,) = (one for one in (tmp_path / "spool").glob("*.jsonl") if one.stem != "new")
    os.utime(path, (time.time() - 8 * DAY,) * 2)
    asked = model.requests

    await generate(count=3, seed=1)
    await generate(count=3, seed=2)
    await generate(count=3, seed=1)

    assert path.exists()
    assert model.requests > asked
    assert path.stat().st_mtime > time.time() - DAY
