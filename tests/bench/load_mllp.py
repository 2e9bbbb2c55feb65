"""A load process: MLLP connections, each with one message outstanding.

`python -m tests.bench.load_mllp PORT CONNECTIONS SECONDS KIND OFFSET` prints one line of JSON.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable

import uvloop

from tests.bench.payloads import adt, oru40

_KINDS: dict[str, Callable[[int], bytes]] = {"adt": adt, "oru40": oru40}


class Connection(asyncio.Protocol):
    """Ping-pong: the next message goes when the answer to the last is there."""

    def __init__(self, load: "Load") -> None:
        self._load = load
        self._buffer = b""
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._buffer.endswith(b"\x1c\r"):
            return
        now = time.perf_counter()
        self._load.latencies.append(now - self._sent_at)
        self._load.count(self._buffer)
        self._buffer = b""
        if now < self._load.ends_at:
            self._send()
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._load.open -= 1
        if not self._load.open:
            self._load.done.set_result(None)

    def _send(self) -> None:
        framed = self._load.next()
        self._sent_at = time.perf_counter()
        self._transport.write(framed)


class Load:
    def __init__(self, kind: str, connections: int, offset: int) -> None:
        self._make = _KINDS[kind]
        self._number = offset
        self.open = connections
        self.latencies: list[float] = []
        self.positive = 0
        self.ends_at = 0.0

    def next(self) -> bytes:
        self._number += 1
        return b"\x0b" + self._make(self._number) + b"\x1c\r"

    def count(self, answer: bytes) -> None:
        self.positive += b"|AA|" in answer

    async def run(self, port: int, seconds: float) -> dict[str, float]:
        loop = asyncio.get_running_loop()
        self.done: asyncio.Future[None] = loop.create_future()
        started = time.perf_counter()
        self.ends_at = started + seconds
        for _ in range(self.open):
            await loop.create_connection(lambda: Connection(self), "127.0.0.1", port)
        await self.done
        elapsed = time.perf_counter() - started
        self.latencies.sort()
        return {
            "messages": len(self.latencies),
            "positive": self.positive,
            "rate": len(self.latencies) / elapsed,
            "p50_ms": self.latencies[len(self.latencies) // 2] * 1000,
            "p99_ms": self.latencies[int(len(self.latencies) * 0.99)] * 1000,
        }


if __name__ == "__main__":
    port, connections, seconds, kind, offset = sys.argv[1:6]
    uvloop.install()
    load = Load(kind, int(connections), int(offset))
    print(json.dumps(asyncio.run(load.run(int(port), float(seconds)))))
