"""What every HTTP listener shares: whole bodies under a cap, replies in one piece, callers who hang up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

from twisted.internet import reactor
from twisted.web.resource import Resource

from gateway.errors import GatewayError
from gateway.messages import InboundMessage, Protocol, Reply
from listeners.http_exchange import CappedRequest, CappedSite, ProtocolResource
from listeners.reception import Reception
from tests.on_reactor import on_reactor


class Handler:
    def __init__(self) -> None:
        self.taken: list[InboundMessage] = []
        self.cancelled = asyncio.Event()
        self.is_slow = False

    async def handle(self, message: InboundMessage) -> Reply:
        self.taken.append(message)
        try:
            if self.is_slow:
                await asyncio.sleep(60)
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        headers = (("Cache-Control", "no-store"),)
        return Reply(message.body.upper(), status=201, content_type="text/plain", headers=headers)

    def refuse(self, _: InboundMessage, error: GatewayError) -> Reply:
        return Reply(error.kind.encode(), status=413, content_type="text/plain")


class Passing(ProtocolResource):
    def respond(self, request: CappedRequest, message: InboundMessage) -> None:
        self.pass_on(request, message)


@asynccontextmanager
async def serving(handler: Handler, **limits: float) -> AsyncIterator[int]:
    reception = Reception("web", handler.handle, handler.refuse, lambda: "1", lambda: datetime.now(UTC))
    root = Resource()
    root.putChild(b"fhir", Passing(reception, Protocol.FHIR, "/fhir"))
    port = reactor.listenTCP(
        0, CappedSite(root, reactor, **{"max_body_bytes": 1000, **limits}), interface="127.0.0.1"
    )
    try:
        yield port.getHost().port
    finally:
        await port.stopListening().asFuture(asyncio.get_running_loop())


async def exchanged(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    return answer


def posting(body: bytes, *headers: bytes, path: bytes = b"/fhir/R4/$summarize?a=b%20c") -> bytes:
    lines = [b"POST " + path + b" HTTP/1.1", b"Host: evil.example", b"Connection: close", *headers]
    if not any(header.startswith(b"Transfer-Encoding") for header in headers):
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


@on_reactor
async def test_a_request_is_taken_whole_and_answered() -> None:
    handler = Handler()
    async with serving(handler) as port:
        answer = await exchanged(port, posting(b"hello", b"X-One: 1", b"X-One: 2"))
    assert answer.startswith(b"HTTP/1.1 201 ")
    assert answer.endswith(b"\r\n\r\nHELLO")
    assert b"cache-control: no-store" in answer.lower()
    assert b"twisted" not in answer.lower()
    [message] = handler.taken
    assert (message.method, message.base, message.target) == ("POST", "/fhir", "R4/$summarize")
    assert message.query == (("a", "b c"),)
    assert message.headers["x-one"] == "1, 2"
    assert message.peer == "127.0.0.1"


@on_reactor
async def test_a_chunked_body_is_taken_whole() -> None:
    handler = Handler()
    async with serving(handler) as port:
        chunked = posting(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", b"Transfer-Encoding: chunked")
        assert (await exchanged(port, chunked)).endswith(b"ABCDE")


@on_reactor
async def test_a_body_over_the_cap_is_refused_and_not_held() -> None:
    handler = Handler()
    async with serving(handler) as port:
        answer = await exchanged(port, posting(b"x" * 3000))
    assert b" 413 " in answer
    assert handler.taken == []


@on_reactor
async def test_a_flood_is_cut() -> None:
    async with serving(Handler()) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(posting(b"", b"Transfer-Encoding: chunked"))
        with suppress(ConnectionError):
            for _ in range(1000):
                writer.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")
                await writer.drain()
            assert await reader.read() == b""


@on_reactor
async def test_a_body_that_never_ends_is_cut() -> None:
    async with serving(Handler(), body_timeout_s=0.2) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(posting(b"")[:-4].replace(b"Content-Length: 0", b"Content-Length: 9") + b"\r\n\r\nx")
        with suppress(ConnectionError):
            assert await asyncio.wait_for(reader.read(), 5) == b""


@on_reactor
async def test_a_form_is_a_body_like_any_other() -> None:
    handler = Handler()
    async with serving(handler) as port:
        await exchanged(port, posting(b"a=1", b"Content-Type: multipart/form-data; boundary=x"))
    assert handler.taken[0].body == b"a=1"


@on_reactor
async def test_work_stops_when_the_caller_hangs_up() -> None:
    handler = Handler()
    handler.is_slow = True
    async with serving(handler) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(posting(b"hello"))
        await asyncio.sleep(0.1)
        writer.transport.abort()
        await asyncio.wait_for(handler.cancelled.wait(), 5)


@on_reactor
async def test_a_connection_serves_many_requests() -> None:
    async with serving(Handler()) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for word in (b"one", b"two"):
            writer.write(posting(word).replace(b"Connection: close\r\n", b""))
            await asyncio.wait_for(reader.readuntil(word.upper()), 5)
        writer.close()
