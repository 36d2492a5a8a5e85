"""`langdesign up` starts whole or not at all, and leaves no process behind."""

import json
import signal
import socket

import pytest
from langdesign_command.local import stack
from langdesign_command.local.ports import free_offset


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_a_stop_ends_every_process_and_exits_with_0(llama_alone, number):
    assert len(llama_alone.family()) >= 2  # a guard and a server

    assert llama_alone.end(number) == []
    assert llama_alone.process.returncode == 0


def test_kill_9_of_the_parent_leaves_no_process(llama_alone):
    assert llama_alone.end(signal.SIGKILL) == []


@pytest.mark.parametrize("name", ["llama", "gateway"])
def test_a_port_in_use_is_told_in_one_line_and_nothing_starts(command, tmp_path, name):
    offset = free_offset()
    port = stack.BY_NAME[name].ports["http"] + offset
    with socket.create_server(("127.0.0.1", port)):
        done = command("up", "--only", name, "--port-offset", str(offset), "--data", str(tmp_path / "d"))

    assert done.returncode == 10
    assert f"Port {port} ({name}, http) is in use" in done.stderr
    assert "--port-offset" in done.stderr
    assert "--data" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "d").exists()


def test_a_folder_that_serves_another_run_is_told_at_once_and_in_one_line(command, llama_alone):
    done = command(
        "up", "--only", "llama", "--port-offset", str(free_offset()), "--data", str(llama_alone.data)
    )

    assert done.returncode == 10
    told = f"{llama_alone.data} serves the llama of another run, process {llama_alone.process.pid}"
    assert (
        done.stderr.strip()
        == f"error: {told}; stop that one, or give this run a folder of its own with --data"
    )


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--only", "kettle"], 2, "No service is called 'kettle'; choose from triton, llama"),
        (["--only", "editing"], 10, "editing needs triton, and nothing answers"),
        (["--only", "triton", "--models", "nowhere"], 10, "No edit and no segment checkpoint in"),
    ],
    ids=["unknown service", "dependency left out", "missing model"],
)
def test_what_cannot_start_is_told_with_its_hint(command, tmp_path, arguments, code, told):
    done = command("up", *arguments, "--port-offset", str(free_offset()), "--data", str(tmp_path))

    assert done.returncode == code
    assert told in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_wrong_setting_stops_everything_and_is_named(command, tmp_path):
    done = command(
        "up", "--only", "llama,reference", "--port-offset", str(free_offset()), "--data", str(tmp_path),
        LANGDESIGN_LIMITS_CONCURRENCY="many",
    )  # fmt: skip

    assert done.returncode == 10
    last = done.stderr.strip().splitlines()[-1]
    assert "reference stopped with exit code 2" in last
    assert "LANGDESIGN_LIMITS_CONCURRENCY" in last


def test_doctor_tells_for_machines_what_is_missing(command):
    done = command("doctor", "--json", "--port-offset", str(free_offset()))

    told = json.loads(done.stdout)
    assert done.returncode == (0 if told["ok"] else 1)
    assert {"Python", "PyTorch", "Triton server", "ports"} <= {item["what"] for item in told["findings"]}
    assert all(item["hint"] for item in told["findings"] if item["state"] == "missing")
