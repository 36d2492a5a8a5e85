import io
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent import futures

import grpc
import pytest
from langdesign.design.v1 import design_pb2, design_pb2_grpc
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
        state = editing_pb2.EDIT_STATE_FAILED if self.failure else editing_pb2.EDIT_STATE_SUCCEEDED
        return editing_pb2.GetEditResponse(operation_id=request.operation_id, state=state, events=events)

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
            if request.HasField("plan"):
                event.plan.plan.CopyFrom(request.plan)
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


class Designs(design_pb2_grpc.DesignServiceServicer):
    """Keeps designs in memory; every edit gives its parent's picture back.

    `break_after` holds counts of messages after which a stream breaks, once each, and `failing` the
    instructions whose edits fail.
    """

    def __init__(self, break_after=(), failing=()):
        self.break_after = list(break_after)
        self.failing = failing
        self.designs: dict[str, design_pb2.Design] = {}
        self.nodes: dict[str, design_pb2.Node] = {}
        self.pictures: dict[str, bytes] = {}
        self.groups: dict[str, list[str]] = {}
        self.requests: list = []

    def CreateDesign(self, request, context):
        name = f"designs/{len(self.designs) + 1}"
        root = design_pb2.Node(name=f"{name}/nodes/root", state=design_pb2.NODE_STATE_READY)
        design = design_pb2.Design(name=name, title=request.title, root=root.name, node_count=1, revision=1)
        self.designs[name], self.nodes[root.name] = design, root
        self.pictures[root.name] = request.image.data
        return design_pb2.CreateDesignResponse(design=design, root=root)

    def GetDesign(self, request, context):
        return design_pb2.GetDesignResponse(design=self._found(self.designs, request.name, context))

    def ListDesigns(self, request, context):
        wanted = [one for one in self.designs.values() if one.HasField("delete_time") == request.deleted]
        at = int(request.page_token or 0)
        token = str(at + 1) if at + 1 < len(wanted) else ""
        return design_pb2.ListDesignsResponse(designs=wanted[at : at + 1], next_page_token=token)

    def UpdateDesign(self, request, context):
        self.designs[request.design.name].title = request.design.title
        return design_pb2.UpdateDesignResponse(design=self.designs[request.design.name])

    def DeleteDesign(self, request, context):
        design = self._found(self.designs, request.name, context)
        design.delete_time.FromSeconds(1_700_000_000)
        design.purge_time.FromSeconds(design.delete_time.seconds + 86400 * 30)
        return design_pb2.DeleteDesignResponse(design=design)

    def UndeleteDesign(self, request, context):
        design = self._found(self.designs, request.name, context)
        design.ClearField("delete_time")
        design.ClearField("purge_time")
        return design_pb2.UndeleteDesignResponse(design=design)

    def ExportDesign(self, request, context):
        self.requests.append(request)
        yield design_pb2.ExportDesignResponse(data=b"PK")
        yield design_pb2.ExportDesignResponse(data=request.name.encode())

    def ImportDesign(self, request, context):
        if not request.archive.startswith(b"PK"):
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "the archive is damaged")
        return design_pb2.ImportDesignResponse(design=design_pb2.Design(name="designs/imported"))

    def PlanNode(self, request, context):
        plan = editing_pb2.PlanEditResponse()
        plan.plan.plan.edits.add(operation=4, scope=1).references.add(expression="the chair", role=1)
        plan.mask.coverage = 0.25
        return design_pb2.PlanNodeResponse(plan=plan)

    def CreateNodes(self, request, context):
        self.requests.append(request)
        names = self.groups.setdefault(request.idempotency_key, [])
        design = request.parent.partition("/nodes/")[0]
        for seed in range(len(names), max(1, request.candidates)):
            name = f"{design}/nodes/{len(self.nodes)}"
            self.nodes[name] = self._begun(request, name, seed)
            self.pictures[name] = self.pictures.get(request.parent, b"")
            names.append(name)
        yield from self._broken(self._edited(names), context)

    def _edited(self, names):
        for name in names:
            yield design_pb2.CreateNodesResponse(node=self.nodes[name])
        for sequence in (1, 2):
            for name in names:
                yield self._previewed(name, sequence)
        for name in names:
            self._end(self.nodes[name])
            yield design_pb2.CreateNodesResponse(node=self.nodes[name])

    def _begun(self, request, name, seed):
        node = design_pb2.Node(name=name, parent=request.parent, state=design_pb2.NODE_STATE_RUNNING)
        node.group, node.depth = request.idempotency_key, self.nodes[request.parent].depth + 1
        node.edit.instruction, node.edit.options.seed = request.instruction, request.options.seed + seed
        node.edit.region.CopyFrom(request.region)
        node.edit.plan.plan.CopyFrom(request.plan)
        node.edit.plan_given = request.HasField("plan")
        return node

    def _previewed(self, name, sequence):
        event = editing_pb2.EditEvent(sequence=sequence)
        event.preview.step, event.preview.steps = sequence, 2
        return design_pb2.CreateNodesResponse(edit=design_pb2.NodeEvent(node=name, event=event))

    def _end(self, node):
        if node.edit.instruction in self.failing:
            node.state, node.failure.message = design_pb2.NODE_STATE_FAILED, "no model is ready"
            return
        node.state, node.pixels = design_pb2.NODE_STATE_READY, "sha256:0"
        node.edit.result.report.inside.changed_share = 0.5
        node.edit.result.seed = node.edit.options.seed
        node.path_report.outside.pixels = 200

    def CancelNode(self, request, context):
        node = self._found(self.nodes, request.name, context)
        node.state = design_pb2.NODE_STATE_CANCELLED
        return design_pb2.CancelNodeResponse(node=node)

    def GetNode(self, request, context):
        node = self._found(self.nodes, request.name, context)
        path = [node.name]
        while self.nodes[path[0]].parent:
            path.insert(0, self.nodes[path[0]].parent)
        return design_pb2.GetNodeResponse(node=node, path=path)

    def ListNodes(self, request, context):
        nodes = [one for one in self.nodes.values() if one.HasField("delete_time") == request.deleted]
        return design_pb2.ListNodesResponse(
            nodes=[one for one in nodes if one.name.startswith(request.parent)]
        )

    def SearchNodes(self, request, context):
        found = [one for one in self.nodes.values() if request.query in one.edit.instruction]
        return design_pb2.SearchNodesResponse(nodes=found)

    def UpdateNode(self, request, context):
        node = self._found(self.nodes, request.node.name, context)
        for field in request.update_mask.paths:
            setattr(node, field, getattr(request.node, field))
        return design_pb2.UpdateNodeResponse(node=node)

    def DeleteNode(self, request, context):
        self._found(self.nodes, request.name, context).delete_time.GetCurrentTime()
        return design_pb2.DeleteNodeResponse(nodes=[request.name])

    def UndeleteNode(self, request, context):
        self._found(self.nodes, request.name, context).ClearField("delete_time")
        return design_pb2.UndeleteNodeResponse(nodes=[request.name])

    def GetPicture(self, request, context):
        self.requests.append(request)
        image = media_pb2.Image(data=self.pictures[request.name])
        return design_pb2.GetPictureResponse(image=image, width=16, height=16)

    def BatchGetThumbnails(self, request, context):
        buffer = io.BytesIO()
        Image.new("RGB", (8, 8)).save(buffer, "JPEG")
        small = buffer.getvalue()
        made = [design_pb2.Thumbnail(node=name, jpeg=small, width=8) for name in request.names]
        return design_pb2.BatchGetThumbnailsResponse(thumbnails=made)

    def CompareNodes(self, request, context):
        answer = design_pb2.CompareNodesResponse(ancestor="designs/1/nodes/root", other_path=[request.other])
        answer.difference.changed_share = 0.125
        return answer

    def MergeNodes(self, request, context):
        if request.base == request.other:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, "they change the same place")
        node = design_pb2.Node(name="designs/1/nodes/joined", parent=request.base, merged=request.other)
        return design_pb2.MergeNodesResponse(node=node)

    def ReplayNode(self, request, context):
        self.requests.append(request)
        names = [name for name in self.nodes if self.nodes[name].parent]
        told = [design_pb2.ReplayNodeResponse(node=name, identical=not request.model) for name in names]
        for item in told:
            item.difference.changed_share = 0.5 if request.model else 0
            if not request.validate_only:
                item.made.name = f"{item.node}-again"
        yield from self._broken(told, context)

    def WatchDesign(self, request, context):
        self.requests.append(request)
        design = self._found(self.designs, request.name, context)
        changes = [design_pb2.WatchDesignResponse(revision=1, design=design)]
        changes += [
            design_pb2.WatchDesignResponse(revision=2 + at // 2, node=node)
            for at, node in enumerate(self.nodes.values())
        ]
        told = [change for change in changes if change.revision > request.after_revision]
        told.append(design_pb2.WatchDesignResponse(revision=changes[-1].revision, current=True))
        yield from self._broken(told, context)

    def _broken(self, messages, context):
        for sent, message in enumerate(messages):
            if self.break_after and self.break_after[0] == sent:
                self.break_after.pop(0)
                context.abort(grpc.StatusCode.UNAVAILABLE, "going down")
            yield message

    def _found(self, kept, name, context):
        if name not in kept:
            context.abort(grpc.StatusCode.NOT_FOUND, f"there is no {name}")
        return kept[name]


@pytest.fixture
def designing() -> type[Designs]:
    return Designs


@pytest.fixture
def serve_designs(serve_in_threads) -> Callable[[Designs], str]:
    """Serves designs from memory; returns the address."""

    def start(servicer: Designs) -> str:
        return serve_in_threads(
            lambda server: design_pb2_grpc.add_DesignServiceServicer_to_server(servicer, server)
        )

    return start
