"""aiohttp's connections as a transport of httpx.

httpx's own pool is quadratic in the calls in flight. httpx-aiohttp's transport is not, but reports a
connection that breaks after the request was sent as `ConnectTimeout`: a call that may have been paid
would pass for one that was never made.
"""

import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING

import aiohttp
import certifi
import httpx
from yarl import URL

if TYPE_CHECKING:
    from aiohttp.client import ClientTimeout
    from aiohttp.client_reqrep import ClientRequest
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace

CONNECTED = "connected"
"""The extension of a request that is called, without arguments, once it has its connection."""

_MOST_CONNECTIONS = 2048
_KEPT_ALIVE_S = 60.0
"""Longer than many servers keep theirs: when the server closes first, the pool drops it at once."""
_MOST_HEADER_BYTES = 32 * 1024
_NO_TIMEOUT = aiohttp.ClientTimeout()
"""The sender has the deadlines."""

_connected: ContextVar[Callable[[], None]] = ContextVar("connected")


class PooledTransport(httpx.AsyncBaseTransport):
    """Its pool is made on the first call, inside the loop."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls or _verifying_tls()
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._session = self._session or self._made()
        _connected.set(request.extensions.get(CONNECTED, _ignored))
        with _as_httpx():
            response = await self._session.request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=request.headers.multi_items(),
                data=request.content or None,
                allow_redirects=False,
                timeout=_NO_TIMEOUT,
            )
        return httpx.Response(response.status, headers=response.raw_headers, stream=_Body(response))

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
    """Says when a request has its connection: until then nothing was sent."""

    async def connect(
        self,
        req: "ClientRequest",
        traces: list["Trace"],
        timeout: "ClientTimeout",  # noqa: ASYNC109
    ) -> "Connection":
        connection = await super().connect(req, traces, timeout)
        _connected.get()()
        return connection


class _Body(httpx.AsyncByteStream):
    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _as_httpx():
            async for chunk in self._response.content.iter_any():
                yield chunk

    async def aclose(self) -> None:
        """Unless all was read, the connection is closed, so that the provider stops its work."""
        self._response.close()


@contextmanager
def _as_httpx() -> Iterator[None]:
    try:
        yield
    except (aiohttp.ClientConnectorError, aiohttp.InvalidURL) as error:
        raise httpx.ConnectError("") from error
    except aiohttp.ClientResponseError as error:
        raise httpx.RemoteProtocolError("") from error
    except (aiohttp.ClientError, OSError) as error:
        raise httpx.ReadError("") from error


@cache
def _verifying_tls() -> ssl.SSLContext:
    """Trusts the system's authorities, to which hospitals add their own, and certifi's where it has none.

    Made once and at the start: reading the certificates takes 20 ms.
    """
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    return context


def _ignored() -> None:
    pass
