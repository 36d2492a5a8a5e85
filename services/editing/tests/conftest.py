"""The service over real gRPC with real peers beside it; only the engine is a stand-in for Triton."""

import asyncio
import io
import multiprocessing
import runpy
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import grpc
import numpy as np
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from langdesign.editing.v1 import editing_pb2 as pb
from langdesign.editing.v1 import editing_pb2_grpc
from langdesign.media.v1 import media_pb2
from langdesign.reference.v1 import reference_pb2, reference_pb2_grpc
from langdesign.segmentation.v1 import segmentation_pb2, segmentation_pb2_grpc
from langdesign_chassis import channel as open_channel
from langdesign_chassis import errors
from langdesign_chassis.testing import serving
from langdesign_database.testing import empty_database  # noqa: F401 - a fixture
from langdesign_editing.backend import BackendProgress, BackendRequest, Edited, InstructionCheck
from langdesign_editing.settings import EditingSettings
from langdesign_editing.wiring import SERVICE, register_with
from langdesign_edits import Box, box_mask
from langdesign_media import mask_to_rle
from PIL import Image

WIDTH, HEIGHT = 24, 16
LIMIT = 75
PROGRAM = Path(__file__).with_name("killable_service.py")

# Has the service's libraries; each process of it is then there within a fraction of a second.
PROCESSES = multiprocessing.get_context("forkserver")


class InvertingEngine:
    """Edits by inverting the colours inside the masks, one step after another, each when it is allowed.

    Attributes:
        requests: What was asked for.
        steps: Steps done by all edits.
        closed: Edits that were stopped before their end.
        failure: Raised in place of the result.
        unknown: Words that it does not know; it counts a token for each word, and reads 75.
        checked: Instructions that were checked.
    """

    def __init__(self) -> None:
        self.requests: list[BackendRequest] = []
        self.unknown: set[str] = set()
        self.checked: list[str] = []
        self.steps = 0
        self.closed = 0
        self.failure: Exception | None = None
        self.available = True
        self._going = asyncio.Event()
        self._going.set()
        self._allowed = asyncio.Semaphore(0)
        self.stepped = asyncio.Condition()

    def hold(self) -> None:
        """Lets no step happen but by `allow`."""
        self._going.clear()

    def allow(self, steps: int) -> None:
        for _ in range(steps):
            self._allowed.release()

    async def until(self, steps: int) -> None:
        async with asyncio.timeout(10), self.stepped:
            await self.stepped.wait_for(lambda: self.steps >= steps)

    async def ready(self) -> bool:
        return self.available

    async def check(self, model, parameters):
        [words] = [parameters["instruction"].split()]
        self.checked.append(parameters["instruction"])
        if len(words) > LIMIT:
            raise errors.InvalidArgument(
                f"instruction has {len(words)} tokens; at most {LIMIT} fit: shorten it", field="instruction"
            )
        unknown = tuple(word for word in words if word in self.unknown)
        return [InstructionCheck("instruction", len(words), LIMIT, unknown)]

    async def edit(self, request: BackendRequest) -> AsyncIterator[BackendProgress | Edited]:
        self.requests.append(request)
        total, every = request.parameters["steps"], request.parameters["preview_every"]
        try:
            yield BackendProgress(0, total)
            for step in range(1, total + 1):
                if not self._going.is_set():
                    await self._allowed.acquire()
                async with self.stepped:
                    self.steps += 1
                    self.stepped.notify_all()
                if every and step % every == 0 and step < total:
                    yield BackendProgress(step, total, request.pixels[::4, ::4, :3])
            if self.failure:
                raise self.failure
        except GeneratorExit:
            self.closed += 1
            raise
        except asyncio.CancelledError:
            self.closed += 1
            raise
        yield Edited(self._inverted(request), {"queue": 0.25, "denoise": 0.5}, "inverter@sha256:0")

    def _inverted(self, request: BackendRequest) -> np.ndarray:
        pixels = request.pixels.copy()
        inside = np.logical_or.reduce(request.masks) if request.masks else np.ones(pixels.shape[:2], bool)
        pixels[inside, :3] = 255 - pixels[inside, :3]
        return pixels


class Work:
    """A peer's work, which a test may hold up; tells when it began and when it was cancelled."""

    def __init__(self) -> None:
        self.held = False
        self.began = asyncio.Event()
        self.cancelled = asyncio.Event()

    async def pass_by(self) -> None:
        self.began.set()
        try:
            await (asyncio.Event().wait() if self.held else asyncio.sleep(0))
        except asyncio.CancelledError:
            self.cancelled.set()
            raise


