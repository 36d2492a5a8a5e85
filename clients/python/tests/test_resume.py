"""A broken edit stream goes on where it stopped, over a real server."""

import asyncio

import grpc
import pytest
from langdesign.editing.v1 import editing_pb2, editing_pb2_grpc
from langdesign_client import (
    AsyncClient,
    Client,
    Connection,
    DeadlineError,
    EditResult,
    InvalidInputError,
    NotFoundError,
    OverloadedError,
    ResumePolicy,
    UnavailableError,
    edits,
)

LAST = 6  # events of an edit of the test's editor
QUICK = ResumePolicy(attempts=3, first=0.001, longest=0.002)


def adder(servicer):
    return lambda server: editing_pb2_grpc.add_EditingServiceServicer_to_server(servicer, server)


class OnAio(editing_pb2_grpc.EditingServiceServicer):
    """The same servicer on grpc.aio."""

    def __init__(self, inner):
        self.inner = inner

    async def Edit(self, request, context):
        async for response in self._run(self.inner.Edit(request, _Abort()), context):
            yield response

    async def WatchEdit(self, request, context):
        async for response in self._run(self.inner.WatchEdit(request, _Abort()), context):
            yield response

    async def _run(self, responses, context):
        try:
            for response in responses:
                yield response
        except _AbortedError as error:
            await context.abort(*error.args)


class _AbortedError(Exception):
    pass


class _Abort:
    def abort(self, code, details):
        raise _AbortedError(code, details)


async def collect(address, picture, policy=QUICK, **settings):
    connection = Connection(addresses={"editing": address})
    async with AsyncClient(connection, resume=policy) as client:
        return [event async for event in client.edit(picture, "Paint the chair red", **settings)]


@pytest.mark.parametrize("by_abort", [True, False], ids=["unavailable", "ended early"])
@pytest.mark.parametrize("boundary", range(LAST))
async def test_a_stream_broken_at_any_event_boundary_gives_every_event_once_and_edits_once(
    editor, serve, picture, boundary, by_abort
):
    servicer = editor([boundary], by_abort=by_abort)
    address = await serve(adder(OnAio(servicer)))

    events = await collect(address, picture)

    assert [event.sequence for event in events] == list(range(1, LAST + 1))
    assert isinstance(events[-1], EditResult)
    assert servicer.edits_begun == 1
    assert servicer.watches == ([boundary] if boundary else [])


async def test_a_stream_that_breaks_at_every_boundary_still_ends_with_its_result(editor, serve, picture):
    servicer = editor(range(LAST))
    address = await serve(adder(OnAio(servicer)))

    events = await collect(address, picture)

    assert [event.sequence for event in events] == list(range(1, LAST + 1))
    assert servicer.watches == list(range(1, LAST))


async def test_breaks_without_progress_are_bounded_and_name_the_edit(editor, serve, picture):
    servicer = editor([2] * 50)
    address = await serve(adder(OnAio(servicer)))

    with pytest.raises(UnavailableError, match="op-1 broke 4 times"):
        await collect(address, picture)

    assert set(servicer.watches) == {2}
    assert len(servicer.watches) <= 3 * 4  # three resumes, each with the channel's four tries


async def test_a_server_that_dies_and_comes_back_is_found_again(editor, serve, picture, unused_tcp_port):
    servicer = editor()
    first = grpc.aio.server()
    adder(OnAio(servicer))(first)
    first.add_insecure_port(f"127.0.0.1:{unused_tcp_port}")
    await first.start()
    connection = Connection(addresses={"editing": f"127.0.0.1:{unused_tcp_port}"})
    patient = ResumePolicy(attempts=20, first=0.01, longest=0.2)
    sequences = []
    async with AsyncClient(connection, resume=patient) as client:
        async for event in client.edit(picture, "Paint the chair red"):
            sequences.append(event.sequence)
            if len(sequences) == 1:
                await first.stop(None)
                await serve(adder(OnAio(servicer)), port=unused_tcp_port)

    assert sequences == list(range(1, LAST + 1))
    assert servicer.edits_begun == 1


