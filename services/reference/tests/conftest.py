"""A language model's endpoint that misbehaves as a test asks, and the service in front of it."""

import contextlib
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from langdesign.reference.v1 import reference_pb2_grpc
from langdesign_chassis.testing import Served, serving
from langdesign_reference.lexicon import load_lexicon
from langdesign_reference.parser import parse
from langdesign_reference.settings import ReferenceSettings
from langdesign_reference.wiring import SERVICE, register


@dataclass
class Endpoint:
    """A real HTTP server; `answer` writes whatever the test wants after the request was read."""

    url: str = ""
    answer: Callable[[BaseHTTPRequestHandler, dict[str, Any]], None] | None = None
    requests: list[dict[str, Any]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def says(self, content: Any) -> None:
        """Answers every request with a completion of this content."""
        self.sends(
            json.dumps({"choices": [{"index": 0, "message": {"role": "assistant", "content": content}}]})
        )

    def reads(self, *edits: dict[str, Any], wish: bool = False) -> None:
        """Answers every request with a plan; a thing is its words, or (words, English)."""
        self.says(json.dumps({"wish": wish, "edits": [_edit(**edit) for edit in edits]}))

    def names(self, name: str) -> None:
        """Answers every request with the name of a thing."""
        self.says(json.dumps({"name": name}))

    def sends(self, body: str, status: int = 200, **headers: str) -> None:
        """Answers every request with this body."""
        self.answer = lambda handler, _: _reply(handler, body.encode(), status, **headers)

    @staticmethod
    def refuse(handler: BaseHTTPRequestHandler, body: str) -> None:
        """Answers one request with 400 and this body."""
        _reply(handler, body.encode(), 400)


def _edit(
    do: str = "remove", what=("the harp",), where=(), keep=(), english: str = "Remove the harp."
) -> dict[str, Any]:
    things = {"what": what, "where": where, "keep": keep}
    named = {key: [_named(one) for one in some] for key, some in things.items()}
    return {"do": do, **named, "english": english}


def _named(thing: str | tuple[str, str]) -> dict[str, str]:
    words, english = (thing, thing) if isinstance(thing, str) else thing
    return {"words": words, "english": english}


def _reply(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def is_warm_up(request: dict[str, Any]) -> bool:
    return request["messages"][-1]["content"] == "-"


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    state = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if is_warm_up(request):
                _reply(self, b"{}")
                return
            state.requests.append(request)
            with contextlib.suppress(OSError):  # the client hangs up, as it should
                state.answer(self, request)

        def log_message(self, *arguments):
            """Keeps the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}/v1"
    state.says("{}")
    yield state
    state.released.set()
    server.shutdown()
    server.server_close()
    thread.join(10)


@pytest.fixture
def options() -> dict[str, object]:
    """Settings that a test gives the service."""
    return {}


@pytest.fixture
async def served(endpoint, options) -> AsyncIterator[Served]:
    """The service with a model that is trusted more than the parser, unless the test says otherwise."""
    chosen = {"llm_base_url": endpoint.url, "llm_confidence": 0.99, "llm_timeout": 30.0, **options}
    settings = ReferenceSettings(**chosen)
    async with serving(lambda server, runtime: register(server, runtime, settings), SERVICE) as served:
        yield served


@pytest.fixture
def stub(served) -> reference_pb2_grpc.ReferenceServiceStub:
    return reference_pb2_grpc.ReferenceServiceStub(served.channel)


@pytest.fixture
def plan_line() -> Callable[..., str]:
    """Write a plan in a line: operation, "*" where it is of the whole picture, then what plays which role."""

    def written(instruction: str, language: str = "en") -> str:
        reading = parse(instruction, load_lexicon(language))
        assert reading is not None
        return "; ".join(
            " ".join(
                [
                    edit.operation + ("*" if edit.scope == "global" else ""),
                    *(f"{one.role}={one.expression}" for one in edit.references),
                ]
            )
            for edit in reading.edits
        )

    return written
