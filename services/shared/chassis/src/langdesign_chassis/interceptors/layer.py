"""One shape for every interceptor: around a call, and on each request message."""

from __future__ import annotations  # grpc.RpcMethodHandler is generic in its stubs only

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, aclosing
from typing import Any, TypeAlias, cast

import grpc

Context = grpc.aio.ServicerContext[Any, Any]
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
Behaviour = Callable[[Any, Context], Awaitable[Any]]

_FACTORIES: dict[tuple[bool, bool], Callable[..., Handler]] = {
    (False, False): grpc.unary_unary_rpc_method_handler,
    (False, True): grpc.unary_stream_rpc_method_handler,
    (True, False): grpc.stream_unary_rpc_method_handler,
    (True, True): grpc.stream_stream_rpc_method_handler,
}
_INFRASTRUCTURE = ("/grpc.health.v1.", "/grpc.reflection.")


class Layer(grpc.aio.ServerInterceptor):
    """A layer around calls. Subclasses give ``around``, and ``inspect`` when they look at requests.

    Streamed responses are written by one coroutine through every layer, never by nested generators: a
    cancelled call then unwinds all the layers in its own task, at once.
    """

    infrastructure = False
    """Whether health and reflection pass this layer too."""
    inspects = False
    """Whether this layer looks at request messages."""
    observes = False
    """Whether this layer looks at response messages."""

    def around(self, method: str, context: Context) -> AbstractAsyncContextManager[None]:
        """Return what surrounds a call of ``method`` (``/package.Service/Method``)."""
        raise NotImplementedError

    def inspect(self, request: Any) -> None:
        """Look at each request message, when the layer ``inspects``; raise what is wrong with it."""

    def observe(self, response: Any) -> None:
        """Look at each response message, when the layer ``observes``."""

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler | None:
        """Wrap the next handler."""
        handler = await continuation(handler_call_details)
        method = handler_call_details.method
        if handler is None or (not self.infrastructure and method.startswith(_INFRASTRUCTURE)):
            return handler
        return self._wrap(handler, method)

    def _wrap(self, handler: Handler, method: str) -> Handler:
        inner = _as_coroutine(_behaviour(handler))

        async def behave(request: Any, context: Context) -> Any:
            async with self.around(method, context):
                if self.inspects:
                    request = _inspected(request, self.inspect, streaming=handler.request_streaming)
                if not self.observes:
                    return await inner(request, context)
                response = await inner(request, cast(Context, _Observed(context, self.observe)))
                if not handler.response_streaming:
                    self.observe(response)
                return response

        return _FACTORIES[handler.request_streaming, handler.response_streaming](
            behave,
            request_deserializer=handler.request_deserializer,
            response_serializer=handler.response_serializer,
        )


class _Observed:
    """A call's context that shows what is written before it goes out."""

    def __init__(self, context: Context, observe: Callable[[Any], None]) -> None:
        self._context, self._observe = context, observe

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    async def write(self, message: Any) -> None:
        self._observe(message)
        await self._context.write(message)


def _behaviour(handler: Handler) -> Any:
    return handler.unary_unary or handler.unary_stream or handler.stream_unary or handler.stream_stream


def _as_coroutine(behaviour: Any) -> Behaviour:
    if inspect.iscoroutinefunction(behaviour):
        return cast(Behaviour, behaviour)
    if not inspect.isasyncgenfunction(behaviour):
        raise TypeError(f"{behaviour!r} is not asynchronous; handlers are `async def`")

    async def write_all(request: Any, context: Context) -> None:
        async with aclosing(behaviour(request, context)) as responses:
            async for response in responses:
                await context.write(response)

    return write_all


def _inspected(request: Any, check: Callable[[Any], None], *, streaming: bool) -> Any:
    if streaming:
        return _inspect_each(request, check)
    check(request)
    return request


async def _inspect_each(requests: AsyncIterator[Any], check: Callable[[Any], None]) -> AsyncIterator[Any]:
    async for request in requests:
        check(request)
        yield request
