"""An HTTP transport that takes responses of bounded size only."""

from collections.abc import AsyncIterator

import httpx2


class BoundedTransport(httpx2.AsyncHTTPTransport):
    """Cuts off responses that are longer than `max_bytes`, and refuses compressed ones.

    A compressed response has no bounded size. The endpoint is asked for plain ones.
    """

    def __init__(self, max_bytes: int) -> None:
        super().__init__(retries=0)
        self._max_bytes = max_bytes

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request whose response must be plain, and bound it.

        Raises:
            httpx2.TransportError: the endpoint cannot be reached, or its response is compressed or too long.

        """
        request.headers["Accept-Encoding"] = "identity"
        response = await super().handle_async_request(request)
        if response.headers.get("Content-Encoding", "identity") != "identity":
            await response.aclose()
            raise httpx2.RemoteProtocolError("the response is compressed", request=request)
        assert isinstance(response.stream, httpx2.AsyncByteStream)  # noqa: S101 - of an asynchronous transport
        response.stream = _Bounded(response.stream, self._max_bytes, request)
        return response


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream, max_bytes: int, request: httpx2.Request) -> None:
        self._stream = stream
        self._max_bytes = max_bytes
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        seen = 0
        async for chunk in self._stream:
            seen += len(chunk)
            if seen > self._max_bytes:
                raise httpx2.RemoteProtocolError("the response is too long", request=self._request)
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()
