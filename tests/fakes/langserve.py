"""LangServe 0.3: `/invoke` and `/stream` of one chain. It names no model and counts no tokens unless
the chain answers with chat messages."""

import json
from typing import Any

from tests.fakes.formats import Ask, Said
from tests.fakes.http_server import Request, Response
from tests.fakes.script import Fails, Says

_STATUS = {
    Fails.RATE_LIMITED: 429,
    Fails.SERVER_ERROR: 500,
    Fails.OVERLOADED: 503,
    Fails.BAD_KEY: 401,
    Fails.UNKNOWN_MODEL: 404,
}


class LangServe:
    name = "langserve"
    stream_type = "text/event-stream; charset=utf-8"
    malformed = b'event: data\r\ndata: {"content": "bro\r\n\r\n'
    heartbeat = b": ping - 2026-11-26 11:00:00.000000+00:00\r\n\r\n"
    preamble = 1

    def __init__(self, *, chat: bool = True) -> None:
        """`chat`: the chain ends in a chat model; else in a parser that answers with plain text."""
        self._chat = chat

    def read(self, request: Request, key: str) -> Ask | Response:
        if key and request.headers.get("authorization") != f"Bearer {key}":
            return _json(401, {"detail": "Unauthorized"})
        route = request.path.rsplit("/", 1)[-1]
        if request.method != "POST" or route not in ("invoke", "stream"):
            return _json(404, {"detail": "Not Found"})
        body = json.loads(request.body)
        if "input" not in body:
            return _json(422, {"detail": [{"type": "missing", "loc": ["body", "input"], "input": body}]})
        return Ask("", "\n".join(_strings(body["input"])), route == "stream", "", body, request.path)

    def error(self, fails: Fails, ask: Ask, retry_after_s: float | None) -> Response:
        if fails is Fails.BAD_REQUEST:  # FastAPI quotes the input back
            detail = {"type": "string_type", "loc": ["body", "input"], "input": ask.body["input"]}
            return _json(422, {"detail": [detail]})
        headers = (("retry-after", f"{retry_after_s:g}"),) if retry_after_s is not None else ()
        return Response(_STATUS[fails], b"Internal Server Error", "text/plain; charset=utf-8", headers)

    def whole(self, ask: Ask, said: Said) -> Response:
        if said.says is Says.ERROR_INSIDE:
            return self.error(Fails.SERVER_ERROR, ask, None)
        output = self._message("AIMessage", said.text, said) if self._chat else said.text
        return _json(200, {"output": output, "metadata": {"run_id": "r1", "feedback_tokens": []}})

    def events(self, ask: Ask, said: Said) -> tuple[list[bytes], bytes]:
        chunks: list[object] = list(said.pieces)
        if self._chat:
            chunks = [self._message("AIMessageChunk", piece, None) for piece in said.pieces]
            chunks.append(self._message("AIMessageChunk", "", said))
        events = [_event("metadata", {"run_id": "r1"}), *(_event("data", chunk) for chunk in chunks)]
        if said.says is Says.ERROR_INSIDE:
            failed = {"status_code": 500, "message": "Internal Server Error"}
            return [*events, _event("error", failed)], b""
        return events, b"event: end\r\n\r\n"

    def _message(self, kind: str, text: str, said: Said | None) -> dict[str, Any]:
        """With the usage in the last chunk only."""
        message: dict[str, Any] = {"content": text, "additional_kwargs": {}, "type": kind, "name": None}
        message["response_metadata"] = {}
        message["usage_metadata"] = None
        if said is not None:
            finish = {Says.AT_LIMIT: "length", Says.FILTERED: "content_filter"}.get(said.says, "stop")
            message["response_metadata"] = {"finish_reason": finish, "model_name": "m"}
            message["usage_metadata"] = {
                "input_tokens": said.input_tokens,
                "output_tokens": said.output_tokens,
                "total_tokens": said.input_tokens + said.output_tokens,
            }
        if kind == "AIMessage":
            message["type"] = "ai"
        return message


def _strings(given: object) -> list[str]:
    """Every text inside the input, whatever its form."""
    if isinstance(given, str):
        return [given]
    if isinstance(given, dict):
        return [text for each in given.values() for text in _strings(each)]
    if isinstance(given, list):
        return [text for each in given for text in _strings(each)]
    return []


def _event(name: str, content: object) -> bytes:
    return f"event: {name}\r\ndata: {json.dumps(content)}\r\n\r\n".encode()


def _json(status: int, body: object) -> Response:
    return Response(status, json.dumps(body).encode())
