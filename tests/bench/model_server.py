"""A model that knows its answer: OpenAI's chat completions, whole or streamed, after a fixed time.

`python -m tests.bench.model_server PORT DELAY_S WRITES` prints `ready` and serves until it is killed. A
streamed answer comes as one event for about five tokens; `WRITES` is how many writes it is spread over.
"""

import asyncio
import sys
from typing import cast

import orjson
import uvloop

STATEMENTS = (
    ("problems", "Finding number 1, active.", ["F1"]),
    ("medications", "Finding number 2: 1 tablet by mouth twice daily with food.", ["F2"]),
    ("procedures", "Finding number 3, completed 2026-03-04.", ["F3"]),
    ("immunizations", "Finding number 4, lot L4, given 2026-03-05.", ["F4"]),
    ("results", "Finding number 5 = 5.5 mmol/L (1.0-200.0).", ["F5"]),
    ("problems", "Finding number 6, active.", ["F6"]),
    ("medications", "Finding number 7: 1 tablet by mouth twice daily with food.", ["F7"]),
)
"""What is said of the bench's bundle of 9 KB: nothing but what stands in it."""

_EVENT_CHARACTERS = 24
_USAGE = {"prompt_tokens": 600, "completion_tokens": 220, "total_tokens": 820}
_AROUND = {"id": "chatcmpl-1", "created": 1_773_480_600, "model": "bench"}


def answer_text() -> str:
    statements = [{"section": section, "text": text, "evidence": ids} for section, text, ids in STATEMENTS]
    return orjson.dumps({"statements": statements}).decode()


def whole_answer() -> bytes:
    message = {"role": "assistant", "content": answer_text()}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    body = orjson.dumps({**_AROUND, "object": "chat.completion", "choices": [choice], "usage": _USAGE})
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
        len(body),
        body,
    )


def streamed_answer(writes: int) -> list[bytes]:
    """The writes of one answer, each made of whole events, the first with the head."""
    text = answer_text()
    parts = [text[at : at + _EVENT_CHARACTERS] for at in range(0, len(text), _EVENT_CHARACTERS)]
    events = [
        _event([{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}]),
        *(_event([{"index": 0, "delta": {"content": part}, "finish_reason": None}]) for part in parts),
        _event([{"index": 0, "delta": {}, "finish_reason": "stop"}]),
        _event([], usage=_USAGE),
        b"data: [DONE]\n\n",
    ]
    each = -(-len(events) // writes)
    made = [_chunk(b"".join(events[at : at + each])) for at in range(0, len(events), each)]
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    made[0] = head + made[0]
    made[-1] += b"0\r\n\r\n"
    return made


def _event(choices: list[dict[str, object]], **more: object) -> bytes:
    chunk = {**_AROUND, "object": "chat.completion.chunk", "choices": choices, **more}
    return b"data: %b\n\n" % orjson.dumps(chunk)


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


class ModelConnection(asyncio.Protocol):
    """Answers one request after another; a client that goes away is forgotten."""

    def __init__(self, delay_s: float, whole: bytes, streamed: list[bytes]) -> None:
        self._delay_s = delay_s
        self._whole = whole
        self._streamed = streamed
        self._received = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head_end = self._received.find(b"\r\n\r\n")
        if head_end < 0:
            return
        length = int(self._received[:head_end].lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        body_ends = head_end + 4 + length
        if len(self._received) < body_ends:
            return
        is_streamed = self._received.find(b'"stream":true', head_end, body_ends) >= 0
        del self._received[:body_ends]
        self._answer(self._streamed if is_streamed else [self._whole])

    def _answer(self, writes: list[bytes]) -> None:
        if not self._delay_s:
            self._transport.write(b"".join(writes))
            return
        loop = asyncio.get_running_loop()
        for number, write in enumerate(writes, 1):
            loop.call_later(self._delay_s * number / len(writes), self._transport.write, write)


async def serve(port: int, delay_s: float, writes: int) -> None:
    whole, streamed = whole_answer(), streamed_answer(writes)
    server = await asyncio.get_running_loop().create_server(
        lambda: ModelConnection(delay_s, whole, streamed), "127.0.0.1", port, backlog=4096
    )
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.install()
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])))
