"""The one sender of a backend: a call goes out, its answer's bytes come in, each wait has its deadline.

httpx is the interface and aiohttp's connections lie beneath (`transport`).
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import field
from enum import Enum

import httpx

from gateway.backends.failure import BackendFailure, Cause
from gateway.backends.streams import MOST_ANSWER_BYTES, is_heartbeat
from gateway.backends.transport import BODY, CONNECTED, PooledTransport
from gateway.backends.wire import Call
from gateway.timer import Timer
from gateway.values import carrier

_HEADERS = {
    "content-type": "application/json",
    "accept": "*/*",
    "accept-encoding": "identity",  # a compressed stream comes in blocks, not event by event
    "user-agent": "ehr-gateway",
}

_CAUSES: tuple[tuple[type[httpx.HTTPError], Cause], ...] = (
    (httpx.ConnectTimeout, Cause.NO_CONNECTION),
    (httpx.PoolTimeout, Cause.NO_CONNECTION),
    (httpx.ConnectError, Cause.NO_CONNECTION),
    (httpx.UnsupportedProtocol, Cause.NO_CONNECTION),
    (httpx.LocalProtocolError, Cause.BAD_REQUEST),
    (httpx.RemoteProtocolError, Cause.GARBLED),
    (httpx.DecodingError, Cause.GARBLED),
    (httpx.HTTPError, Cause.CUT),
)


@carrier
class Deadlines:
    """Seconds that each wait of a call may take."""

    connect_s: float = 5
    """Until there is a connection with TLS; nothing is sent before."""
    first_byte_s: float = 30
    """From then to the first byte of the answer's body: the model reads the prompt."""
    idle_s: float = 20
    """Between two pieces of the answer. Heartbeats are none, neither here nor as the first byte."""
    total_s: float = 60


@carrier
class Received:
    """An answer whose body is still coming."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    """Found by names in lower case."""
    chunks: AsyncIterator[bytes] = field(repr=False)


class Sender:
    """Its transport lives as long as the backend: closed in use, it would break the calls of others.

    `httpx.AsyncClient` is left out: its redirects, cookies and credentials are none of ours, and cost a
    tenth of a call.
    """

    def __init__(
        self,
        name: str,
        deadlines: Deadlines,
        transport: httpx.AsyncBaseTransport | None = None,
        on_first_byte: Callable[[float], None] | None = None,
    ) -> None:
        """`name` of the backend, for failures; `on_first_byte` is told the seconds until each."""
        self._name = name
        self._deadlines = deadlines
        self._on_first_byte = on_first_byte
        self._transport = transport or PooledTransport()
        self._asked: tuple[tuple[object, ...], httpx.Request] | None = None

    @asynccontextmanager
    async def send(self, call: Call, timeout_s: float) -> AsyncIterator[Received]:
        """The deadlines hold until the block ends, and leaving it early closes the connection.

        Raises `BackendFailure`, also inside the block.
        """
        waits = _Waits(self._deadlines, timeout_s, self._on_first_byte)
        request = self._request(call, waits.connected)
        try:
            with waits.timer:
                try:
                    response = await self._transport.handle_async_request(request)
                except httpx.HTTPError as error:
                    raise self._failure(error) from error
                waits.answered()
                chunks = self._chunks(response, waits)
                try:
                    yield Received(response.status_code, response.headers, chunks)
                finally:
                    await chunks.aclose()
                    await (response.extensions.get(BODY) or response).aclose()
        except TimeoutError as error:
            if not waits.timer.has_expired:
                raise
            raise BackendFailure(waits.cause, f"{self._name}: no answer within {waits.allowed}") from error

    async def close(self) -> None:
        await self._transport.aclose()

    def _request(self, call: Call, connected: Callable[[], None]) -> httpx.Request:
        asked = call.method, call.url, call.headers
        if self._asked is None or self._asked[0] != asked:
            request = httpx.Request(call.method, call.url, headers={**_HEADERS, **call.headers})
            self._asked = asked, request
        return _WithBody(self._asked[1], call.body, connected)

    async def _chunks(self, response: httpx.Response, waits: "_Waits") -> AsyncGenerator[bytes, None]:
        left = MOST_ANSWER_BYTES
        if "," in response.headers.get("content-encoding", ""):  # encoded twice, a few bytes are gigabytes
            raise BackendFailure(Cause.GARBLED, f"{self._name} answers in several encodings at once")
        try:
            async for piece in _pieces(response):
                if not is_heartbeat(piece):
                    waits.received()
                left -= len(piece)
                if left < 0:
                    raise BackendFailure(Cause.GARBLED, f"{self._name} answers without end")
                yield piece
        except httpx.HTTPError as error:
            raise self._failure(error) from error

    def _failure(self, error: httpx.HTTPError) -> BackendFailure:
        cause = next(cause for kind, cause in _CAUSES if isinstance(error, kind))
        return BackendFailure(cause, f"{self._name}: {type(error.__cause__ or error).__name__}")


class _WithBody(httpx.Request):
    """The request `like` with another body: to read its URL and headers costs more than all else of it."""

    def __init__(self, like: httpx.Request, body: bytes, connected: Callable[[], None]) -> None:
        self.method, self.url = like.method, like.url
        self.headers = like.headers.copy()
        if body:
            self.headers["content-length"] = str(len(body))
        self.stream = httpx.ByteStream(body)
        self._content = body
        self.extensions = {CONNECTED: connected}


def _pieces(response: httpx.Response) -> AsyncIterator[bytes]:
    """httpx's own iterators double what it costs to read a piece; only decoding needs them."""
    body: AsyncIterator[bytes] | None = response.extensions.get(BODY)
    if body is None or "content-encoding" in response.headers:
        return response.aiter_bytes()
    return body


