"""What becomes of a service is told to the reader: its last words to the last byte, or that it was killed."""

import asyncio
import io
import os
import sys
from pathlib import Path

import pytest
from langdesign_command.errors import StartError
from langdesign_command.local import checkout, ports, processes
from langdesign_command.local.guard import start_guarded
from langdesign_command.local.preflight import Launch
from langdesign_command.local.processes import LocalStack, Logs, _Running
from langdesign_command.local.stack import BY_NAME
from langdesign_command.local.weights import Weights


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


REFUSALS = r"""
E1129 23:31:26.464151 7 backend_model.cc:692] "ERROR: Failed to create instance: X: y\n\nAt:\n  a.py(1): f\n"
E1129 23:31:26.464242 7 model_lifecycle.cc:642] "failed to load 'edit' version 1: Internal: Incompatible: \
conv_out.bias of unet is not finite; fetch unet again\n\nAt:\n  /a/checkpoint.py(158): require_fit\n"
E1129 23:31:26.464242 7 model_lifecycle.cc:642] "failed to load 'segment' version 1: Internal: \
there is no \"model.py\""
error: creating server: Internal - failed to load all models
the server has ended with exit code 1 before it was ready; gives up
""".replace("\\\n", "")


async def test_weights_that_cannot_be_loaded_are_named_by_their_folders(run):
    running = await run(f"print({REFUSALS!r}, flush=True); raise SystemExit(1)")

    told = running.ended(Weights({"edit": Path("/w/edit"), "segment": Path("/w/segment")}, random=False))
    assert told.message == (
        "llama cannot load /w/edit: conv_out.bias of unet is not finite; fetch unet again; "
        '/w/segment: there is no "model.py"'
    )
    assert "--models" in told.hint


async def test_a_wrong_setting_is_told_while_what_the_service_waits_for_still_starts(monkeypatch, tmp_path):
    async def never(service, offset):
        await asyncio.Event().wait()

    monkeypatch.setattr(processes, "until_healthy", never)
    services = (BY_NAME["llama"], BY_NAME["reference"])
    environment = {**os.environ, "REFERENCE_CONFIDENCE_FLOOR": "7"}
    root, offset = checkout.find_root(), ports.free_offset()
    launch = Launch(services, root, tmp_path, offset, environment=environment)
    told = "reference stopped with exit code 2: .*REFERENCE_CONFIDENCE_FLOOR: give a number"

    with pytest.raises(StartError, match=told):
        async with LocalStack(launch, Logs(io.StringIO(), ["llama", "reference"])):
            pass
