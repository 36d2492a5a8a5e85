"""The service over the repository's contexts, at the wire."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from langdesign.instruction.v1 import instruction_pb2_grpc
from langdesign_chassis.testing import serving
from langdesign_instruction.service import NAME, register
from langdesign_instruction.settings import InstructionSettings

CONTEXTS = Path(__file__).parents[3] / "contexts"


@pytest.fixture
def options() -> dict[str, object]:
    """Settings that a test gives the service."""
    return {}


@pytest.fixture
async def stub(tmp_path, options) -> AsyncIterator[instruction_pb2_grpc.InstructionServiceStub]:
    settings = InstructionSettings(**{"contexts": CONTEXTS, "spool": tmp_path / "spool", **options})
    async with serving(lambda server, runtime: register(server, runtime, settings), NAME) as served:
        yield instruction_pb2_grpc.InstructionServiceStub(served.channel)
