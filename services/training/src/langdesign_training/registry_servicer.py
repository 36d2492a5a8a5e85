"""Converts, calls, converts: the registry of models."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar

import grpc
import langdesign_registry
from google.protobuf.message import Message
from langdesign.training.v1 import training_pb2 as pb
from langdesign.training.v1 import training_pb2_grpc
from langdesign_chassis import current_tenant, errors
from langdesign_registry import Registry, RegistryError

from langdesign_training.calls import CallLog
from langdesign_training.convert import (
    bad_token,
    check_message,
    fingerprint,
    model_message,
    page_token,
    read_page_token,
    version_message,
)

P = ParamSpec("P")
T = TypeVar("T")
M = TypeVar("M", bound=Message)
_PAGE = 50
_Change = (
    pb.SetModelAliasRequest | pb.DeleteModelAliasRequest | pb.PromoteModelRequest | pb.RollBackModelRequest
)
Context = grpc.aio.ServicerContext[Any, Any]


class RegistryServicer(training_pb2_grpc.RegistryServiceServicer):
    """``langdesign.training.v1.RegistryService``; an async context manager, whose end stops its thread.

    Args:
        registry: The registry; it blocks, so that a thread calls it.
        calls: Makes each change once.

    """

    def __init__(self, registry: Registry, calls: CallLog) -> None:
        self._registry, self._calls = registry, calls
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="registry")

    async def __aenter__(self) -> Self:
        """Begin."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the thread after its call."""
        await asyncio.to_thread(self._thread.shutdown)

    async def ListModels(  # noqa: N802 - the contract's name
        self, request: pb.ListModelsRequest, context: Context
    ) -> pb.ListModelsResponse:
        """List models by name."""
        models = [one for one in await self._asked(self._registry.list_models) if one.latest_version]
        if request.page_token:
            (last,) = read_page_token(request.page_token, 1)
            models = [one for one in models if one.name > last]
        size = request.page_size or _PAGE
        token = page_token(models[size - 1].name) if len(models) > size else ""
        return pb.ListModelsResponse(
            models=[model_message(one) for one in models[:size]], next_page_token=token
        )

    async def ListModelVersions(  # noqa: N802 - the contract's name
        self, request: pb.ListModelVersionsRequest, context: Context
    ) -> pb.ListModelVersionsResponse:
        """List the versions of a model, newest first."""
        versions = list(await self._asked(self._registry.list_versions, request.parent))
        if request.page_token:
            parent, last = read_page_token(request.page_token, 2)
            if parent != request.parent or not last.isdecimal():
                raise bad_token()
            versions = [one for one in versions if one.version < int(last)]
        size = request.page_size or _PAGE
        token = page_token(request.parent, str(versions[size - 1].version)) if len(versions) > size else ""
        return pb.ListModelVersionsResponse(
            versions=[version_message(one) for one in versions[:size]], next_page_token=token
        )

    async def GetModelVersion(  # noqa: N802 - the contract's name
        self, request: pb.GetModelVersionRequest, context: Context
    ) -> pb.GetModelVersionResponse:
        """Return a version by number or alias."""
        version = await self._asked(self._registry.get, request.name)
        return pb.GetModelVersionResponse(version=version_message(version))

    async def SetModelAlias(  # noqa: N802 - the contract's name
        self, request: pb.SetModelAliasRequest, context: Context
    ) -> pb.SetModelAliasResponse:
        """Points an alias at a version."""

        async def change() -> pb.SetModelAliasResponse:
            version = await self._asked(self._registry.set_alias, request.version, request.alias)
            return pb.SetModelAliasResponse(version=version_message(version))

        return await self._once(request, pb.SetModelAliasResponse, change)

    async def DeleteModelAlias(  # noqa: N802 - the contract's name
        self, request: pb.DeleteModelAliasRequest, context: Context
    ) -> pb.DeleteModelAliasResponse:
        """Delete an alias."""

        async def change() -> pb.DeleteModelAliasResponse:
            await self._asked(self._registry.delete_alias, request.name)
            return pb.DeleteModelAliasResponse()

        return await self._once(request, pb.DeleteModelAliasResponse, change)

    async def PromoteModel(  # noqa: N802 - the contract's name
        self, request: pb.PromoteModelRequest, context: Context
    ) -> pb.PromoteModelResponse:
        """Points an alias at a version where its evaluation allows it."""

        async def change() -> pb.PromoteModelResponse:
            done = await self._asked(self._registry.promote, request.version, request.alias)
            version = await self._asked(self._registry.get, done.version)
            return pb.PromoteModelResponse(
                promoted=done.promoted,
                checks=[check_message(check) for check in done.checks],
                version=version_message(version),
            )

        return await self._once(request, pb.PromoteModelResponse, change)

    async def RollBackModel(  # noqa: N802 - the contract's name
        self, request: pb.RollBackModelRequest, context: Context
    ) -> pb.RollBackModelResponse:
        """Points an alias back at the version before its last move."""

        async def change() -> pb.RollBackModelResponse:
            model, _, alias = request.name.removeprefix("models/").partition("@")
            version = await self._asked(self._registry.roll_back, model, alias)
            return pb.RollBackModelResponse(version=version_message(version))

        return await self._once(request, pb.RollBackModelResponse, change)

    async def _once(self, request: _Change, answer: type[M], change: Callable[[], Awaitable[M]]) -> M:
        key = request.idempotency_key
        return await self._calls.once(current_tenant(), key, fingerprint(request), answer, change)

    async def _asked(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call the registry in its thread; its errors become those of the services."""
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, lambda: call(*args, **kwargs))
        except RegistryError as error:
            raise _status(error) from error


def _status(error: RegistryError) -> errors.Error:
    message, _, hint = str(error).partition("; ")
    if isinstance(error, langdesign_registry.RegistryUnavailable):
        return errors.Unavailable("the registry of models does not answer now", retry_after=1.0)
    if isinstance(error, langdesign_registry.NotFound):
        return errors.NotFound(message, hint=hint or None)
    if isinstance(error, langdesign_registry.InvalidName):
        return errors.InvalidArgument(message, hint=hint or None)
    if isinstance(error, langdesign_registry.ArtifactError):
        return errors.DataLoss(message, hint=hint or None)
    return errors.FailedPrecondition(message, hint=hint or None)
