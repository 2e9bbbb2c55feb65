"""Keys and answers of issuers: kept as long as they may be, asked for once however many wait."""

import asyncio
import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import Denial, ErrorKind, GatewayError
from gateway.identity.introspection import Introspection
from gateway.identity.issuer_keys import Fetched, KeysAtUrl, KeysInFile, kept_for_s
from gateway.identity.token_checks import KeyedIssuer, TokenChecks
from gateway.identity.tokens import InvalidToken, Issuer
from tests.gateway.identity.tokens import AUDIENCE, ISSUER, NOW, OPERATION, claims, jwks, token
from tests.on_reactor import on_reactor

HOSPITAL = Issuer("hospital", ISSUER, (AUDIENCE,), operation_scopes=(OPERATION,))


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Server:
    """Answers as told, and counts."""

    def __init__(self, body: bytes = b"", cache_control: str = "", status: int = 200) -> None:
        self.body = body
        self.cache_control = cache_control
        self.status = status
        self.asked: list[tuple[str, Any, Any]] = []
        self.is_down = False

    async def __call__(
        self, url: str, *, form: Mapping[str, str] | None = None, login: tuple[str, str] | None = None
    ) -> Fetched:
        self.asked.append((url, form, login))
        await asyncio.sleep(0)
        if self.is_down:
            raise OSError("down")
        return Fetched(self.status, self.body, {"cache-control": self.cache_control})


@pytest.mark.parametrize(
    ("stated", "seconds"),
    [
        ("max-age=60", 60),
        ("public, Max-Age=60, must-revalidate", 60),
        ("max-age=999999", 3600),
        ("no-store", 0),
        ("no-cache, max-age=60", 0),
        ("", 300),
        ("x-max-age=5", 300),
    ],
)
def test_keys_are_kept_as_long_as_they_may_be(stated: str, seconds: float) -> None:
    assert kept_for_s(stated) == seconds


@on_reactor
async def test_many_who_wait_cause_one_request_and_none_while_the_keys_are_good() -> None:
    server, clock = Server(jwks("rsa"), "max-age=60"), Clock()
    source = KeysAtUrl("u", server, clock)
    found = await asyncio.gather(*(source.keys("rsa") for _ in range(50)))
    assert all(each.has("rsa") for each in found)
    assert len(server.asked) == 1
    clock.now += 59
    await source.keys("rsa")
    assert len(server.asked) == 1
    clock.now += 2
    await source.keys("rsa")
    assert len(server.asked) == 2


@on_reactor
async def test_a_new_key_is_found_at_once_and_unknown_ones_do_not_make_us_ask_again() -> None:
    server, clock = Server(jwks("rsa")), Clock()
    source = KeysAtUrl("u", server, clock)
    await source.keys("rsa")
    server.body = jwks("rsa", "ec")
    assert (await source.keys("ec")).has("ec")
    assert len(server.asked) == 2
    for _ in range(20):
        assert not (await source.keys("made-up")).has("made-up")
    assert len(server.asked) == 2
    clock.now += 11
    await source.keys("made-up")
    assert len(server.asked) == 3


@on_reactor
async def test_keys_that_may_not_be_kept_are_fetched_for_each_and_a_withdrawn_key_is_gone() -> None:
    server = Server(jwks("rsa"), "no-store")
    source = KeysAtUrl("u", server, Clock())
    assert (await source.keys("rsa")).has("rsa")
    server.body = jwks("ec")
    assert not (await source.keys("rsa")).has("rsa")


@pytest.mark.parametrize("body", [b"{}", b"<html>", b"[" * 100_000])
@on_reactor
async def test_an_issuer_that_cannot_be_asked_lets_nobody_in_and_is_left_alone_for_a_while(
    body: bytes,
) -> None:
    server, clock = Server(body), Clock()
    source = KeysAtUrl("u", server, clock)
    for _ in range(3):
        with pytest.raises(GatewayError) as caught:
            await source.keys("rsa")
        assert caught.value.kind is ErrorKind.OVERLOADED
    assert len(server.asked) == 1
    clock.now += 11
    server.body = jwks("rsa")
    assert (await source.keys("rsa")).has("rsa")


