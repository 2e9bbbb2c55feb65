"""A load process: HTTP connections kept open, each with one POST outstanding.

`python -m tests.bench.load_http URL CONNECTIONS SECONDS BODY_FILE CONTENT_TYPE` prints one line of JSON.
"""

import asyncio
import json
import sys
import time
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import uvloop

from tests.bench.http_payloads import MARK

_numbers = count(10_000_000)  # of one length each, so that Content-Length holds


async def one_connection(port: int, request: bytes, ends_at: float, latencies: list[float]) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=16 * 1024 * 1024)
    good = 0
    while True:
        sent_at = time.perf_counter()
        if sent_at >= ends_at:
            writer.close()
            return good
        writer.write(request.replace(MARK, b"%d" % next(_numbers)))
        head = await reader.readuntil(b"\r\n\r\n")
        lowered = head.lower()
        length = int(lowered.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        await reader.readexactly(length)
        latencies.append(time.perf_counter() - sent_at)
        good += head.startswith(b"HTTP/1.1 200")


async def run(url: str, connections: int, seconds: float, body: bytes, content_type: str) -> dict[str, float]:
    parts = urlsplit(url)
    head = (
        f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Bearer demo\r\n"
        f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    latencies: list[float] = []
    started = time.perf_counter()
    request = head.encode() + body
    assert parts.port is not None
    good = await asyncio.gather(
        *(one_connection(parts.port, request, started + seconds, latencies) for _ in range(connections))
    )
    elapsed = time.perf_counter() - started
    latencies.sort()
    return {
        "messages": len(latencies),
        "positive": sum(good),
        "rate": len(latencies) / elapsed,
        "p50_ms": latencies[len(latencies) // 2] * 1000,
        "p99_ms": latencies[int(len(latencies) * 0.99)] * 1000,
    }


if __name__ == "__main__":
    url, connections, seconds, file, content_type = sys.argv[1:6]
    uvloop.install()
    body = Path(file).read_bytes()
    print(json.dumps(asyncio.run(run(url, int(connections), float(seconds), body, content_type))))
