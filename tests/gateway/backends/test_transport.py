"""Connections to models: TLS, the proxy that may stand before them, and whose answer is whose."""

import asyncio
import gzip
import ssl
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from random import Random

import pytest
import zstandard
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.backends.failure import BackendFailure, Cause
from gateway.backends.http import Deadlines, Sender
from gateway.backends.transport import PooledTransport
from gateway.backends.wire import Call
from tests.on_reactor import on_reactor


def self_signed(folder: Path) -> tuple[Path, Path]:
    """(certificate, key) of 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ward")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return folder / "cert.pem", folder / "key.pem"


@asynccontextmanager
async def serving(certificate: Path, key: Path) -> AsyncIterator[tuple[Call, list[bytes]]]:
    heard: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi")

    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    yield Call(f"https://127.0.0.1:{port}/v1", {"authorization": "Bearer s3cr3t"}, b""), heard
    server.close()


@on_reactor
async def test_a_certificate_of_no_known_authority_is_told_nothing(tmp_path: Path) -> None:
    sender = Sender("ward", Deadlines())
    async with serving(*self_signed(tmp_path)) as (call, heard):
        with pytest.raises(BackendFailure) as raised:
            async with sender.send(call, 5):
                pass
    assert raised.value.cause is Cause.NO_CONNECTION
    assert "Certificate" in raised.value.detail
    assert not heard
    await sender.close()


@on_reactor
async def test_a_certificate_of_a_known_authority_is_spoken_to(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path)
    trusting = ssl.create_default_context(cafile=str(certificate))
    sender = Sender("ward", Deadlines(), PooledTransport(trusting))
    async with serving(certificate, key) as (call, heard), sender.send(call, 5) as received:
        assert [piece async for piece in received.chunks] == [b"hi"]
    assert heard
    await sender.close()


@asynccontextmanager
async def proxying(refuses: bool = False) -> AsyncIterator[tuple[str, list[bytes]]]:
    heads: list[bytes] = []

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(65536):
            writer.write(piece)
        writer.close()

    async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        if refuses:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n")
            return
        host, _, port = heads[0].split()[1].decode().rpartition(":")
        there = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        await asyncio.gather(pump(reader, there[1]), pump(there[0], writer))

    server = await asyncio.start_server(tunnel, "127.0.0.1", 0)
    yield f"http://gw:pw@127.0.0.1:{server.sockets[0].getsockname()[1]}", heads
    server.close()


@on_reactor
async def test_a_proxy_sees_neither_key_nor_content(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path)
    trusting = ssl.create_default_context(cafile=str(certificate))
    async with serving(certificate, key) as (call, _), proxying() as (proxy, heads):
        sender = Sender("ward", Deadlines(), PooledTransport(trusting, proxy))
        async with sender.send(call, 5) as received:
            assert [piece async for piece in received.chunks] == [b"hi"]
        await sender.close()
    assert heads[0].startswith(b"CONNECT 127.0.0.1:")
    assert b"proxy-authorization: basic z3c6chc=" in heads[0].lower()
    assert b"s3cr3t" not in heads[0]


@on_reactor
async def test_what_the_proxy_refuses_was_not_asked(tmp_path: Path) -> None:
    async with serving(*self_signed(tmp_path)) as (call, heard), proxying(refuses=True) as (proxy, _):
        sender = Sender("ward", Deadlines(), PooledTransport(proxy=proxy))
        with pytest.raises(BackendFailure) as raised:
            async with sender.send(call, 5):
                pass
        await sender.close()
    assert raised.value.cause is Cause.NO_CONNECTION
    assert not heard


@asynccontextmanager
async def relaying(answer: bytes) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that says the same to everybody: (its address, the heads that it read)."""
    heads: list[bytes] = []

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)

    server = await asyncio.start_server(say, "127.0.0.1", 0)
    yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}", heads
    server.close()


OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi"


