import io
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent import futures

import grpc
import pytest
from langdesign.editing.v1 import editing_pb2, editing_pb2_grpc
from langdesign.media.v1 import media_pb2
from PIL import Image


def png(
    colour: tuple[int, int, int] = (200, 180, 160), size: tuple[int, int] = (16, 16), mode: str = "RGB"
) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size, colour if mode == "RGB" else colour[0]).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def picture() -> bytes:
    return png()


@pytest.fixture
def picture_file(tmp_path, picture):
    path = tmp_path / "room.png"
    path.write_bytes(picture)
    return path


@pytest.fixture
async def serve() -> AsyncIterator[Callable]:
    """Starts grpc.aio servers: `await serve(add)` with add(server) returns an address."""
    servers: list[grpc.aio.Server] = []

    async def start(add: Callable[[grpc.aio.Server], None], port: int = 0) -> str:
        server = grpc.aio.server()
        add(server)
        bound = server.add_insecure_port(f"127.0.0.1:{port}")
        await server.start()
        servers.append(server)
        return f"127.0.0.1:{bound}"

    yield start
    for server in servers:
        await server.stop(None)


@pytest.fixture
def serve_in_threads() -> Iterator[Callable]:
    """Starts blocking servers, for tests of the blocking client and the command."""
    servers: list[grpc.Server] = []

    def start(add: Callable[[grpc.Server], None]) -> str:
        server = grpc.server(futures.ThreadPoolExecutor(4))
        add(server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        servers.append(server)
        return f"127.0.0.1:{port}"

    yield start
    for server in servers:
        server.stop(None).wait(5)


STEPS = 3
LAST = STEPS + 3  # plan, mask, previews, result


class Breaking(editing_pb2_grpc.EditingServiceServicer):
    """Serves the whole contract; `break_after` holds event counts after which a stream breaks, once each.

    With `by_abort` it breaks with UNAVAILABLE, else the stream ends early with OK.
    """

    def __init__(self, break_after=(), *, by_abort=True, failure=None, no_op=0):
        self.break_after = list(break_after)
        self.by_abort = by_abort
        self.failure = failure
        self.no_op = no_op
        self.operations: dict[str, editing_pb2.EditRequest] = {}
        self.by_key: dict[str, str] = {}
        self.edits_begun = 0
        self.watches: list[int] = []
        self.cancelled: list[str] = []

    def Edit(self, request, context):
        if request.idempotency_key not in self.by_key:
            self.edits_begun += 1
            operation = f"op-{self.edits_begun}"
            self.by_key[request.idempotency_key] = operation
            self.operations[operation] = request
        operation = self.by_key[request.idempotency_key]
        yield from self._stream(operation, 0, editing_pb2.EditResponse, context)

    def WatchEdit(self, request, context):
        self.watches.append(request.after_sequence)
        if request.operation_id not in self.operations:
            context.abort(grpc.StatusCode.NOT_FOUND, "no such edit")
        yield from self._stream(
            request.operation_id, request.after_sequence, editing_pb2.WatchEditResponse, context
        )

    def GetEdit(self, request, context):
        if request.operation_id not in self.operations:
            context.abort(grpc.StatusCode.NOT_FOUND, "no such edit")
        events = [self.event(request.operation_id, number) for number in range(1, LAST + 1)]
        return editing_pb2.GetEditResponse(
            operation_id=request.operation_id, state=editing_pb2.EDIT_STATE_SUCCEEDED, events=events
        )

    def CancelEdit(self, request, context):
        self.cancelled.append(request.operation_id)
        return editing_pb2.CancelEditResponse(state=editing_pb2.EDIT_STATE_CANCELLED)

    def _stream(self, operation, after, kind, context):
        for sequence in range(after + 1, LAST + 1):
            self._break_if_told(sequence - 1, context)
            if self.break_after and self.break_after[0] == sequence - 1 and not self.by_abort:
                self.break_after.pop(0)
                return
            yield kind(operation_id=operation, event=self.event(operation, sequence))

    def _break_if_told(self, sent, context):
        if self.by_abort and self.break_after and self.break_after[0] == sent:
            self.break_after.pop(0)
            context.abort(grpc.StatusCode.UNAVAILABLE, "going down")

    def event(self, operation, sequence):
        request = self.operations[operation]
        event = editing_pb2.EditEvent(sequence=sequence)
        if sequence == 1:
            event.plan.SetInParent()
        elif sequence == 2 and self.no_op:
            event.mask.SetInParent()
        elif sequence == 2:
            picture = Image.open(io.BytesIO(request.image.data))
            buffer = io.BytesIO()
            mask = Image.new("L", picture.size, 0)
            mask.paste(255, (2, 2, 8, 8))
            mask.save(buffer, "PNG")
            event.mask.mask.png = buffer.getvalue()
            event.mask.coverage = 36 / (picture.width * picture.height)
            event.mask.truncated = len(request.region.expression) > 100
        elif sequence < LAST:
            event.preview.step, event.preview.steps = sequence - 2, STEPS
        elif self.failure is not None:
            event.failed.code, event.failed.message = self.failure
        else:
            self._result(event.result, request)
        return event

    def _result(self, result, request):
        result.image.CopyFrom(media_pb2.Image(data=request.image.data))
        result.no_op_reason = self.no_op
        result.seed = request.options.seed
        result.checkpoint = "tiny@sha256:0"
        result.report.preserve = request.options.preserve or editing_pb2.PRESERVE_STRICT
        result.report.inside.changed_share = 1
        result.report.inside.psnr = 20
        result.timings.total.FromMilliseconds(1500)


@pytest.fixture
def editor() -> type[Breaking]:
    return Breaking