@on_reactor
async def test_while_keys_are_good_a_failure_to_find_another_harms_nobody() -> None:
    server = Server(jwks("rsa"))
    source = KeysAtUrl("u", server, Clock())
    await source.keys("rsa")
    server.is_down = True
    assert not (await source.keys("new")).has("new")
    assert (await source.keys("rsa")).has("rsa")


@on_reactor
async def test_a_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    import os

    file = tmp_path / "jwks.json"
    file.write_bytes(jwks("rsa"))
    source = KeysInFile(file)
    file.write_bytes(jwks("ec"))
    os.utime(file, ns=(1, 1))
    assert (await source.keys("ec")).has("ec")
    file.write_bytes(b"{")
    os.utime(file, ns=(2, 2))
    assert (await source.keys("ec")).has("ec")


def active(**changed: Any) -> bytes:
    return json.dumps({"active": True, **claims(**changed)}).encode()


def asking(server: Server, clock: Clock) -> Introspection:
    return Introspection(HOSPITAL, "https://as/introspect", ("gateway", "s"), server, clock)


@on_reactor
async def test_a_token_that_only_its_issuer_can_read_is_asked_for_once_a_minute() -> None:
    server, clock = Server(active(iss=None, aud=None)), Clock()
    source = asking(server, clock)
    found = await asyncio.gather(*(source.token("opaque", NOW) for _ in range(20)))
    assert {each.client for each in found} == {"portal-app"}
    assert server.asked == [("https://as/introspect", {"token": "opaque"}, ("gateway", "s"))]
    clock.now += 61
    server.body = b'{"active": false}'
    with pytest.raises(InvalidToken):
        await source.token("opaque", NOW)


@on_reactor
async def test_what_was_said_holds_no_longer_than_the_token() -> None:
    server, clock = Server(active(exp=int(NOW.timestamp()) + 20)), Clock()
    source = asking(server, clock)
    await source.token("opaque", NOW)
    clock.now += 21
    with pytest.raises(InvalidToken):
        await source.token("opaque", NOW + timedelta(seconds=51))
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    "body",
    [
        b'{"active": false}',
        b'{"active": "true"}',
        active(iss="https://other.example"),
        active(aud="https://other.example"),
        active(exp=None),
        active(cnf={"jkt": "x"}),
    ],
)
@on_reactor
async def test_a_token_that_its_issuer_does_not_vouch_for_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidToken):
        await asking(Server(body), Clock()).token("opaque", NOW)


@pytest.mark.parametrize("server", [Server(b"<html>"), Server(b"[]"), Server(b"{}", status=500)])
@on_reactor
async def test_an_issuer_that_does_not_answer_is_told_apart_from_a_bad_token(server: Server) -> None:
    with pytest.raises(GatewayError) as caught:
        await asking(server, Clock()).token("opaque", NOW)
    assert caught.value.kind is ErrorKind.OVERLOADED


@on_reactor
async def test_each_token_goes_to_the_issuer_that_can_tell() -> None:
    checks = TokenChecks([KeyedIssuer(HOSPITAL, KeysAtUrl("u", Server(jwks("rsa")), Clock()))])
    found = await checks.of_jwt(token(), NOW)
    assert found is not None
    assert found.client == "portal-app"
    assert await checks.of_jwt("demo", NOW) is None
    assert await checks.of_jwt(token(content=claims(iss="https://other.example")), NOW) is None
    assert await checks.by_asking("demo", NOW) is None
    with pytest.raises(GatewayError) as caught:
        await checks.of_jwt(token(content=claims(aud="x")), NOW)
    assert (caught.value.kind, caught.value.denial) == (ErrorKind.UNAUTHENTICATED, Denial.INVALID_TOKEN)
    assert "eyJ" not in caught.value.detail + caught.value.public
