"""Anthropic's Messages API; the same bodies and events serve Claude on Vertex."""

import json
from typing import Any

from tests.fakes.answers import tokens_of
from tests.fakes.formats import Ask, Said
from tests.fakes.http_server import Request, Response
from tests.fakes.script import Fails, Says

VERSIONS = ("2023-06-01", "2026-10-21")
_FINISH = {
    Says.GOOD: "end_turn",
    Says.REFUSAL: "refusal",
    Says.AT_LIMIT: "max_tokens",
    Says.CONTEXT_FULL: "model_context_window_exceeded",
    Says.EMPTY: "end_turn",
    Says.ONLY_THOUGHTS: "max_tokens",
    Says.THOUGHTS_FIRST: "end_turn",
    Says.CONTINUED: "pause_turn",
    Says.ERROR_INSIDE: None,
}
_ERRORS: dict[Fails, tuple[int, str, str]] = {
    Fails.RATE_LIMITED: (429, "rate_limit_error", "ramp_limit_exceeded"),
    Fails.SPEND_LIMIT: (429, "rate_limit_error", "enforced_spend_limit_reached"),
    Fails.SERVER_ERROR: (500, "api_error", ""),
    Fails.OVERLOADED: (529, "overloaded_error", ""),
    Fails.BAD_KEY: (401, "authentication_error", ""),
    Fails.UNKNOWN_MODEL: (404, "not_found_error", ""),
    Fails.BAD_REQUEST: (400, "invalid_request_error", ""),
    Fails.CONTEXT_EXCEEDED: (400, "invalid_request_error", ""),
    Fails.FILTERED: (400, "invalid_request_error", ""),
}
_MESSAGES = {
    Fails.CONTEXT_EXCEEDED: "prompt is too long: 214332 tokens > 200000 maximum",
    Fails.FILTERED: "Output blocked by content filtering policy",
}
_KNOWN = {
    *("model", "max_tokens", "messages", "system", "stop_sequences", "stream", "thinking"),
    *("output_config", "cache_control", "metadata", "service_tier", "inference_geo", "speed"),
    *("temperature", "top_p", "top_k", "tools", "tool_choice"),
}
_SAMPLING = {"temperature", "top_p", "top_k"}
_THOUGHT = "The record says"


class Anthropic:
    name = "anthropic"
    stream_type = "text/event-stream; charset=utf-8"
    malformed = b'event: content_block_delta\ndata: {"type": "content_block_delta", "delta": {"te\n\n'
    heartbeat = b'event: ping\ndata: {"type": "ping"}\n\n'
    preamble = 1

    def __init__(self, *, tells_where: bool = True) -> None:
        """`tells_where`: Anthropic's own API says in which region an answer was computed, Google's does not."""
        self._cached: set[str] = set()
        self._tells_where = tells_where

    def read(self, request: Request, key: str) -> Ask | Response:
        if request.method != "POST" or request.path not in ("/v1/messages", "/v1/messages/count_tokens"):
            return _error(404, "not_found_error", "")
        if key and _key_of(request.headers) != key:
            return _error(401, "authentication_error", "invalid x-api-key")
        version = request.headers.get("anthropic-version", "")
        if version not in VERSIONS:
            return _error(400, "invalid_request_error", "anthropic-version: header is required")
        body = json.loads(request.body)
        if request.path.endswith("count_tokens"):
            said = text_of(body.get("system")) + "".join(
                text_of(each["content"]) for each in body["messages"]
            )
            return _json(200, {"input_tokens": tokens_of(said)})
        return read_body(body, version, request.path)

    def error(self, fails: Fails, ask: Ask, retry_after_s: float | None) -> Response:
        status, kind, code = _ERRORS[fails]
        headers = (("request-id", "req_1"),)
        if retry_after_s is not None:
            headers += (("retry-after", f"{retry_after_s:g}"),)
        message = _MESSAGES.get(fails, f"{kind}: {ask.prompt}")
        return _error(status, kind, message, code, headers)

    def whole(self, ask: Ask, said: Said) -> Response:
        if said.says is Says.ERROR_INSIDE:
            return self.error(Fails.OVERLOADED, ask, None)
        content: list[dict[str, Any]] = []
        if said.says in (Says.ONLY_THOUGHTS, Says.THOUGHTS_FIRST):
            content.append({"type": "thinking", "thinking": _THOUGHT, "signature": "c2ln"})
        if said.text:
            content.append({"type": "text", "text": said.text})
        usage = {**self._input_usage(ask, said), "output_tokens": said.output_tokens}
        message = {**_message(ask), "content": content, "usage": usage, **_stop(said)}
        return _json(200, message, (("request-id", "req_1"),))

    def events(self, ask: Ask, said: Said) -> tuple[list[bytes], bytes]:
        usage = {**self._input_usage(ask, said), "output_tokens": 1}
        started = {**_message(ask), "content": [], "stop_reason": None, "stop_sequence": None, "usage": usage}
        events = [_event("message_start", message=started)]
        index = 0
        if said.says in (Says.ONLY_THOUGHTS, Says.THOUGHTS_FIRST):
            events += _block(index, {"type": "thinking", "thinking": "", "signature": ""}, _thought_deltas())
            index += 1
        events.append(_event("ping"))
        if said.pieces:
            deltas = [{"type": "text_delta", "text": piece} for piece in said.pieces]
            events += _block(index, {"type": "text", "text": ""}, deltas)
        if said.says is Says.ERROR_INSIDE:
            error = {"type": "overloaded_error", "message": "Overloaded"}
            return [*events[:-1], _event("error", error=error)], b""
        counted = {"output_tokens": said.output_tokens}
        events.append(_event("message_delta", delta=_stop(said), usage=counted))
        return events, _event("message_stop")

    def _input_usage(self, ask: Ask, said: Said) -> dict[str, Any]:
        """The system prompt is written to the cache at the first call that asks for it, then read."""
        cached = tokens_of(ask.system) if "cache_control" in json.dumps(ask.body) else 0
        is_known = ask.system in self._cached
        if cached:
            self._cached.add(ask.system)
        usage = {
            "input_tokens": said.input_tokens - cached,
            "cache_creation_input_tokens": 0 if is_known else cached,
            "cache_read_input_tokens": cached if is_known else 0,
            "service_tier": "standard",
        }
        if self._tells_where:
            usage["inference_geo"] = ask.body.get("inference_geo") or "us"
        return usage


