"""aiohttp's connections as a transport of httpx.

httpx's own pool is quadratic in the calls in flight: 9.8 ms of CPU a call at 64, this way it is the same at
1,000. httpx-aiohttp's transport costs about the same, but reports a connection that breaks after the request
was sent as `ConnectTimeout` (a call that may have been paid would pass for one that was never made), keeps
cookies, and cannot tell when it has its connection.

Of aiohttp are the pool, the connecting (addresses, TLS, proxies) and the reading of answers. Its session
would make objects of its own of what httpx has made already: half of what sending would cost.
"""

import ssl
from collections.abc import AsyncGenerator, AsyncIterator
from functools import cache
from time import monotonic
from typing import TYPE_CHECKING

import aiohttp
import certifi
import httpx
from aiohttp.hdrs import AUTHORIZATION, CONTENT_ENCODING, PROXY_AUTHORIZATION
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

if TYPE_CHECKING:
    from aiohttp.client_proto import ResponseHandler
    from aiohttp.client_reqrep import ConnectionKey
    from aiohttp.connector import Connection
    from aiohttp.http_parser import RawResponseMessage
    from aiohttp.streams import StreamReader
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
_READ_AHEAD_BYTES = 64 * 1024
_DECODED_AT_A_TIME_BYTES = 256
"""zstd makes 400 MB of 12 KB, and whoever reads can stop it between two pieces only."""
_NO_TIMEOUT = aiohttp.ClientTimeout()
"""The sender has the deadlines."""

_FOREIGN = (aiohttp.ClientError, OSError, HttpProcessingError)


