import asyncio
import json
import os
import signal
import socket
import sys
import textwrap

import pytest

PROGRAM = """
from grpc_health.v1 import health_pb2
from typing import ClassVar
from langdesign_chassis import run
from langdesign_chassis.declaring import SecretStr, Settings

class Own(Settings, frozen=True):
    env_prefix: ClassVar[str] = "ECHO_"
    needs: bool = False
    token: SecretStr = SecretStr("hunter2")

async def never():
    return False

async def register(server, runtime, settings):
    if settings.needs:
        runtime.wait_for("triton", never)

run("echo", register, settings=Own, services=["langdesign.echo.v1.EchoService"], listen="127.0.0.1:0")
"""


@pytest.fixture
def start(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(textwrap.dedent(PROGRAM))

    async def start(*arguments, **variables):
        environment = os.environ | {"LANGDESIGN_TELEMETRY_METRICS": "off"} | variables
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(
            sys.executable, str(program), *arguments, env=environment, stdout=pipe, stderr=pipe
        )

    return start


async def ended(process):
    async with asyncio.timeout(30):
        out, error = await process.communicate()
    return process.returncode, out.decode(), error.decode()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_drains_and_exits_with_0(start, number):
    process = await start(LANGDESIGN_DRAIN_DELAY="0")
    async with asyncio.timeout(30):
        while json.loads(await process.stderr.readline())["message"] != "serving":
            pass
    process.send_signal(number)
    code, _, log = await ended(process)
    assert code == 0
    assert [json.loads(line)["message"] for line in log.splitlines()] == ["draining", "stopped"]


async def test_settings_are_shown_with_secrets_masked(start):
    code, out, error = await ended(await start("--show-settings", LANGDESIGN_LIMITS_BURST="9"))
    assert (code, error) == (0, "")
    lines = out.splitlines()
    assert any(line.startswith("LANGDESIGN_LIMITS_BURST=9  # ") for line in lines)
    assert any(line.startswith("ECHO_TOKEN=********") for line in lines)


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"LANGDESIGN_LIMITS_RATE": "fast"}, "LANGDESIGN_LIMITS_RATE"),
        ({"LANGDESIGN_LISTEN": "0.0.0.0:0"}, "auth_mode=jwt"),
        ({"ECHO_NEEDS": "perhaps"}, "ECHO_NEEDS"),
        (
            {"ECHO_NEEDS": "yes", "LANGDESIGN_STARTUP": "0.2", "LANGDESIGN_TELEMETRY_LEVEL": "error"},
            "TRITON_ADDR",
        ),
    ],
)
async def test_what_hinders_the_start_is_one_line_with_the_hint_and_exit_code_2(start, variables, named):
    code, out, error = await ended(await start(**variables))
    assert (code, out) == (2, "")
    assert error.count("\n") == 1
    assert error.startswith("echo: ")
    assert named in error


async def test_a_port_in_use_is_one_line_with_the_hint_and_exit_code_2(start):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        code, _, error = await ended(await start(LANGDESIGN_LISTEN=address))
    assert code == 2
    assert error.count("\n") == 1
    assert address in error
    assert "set LANGDESIGN_LISTEN" in error