async def asked(sender: Sender, call: Call) -> list[bytes]:
    async with sender.send(call, 5) as received:
        pieces = [piece async for piece in received.chunks]
    await sender.close()
    return pieces


@on_reactor
async def test_without_tls_a_proxy_is_told_the_whole_address() -> None:
    async with relaying(OK) as (proxy, heads):
        sender = Sender("ward", Deadlines(), PooledTransport(proxy=f"http://gw:pw@{proxy}"))
        call = Call("http://ollama.ward.example:11434/api/chat?x=%41", {}, b"{}")
        assert await asked(sender, call) == [b"hi"]
    assert heads[0].startswith(b"POST http://ollama.ward.example:11434/api/chat?x=%41 HTTP/1.1\r\n")
    assert b"\r\nhost: ollama.ward.example:11434\r\n" in heads[0].lower()
    assert b"\r\nproxy-authorization: basic z3c6chc=\r\n" in heads[0].lower()


@on_reactor
async def test_name_and_password_of_an_address_are_sent_as_credentials() -> None:
    async with relaying(OK) as (address, heads):
        await asked(Sender("ward", Deadlines()), Call(f"http://gw:pw@{address}/v1", {}, b"{}"))
    assert heads[0].startswith(b"POST /v1 HTTP/1.1\r\n")
    assert b"\r\nauthorization: basic z3c6chc=\r\n" in heads[0].lower()


@on_reactor
async def test_provisional_answers_are_passed_over() -> None:
    async with relaying(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + OK) as (
        address,
        _,
    ):
        assert await asked(Sender("ward", Deadlines()), Call(f"http://{address}/v1", {}, b"{}")) == [b"hi"]


@pytest.mark.parametrize("value", ["a\r\nx-other: b", "a\nb", "a\rb", "a\0b"])
@on_reactor
async def test_no_header_can_hold_another(value: str) -> None:
    async with relaying(OK) as (address, heads):
        sender = Sender("ward", Deadlines())
        with pytest.raises(BackendFailure) as raised:
            await asked(sender, Call(f"http://{address}/v1", {"x-key": value}, b"{}"))
        assert await asked(sender, Call(f"http://{address}/v1", {"x-key": "a"}, b"{}")) == [b"hi"]
    assert raised.value.cause is Cause.BAD_REQUEST
    assert not raised.value.may_have_been_paid
    assert len(heads) == 1


@on_reactor
async def test_each_call_has_the_headers_and_the_body_it_was_given() -> None:
    """What calls of one address have in common is kept between them."""
    sender = Sender("ward", Deadlines())
    async with relaying(OK) as (address, heads):
        for key, body in (("a", b"{}"), ("a", b'{"longer": 1}'), ("b", b"")):
            async with sender.send(Call(f"http://{address}/v1", {"x-key": key}, body), 5) as received:
                assert [piece async for piece in received.chunks] == [b"hi"]
    await sender.close()
    sent = [head.lower().split(b"\r\n") for head in heads]
    assert [b"x-key: a" in head for head in sent] == [True, True, False]
    assert [
        b"content-length: %d" % length in head for head, length in zip(sent, (2, 13, 0), strict=True)
    ] == [True] * 3


