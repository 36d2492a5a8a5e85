"""A context whose words do not last."""

import shutil
from pathlib import Path

import grpc
import pytest
from langdesign.instruction.v1 import instruction_pb2 as pb

WARDROBE = Path(__file__).parents[3] / "contexts" / "wardrobe"


@pytest.fixture
def options(tmp_path) -> dict[str, object]:
    folder = Path(shutil.copytree(WARDROBE, tmp_path / "contexts" / "wardrobe"))
    header = folder / "context.toml"
    text = header.read_text()
    header.write_text(text[: text.index("[operations]")] + "[operations]\nremove = 1.0\n")
    (folder / "phrases.toml").write_text('remove = ["Remove {x}"]\n')
    return {"contexts": folder.parent}


async def test_words_that_run_out_end_the_stream_with_what_to_do(stub):
    stream = stub.GenerateTriples(
        pb.GenerateTriplesRequest(context="wardrobe", count=100_000, subjects=["hat"])
    )
    found = 0
    while True:
        try:
            if await stream.read() is grpc.aio.EOF:
                break
        except grpc.aio.AioRpcError:
            break
        found += 1

    assert await stream.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert "no more new triples" in await stream.details()
    assert found > 20
