"""Nobody can tell from outside whether a caller is unknown or its secret wrong: neither by the reply's bytes
nor by the time it takes.

For each mechanism two kinds of wrong callers are asked in turns, hundreds of each, in an order by chance. The
difference of their medians, and of the quickest quarters, has to lie within what chance alone makes of one
kind split in two.
"""

import base64
import random
import re
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from tests.figures import report
from tests.journeys.test_denied import (  # noqa: F401 - `running` is a fixture
    BUNDLE,
    Running,
    a_token,
    credentials,
    now,
    running,
    username_token,
)

EACH = 200
SPLITS = 1000
AT_ONCE = 3
MORE_RUNS = 2
"""A difference by chance does not come back; one that is there does."""

Make = Callable[[], bytes]


def http(path: str, body: bytes, media: str, **headers: str) -> bytes:
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: gateway",
        f"Content-Type: {media}",
        f"Content-Length: {len(body)}",
    ]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def fhir(**headers: str) -> bytes:
    return http("/fhir/R4/$summarize", BUNDLE, "application/fhir+json", **headers)


def soap(envelope: str, service: str) -> bytes:
    return http(f"/soap/{service}", envelope.encode(), "text/xml")


def bearer(text: str) -> bytes:
    return fhir(Authorization=f"Bearer {text}")


def forged() -> bytes:
    return bearer(a_token("other", headers={"kid": "rsa"}))


@dataclass(frozen=True)
class Pair:
    unknown: Make
    wrong: Make


PAIRS = {
    # a key of nobody; keys of the portal that count no longer
    "API key, expired": Pair(lambda: bearer("xyz"), lambda: bearer("old")),
    "API key, X-API-Key": Pair(lambda: fhir(X_API_Key="xyz"), lambda: fhir(X_API_Key="old")),
    "HTTP Basic": Pair(lambda: basic("nobody", "wrongpw"), lambda: basic("clinic", "wrongpw")),
    "Bearer token, client": Pair(lambda: bearer(a_token(client_id="nobodysapp")), forged),
    "Bearer token, issuer": Pair(lambda: bearer(a_token(iss="https://auth.elsewhere.example")), forged),
    "Bearer token, key": Pair(lambda: bearer(a_token("other")), forged),
    "Bearer token, elliptic": Pair(
        lambda: bearer(a_token("ec2", headers={"kid": "nobodys"})),
        lambda: bearer(a_token("ec2", headers={"kid": "ec"})),
    ),
    "WS-Security digest": Pair(
        lambda: soap(username_token(username="somebody", password="wrong"), "summarize"),
        lambda: soap(username_token(username="registry", password="wrong"), "summarize"),
    ),
    "WS-Security text": Pair(
        lambda: soap(username_token(username="somebody", password="wrong", as_text=True), "summarize"),
        lambda: soap(username_token(username="registry", password="wrong", as_text=True), "summarize"),
    ),
    "IIS credentials": Pair(
        lambda: soap(credentials("nobody", "wrong"), "iis"),
        lambda: soap(credentials("clinic", "wrong"), "iis"),
    ),
}


def basic(username: str, password: str) -> bytes:
    return fhir(Authorization="Basic " + base64.b64encode(f"{username}:{password}".encode()).decode())


class Wire:
    """One connection, over which every request goes."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes) -> tuple[bytes, float]:
        """The reply as it came, and the microseconds until its last byte."""
        began = time.perf_counter_ns()
        self._socket.sendall(request)
        reply = self._socket.recv(65536)
        while not _is_whole(reply):
            reply += self._socket.recv(65536)
        return reply, (time.perf_counter_ns() - began) / 1000

    def close(self) -> None:
        self._socket.close()


def _is_whole(reply: bytes) -> bool:
    head, end, body = reply.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    return bool(end and length) and len(body) >= int(length[1]) if length else False


VARYING = re.compile(
    rb"\b[0-9A-HJKMNP-TV-Z]{18}\b"  # ids of messages
    rb"|\d{4}-\d\d-\d\dT[0-9:.]+(?:Z|[+-]\d\d:\d\d)|\b\d{14}(?:\.\d+)?[+-]\d{4}\b"  # times
    rb"|\b\w{3}, \d\d \w{3} \d{4} [0-9:]{8} GMT"
    rb"|urn:uuid:[0-9a-f-]{36}"
)


def without_ids_and_dates(reply: bytes) -> bytes:
    return VARYING.sub(b"*", reply)


@pytest.mark.parametrize("name", PAIRS)
def test_a_wrong_secret_gets_the_reply_of_an_unknown_caller_byte_by_byte(
    running: Running,  # noqa: F811
    name: str,
) -> None:
    wire = Wire(running.server.ports["web"])
    replies = {
        without_ids_and_dates(wire.ask(make())[0]) for make in (PAIRS[name].unknown, PAIRS[name].wrong)
    }
    wire.close()
    assert len(replies) == 1
    assert re.match(rb"HTTP/1.1 (401|400|500) ", replies.pop())


def test_a_wrong_secret_takes_as_long_as_an_unknown_caller(running: Running) -> None:  # noqa: F811
    """Some at once: what is waited for is the gateway's beat, not its processor."""
    port = running.server.ports["web"]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        seen = dict(zip(PAIRS, pool.map(lambda pair: measured(port, pair), PAIRS.values()), strict=True))
    for name in PAIRS:
        for _ in range(MORE_RUNS):
            if seen[name].is_chance:
                break
            seen[name] = measured(port, PAIRS[name])
        report(f"{name}: {seen[name]}")
    assert not [f"{name}: {each}" for name, each in seen.items() if not each.is_chance]


@dataclass(frozen=True)
class Compared:
    """Microseconds: differences between the kinds at the median and the first quartile, each with what chance
    makes of one kind split in two (99.9 % of splits), and the median of all."""

    median: float
    differences: tuple[float, ...]
    noises: tuple[float, ...]

    @property
    def is_chance(self) -> bool:
        return all(
            abs(difference) <= noise for difference, noise in zip(self.differences, self.noises, strict=True)
        )

    def __str__(self) -> str:
        (median, quartile), (noise, quartile_noise) = self.differences, self.noises
        return (
            f"unknown - wrong {median:+.0f} us (noise {noise:.0f}), first quartile {quartile:+.0f} us"
            f" (noise {quartile_noise:.0f}), of {self.median:.0f} us"
        )


def measured(port: int, pair: Pair) -> Compared:
    chance = random.Random(7)
    took: dict[str, list[float]] = {"unknown": [], "wrong": []}
    wire = Wire(port)
    for make in (pair.unknown, pair.wrong) * 10:
        wire.ask(make())
    for _ in range(EACH):
        for kind in chance.sample(("unknown", "wrong"), 2):
            took[kind].append(wire.ask(getattr(pair, kind)())[1])
    wire.close()
    places = (0.5, 0.25)
    return Compared(
        at(took["unknown"] + took["wrong"], 0.5),
        tuple(at(took["unknown"], place) - at(took["wrong"], place) for place in places),
        tuple(max(of_one_kind(each, place, chance) for each in took.values()) for place in places),
    )


def at(took: list[float], place: float) -> float:
    return sorted(took)[int(len(took) * place)]


def of_one_kind(took: list[float], place: float, chance: random.Random) -> float:
    """As many in each part as there are of each kind, drawn from the one kind."""
    differences = [
        abs(at(chance.choices(took, k=EACH), place) - at(chance.choices(took, k=EACH), place))
        for _ in range(SPLITS)
    ]
    return at(differences, 0.999)