@asynccontextmanager
async def answering(
    say: Callable[[asyncio.StreamWriter, bytes], Awaitable[None]],
) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that keeps its connections: (its URL, the bodies that it read)."""
    bodies: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
                bodies.append(await reader.readexactly(length))
                await say(writer, bodies[-1])

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", bodies
    server.close()


def answer_of(body: bytes, headers: bytes = b"") -> bytes:
    return b"HTTP/1.1 200 OK\r\n%bcontent-length: %d\r\n\r\n%b" % (headers, len(body), body)


async def told(sender: Sender, call: Call) -> bytes:
    async with sender.send(call, 5) as received:
        return b"".join([piece async for piece in received.chunks])


@pytest.mark.parametrize(
    "unasked",
    [
        answer_of(b"again for A"),
        answer_of(b"again for A")[:25],
        b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n",
    ],
    ids=["a second answer", "half of one", "a complaint"],
)
@on_reactor
async def test_what_a_server_says_unasked_answers_nobody(unasked: bytes) -> None:
    async def say(writer: asyncio.StreamWriter, body: bytes) -> None:
        writer.write(answer_of(b"for " + body))
        await asyncio.sleep(0.02)
        writer.write(unasked)

    sender = Sender("ward", Deadlines())
    async with answering(say) as (url, bodies):
        assert await told(sender, Call(url, {}, b"A")) == b"for A"
        await asyncio.sleep(0.1)
        assert await told(sender, Call(url, {}, b"B")) == b"for B"
    await sender.close()
    assert bodies == [b"A", b"B"]


@on_reactor
async def test_calls_that_are_left_at_any_moment_leave_nothing_to_others() -> None:
    chance = Random(7)

    async def say(writer: asyncio.StreamWriter, body: bytes) -> None:
        answer = answer_of(body * 400)
        for start in range(0, len(answer), 701):
            writer.write(answer[start : start + 701])
            await asyncio.sleep(chance.random() * 0.002)

    async def call(url: str, number: int) -> bool:
        body = b"patient %04d;" % number
        asked = asyncio.ensure_future(told(sender, Call(url, {}, body)))
        if chance.random() < 0.5:
            asyncio.get_running_loop().call_later(chance.random() * 0.03, asked.cancel)
        try:
            answer = await asked
        except asyncio.CancelledError:
            return False
        assert answer == body * 400
        return True

    sender = Sender("ward", Deadlines())
    async with answering(say) as (url, _):
        whole = []
        for at in range(0, 160, 20):
            whole += await asyncio.gather(*[call(url, at + number) for number in range(20)])
            await asyncio.sleep(0.06)
    await sender.close()
    assert 20 < sum(whole) < 160


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
@on_reactor
async def test_a_few_bytes_do_not_fill_the_memory(encoding: str) -> None:
    packed = {"gzip": gzip.compress, "zstd": zstandard.compress}[encoding](bytes(100 * 1024 * 1024))

    async def say(writer: asyncio.StreamWriter, body: bytes) -> None:
        writer.write(answer_of(packed, b"content-encoding: %b\r\n" % encoding.encode()))

    sender = Sender("ward", Deadlines())
    async with answering(say) as (url, _):
        tracemalloc.start()
        with pytest.raises(BackendFailure) as raised:
            await told(sender, Call(url, {}, b"A"))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    await sender.close()
    assert raised.value.cause is Cause.GARBLED
    assert most < 48 * 1024 * 1024


@on_reactor
async def test_an_answer_that_is_encoded_twice_is_not_decoded() -> None:
    async def say(writer: asyncio.StreamWriter, body: bytes) -> None:
        writer.write(answer_of(gzip.compress(gzip.compress(b"{}")), b"content-encoding: gzip, gzip\r\n"))

    sender = Sender("ward", Deadlines())
    async with answering(say) as (url, _):
        with pytest.raises(BackendFailure) as raised:
            await told(sender, Call(url, {}, b"A"))
    await sender.close()
    assert raised.value.cause is Cause.GARBLED


@on_reactor
async def test_no_key_follows_a_redirect_or_a_proxy_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    async with relaying(OK) as (elsewhere, heads):
        moved = f"HTTP/1.1 307 Moved\r\nlocation: http://{elsewhere}/\r\ncontent-length: 0\r\n\r\n".encode()
        async with relaying(moved) as (address, asked_there):
            sender = Sender("ward", Deadlines())
            async with sender.send(Call(f"http://{address}/v1", {"x-key": "k"}, b"{}"), 5) as received:
                assert received.status == 307
            await sender.close()
    assert len(asked_there) == 1
    assert not heads
