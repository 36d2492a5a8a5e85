"""The asyncio client."""

# ruff: noqa: ASYNC109 - a timeout here is a deadline of gRPC, which travels to the service

import asyncio
from collections.abc import AsyncIterator, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar
from weakref import WeakKeyDictionary

import grpc
import grpc.aio

from langdesign_client import designs, edit_requests, edits, nodes, references, runs, segments, status, tree
from langdesign_client.calls import (
    Listing,
    Streaming,
    Unary,
    require_listing,
    require_streaming,
    require_unary,
)
from langdesign_client.client import EDIT_TIMEOUT
from langdesign_client.connection import HINT, Connection
from langdesign_client.following import CreateProgress, DesignProgress, ReplayProgress
from langdesign_client.media import ImageSource
from langdesign_client.messages import of_kind, seconds
from langdesign_client.resume import (
    EditProgress,
    Progress,
    ResumePolicy,
    StreamBrokenError,
    naming_operation,
)
from langdesign_client.watching import RunProgress

T = TypeVar("T")


class AsyncClient:
    """Calls the services; one channel a service and event loop, opened when needed.

    Every method raises an error of the `LangDesignError` family.

    Raises:
        InvalidInputError: an argument is of another type.

    """

    def __init__(self, connection: Connection | None = None, *, resume: ResumePolicy | None = None) -> None:
        of_kind(connection, Connection | None, "connection", HINT)
        of_kind(resume, ResumePolicy | None, "resume", "give a ResumePolicy")
        self.connection = connection or Connection()
        self._resume = resume or ResumePolicy()
        # A channel is bound to the loop that it was opened in, and `asyncio.run` makes a new one each time.
        self._channels: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, grpc.aio.Channel]] = (
            WeakKeyDictionary()
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the channels; calls under way are cancelled."""
        channels = self._channels.pop(asyncio.get_running_loop(), {})
        while channels:
            await channels.popitem()[1].close()

    async def call(self, call: Unary[T], *, timeout: float | None = None) -> T:
        """Run a call with one answer; `timeout` in seconds, by default the connection's."""
        require_unary(call)
        multicallable = self._channel(call.stem).unary_unary(**call.method_arguments)
        try:
            response = await multicallable(call.request, **self._settings(self._seconds(timeout)))
        except grpc.RpcError as error:
            raise self._error(error, call.stem) from None
        return call.read(response)

    async def stream(self, call: Streaming[T], *, timeout: float | None = None) -> AsyncIterator[T]:
        """Run a call with a stream of answers. Closing the iterator cancels the call."""
        require_streaming(call)
        try:
            async for response in self._open(call, None if timeout is None else seconds(timeout)):
                yield call.read(response)
        except grpc.RpcError as error:
            raise self._error(error, call.stem) from None

    async def list(self, listing: Listing[T], *, timeout: float | None = None) -> AsyncIterator[T]:
        """Iterate over the items of all pages, each page fetched when needed."""
        require_listing(listing)
        token = ""
        while True:
            page = await self.call(listing(token), timeout=timeout)
            for item in page.items:
                yield item
            token = page.next_token
            if not token:
                return

    def edit(
        self,
        image: ImageSource,
        instruction: str,
        *,
        region: edit_requests.Region | None = None,
        plan: references.Plan | None = None,
        options: edit_requests.EditOptions | None = None,
        caption: str = "",
        model: str = "",
        idempotency_key: str | None = None,
        timeout: float = EDIT_TIMEOUT,
    ) -> AsyncIterator[edits.EditEvent]:
        """Edit a picture; iterate over plan, mask, previews, result.

        A broken stream is resumed where it stopped, so that every event comes once and in order. What the
        caller leaves out of `region`, the service finds. `plan` is one that `readings.plan_edit` or `refer`
        answered, as it is or changed: it is done, and the instruction is not read; it takes no region beside
        it. `model` names one of the models that are served; "" is the first of them. `timeout` is for the
        whole edit, seconds.
        """
        request = edit_requests.edit_request(
            image,
            instruction,
            region=region,
            plan=plan,
            options=options,
            caption=caption,
            model=model,
            idempotency_key=idempotency_key,
        )
        address = self.connection.addresses["editing"]
        return self._follow(EditProgress(request, timeout, self._resume, address))

    def watch_edit(
        self, operation_id: str, *, after_sequence: int = 0, timeout: float = EDIT_TIMEOUT
    ) -> AsyncIterator[edits.EditEvent]:
        """Iterate over the events of an operation after a sequence number, then live until its end."""
        address = self.connection.addresses["editing"]
        progress = EditProgress.watching(operation_id, after_sequence, timeout, self._resume, address)
        return self._follow(progress)

    async def segment(
        self,
        image: ImageSource,
        expressions: Sequence[str],
        *,
        mask_threshold: float | None = None,
        no_target_threshold: float | None = None,
        uncertain_threshold: float | None = None,
        timeout: float | None = None,
    ) -> segments.Segmentation:
        """Return the masks of 1..64 referring expressions on one picture."""
        call = segments.segment(
            image,
            expressions,
            mask_threshold=mask_threshold,
            no_target_threshold=no_target_threshold,
            uncertain_threshold=uncertain_threshold,
        )
        return await self.call(call, timeout=timeout)

    async def refer(
        self, instruction: str, *, caption: str = "", language: str = "", timeout: float | None = None
    ) -> references.Plan:
        """Return what an instruction asks for, as a plan: edit by edit, and what each refers to."""
        return await self.call(
            references.plan_edit(instruction, caption=caption, language=language), timeout=timeout
        )

    def watch_run(self, name: str) -> AsyncIterator[runs.Run]:
        """Iterate over a run (`runs/{id}`) as it stands, then after changes, until it has ended.

        It may take days: a stream that breaks, or has lasted as long as one may, is opened again.
        """
        return self._follow(RunProgress(name, self._resume, self.connection.addresses["training"]))

    def create_nodes(
        self,
        parent: str,
        instruction: str,
        *,
        region: edit_requests.Region | None = None,
        plan: references.Plan | None = None,
        options: edit_requests.EditOptions | None = None,
        candidates: int = 1,
        model: str = "",
        idempotency_key: str | None = None,
        timeout: float = EDIT_TIMEOUT,
    ) -> AsyncIterator[tree.Node | tree.NodeEvent]:
        """Edit a node's picture; iterate over nodes as they begin, events of the edits, nodes as they end.

        Candidates (1..8) take the seed of `options` and those after it. `plan` is one that `nodes.plan`
        answered, as it is or changed, without a region: it is done, and the instruction is not read. A broken
        stream joins what is under way. A node that ended may have failed: look at its `state`. `timeout` is
        for all of them, seconds.
        """
        call = nodes.create(
            parent,
            instruction,
            region=region,
            plan=plan,
            options=options,
            candidates=candidates,
            model=model,
            idempotency_key=idempotency_key,
        )
        address = self.connection.addresses["design"]
        return self._follow(CreateProgress(call, max(1, candidates), timeout, self._resume, address))

    def replay_node(
        self,
        name: str,
        *,
        image: ImageSource | None = None,
        model: str = "",
        validate_only: bool = False,
        timeout: float = EDIT_TIMEOUT,
    ) -> AsyncIterator[tree.Replayed]:
        """Do the edits from the root to a node again (see `nodes.replay`); a broken stream is joined anew."""
        call = nodes.replay(name, image=image, model=model, validate_only=validate_only)
        address = self.connection.addresses["design"]
        return self._follow(ReplayProgress(call, timeout, self._resume, address))

    def watch_design(self, name: str, after_revision: int = 0) -> AsyncIterator[designs.Change]:
        """Iterate over a design's changes after a revision, then over every change as it happens, for ever.

        A stream that breaks, or has lasted as long as one may, goes on where it stopped.
        """
        address = self.connection.addresses["design"]
        return self._follow(DesignProgress(name, after_revision, self._resume, address))

    async def _follow(self, progress: Progress[T]) -> AsyncIterator[T]:
        while not progress.done:
            call = progress.call()
            with naming_operation(progress):
                try:
                    async for response in self._open(call, progress.remaining):
                        item = progress.accept(call.read(response))
                        if item is not None:
                            yield item
                    progress.check_done()
                except (grpc.RpcError, StreamBrokenError) as error:
                    await asyncio.sleep(progress.after_break(error))

    async def _open(self, call: Streaming[T], timeout: float | None) -> AsyncIterator[Any]:
        stream = self._channel(call.stem).unary_stream(**call.method_arguments)(
            call.request, **self._settings(timeout)
        )
        try:
            async for response in stream:
                yield response
        finally:
            stream.cancel()

    def _channel(self, stem: str) -> grpc.aio.Channel:
        channels = self._channels.setdefault(asyncio.get_running_loop(), {})
        if stem not in channels:
            target, options = self.connection.target(stem), self.connection.channel_options(stem)
            channels[stem] = (
                grpc.aio.secure_channel(target, self.connection.credentials(), options)
                if self.connection.secure
                else grpc.aio.insecure_channel(target, options)
            )
        return channels[stem]

    def _seconds(self, timeout: float | None) -> float:
        return self.connection.timeout if timeout is None else seconds(timeout)

    def _settings(self, timeout: float | None) -> dict[str, Any]:
        return {"timeout": timeout, "metadata": self.connection.metadata}

    def _error(self, error: grpc.RpcError, stem: str) -> Exception:
        return status.from_rpc(error, stem, self.connection.addresses[stem])
