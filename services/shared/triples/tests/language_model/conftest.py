"""A language model's endpoint over real HTTP, which writes well or misbehaves as a test asks."""

import contextlib
import json
import re
import threading
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import aclosing
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from langdesign_triples import Endpoint, GrammarWriter, LanguageModelWriter, Limits, Triple

FIELDS = ("change", "input", "edit", "output", "target_before", "target_after")
WISH = re.compile(r"Write \d+ for the subject (.+?): (.+?)\. All different")
USAGE = {"prompt_tokens": 700, "completion_tokens": 300}
Request = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """What a request gets."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class Author:
    """A model that writes well: the grammar's triples, each one once."""

    def __init__(self, stock: dict[tuple[str, str], list[Triple]]) -> None:
        self._stock = {kind: iter(triples) for kind, triples in stock.items()}

    def write(self, request: Request) -> list[Triple]:
        """The triples that a request asks for."""
        wish = WISH.search(request["messages"][-1]["content"])
        assert wish, request["messages"][-1]
        counts = (part.split(" x ") for part in wish[2].split(", "))
        return [next(self._stock[wish[1], change]) for many, change in counts for _ in range(int(many))]


@dataclass
class Service:
    """A real HTTP server; `answer` says what each request gets, called with its number from 0."""

    answer: Callable[[Request, int], Reply]
    url: str = ""
    requests: list[Request] = field(default_factory=list)
    open: int = 0
    most_open: int = 0
    released: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @staticmethod
    def says(content: Any, usage: Any = USAGE, **message: Any) -> Reply:
        """A completion of some content."""
        choice = {"index": 0, "message": {"role": "assistant", "content": content, **message}}
        return Reply(json.dumps({"choices": [choice], "usage": usage}).encode())

    @staticmethod
    def sends(body: bytes, status: int = 200, **headers: str) -> Reply:
        """A body as it is."""
        return Reply(body, status, {name.replace("_", "-"): value for name, value in headers.items()})

    @staticmethod
    def fails(status: int, message: str = "no", code: str | None = None, **headers: str) -> Reply:
        """An error as OpenAI's endpoint words it."""
        return Service.sends(
            json.dumps({"error": {"message": message, "code": code}}).encode(), status, **headers
        )

    @staticmethod
    def shown(*triples: Triple) -> str:
        """Triples as an answer has them."""
        told = [{name: asdict(triple)[name] for name in FIELDS} for triple in triples]
        return json.dumps({"triples": told})

    def hang(self) -> Reply:
        """Answer when the test ends."""
        self.released.wait(30)
        return self.fails(500)


@pytest.fixture(scope="session")
def stock(interior) -> dict[tuple[str, str], list[Triple]]:
    """Triples by subject and change."""
    found: dict[tuple[str, str], list[Triple]] = defaultdict(list)
    for triple in GrammarWriter(interior, 99).triples(1500):
        found[triple.subject, triple.change].append(triple)
    return found


@pytest.fixture
def author(stock) -> Author:
    return Author(stock)


@pytest.fixture
def service(author) -> Iterator[Service]:
    """An endpoint that writes well."""
    state = Service(lambda request, _: Service.says(Service.shown(*author.write(request))))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with state.lock:
                number = len(state.requests)
                state.requests.append(request)
                state.open += 1
                state.most_open = max(state.most_open, state.open)
            try:
                reply = state.answer(request, number)
            finally:
                with state.lock:
                    state.open -= 1
            with contextlib.suppress(OSError):  # the client may have hung up
                self._send(reply)

        def _send(self, reply: Reply) -> None:
            self.send_response(reply.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(reply.body)))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, *arguments):
            """Keeps the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}/v1"
    yield state
    state.released.set()
    server.shutdown()
    server.server_close()
    thread.join(10)


QUICK = {"first_wait": 0.01, "requests_per_minute": 60_000, "tokens_per_minute": 60_000_000, "patience": 4}


@pytest.fixture
def new_writer(service, interior, tmp_path) -> Callable[..., LanguageModelWriter]:
    """Makes a writer on the endpoint; what is not said is quick, and always the same job."""

    def new(context=interior, *, url=service.url, read_price=0.0, write_price=0.0, **arguments):
        own = {name: arguments.pop(name) for name in ("spool", "seed", "budget") if name in arguments}
        endpoint = Endpoint(url, "tester", "secret-key", read_price, write_price)
        spool = own.pop("spool", tmp_path / "spool.jsonl")
        return LanguageModelWriter(context, endpoint, spool, limits=Limits(**(QUICK | arguments)), **own)

    return new


@pytest.fixture
def gathered() -> Callable[..., Awaitable[list[Triple]]]:
    """Reads all triples of a run."""

    async def read(writer, count, subjects=(), *, after=0):
        async with aclosing(writer.triples(count, subjects, after=after)) as triples:
            return [triple async for triple in triples]

    return read


@pytest.fixture
def until() -> Callable[..., Awaitable[tuple[list[Triple], str]]]:
    """Reads the triples before a run's error, and what the error says."""

    async def read(error, writer, count, subjects=()):
        found: list[Triple] = []

        async def collect():
            async with aclosing(writer.triples(count, subjects)) as triples:
                async for triple in triples:
                    found.append(triple)  # noqa: PERF401 - kept when the run ends with an error

        with pytest.raises(error) as raised:
            await collect()
        return found, str(raised.value)

    return read
