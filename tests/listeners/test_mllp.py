"""The MLLP listener on real sockets."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import count

import pytest
from twisted.internet import reactor

from gateway.errors import GatewayError
from gateway.messages import InboundMessage, Reply
from listeners.mllp import MllpFactory, MllpLimits
from listeners.mllp_framing import framed
from listeners.reception import Reception
from tests.on_reactor import on_reactor


def message(control_id: str, padding: int = 0) -> bytes:
    return b"MSH|^~\\&|A|B|C|D|20260314||ADT^A01|%s|P|2.5\r%s" % (control_id.encode(), b"Z" * padding)


def control_id(payload: bytes) -> str:
    return payload.split(b"|")[9].decode()


class EchoHandler:
    """Answers `ACK <control id>`; a control id starting with SLOW waits until it is let go."""

    def __init__(self) -> None:
        self.let_go = asyncio.Event()
        self.taken: list[str] = []

    async def handle(self, inbound: InboundMessage) -> Reply:
        name = control_id(inbound.body)
        self.taken.append(name)
        if name.startswith("SLOW"):
            await self.let_go.wait()
        if name.startswith("MUTE"):
            return Reply(b"")
        if name.startswith("CLOSE"):
            return Reply(b"", close=True)
        return Reply(b"ACK " + name.encode())

    def refuse(self, inbound: InboundMessage, error: GatewayError) -> Reply:
        return Reply(f"{error.kind} {control_id(inbound.body)}".encode())


@contextlib.asynccontextmanager
async def listening(handler: EchoHandler, limits: MllpLimits) -> AsyncIterator[int]:
    ids = count()
    reception = Reception(
        "feed", handler.handle, handler.refuse, lambda: str(next(ids)), lambda: datetime.now(UTC)
    )
    factory = MllpFactory(reception, reactor, limits)
    port = reactor.listenTCP(0, factory, interface="127.0.0.1")
    try:
        yield port.getHost().port
    finally:
        await port.stopListening().asFuture(asyncio.get_running_loop())
        for connection in tuple(factory.connections):
            connection.transport.abortConnection()


async def answers(reader: asyncio.StreamReader, number: int) -> list[bytes]:
    return [(await asyncio.wait_for(reader.readuntil(b"\x1c\r"), 5))[1:-2] for _ in range(number)]


@on_reactor
async def test_answers_leave_in_order_of_arrival() -> None:
    handler = EchoHandler()
    async with listening(handler, MllpLimits()) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(framed(message("SLOW1")) + framed(message("FAST2")) + framed(message("FAST3")))
        await asyncio.sleep(0.05)
        assert handler.taken == ["SLOW1"]
        handler.let_go.set()
        assert await answers(reader, 3) == [b"ACK SLOW1", b"ACK FAST2", b"ACK FAST3"]
        writer.close()


@on_reactor
async def test_a_slow_message_holds_up_only_its_own_connection() -> None:
    handler = EchoHandler()
    async with listening(handler, MllpLimits()) as port:
        _, slow = await asyncio.open_connection("127.0.0.1", port)
        slow.write(framed(message("SLOW1")))
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(framed(message("2")))
        assert await answers(reader, 1) == [b"ACK 2"]
        slow.close()
        writer.close()


@on_reactor
async def test_a_frame_over_the_cap_is_refused_and_the_connection_stays() -> None:
    async with listening(EchoHandler(), MllpLimits(max_payload_bytes=10_000)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(framed(message("BIG1", padding=200_000)) + framed(message("2")))
        assert await answers(reader, 2) == [b"too-large BIG1", b"ACK 2"]
        writer.close()


@on_reactor
async def test_reading_pauses_while_work_is_behind() -> None:
    handler = EchoHandler()
    async with listening(handler, MllpLimits(max_waiting_bytes=50_000)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        sent = b"".join(framed(message(f"SLOW{n}", padding=20_000)) for n in range(400))
        writer.write(sent)
        await asyncio.sleep(0.3)
        assert writer.transport.get_write_buffer_size() > 0  # the sender feels it
        handler.let_go.set()
        got = await answers(reader, 400)
        assert got == [f"ACK SLOW{n}".encode() for n in range(400)]
        writer.close()


@on_reactor
async def test_no_answer_is_written_where_none_is_due() -> None:
    async with listening(EchoHandler(), MllpLimits()) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(framed(message("MUTE1")) + framed(message("2")))
        assert await answers(reader, 1) == [b"ACK 2"]
        writer.write(framed(message("CLOSE3")))
        assert await asyncio.wait_for(reader.read(), 5) == b""


@on_reactor
async def test_a_connection_over_the_cap_is_closed() -> None:
    async with listening(EchoHandler(), MllpLimits(max_connections=2)) as port:
        kept = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        reader, _ = await asyncio.open_connection("127.0.0.1", port)
        assert await asyncio.wait_for(reader.read(), 5) == b""
        kept[0][1].write(framed(message("1")))
        assert await answers(kept[0][0], 1) == [b"ACK 1"]
        for _, writer in kept:
            writer.close()


@pytest.mark.parametrize(
    ("sent", "limits"),
    [
        (b"", MllpLimits(idle_timeout_s=0.5)),
        (b"\x0bMSH|half", MllpLimits(stalled_frame_timeout_s=0.5)),
    ],
    ids=["idle", "stalled-in-frame"],
)
@on_reactor
async def test_a_connection_that_waits_too_long_is_cut(sent: bytes, limits: MllpLimits) -> None:
    async with listening(EchoHandler(), limits) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        with contextlib.suppress(ConnectionResetError):
            assert await asyncio.wait_for(reader.read(), 5) == b""


@on_reactor
async def test_an_idle_connection_is_not_a_stalled_one() -> None:
    async with listening(EchoHandler(), MllpLimits(stalled_frame_timeout_s=0.5)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.sleep(2.2)
        writer.write(framed(message("1")))
        assert await answers(reader, 1) == [b"ACK 1"]
        writer.close()


@on_reactor
async def test_an_end_without_carriage_return_is_answered_after_a_silence() -> None:
    async with listening(EchoHandler(), MllpLimits(end_by_silence_s=0.1)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(framed(message("1"))[:-1])
        assert await answers(reader, 1) == [b"ACK 1"]
        writer.close()


@on_reactor
async def test_a_peer_that_does_not_read_its_answers_is_cut() -> None:
    class Verbose(EchoHandler):
        async def handle(self, inbound: InboundMessage) -> Reply:
            self.taken.append("")
            return Reply(b"A" * 500_000)

    handler = Verbose()
    async with listening(handler, MllpLimits(unread_answers_timeout_s=0.5)) as port:
        client = socket.create_connection(("127.0.0.1", port))
        client.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(client, framed(message("1")) * 200)
        await asyncio.sleep(3)
        assert len(handler.taken) < 100  # work stopped when answers were not taken
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            for _ in range(100):
                await loop.sock_sendall(client, framed(message("2", padding=100_000)))
        client.close()
