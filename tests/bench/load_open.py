"""A load process that sends HTTP requests at a fixed rate, whether or not the earlier ones are answered.

`python -m tests.bench.load_open URL RATE SECONDS BODY_FILE CONTENT_TYPE` prints one line of JSON. No request
waits for a connection either: when all are busy another is opened, and its opening counts as latency.
"""

import asyncio
import gc
import json
import sys
import time
from collections import deque
from itertools import count
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import uvloop

from tests.bench.http_payloads import MARK

_NOT_ANSWERED_S = 30.0


class Connection(asyncio.Protocol):
    """One request at a time; free again when its answer is whole."""

    def __init__(self, load: "Load") -> None:
        self._load = load
        self._received = bytearray()
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def send(self, request: bytes, sent_at: float) -> None:
        self._sent_at = sent_at
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._is_whole():
            return
        self._load.take(self._received.startswith(b"HTTP/1.1 200"), time.perf_counter() - self._sent_at)
        self._received.clear()
        self._sent_at = 0.0
        self._load.free.append(self)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._sent_at:
            self._load.take(False, time.perf_counter() - self._sent_at)
        elif self in self._load.free:
            self._load.free.remove(self)

    def close(self) -> None:
        self._transport.close()

    def _is_whole(self) -> bool:
        head_end = self._received.find(b"\r\n\r\n")
        if head_end < 0:
            return False
        head = bytes(self._received[:head_end]).lower()
        if b"content-length:" in head:
            length = int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
            return len(self._received) >= head_end + 4 + length
        return self._received.endswith(b"0\r\n\r\n")


class Load:
    """Keeps as many connections as answers are outstanding."""

    def __init__(self, url: str, body: bytes, content_type: str) -> None:
        parts = urlsplit(url)
        assert parts.port is not None
        self._port = parts.port
        head = (
            f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Bearer demo\r\n"
            f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self._request = head.encode() + body
        # Eight digits, so that Content-Length holds, and others than those of the run before.
        self._numbers = count(10_000_000 + time.time_ns() // 1_000_000 % 80_000_000)
        self.free: deque[Connection] = deque()
        self._latencies: list[float] = []
        self._positive = 0
        self._outstanding = 0
        self._most_outstanding = 0

    def take(self, is_positive: bool, latency_s: float) -> None:
        self._outstanding -= 1
        self._positive += is_positive
        self._latencies.append(latency_s)

    async def run(self, rate: float, seconds: float) -> dict[str, float]:
        total = int(rate * seconds)
        started = time.perf_counter() + 0.05
        for number in range(total):
            wait_s = started + number / rate - time.perf_counter()
            if wait_s > 0:
                await asyncio.sleep(wait_s)
            await self._send()
        ends_at = time.perf_counter() + _NOT_ANSWERED_S
        while self._outstanding and time.perf_counter() < ends_at:
            await asyncio.sleep(0.01)
        for connection in self.free:
            connection.close()
        self._latencies.sort()
        return {
            "messages": total,
            "positive": self._positive,
            "rate": total / (time.perf_counter() - started),
            "p50_ms": self._latencies[len(self._latencies) // 2] * 1000,
            "p99_ms": self._latencies[int(len(self._latencies) * 0.99)] * 1000,
            "most_outstanding": self._most_outstanding,
        }

    async def _send(self) -> None:
        sent_at = time.perf_counter()
        self._outstanding += 1
        self._most_outstanding = max(self._most_outstanding, self._outstanding)
        request = self._request.replace(MARK, b"%d" % next(self._numbers))
        if self.free:
            connection = self.free.pop()
        else:
            loop = asyncio.get_running_loop()
            _, connection = await loop.create_connection(lambda: Connection(self), "127.0.0.1", self._port)
        connection.send(request, sent_at)


async def run(url: str, rate: float, seconds: float, body: bytes, content_type: str) -> dict[str, float]:
    gc.disable()  # the tail that is measured must not be the load's own
    return await Load(url, body, content_type).run(rate, seconds)


if __name__ == "__main__":
    url, rate, seconds, file, content_type = sys.argv[1:6]
    uvloop.install()
    body = Path(file).read_bytes()
    print(json.dumps(asyncio.run(run(url, float(rate), float(seconds), body, content_type))))