class PooledTransport(httpx.AsyncBaseTransport):
    """Its pool is made on the first call, inside the loop."""

    def __init__(self, tls: ssl.SSLContext | None = None, proxy: str | None = None) -> None:
        """`proxy` is `http://HOST:PORT`, perhaps with `NAME:PASSWORD@`."""
        self._tls = tls or _shared_tls()
        self._proxy = URL(proxy) if proxy else None
        self._connector: _Connector | None = None
        self._where: tuple[httpx.URL, aiohttp.ClientRequest] | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Of a request whose content is at hand: none is sent piece by piece."""
        try:
            where = self._read(request.url)
            connection = await self._pool().connect(where, [], _NO_TIMEOUT)
        except _FOREIGN as error:
            raise httpx.ConnectError("") from error
        try:
            request.extensions.get(CONNECTED, _ignored)()
            message, payload = await _exchanged(connection, _head(request, where), request.content)
        except BaseException as error:
            connection.close()
            if isinstance(error, _FOREIGN):
                raise _as_httpx(error) from error
            raise
        body = _Body(connection, payload)
        stream = _InSmallPieces(body) if CONTENT_ENCODING in message.headers else body
        return httpx.Response(
            message.code, headers=message.raw_headers, stream=stream, extensions={BODY: body}
        )

    async def aclose(self) -> None:
        if self._connector is not None:
            await self._connector.close()

    def _pool(self) -> "_Connector":
        if self._connector is None:
            self._connector = _Connector(
                limit=_MOST_CONNECTIONS, keepalive_timeout=_KEPT_ALIVE_S, ssl=self._tls
            )
        return self._connector

    def _read(self, url: httpx.URL) -> aiohttp.ClientRequest:
        """What tells the pool where to connect, and is never sent. A backend has one URL or two."""
        if self._where is None or self._where[0] is not url:
            asked = aiohttp.ClientRequest("GET", URL(str(url), encoded=True), proxy=self._proxy)
            self._where = (url, asked)
        return self._where[1]


async def _exchanged(
    connection: "Connection", head: bytes, body: bytes
) -> tuple["RawResponseMessage", "StreamReader"]:
    """The head of the answer, and its body that is still coming."""
    protocol, transport = connection.protocol, connection.transport
    if protocol is None or transport is None or transport.is_closing():
        raise httpx.ConnectError("closed before anything was sent")
    protocol.set_response_params(
        read_until_eof=True,
        auto_decompress=False,
        read_bufsize=_READ_AHEAD_BYTES,
        max_line_size=_MOST_HEADER_BYTES,
        max_field_size=_MOST_HEADER_BYTES,
    )
    transport.write(head + body)
    while True:
        message, payload = await protocol.read()
        if not 100 <= message.code < 200 or message.code == 101:  # what is provisional has no body
            return message, payload


def _head(request: httpx.Request, where: aiohttp.ClientRequest) -> bytes:
    """Raises `httpx.LocalProtocolError` for a header that would end its line, and so begin another."""
    target = request.url.raw_path
    lines = [b"%b: %b" % header for header in request.headers.raw]
    if where.proxy is not None and not where.is_ssl():  # the proxy reads it, and passes it on
        target = b"%b://%b%b" % (request.url.raw_scheme, request.url.netloc, target)
        lines += _lines(where, PROXY_AUTHORIZATION)
    if "authorization" not in request.headers:
        lines += _lines(where, AUTHORIZATION)  # of a URL with a name and a password
    head = b"%b %b HTTP/1.1\r\n%b\r\n\r\n" % (request.method.encode("ascii"), target, b"\r\n".join(lines))
    if not head.count(b"\r") == head.count(b"\n") == len(lines) + 2 or b"\0" in head:
        raise httpx.LocalProtocolError("a header holds a line end")
    return head


def _lines(where: aiohttp.ClientRequest, name: str) -> list[bytes]:
    return [f"{name}: {value}".encode("latin-1") for value in where.headers.getall(name, ())]


class _Connector(aiohttp.TCPConnector):
    """A kept connection is used again only when it has rested, in silence; until then another is opened.

    What a server says while nobody has asked, a second answer or a 408, aiohttp would give to the next call:
    another patient's.
    """

    async def _get(self, key: "ConnectionKey", traces: list["Trace"]) -> "Connection | None":
        # aiohttp has no setting for either. The first is the one that rests the longest.
        kept = self._conns.get(key)
        while kept and kept[0][0].should_close:
            kept.popleft()[0].close()
        if kept and monotonic() - kept[0][1] < _RESTED_S:
            return None
        return await super()._get(key, traces)

    def _release(
        self, key: "ConnectionKey", protocol: "ResponseHandler", *, should_close: bool = False
    ) -> None:
        # Each call brings its own parser. Without one, the first byte that comes makes `should_close` true;
        # this call's would take in the half of a head, and say nothing.
        protocol._parser = None
        super()._release(key, protocol, should_close=should_close)


class _Body(httpx.AsyncByteStream):
    """An iterator and no generator: one that is left early would be closed by a task of its own."""

    def __init__(self, connection: "Connection", payload: "StreamReader") -> None:
        self._connection = connection
        self._payload = payload

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        try:
            chunk = await self._payload.readany()
        except _FOREIGN as error:
            raise _as_httpx(error) from error
        if not chunk:
            raise StopAsyncIteration
        return chunk

    async def aclose(self) -> None:
        """Unless all was read, the connection is closed, so that the provider stops its work."""
        if self._payload.at_eof():
            self._connection.release()
        else:
            self._connection.close()


class _InSmallPieces(httpx.AsyncByteStream):
    """A body that is going to be decoded."""

    def __init__(self, body: _Body) -> None:
        self._body = body

    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        async for chunk in self._body:
            for start in range(0, len(chunk), _DECODED_AT_A_TIME_BYTES):
                yield chunk[start : start + _DECODED_AT_A_TIME_BYTES]

    async def aclose(self) -> None:
        await self._body.aclose()


def _as_httpx(error: Exception) -> httpx.HTTPError:
    """Of what became of a request that was sent."""
    if isinstance(error, HttpProcessingError):  # what came is not HTTP
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
