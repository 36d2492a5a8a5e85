"""What a service says reaches the reader to its last byte."""

import asyncio
import sys

from langdesign_command.local.processes import _Running
from langdesign_command.local.stack import BY_NAME


async def test_a_last_line_without_an_end_names_the_reason_of_a_crash():
    said = []
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "import sys; sys.stdout.write('loading\\nno such checkpoint'); sys.exit(3)",
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    running = _Running(BY_NAME["llama"], process, lambda name, line: said.append(line))

    await process.wait()
    await running.pumping

    assert said == [b"loading", b"no such checkpoint"]
    assert "exit code 3: no such checkpoint" in running.ended().message