@dataclass
class Reader(reference_pb2_grpc.ReferenceServiceServicer):
    """A reference service that reads from a list: instruction -> plan."""

    plans: dict[str, reference_pb2.Plan] = field(default_factory=dict)
    requests: list[reference_pb2.PlanEditRequest] = field(default_factory=list)
    failure: tuple[grpc.StatusCode, str] | None = None
    refusal: Exception | None = None
    work: Work = field(default_factory=Work)

    async def PlanEdit(self, request, context):
        self.requests.append(request)
        if self.refusal:
            raise self.refusal
        if self.failure:
            await context.abort(*self.failure)
        await self.work.pass_by()
        return reference_pb2.PlanEditResponse(plan=self.plans[request.instruction])


@dataclass
class Segmenter(segmentation_pb2_grpc.SegmentationServiceServicer):
    """A segmentation service that knows where some things are; it reads 100 letters of each expression.

    It is not sure of what is `uncertain`, has no word for what is `unknown`, and sees what is in `later` from
    its second look on.
    """

    places: dict[str, Box] = field(default_factory=dict)
    uncertain: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    later: dict[str, Box] = field(default_factory=dict)
    requests: list[segmentation_pb2.SegmentRequest] = field(default_factory=list)
    work: Work = field(default_factory=Work)

    async def Segment(self, request, context):
        self.requests.append(request)
        await self.work.pass_by()
        if len(self.requests) > 1:
            self.places |= self.later
        segments = [self._segment(expression) for expression in request.expressions]
        return segmentation_pb2.SegmentResponse(segments=segments, width=WIDTH, height=HEIGHT)

    def _segment(self, expression):
        found = expression in self.places
        mask = np.zeros((HEIGHT, WIDTH), bool)
        if found:
            mask = box_mask(self.places[expression], width=WIDTH, height=HEIGHT)
        verdict = segmentation_pb2.VERDICT_FOUND if found else segmentation_pb2.VERDICT_NO_TARGET
        if expression in self.uncertain:
            verdict = segmentation_pb2.VERDICT_UNCERTAIN
        unknown = [word for word in expression.split() if word in self.unknown]
        if unknown:
            verdict = segmentation_pb2.VERDICT_UNKNOWN_WORD
        counts = media_pb2.RunLengthMask(height=HEIGHT, width=WIDTH, counts=mask_to_rle(mask))
        return segmentation_pb2.Segment(
            expression=expression,
            mask=media_pb2.Mask(rle=counts),
            verdict=verdict,
            unknown_words=unknown,
            no_target_probability=0.125 if found else 0.875,
            truncated=len(expression) > 100,
        )


@dataclass
class Editing:
    """The running service, seen from a caller."""

    stub: editing_pb2_grpc.EditingServiceStub
    engine: InvertingEngine
    served: object

    async def edit(self, request, **call):
        return [response async for response in self.stub.Edit(request, **call)]

    async def watch(self, operation, after=0, **call):
        request = pb.WatchEditRequest(operation_id=operation, after_sequence=after)
        return [response.event async for response in self.stub.WatchEdit(request, **call)]

    async def get(self, operation, **call):
        return await self.stub.GetEdit(pb.GetEditRequest(operation_id=operation), **call)

    async def cancel(self, operation, **call):
        request = pb.CancelEditRequest(idempotency_key="stop", operation_id=operation)
        return (await self.stub.CancelEdit(request, **call)).state


@asynccontextmanager
async def editing_service(engine=None, *, settings=None, chassis=None, **options):
    engine = engine or InvertingEngine()
    settings = settings or EditingSettings(decoders=1)

    async def register(server, runtime):
        await register_with(engine, server, runtime, settings)

    async with serving(register, SERVICE, settings=chassis, **options) as served:
        yield Editing(editing_pb2_grpc.EditingServiceStub(served.channel), engine, served)


@pytest.fixture
def start():
    """Starts the service, in an `async with`."""
    return editing_service


@pytest.fixture
def engine_class():
    return InvertingEngine


@pytest.fixture
async def editing():
    """The service without peers."""
    async with editing_service() as service:
        yield service


@pytest.fixture
def reader():
    return Reader()


@pytest.fixture
def segmenter():
    return Segmenter()


@pytest.fixture
async def with_peers(reader, segmenter):
    """The service with a reference and a segmentation service."""

    def add_reader(server, runtime):
        reference_pb2_grpc.add_ReferenceServiceServicer_to_server(reader, server)

    def add_segmenter(server, runtime):
        segmentation_pb2_grpc.add_SegmentationServiceServicer_to_server(segmenter, server)

    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(
            serving(add_reader, "langdesign.reference.v1.ReferenceService")
        )
        second = await stack.enter_async_context(
            serving(add_segmenter, "langdesign.segmentation.v1.SegmentationService")
        )
        settings = EditingSettings(decoders=1, reference_addr=first.address, segmentation_addr=second.address)
        yield await stack.enter_async_context(editing_service(settings=settings))


@pytest.fixture(scope="session")
def pixels():
    return np.random.default_rng(7).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)


@pytest.fixture(scope="session")
def photo(pixels):
    target = io.BytesIO()
    Image.fromarray(pixels).save(target, "PNG")
    return target.getvalue()