class _Wait(Enum):
    CONNECTION = "connect_s"
    FIRST_BYTE = "first_byte_s"
    NEXT_BYTES = "idle_s"
    TOTAL = "total_s"


_OVERDUE = {
    _Wait.CONNECTION: Cause.NO_CONNECTION,
    _Wait.FIRST_BYTE: Cause.NO_ANSWER,
    _Wait.NEXT_BYTES: Cause.STALLED,
    _Wait.TOTAL: Cause.OUT_OF_TIME,
}


class _Waits:
    """Which wait a call is in, and one timer that ends it."""

    def __init__(
        self, deadlines: Deadlines, timeout_s: float, on_first_byte: Callable[[float], None] | None
    ) -> None:
        self._on_first_byte = on_first_byte
        self._connected_at = 0.0
        self._time = asyncio.get_running_loop().time
        self._deadlines = deadlines
        now = self._time()
        self._ends_at = now + min(timeout_s, deadlines.total_s)
        self._is_connected = False
        self._wait = _Wait.CONNECTION
        self.timer = Timer(min(self._ends_at, now + deadlines.connect_s))

    @property
    def allowed(self) -> str:
        """The deadline that is running, as the operator's file names it."""
        return self._wait.value

    @property
    def cause(self) -> Cause:
        return _OVERDUE[self._wait]

    def connected(self) -> None:
        self._is_connected = True
        self._connected_at = self._time()
        self._begin(_Wait.FIRST_BYTE, self._connected_at + self._deadlines.first_byte_s)

    def answered(self) -> None:
        """Status and headers are here; the first byte of the body is not."""
        if not self._is_connected:
            self.connected()

    def received(self) -> None:
        now = self._time()
        if self._on_first_byte is not None:
            tell, self._on_first_byte = self._on_first_byte, None
            tell(now - self._connected_at)
        self._begin(_Wait.NEXT_BYTES, now + self._deadlines.idle_s)

    def _begin(self, wait: _Wait, ends_at: float) -> None:
        self._wait = wait if ends_at < self._ends_at else _Wait.TOTAL
        self.timer.move(min(ends_at, self._ends_at))
