"""aiohttp's connections as a transport of httpx.

httpx's own pool is quadratic in the calls in flight: 9.8 ms of CPU a call at 64, this way 0.2 ms, at 1,000
too. httpx-aiohttp's transport costs about the same, but reports a connection that breaks after the request
was sent as `ConnectTimeout` (a call that may have been paid would pass for one that was never made), keeps
cookies, and cannot tell when it has its connection.
"""

import ssl
from collections.abc import AsyncIterator, Callable
from contextvars import ContextVar
from functools import cache
from time import monotonic
from typing import TYPE_CHECKING

import aiohttp
import certifi
import httpx
from yarl import URL

if TYPE_CHECKING:
    from aiohttp.client import ClientTimeout
    from aiohttp.client_reqrep import ClientRequest, ConnectionKey
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace

CONNECTED = "connected"
"""The extension of a request that is called, without arguments, once it has its connection."""
BODY = "body"
"""The extension of a response that is its body, to be read past httpx's iterators."""

_MOST_CONNECTIONS = 2048
_KEPT_ALIVE_S = 60.0
"""Longer than many servers keep theirs: when the server closes first, the pool drops it at once."""
_RESTED_S = 0.05
"""Some servers close after an answer although they say keep-alive (llama.cpp's after each stream). A call
that goes out before that is noticed is cut, and nobody can tell whether it was read and paid for."""
_MOST_HEADER_BYTES = 32 * 1024
_NO_TIMEOUT = aiohttp.ClientTimeout()
"""The sender has the deadlines."""

_FOREIGN = (aiohttp.ClientError, OSError)

_connected: ContextVar[Callable[[], None]] = ContextVar("connected")


class PooledTransport(httpx.AsyncBaseTransport):
    """Its pool is made on the first call, inside the loop."""

    def __init__(self, tls: ssl.SSLContext | None = None, proxy: str | None = None) -> None:
        """`proxy` is `http://HOST:PORT`, perhaps with `NAME:PASSWORD@`."""
        self._tls = tls or _shared_tls()
        self._proxy = proxy
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._session = self._session or self._made()
        _connected.set(request.extensions.get(CONNECTED, _ignored))
        try:
            response = await self._session.request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=request.headers.multi_items(),
                data=request.content or None,
                allow_redirects=False,
                timeout=_NO_TIMEOUT,
                proxy=self._proxy,
            )
        except _FOREIGN as error:
            raise _as_httpx(error) from error
        body = _Body(response)
        return httpx.Response(
            response.status, headers=response.raw_headers, stream=body, extensions={BODY: body}
        )

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _made(self) -> aiohttp.ClientSession:
        connector = _Connector(
            limit=_MOST_CONNECTIONS,
            keepalive_timeout=_KEPT_ALIVE_S,
            ssl=self._tls,
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            max_field_size=_MOST_HEADER_BYTES,
            max_line_size=_MOST_HEADER_BYTES,
        )


class _Connector(aiohttp.TCPConnector):
    """Says when a request has its connection: until then nothing was sent.

    A kept connection is used again only when it has rested; until then another is opened.
    """

    async def connect(
        self,
        req: "ClientRequest",
        traces: list["Trace"],
        timeout: "ClientTimeout",  # noqa: ASYNC109
    ) -> "Connection":
        connection = await super().connect(req, traces, timeout)
        _connected.get()()
        return connection

    async def _get(self, key: "ConnectionKey", traces: list["Trace"]) -> "Connection | None":
        # aiohttp has no setting for it. The first is the one that rests the longest.
        kept = self._conns.get(key)
        if kept and monotonic() - kept[0][1] < _RESTED_S:
            return None
        return await super()._get(key, traces)


class _Body(httpx.AsyncByteStream):
    """An iterator and no generator: one that is left early would be closed by a task of its own."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        try:
            chunk = await self._response.content.readany()
        except _FOREIGN as error:
            raise _as_httpx(error) from error
        if not chunk:
            raise StopAsyncIteration
        return chunk

    async def aclose(self) -> None:
        """Unless all was read, the connection is closed, so that the provider stops its work."""
        self._response.close()


def _as_httpx(error: Exception) -> httpx.HTTPError:
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ClientHttpProxyError | aiohttp.InvalidURL):
        return httpx.ConnectError("")
    if isinstance(error, aiohttp.ClientResponseError):  # what came is not HTTP
        return httpx.RemoteProtocolError("")
    return httpx.ReadError("")


@cache
def _shared_tls() -> ssl.SSLContext:
    """Made once and at the start: reading the certificates takes 20 ms."""
    return verifying_tls()


def verifying_tls() -> ssl.SSLContext:
    """Trusts the system's authorities, to which hospitals add their own, and certifi's where it has none."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    return context


def _ignored() -> None:
    pass