async def test_a_failed_edit_raises_the_error_its_event_tells(editor, serve, picture):
    address = await serve(adder(OnAio(editor(failure=(8, "the queue is full")))))

    with pytest.raises(OverloadedError, match="the queue is full"):
        await collect(address, picture)


async def test_an_edit_that_is_unknown_is_not_found_and_not_tried_again(editor, serve):
    servicer = editor()
    address = await serve(adder(OnAio(servicer)))
    async with AsyncClient(Connection(addresses={"editing": address}), resume=QUICK) as client:
        with pytest.raises(NotFoundError):
            [event async for event in client.watch_edit("op-9")]

    assert servicer.watches == [0]


@pytest.mark.parametrize(
    ("failure", "last"), [(None, "EditResult"), ((8, "the queue is full"), "Preview")], ids=["done", "failed"]
)
def test_an_edit_is_told_as_it_stands_without_being_awaited(editor, serve_in_threads, picture, failure, last):
    servicer = editor()
    with Client(Connection(addresses={"editing": serve_in_threads(adder(servicer))})) as client:
        begun = next(iter(client.edit(picture, "Paint the chair red")))
        servicer.failure = failure
        found = client.call(edits.get_edit(begun.operation_id))

    assert (found.operation_id, found.state) == ("op-1", "failed" if failure else "succeeded")
    assert [event.sequence for event in found.events] == list(range(1, LAST + (failure is None)))
    assert type(found.events[-1]).__name__ == last
    assert found.failure == (failure[1] if failure else "")


async def test_the_time_given_bounds_the_whole_edit(serve, picture):
    class Silent(editing_pb2_grpc.EditingServiceServicer):
        async def Edit(self, request, context):
            await asyncio.Event().wait()
            yield

    address = await serve(adder(Silent()))

    with pytest.raises(DeadlineError):
        await collect(address, picture, timeout=0.2)


def test_the_blocking_client_resumes_too(editor, serve_in_threads, picture):
    servicer = editor(range(LAST))
    address = serve_in_threads(adder(servicer))

    with Client(Connection(addresses={"editing": address}), resume=QUICK) as client:
        events = list(client.edit(picture, "Paint the chair red"))

    assert [event.sequence for event in events] == list(range(1, LAST + 1))
    assert servicer.edits_begun == 1


def test_a_picture_that_is_none_is_refused_before_anything_is_sent(tmp_path):
    path = tmp_path / "notes.png"
    path.write_text("no picture")

    with Client() as client, pytest.raises(InvalidInputError, match="is no PNG, JPEG or WebP"):
        client.edit(path, "Paint it")


class Losing(editing_pb2_grpc.EditingServiceServicer):
    """An editor whose first edits end UNAVAILABLE, as a restart records them, each with its own id."""

    def __init__(self, inner, lost):
        self.inner, self.lost, self.keys = inner, lost, []

    async def Edit(self, request, context):
        self.keys.append(request.idempotency_key)
        if len(self.keys) <= self.lost:
            response = editing_pb2.EditResponse(operation_id=f"lost-{len(self.keys)}")
            response.event.sequence = 1
            response.event.plan.SetInParent()
            yield response
            response.event.sequence = 2
            response.event.failed.code, response.event.failed.message = 14, "the service restarted"
            yield response
            return
        for response in self.inner.Edit(request, _Abort()):
            yield response


async def test_an_edit_lost_in_a_restart_is_asked_again_with_the_same_key(editor, serve, picture):
    servicer = Losing(editor(), lost=2)
    address = await serve(adder(servicer))

    events = await collect(address, picture)

    assert [event.operation_id for event in events] == ["lost-1", "lost-2", *["op-1"] * LAST]
    assert len(servicer.keys) == 3
    assert len(set(servicer.keys)) == 1


async def test_an_edit_that_is_always_lost_ends_with_the_service_s_word(editor, serve, picture):
    servicer = Losing(editor(), lost=100)
    address = await serve(adder(servicer))

    with pytest.raises(UnavailableError, match="the service restarted"):
        await collect(address, picture)

    assert len(servicer.keys) == 1 + QUICK.attempts
