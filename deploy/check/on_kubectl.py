"""A deployment in a cluster, by `kubectl`: the overlay `local` with its own issuer of tokens."""

import asyncio
import re
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Self

from langdesign_client import AsyncClient, Connection, everywhere

ROOT = Path(__file__).resolve().parents[2]
ISSUE = ROOT / "deploy/overlays/local/issue_token.py"
SERVICES = ("deployment/reference", "deployment/segmentation", "statefulset/editing")
_MODEL_SERVER = "app.kubernetes.io/name=model-server"
_ROLLOUT = "50m"  # the model server's own deadline
_CALLS = re.compile(r'nv_inference_request_success\{model="edit",version="1"\} (\d+)')
_METRICS = "import urllib.request as r; print(r.urlopen('http://127.0.0.1:8002/metrics').read().decode())"
_KILL = """import glob, os, signal
for name in glob.glob("/proc/[0-9]*/comm"):
    if open(name).read().startswith("triton_python_b"):
        os.kill(int(name.split("/")[2]), signal.SIGKILL)"""
_SERVES = """import urllib.request as r
assert r.urlopen("http://127.0.0.1:8000/v2/health/ready", timeout=2).status == 200"""


class Cluster:
    """What `kubectl` speaks to; see `place.Place`.

    Args:
        manifests: Rendered manifests that are applied, whose images the nodes have or can pull.
        namespace: Where they go.
        connection_age: `MODEL_SERVER_CONNECTION_AGE` of the model server.

    """

    name = "a cluster"

    def __init__(self, manifests: Path, namespace: str = "langdesign", connection_age: float = 120.0) -> None:
        self.connection_age = connection_age
        self._manifests, self._namespace = manifests, namespace
        self._forward: asyncio.subprocess.Process | None = None
        self._gone = False

    async def __aenter__(self) -> Self:
        """Apply the manifests, wait for every rollout, and open a way to the gateway."""
        keys = await _run(sys.executable, str(ISSUE), "jwks")
        await self._kubectl("apply", "-f", "-", text=keys)
        await self._kubectl("apply", "-f", str(self._manifests))
        for workload in (await self._kubectl("get", "deployments,statefulsets", "-o", "name")).split():
            await self._rolled(workload)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        forward = ("port-forward", "service/gateway", f"{self._port}:8080")
        self._forward = await asyncio.create_subprocess_exec("kubectl", "-n", self._namespace, *forward)
        await self._until_reachable()
        return self

    async def __aexit__(self, *error: object) -> None:
        """Close the way to the gateway; what was applied stays, to be looked at."""
        if self._forward is not None:
            self._forward.terminate()
            await self._forward.wait()

    async def _until_reachable(self) -> None:
        async with asyncio.timeout(60):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", self._port)
                except OSError:
                    await asyncio.sleep(0.2)
                    continue
                writer.close()
                return

    def client(self) -> AbstractAsyncContextManager[AsyncClient]:
        """Return a client of the gateway, with a token of the overlay's issuer."""
        token = subprocess.run(
            [sys.executable, str(ISSUE), "token"], capture_output=True, text=True, check=True
        )
        return AsyncClient(Connection(everywhere(f"127.0.0.1:{self._port}"), token=token.stdout.strip()))

    async def roll(self) -> str:
        """Restart each service's rollout, one after the other."""
        for workload in SERVICES:
            await self._kubectl("rollout", "restart", workload)
            await self._rolled(workload)
        return f"{', '.join(SERVICES)} restarted"

    async def scale(self, count: int) -> None:
        """Scale the model server, and wait until so many are ready and no others are there."""
        await self._kubectl("scale", "deployment/model-server", f"--replicas={count}")
        await self._rolled("deployment/model-server")
        async with asyncio.timeout(900):  # one that goes ends the edits that it has begun
            while len(await self._pods()) != count:  # noqa: ASYNC110 - pods are asked for
                await asyncio.sleep(1)

    async def calls(self) -> list[int]:
        """Return each model server's calls of `edit`, by its own metrics page."""
        counts = []
        for pod in await self._pods():
            page = await self._python(pod, _METRICS)
            found = _CALLS.search(page)
            counts.append(int(found.group(1)) if found else 0)
        return counts

    async def kill_model(self) -> None:
        """Kill the processes of the oldest server's models, as its own user."""
        self._gone = False
        await self._python((await self._pods())[0], _KILL)

    async def until_model_served_again(self) -> None:
        """Wait until that server was not ready, and is again."""
        async with asyncio.timeout(900):
            while True:
                try:
                    await self._python((await self._pods())[0], _SERVES)
                except RuntimeError:
                    self._gone = True
                else:
                    if self._gone:
                        return
                await asyncio.sleep(0.2)

    async def _pods(self) -> list[str]:
        ordered = ("--sort-by", ".metadata.creationTimestamp", "-o", "name")
        return (await self._kubectl("get", "pods", "-l", _MODEL_SERVER, *ordered)).split()

    async def _python(self, pod: str, program: str) -> str:
        return await self._kubectl("exec", pod, "-c", "triton", "--", "python3", "-c", program)

    async def _rolled(self, workload: str) -> None:
        await self._kubectl("rollout", "status", workload, f"--timeout={_ROLLOUT}")

    async def _kubectl(self, *arguments: str, text: str = "") -> str:
        return await _run("kubectl", "-n", self._namespace, *arguments, text=text)


async def _run(*command: str, text: str = "") -> str:
    """Run a command; return its output.

    Raises:
        RuntimeError: It failed; the message holds what it said.

    """
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, complaint = await process.communicate(text.encode())
    if process.returncode:
        raise RuntimeError(f"{_shown(command)} failed: {complaint.decode(errors='replace').strip()}")
    return output.decode()


def _shown(command: Sequence[str]) -> str:
    return " ".join(command[:6])
