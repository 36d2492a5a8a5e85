"""Triples of agents on a language model, as a caller gets them; the endpoint stands in for a hosted model."""

import json
import re
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import grpc
import pytest
from langdesign.instruction.v1 import instruction_pb2 as pb
from langdesign_triples import GrammarWriter, load_context

WARDROBE = Path(__file__).parents[3] / "contexts" / "wardrobe"
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
def options(url) -> dict[str, object]:
    """Deployment with a language model that writes where a request does not say who does."""
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


async def test_triples_come_with_what_was_rejected_and_spent(generate, model):
    found, error = await generate(count=12)

    assert error is None
    assert len(found) == 12
    assert found[-1].rejections["schema"] == found[-1].rejected >= 1
    assert found[-1].spent.tokens == 1000 * model.requests
    assert found[-1].spent.dollars == pytest.approx(0.0014 * model.requests)


async def test_a_caller_may_still_choose_the_grammar(generate, model):
    found, _ = await generate(count=3, writer=pb.WRITER_GRAMMAR)

    assert len(found) == 3
    assert model.requests == 0


async def test_a_stream_that_is_resumed_asks_for_the_rest_alone(generate, model):
    first, _ = await generate(count=5)
    asked = model.requests

    same, _ = await generate(count=5)
    assert [one.triple for one in same] == [one.triple for one in first]
    assert model.requests == asked

    rest, _ = await generate(count=8, resume_token=first[-1].resume_token)
    assert len(rest) == 3
    assert not {one.triple.edit for one in rest} & {one.triple.edit for one in first}


async def test_a_budget_ends_the_stream_with_what_to_do_and_a_larger_one_goes_on(generate):
    first, error = await generate(count=100, budget=pb.Budget(tokens=12_000))

    assert error.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert "budget" in error.details()
    assert first[-1].spent.tokens <= 12_000

    rest, error = await generate(
        count=100, budget=pb.Budget(tokens=500_000), resume_token=first[-1].resume_token
    )
    assert error is None
    assert len(first) + len(rest) == 100


@pytest.mark.parametrize(
    ("status", "code"), [(404, grpc.StatusCode.FAILED_PRECONDITION), (503, grpc.StatusCode.UNAVAILABLE)]
)
async def test_an_endpoint_that_fails_is_told_without_its_address_or_key(generate, model, status, code):
    model.refuse = status

    found, error = await generate(count=4)

    assert found == []
    assert error.code() is code
    assert "language model" in error.details()
    assert not any(secret in error.details() for secret in ("10.0.0.7", "127.0.0.1", "secret-key"))


async def test_what_is_kept_and_lost_is_told_and_not_paid_again(generate, tmp_path, model):
    first, _ = await generate(count=5)
    asked = model.requests
    for spool in (tmp_path / "spool").iterdir():
        spool.unlink()

    found, error = await generate(count=9, resume_token=first[-1].resume_token)

    assert found == []
    assert error.code() is grpc.StatusCode.DATA_LOSS
    assert model.requests == asked