def read_body(body: dict[str, Any], version: str, path: str) -> Ask | Response:
    """A call by the rules of `version`."""
    unknown = sorted(body.keys() - _KNOWN)
    if version == "2026-10-21":
        unknown += sorted(_SAMPLING & body.keys())
    if unknown:
        return _error(400, "invalid_request_error", f"{unknown[0]}: Extra inputs are not permitted")
    missing = [name for name in ("model", "max_tokens", "messages") if not body.get(name)]
    if missing or None in body.values():
        return _error(400, "invalid_request_error", f"{missing or 'null'}: Field required")
    if body["messages"][-1]["role"] == "assistant":
        return _error(400, "invalid_request_error", "This model does not support assistant message prefill")
    asked = "".join(text_of(each["content"]) for each in body["messages"] if each["role"] == "user")
    return Ask(body["model"], asked, bool(body.get("stream")), text_of(body.get("system")), body, path)


def text_of(content: object) -> str:
    """Of a string or of a list of blocks."""
    if isinstance(content, list):
        return "".join(block.get("text", "") for block in content)
    return str(content or "")


def _key_of(headers: dict[str, str]) -> str:
    """Both forms are accepted, `x-api-key` wins."""
    return headers.get("x-api-key") or headers.get("authorization", "").removeprefix("Bearer ")


def _message(ask: Ask) -> dict[str, Any]:
    return {"id": "msg_1", "type": "message", "role": "assistant", "model": ask.model}


def _stop(said: Said) -> dict[str, Any]:
    stop: dict[str, Any] = {"stop_reason": _FINISH[said.says], "stop_sequence": None}
    if said.says is Says.REFUSAL:
        stop["stop_details"] = {"type": "refusal", "category": "bio", "explanation": "declined"}
    return stop


def _thought_deltas() -> list[dict[str, Any]]:
    return [
        {"type": "thinking_delta", "thinking": _THOUGHT},
        {"type": "signature_delta", "signature": "c2ln"},
    ]


def _block(index: int, block: dict[str, Any], deltas: list[dict[str, Any]]) -> list[bytes]:
    return [
        _event("content_block_start", index=index, content_block=block),
        *(_event("content_block_delta", index=index, delta=delta) for delta in deltas),
        _event("content_block_stop", index=index),
    ]


def _event(name: str, **fields: object) -> bytes:
    return f"event: {name}\ndata: {json.dumps({'type': name, **fields})}\n\n".encode()


def _error(
    status: int, kind: str, message: str, code: str = "", headers: tuple[tuple[str, str], ...] = ()
) -> Response:
    error: dict[str, Any] = {"type": kind, "message": message}
    if code:
        error["details"] = {"error_code": code}
    return _json(status, {"type": "error", "error": error, "request_id": "req_1"}, headers)


def _json(status: int, body: object, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    return Response(status, json.dumps(body).encode(), headers=headers)