@pytest.fixture
def planned():
    """Makes a plan that acts on things; operations are as the contract names them, in small letters."""

    def edit(*expressions, operation="recolour", instruction="make it red", scope="region", **fields):
        references = [one if isinstance(one, reference_pb2.Reference) else target(one) for one in expressions]
        return reference_pb2.PlannedEdit(
            operation=f"OPERATION_{operation.upper()}",
            scope=f"SCOPE_{scope.upper()}",
            references=references,
            instruction=instruction,
            **fields,
        )

    def target(english, role="target", **fields):
        return reference_pb2.Reference(
            expression=english, english=english, role=f"ROLE_{role.upper()}", **fields
        )

    def plan(*edits, reader=reference_pb2.READER_PARSER, language="en", confidence=0.9, **fields):
        return reference_pb2.Plan(
            edits=edits, reader=reader, language=language, confidence=confidence, **fields
        )

    return SimpleNamespace(edit=edit, reference=target, plan=plan)


@pytest.fixture
def ask(photo):
    """Makes a request: the picture, an instruction and a few steps, and what is given.

    Options are those of every editor; `editor` are those of InstructPix2Pix.
    """

    def request(key="k1", *, instruction="make it red", steps=4, preview_every=1, region=None, **fields):
        options = {
            "instruct_pix2pix": {"steps": steps, **fields.pop("editor", {})},
            **fields.pop("options", {}),
        }
        return pb.EditRequest(
            idempotency_key=key,
            image=fields.pop("image", media_pb2.Image(data=photo)),
            instruction=instruction,
            region=region,
            options=pb.EditOptions(preview_every=preview_every, **options),
            **fields,
        )

    return request


@pytest.fixture
def as_kept():
    """Returns responses, or events, as they are kept: previews without their pictures."""

    def strip(responses):
        copies = [type(response).FromString(response.SerializeToString()) for response in responses]
        for copy in copies:
            event = getattr(copy, "event", copy)
            if event.HasField("preview"):
                event.preview.ClearField("image")
        return copies

    return strip


class ServiceProcess:
    """The service in a process of its own; `kill` ends it with SIGKILL, `stop` with SIGTERM."""

    def __init__(self, folder, address, delay, lease):
        self._folder, self._address, self._delay, self._lease = folder, address, delay, lease
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = str(free.getsockname()[1])
        self.kills = 0

    async def start(self):
        order = {
            "folder": str(self._folder),
            "listen": f"127.0.0.1:{self.port}",
            "delay": self._delay,
            "operations": self._address,
            "lease": self._lease,
        }
        arguments = (str(PROGRAM), {"ORDER": order}, "__main__")
        self.process = PROCESSES.Process(target=runpy.run_path, args=arguments, daemon=True)
        self.process.start()

    async def kill(self):
        self.kills += 1
        self.process.kill()
        assert await self.ended() == -signal.SIGKILL

    async def stop(self):
        self.process.terminate()
        assert await self.ended() == 0

    async def ended(self):
        await asyncio.to_thread(self.process.join, 60)
        return self.process.exitcode

    async def ready(self):
        """Waits until it serves."""
        async with grpc.aio.insecure_channel(f"127.0.0.1:{self.port}") as channel:
            stub = health_pb2_grpc.HealthStub(channel)
            async for answer in stub.Watch(health_pb2.HealthCheckRequest(), wait_for_ready=True, timeout=60):
                if answer.status == health_pb2.HealthCheckResponse.SERVING:
                    return


@pytest.fixture
def launch():
    """Starts processes of the service, in an `async with` that gives them and a stub to them all."""

    @asynccontextmanager
    async def launched(folder, address=None, *, count=1, delay=0.0, lease=10.0):
        address = address or f"sqlite:///{folder}/operations.sqlite"
        services = [ServiceProcess(folder, address, delay, lease) for _ in range(count)]
        for service in services:
            await service.start()
        try:
            async with open_channel(
                "ipv4:" + ",".join(f"127.0.0.1:{service.port}" for service in services)
            ) as peers:
                yield services, editing_pb2_grpc.EditingServiceStub(peers)
        finally:
            for service in services:
                service.process.terminate()
            for service in services:
                await service.ended()

    return launched


@pytest.fixture
def insist():
    """Asks with one key until there is a result, as a caller does; returns the last attempt's events."""

    async def call(stub, request, on_event):
        async with asyncio.timeout(100):
            while True:
                events = []
                try:
                    async for response in stub.Edit(request, timeout=60, wait_for_ready=True):
                        events.append(response)
                        await on_event()
                except grpc.aio.AioRpcError as error:
                    if error.code() is not grpc.StatusCode.UNAVAILABLE:
                        raise
                    await asyncio.sleep(0.05)
                    continue
                return events

    return call


@pytest.fixture
def box():
    """A box in the picture, as a region."""
    return pb.Region(box=media_pb2.Box(x=2, y=3, width=8, height=6))
