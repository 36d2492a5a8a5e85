"""What becomes of a service is told to the reader: its last words to the last byte, or that it was killed."""

import sys

import pytest
from langdesign_command.local.guard import start_guarded
from langdesign_command.local.processes import _Running
from langdesign_command.local.stack import BY_NAME


@pytest.fixture
def said():
    return []


@pytest.fixture
def run(said, tmp_path):
    """Runs a program as a service to its end."""

    async def run(program):
        command = [sys.executable, "-c", program]
        process = await start_guarded(command, environment={}, folder=tmp_path, grace=1)
        running = _Running(BY_NAME["llama"], process, lambda name, line: said.append(line))
        await process.wait()
        await running.pumping
        return running

    return run


async def test_a_last_line_without_an_end_names_the_reason_of_a_crash(run, said):
    running = await run("import sys; sys.stdout.write('loading\\nno such checkpoint'); sys.exit(3)")

    assert said == [b"loading", b"no such checkpoint"]
    assert "exit code 3: no such checkpoint" in running.ended().message


async def test_a_service_that_was_killed_is_not_blamed_on_its_last_line(run):
    running = await run("import os; print('listening', flush=True); os.kill(os.getpid(), 9)")

    assert running.ended().message == "llama was killed (SIGKILL)"
    assert "memory" in running.ended().hint
