"""The one place where errors become statuses."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc

from langdesign_chassis import errors, status
from langdesign_chassis.interceptors.layer import Context, Layer

_log = logging.getLogger(__name__)


_TRANSIENT = (errors.Unavailable, errors.DeadlineExceeded, errors.ResourceExhausted)


class Errors(Layer):
    """Maps the error family to status codes with details.

    A downstream call that failed for the moment (UNAVAILABLE, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED) passes
    on as that; its other codes are for the service to translate, and unexpected here.

    The unexpected is logged whole and leaves as a generic INTERNAL: no text, path or address of it goes out.
    """

    infrastructure = True

    @asynccontextmanager
    async def around(self, method: str, context: Context) -> AsyncIterator[None]:
        """Surrounds a call."""
        try:
            yield
        except (asyncio.CancelledError, grpc.aio.AbortError):
            raise
        except errors.Error as error:
            await _abort(context, error)
        except grpc.aio.AioRpcError as error:
            await _abort_dependency(context, method, error)
        except Exception:  # noqa: BLE001 - logged whole in _abort_unexpected
            await _abort_unexpected(context, method)


async def _abort(context: Context, error: errors.Error) -> None:
    rich = status.to_status(error)
    trailing = ((status.DETAILS_KEY, rich.SerializeToString()),)
    await context.abort(status.code_of(error), rich.message, trailing)


async def _abort_unexpected(context: Context, method: str) -> None:
    _log.exception("unexpected error", extra={"method": method})
    await context.abort(grpc.StatusCode.INTERNAL, "internal error; the service's log has the details")


async def _abort_dependency(context: Context, method: str, error: grpc.aio.AioRpcError) -> None:
    translated = status.from_rpc(error)
    if not isinstance(translated, _TRANSIENT):
        await _abort_unexpected(context, method)
        return
    _log.warning("a dependency failed", extra={"method": method, "code": error.code().name}, exc_info=error)
    await _abort(context, translated)
