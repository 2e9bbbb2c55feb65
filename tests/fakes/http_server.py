"""HTTP/1.1 on 127.0.0.1 with every byte in the hand of the test: answers may break where they like."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Self
from urllib.parse import parse_qsl, unquote, urlsplit

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes


@dataclass(frozen=True)
class Response:
    status: int
    body: bytes
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


class Gone(Exception):
    """The client closed the connection before it had its answer."""


class Exchange:
    """One request and the connection it waits on."""

    def __init__(self, request: Request, connection: "_Connection") -> None:
        self.request = request
        self._connection = connection

    def respond(self, response: Response) -> None:
        length = (("content-length", str(len(response.body))),)
        self._write(_head(response.status, response.content_type, (*response.headers, *length)))
        self._write(response.body)

    def start(self, content_type: str, headers: tuple[tuple[str, str], ...] = ()) -> None:
        """A 200 whose body follows in chunks."""
        self._write(_head(200, content_type, (*headers, ("transfer-encoding", "chunked"))))

    def chunk(self, part: bytes) -> None:
        self._write(b"%x\r\n%s\r\n" % (len(part), part))

    def end(self) -> None:
        self._write(b"0\r\n\r\n")

    def reset(self) -> None:
        self._connection.reset()

    def close(self) -> None:
        self._connection.close()

    async def wait(self, seconds: float | None = None) -> None:
        """Raises `Gone` as soon as the client leaves; without `seconds` that is what is waited for."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._connection.gone.wait()
        if self._connection.gone.is_set():
            raise Gone

    def _write(self, part: bytes) -> None:
        if self._connection.is_closing():
            raise Gone
        self._connection.write(part)


Answerer = Callable[[Exchange], Awaitable[None]]


class HttpServer:
    """Answers each request by `answer`, one after another on a connection."""

    def __init__(self, answer: Answerer) -> None:
        self._answer = answer
        self.open_connections: set[_Connection] = set()
        self.connections_made = 0

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self, self._answer), "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for connection in list(self.open_connections):
            await connection.end()


class _Connection(asyncio.Protocol):
    def __init__(self, server: HttpServer, answer: Answerer) -> None:
        self._server = server
        self._answer = answer
        self._received = bytearray()
        self._serving: asyncio.Task[None] | None = None
        self.gone = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._server.open_connections.add(self)
        self._server.connections_made += 1

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.open_connections.discard(self)
        self.gone.set()

    def data_received(self, data: bytes) -> None:
        self._received += data
        self._serve_next()

    def is_closing(self) -> bool:
        return self.gone.is_set() or self._transport.is_closing()

    def write(self, part: bytes) -> None:
        self._transport.write(part)

    def close(self) -> None:
        self._transport.close()

    def reset(self) -> None:
        connected = self._transport.get_extra_info("socket")
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self._transport.abort()

    async def end(self) -> None:
        self._transport.abort()
        self.gone.set()
        if self._serving is not None:
            await asyncio.wait([self._serving])

    def _serve_next(self) -> None:
        if self._serving is not None and not self._serving.done():
            return
        request = _whole_request(self._received)
        if request is not None:
            self._serving = asyncio.ensure_future(self._serve(request))
            self._serving.add_done_callback(lambda _: self._serve_next())

    async def _serve(self, request: Request) -> None:
        try:
            await self._answer(Exchange(request, self))
        except Gone:
            pass
        except Exception:
            self._transport.abort()
            raise


def _whole_request(received: bytearray) -> Request | None:
    """Take the first request from `received`, when it is all there."""
    head_end = received.find(b"\r\n\r\n")
    if head_end < 0:
        return None
    first, *lines = bytes(received[:head_end]).decode("latin-1").split("\r\n")
    headers = {name.lower(): text.strip() for name, _, text in (line.partition(":") for line in lines)}
    body_end = head_end + 4 + int(headers.get("content-length", "0"))
    if len(received) < body_end:
        return None
    body = bytes(received[head_end + 4 : body_end])
    del received[:body_end]
    method, target, _ = first.split(" ")
    parts = urlsplit(target)
    return Request(method, unquote(parts.path), dict(parse_qsl(parts.query)), headers, body)


def _head(status: int, content_type: str, headers: tuple[tuple[str, str], ...]) -> bytes:
    lines = [f"HTTP/1.1 {status} status", f"content-type: {content_type}"]
    lines += [f"{name}: {text}" for name, text in headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")
