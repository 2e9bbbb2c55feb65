"""The requests themselves, on real sockets: keys and answers of an issuer, and everything it may do wrong."""

import asyncio
import base64
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs

import pytest

from gateway.errors import GatewayError
from gateway.identity.fetching import HttpFetch
from gateway.identity.introspection import Introspection
from gateway.identity.issuer_keys import KeysAtUrl
from gateway.identity.tokens import Issuer
from tests.gateway.identity.test_issuers import active
from tests.gateway.identity.tokens import AUDIENCE, ISSUER, NOW, jwks
from tests.on_reactor import on_reactor


class Issuing:
    """An issuer's server: answers each request with `answer` and keeps what was asked."""

    def __init__(self) -> None:
        self.answer = b""
        self.asked: list[bytes] = []
        self.url = ""

    def says(self, body: bytes, *headers: str, status: str = "200 OK") -> None:
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
        self.answer = "\r\n".join(lines).encode() + body

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")), 0
        )
        self.asked.append(head + await reader.readexactly(length))
        if self.answer:
            writer.write(self.answer)
        else:
            await asyncio.sleep(0.5)
        writer.close()


@asynccontextmanager
async def issuing() -> AsyncIterator[Issuing]:
    issuer = Issuing()
    server = await asyncio.start_server(issuer.serve, "127.0.0.1", 0)
    issuer.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/keys"
    async with server:
        yield issuer


@on_reactor
async def test_keys_are_fetched_and_rotated() -> None:
    async with issuing() as issuer:
        fetch = HttpFetch()
        keys = KeysAtUrl(issuer.url, fetch, time.monotonic)
        issuer.says(jwks("rsa"), "Cache-Control: max-age=60")
        assert (await keys.keys("rsa")).has("rsa")
        issuer.says(jwks("rsa", "ec"))
        assert (await keys.keys("ec")).has("ec")
        assert len(issuer.asked) == 2
        assert issuer.asked[0].startswith(b"GET /keys HTTP/1.1\r\n")
        await fetch.close()


@on_reactor
async def test_a_token_is_asked_for_with_our_own_login_and_stands_in_no_address() -> None:
    async with issuing() as issuer:
        fetch = HttpFetch()
        hospital = Issuer("hospital", ISSUER, (AUDIENCE,))
        asking = Introspection(hospital, issuer.url, ("gateway", "s3"), fetch, time.monotonic)
        issuer.says(active())
        assert (await asking.token("opaque", NOW)).client == "portal-app"
        head, _, body = issuer.asked[0].partition(b"\r\n\r\n")
        assert head.startswith(b"POST /keys HTTP/1.1\r\n")
        assert base64.b64encode(b"gateway:s3") in head
        assert parse_qs(body.decode()) == {"token": ["opaque"]}
        await fetch.close()


@pytest.mark.parametrize("wrong", ["redirect", "silent", "endless", "not there"])
@on_reactor
async def test_an_issuer_that_misbehaves_lets_nobody_in(wrong: str) -> None:
    async with issuing() as issuer:
        fetch = HttpFetch(timeout_s=0.1 if wrong == "silent" else 5)
        if wrong == "redirect":
            issuer.says(jwks("rsa"), f"Location: {issuer.url}", status="302 Found")
        elif wrong == "endless":
            issuer.says(b" " * 600_000)
        url = "http://127.0.0.1:9/" if wrong == "not there" else issuer.url
        with pytest.raises(GatewayError):
            await KeysAtUrl(url, fetch, time.monotonic).keys("rsa")
        assert len(issuer.asked) <= 1
        await fetch.close()
