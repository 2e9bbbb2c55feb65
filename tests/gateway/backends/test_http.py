"""The sender over real connections: what comes, which deadline ends it, what is left behind."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from gateway.backends.failure import BackendFailure, Cause
from gateway.backends.http import Deadlines, Sender
from gateway.backends.wire import Call
from tests.on_reactor import on_reactor

HEAD = b"HTTP/1.1 200 OK\r\nX-Served: yes\r\ntransfer-encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"
LONG = Deadlines(connect_s=5, first_byte_s=5, idle_s=5, total_s=5)

Play = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


class Server:
    """Plays a part with each request, and counts connections."""

    def __init__(self, play: Play) -> None:
        self._play = play
        self.url = ""
        self.opened = 0
        self.closed = asyncio.Event()
        self.requests: list[bytes] = []

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        try:
            while True:
                self.requests.append(await self._request(reader))
                await self._play(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.closed.set()
        finally:
            writer.close()

    async def _request(self, reader: asyncio.StreamReader) -> bytes:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        return head + await reader.readexactly(length)


@asynccontextmanager
async def playing(play: Play, deadlines: Deadlines = LONG) -> AsyncIterator[tuple[Server, Sender, Call]]:
    server = Server(play)
    listening = await asyncio.start_server(server.connected, "127.0.0.1", 0)
    host, port = listening.sockets[0].getsockname()
    sender = Sender("ward", deadlines)
    yield server, sender, Call(f"http://{host}:{port}/v1/x?y=%41", {"x-key": "k"}, b'{"a":1}')
    await sender.close()
    listening.close()


async def body_of(sender: Sender, call: Call, timeout_s: float = 5) -> bytes:
    async with sender.send(call, timeout_s) as received:
        return b"".join([piece async for piece in received.chunks])


async def failure_of(play: Play, deadlines: Deadlines = LONG, timeout_s: float = 5) -> BackendFailure:
    async with playing(play, deadlines) as (_, sender, call):
        with pytest.raises(BackendFailure) as raised:
            await body_of(sender, call, timeout_s)
    return raised.value


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    raise ConnectionError


async def head_only(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD)
    await silent(reader, writer)


async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + chunk(b"ha"))
    await silent(reader, writer)


async def dripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD)
    while True:
        writer.write(chunk(b"."))
        await writer.drain()
        await asyncio.sleep(0.01)


async def beating(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD)
    while True:
        writer.write(chunk(b": ping\r\n\r\n"))
        await writer.drain()
        await asyncio.sleep(0.01)


async def beating_after_half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + chunk(b"data: ha\n\n"))
    await asyncio.sleep(0.01)
    while True:
        writer.write(chunk(b": ping\r\n\r\n"))
        await writer.drain()
        await asyncio.sleep(0.01)


async def whole(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + chunk(b"one ") + chunk(b"two") + END)


async def gone(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()
    raise ConnectionError


async def closed_politely(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    raise ConnectionError


async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + chunk(b"ha"))
    raise ConnectionError


async def reset_midway(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + chunk(b"ha"))
    await writer.drain()
    await asyncio.sleep(0.01)
    writer.transport.abort()
    raise ConnectionError


async def no_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-OpenSSH\r\n\r\n")


async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD)
    piece = chunk(b"x" * 65536)
    while True:
        writer.write(piece)
        await writer.drain()


@on_reactor
async def test_a_call_goes_out_as_it_is_and_its_answer_comes_in() -> None:
    async with playing(whole) as (server, sender, call), sender.send(call, 5) as received:
        assert received.status == 200
        assert received.headers["x-served"] == "yes"
        assert b"".join([piece async for piece in received.chunks]) == b"one two"
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1/x?y=%41 HTTP/1.1\r\n")
    assert b"x-key: k" in head.lower()
    assert head.lower().count(b"accept-encoding: identity") == 1
    assert head.lower().count(b"content-type: application/json") == 1
    assert body == b'{"a":1}'


@on_reactor
async def test_pieces_come_as_they_are_sent() -> None:
    async with playing(half) as (_, sender, call), sender.send(call, 5) as received:
        assert await anext(received.chunks) == b"ha"


@on_reactor
async def test_connections_are_kept_for_later_calls() -> None:
    async with playing(whole) as (server, sender, call):
        for _ in range(3):
            assert await body_of(sender, call) == b"one two"
            await asyncio.sleep(0.06)
        assert server.opened == 1


@on_reactor
async def test_a_server_that_closes_after_each_answer_cuts_no_call_that_follows_at_once() -> None:
    async def closing_soon(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await whole(reader, writer)
        await writer.drain()
        await asyncio.sleep(0.01)
        raise ConnectionError

    async with playing(closing_soon) as (server, sender, call):
        for _ in range(3):
            assert await body_of(sender, call) == b"one two"
        await asyncio.sleep(0.06)
        assert await body_of(sender, call) == b"one two"
        assert server.opened == 4


@on_reactor
async def test_cookies_are_neither_kept_nor_sent() -> None:
    async def baking(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nset-cookie: a=b\r\ncontent-length: 0\r\n\r\n")

    async with playing(baking) as (server, sender, call):
        call = replace(call, url=call.url.replace("127.0.0.1", "localhost"))  # of an address none are kept
        await body_of(sender, call)
        await body_of(sender, call)
        assert b"cookie" not in server.requests[1].lower()


@pytest.mark.parametrize(
    ("play", "deadlines", "timeout_s", "cause", "named"),
    [
        (silent, replace(LONG, first_byte_s=0.03), 5, Cause.NO_ANSWER, "first_byte_s"),
        (head_only, replace(LONG, first_byte_s=0.03), 5, Cause.NO_ANSWER, "first_byte_s"),
        (beating, replace(LONG, first_byte_s=0.05), 5, Cause.NO_ANSWER, "first_byte_s"),
        (half, replace(LONG, idle_s=0.03), 5, Cause.STALLED, "idle_s"),
        (beating_after_half, replace(LONG, idle_s=0.05), 5, Cause.STALLED, "idle_s"),
        (dripping, replace(LONG, total_s=0.08), 5, Cause.OUT_OF_TIME, "total_s"),
        (silent, LONG, 0.03, Cause.OUT_OF_TIME, "total_s"),
        (half, LONG, 0.05, Cause.OUT_OF_TIME, "total_s"),
    ],
)
@on_reactor
async def test_each_wait_has_a_deadline_of_its_own(
    play: Play, deadlines: Deadlines, timeout_s: float, cause: Cause, named: str
) -> None:
    failure = await failure_of(play, deadlines, timeout_s)
    assert failure.cause is cause
    assert named in failure.detail


@pytest.mark.parametrize(
    ("play", "cause"),
    [
        (gone, Cause.CUT),
        (closed_politely, Cause.CUT),
        (cut, Cause.CUT),
        (reset_midway, Cause.CUT),
        (no_http, Cause.GARBLED),
        (endless, Cause.GARBLED),
    ],
)
@on_reactor
async def test_what_the_connection_does_has_its_cause(play: Play, cause: Cause) -> None:
    failure = await failure_of(play)
    assert failure.cause is cause
    assert failure.may_have_been_paid


@on_reactor
async def test_a_server_that_is_not_there_was_not_asked() -> None:
    sender = Sender("ward", LONG)
    for url in ("http://127.0.0.1:9/v1", "http://no-such-host.invalid/v1"):
        with pytest.raises(BackendFailure) as raised:
            await body_of(sender, Call(url, {}, b""))
        assert raised.value.cause is Cause.NO_CONNECTION
        assert not raised.value.may_have_been_paid
    await sender.close()


@on_reactor
async def test_a_connection_that_takes_too_long_was_not_asked() -> None:
    async with playing(silent, replace(LONG, connect_s=0.05)) as (_, sender, call):
        # Speaks no TLS, so that the handshake never ends.
        call = replace(call, url=call.url.replace("http:", "https:"))
        with pytest.raises(BackendFailure) as raised:
            await body_of(sender, call)
    assert raised.value.cause is Cause.NO_CONNECTION
    assert "connect_s" in raised.value.detail


@pytest.mark.parametrize("play", [silent, head_only, half, dripping])
@on_reactor
async def test_when_the_caller_goes_the_connection_is_closed_at_once(play: Play) -> None:
    async with playing(play) as (server, sender, call):
        asking = asyncio.ensure_future(body_of(sender, call))
        while not server.requests:
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.01)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await asyncio.wait_for(server.closed.wait(), 1)


@on_reactor
async def test_leaving_early_closes_the_connection() -> None:
    async with playing(dripping) as (server, sender, call):
        async with sender.send(call, 5) as received:
            await anext(received.chunks)
        await asyncio.wait_for(server.closed.wait(), 1)


@on_reactor
async def test_a_failure_after_the_deadline_of_others_is_passed_on() -> None:
    async with playing(half) as (_, sender, call):
        with pytest.raises(TimeoutError):
            async with sender.send(call, 5):
                raise TimeoutError


@on_reactor
async def test_many_calls_may_wait_at_once() -> None:
    waiting = 0
    all_here = asyncio.Event()

    async def together(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal waiting
        waiting += 1
        if waiting == 200:
            all_here.set()
        await all_here.wait()
        await whole(reader, writer)

    async with playing(together) as (server, sender, call):
        answers = await asyncio.gather(*(body_of(sender, call) for _ in range(200)))
        assert answers == [b"one two"] * 200
        assert server.opened == 200
