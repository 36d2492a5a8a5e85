"""The service over the repository's contexts, at the wire; the endpoint stands in for a hosted model."""

import json
import re
import threading
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import grpc
import pytest
from langdesign.instruction.v1 import instruction_pb2 as pb
from langdesign.instruction.v1 import instruction_pb2_grpc
from langdesign_chassis.testing import serving
from langdesign_instruction.settings import InstructionSettings
from langdesign_instruction.wiring import SERVICE, register
from langdesign_triples import GrammarWriter, load_context

CONTEXTS = Path(__file__).parents[3] / "contexts"
WARDROBE = CONTEXTS / "wardrobe"
WISH = re.compile(r"Write \d+ for the subject (.+?): (.+?)\. All different")
FIELDS = ("change", "input", "edit", "output", "target_before", "target_after")


class Model:
    """A model behind real HTTP that writes well, until a test has it `refuse` with a status."""

    def __init__(self) -> None:
        self.requests = 0
        self.refuse = 0
        self._stock: dict[tuple[str, str], list] = defaultdict(list)
        for triple in GrammarWriter(load_context(WARDROBE), 99).triples(1500):
            self._stock[triple.subject, triple.change].append(triple)

    def answer(self, request: dict) -> tuple[int, bytes]:
        self.requests += 1
        if self.refuse:
            return self.refuse, b'{"error": {"message": "no such model at http://10.0.0.7"}}'
        wish = WISH.search(request["messages"][-1]["content"])
        counts = (part.split(" x ") for part in wish[2].split(", "))
        triples = [self._stock[wish[1], change].pop() for many, change in counts for _ in range(int(many))]
        told = [{name: asdict(triple)[name] for name in FIELDS} for triple in triples]
        message = {"role": "assistant", "content": json.dumps({"triples": [{"input": 1}, *told]})}
        usage = {"prompt_tokens": 600, "completion_tokens": 400}
        return 200, json.dumps({"choices": [{"index": 0, "message": message}], "usage": usage}).encode()


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
def url(model) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            status, body = model.answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            """Keeps the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()
    thread.join(10)


@pytest.fixture
def paid(url) -> dict[str, object]:
    """Settings of a deployment with a language model that writes where a request does not say who does."""
    return {
        "writer": "language_model",
        "llm_base_url": url,
        "llm_model": "tester",
        "llm_api_key": "secret-key",
        "llm_read_price": 1.0,
        "llm_write_price": 2.0,
        "llm_requests_per_minute": 60_000,
        "llm_tokens_per_minute": 60_000_000,
        "llm_answer_tokens": 600,
        "llm_first_wait": 0.01,
        "llm_tries": 2,
    }


@pytest.fixture
def contexts() -> Path:
    """The repository's contexts."""
    return CONTEXTS


@pytest.fixture
def options() -> dict[str, object]:
    """Settings that a test gives the service."""
    return {}


@pytest.fixture
async def stub(tmp_path, options) -> AsyncIterator[instruction_pb2_grpc.InstructionServiceStub]:
    settings = InstructionSettings(**{"contexts": CONTEXTS, "spool": tmp_path / "spool", **options})
    async with serving(lambda server, runtime: register(server, runtime, settings), SERVICE) as served:
        yield instruction_pb2_grpc.InstructionServiceStub(served.channel)


@pytest.fixture
def generate(stub) -> Callable:
    """Reads a stream: what came, and its status if it broke off."""

    async def read(**fields):
        stream = stub.GenerateTriples(pb.GenerateTriplesRequest(**{"context": "wardrobe", **fields}))
        found = []
        try:
            async for response in stream:
                found.append(response)  # noqa: PERF401 - kept when the stream breaks off
        except grpc.aio.AioRpcError as error:
            return found, error
        return found, None

    return read
