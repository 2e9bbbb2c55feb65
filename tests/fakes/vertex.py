"""Vertex AI: Gemini's generateContent and streamGenerateContent, and Claude by rawPredict."""

import json
import re
from typing import Any

from tests.fakes.answers import tokens_of
from tests.fakes.anthropic import Anthropic, read_body, text_of
from tests.fakes.formats import Ask, Said
from tests.fakes.http_server import Request, Response
from tests.fakes.script import Fails, Says

_PATH = re.compile(
    r"^/(?:v1|v1beta1)/projects/[^/]+/locations/[^/]+/publishers/(google|anthropic)/models/([^/:]+):(\w+)$"
)
_FINISH = {
    Says.GOOD: "STOP",
    Says.REFUSAL: "SAFETY",
    Says.AT_LIMIT: "MAX_TOKENS",
    Says.EMPTY: "STOP",
    Says.ONLY_THOUGHTS: "MAX_TOKENS",
    Says.THOUGHTS_FIRST: "STOP",
    Says.FILTERED: "PROHIBITED_CONTENT",
    Says.SPII: "SPII",
    Says.CONTINUED: "CONTINUATION",
    Says.BLOCKED_PROMPT: "",
    Says.ERROR_INSIDE: "",
}
_ERRORS: dict[Fails, tuple[int, str]] = {
    Fails.RATE_LIMITED: (429, "RESOURCE_EXHAUSTED"),
    Fails.SPEND_LIMIT: (429, "RESOURCE_EXHAUSTED"),
    Fails.SERVER_ERROR: (500, "INTERNAL"),
    Fails.OVERLOADED: (503, "UNAVAILABLE"),
    Fails.BAD_KEY: (401, "UNAUTHENTICATED"),
    Fails.UNKNOWN_MODEL: (404, "NOT_FOUND"),
    Fails.BAD_REQUEST: (400, "INVALID_ARGUMENT"),
    Fails.CONTEXT_EXCEEDED: (400, "INVALID_ARGUMENT"),
}
_CONTEXT = "The input token count (1214332) exceeds the maximum number of tokens allowed (1048576)."
_KNOWN = {"contents", "systemInstruction", "safetySettings", "labels", "generationConfig", "cachedContent"}
_CLAUDE_VERSIONS = ("vertex-2023-10-16", "2026-10-21")
_RPC = "type.googleapis.com/google.rpc."


class Vertex:
    """Gemini."""

    name = "vertex"
    stream_type = "text/event-stream"
    malformed = b'data: {"candidates": [{"content": {"parts": [{"te\r\n\r\n'
    heartbeat = b": keep-alive\r\n\r\n"
    preamble = 0

    def read(self, request: Request, key: str) -> Ask | Response:
        found = _route(request, key, "google")
        if isinstance(found, Response):
            return found
        model, method = found
        body = json.loads(request.body)
        if body.keys() - _KNOWN or not body.get("contents") or None in body.values():
            return _error(400, "INVALID_ARGUMENT", "Invalid JSON payload received. Unknown name")
        if body["contents"][-1]["role"] == "model":
            return _error(400, "INVALID_ARGUMENT", "Please ensure that the last turn is of the user")
        asked = "".join(_parts_text(each) for each in body["contents"])
        system = _parts_text(body.get("systemInstruction") or {"parts": []})
        if method == "countTokens":
            return _json(200, {"totalTokens": tokens_of(system + asked)})
        stream = method == "streamGenerateContent"
        if stream and request.query.get("alt") != "sse":
            return _error(501, "UNIMPLEMENTED", "this fake streams only with alt=sse")
        return Ask(model, asked, stream, system, body, request.path)

    def error(self, fails: Fails, ask: Ask, retry_after_s: float | None) -> Response:
        if fails is Fails.FILTERED:  # there is no error for it: an answer without candidates
            return self.whole(ask, Said(Says.BLOCKED_PROMPT, [], tokens_of(ask.system + ask.prompt), 0))
        status, code = _ERRORS[fails]
        message = _CONTEXT if fails is Fails.CONTEXT_EXCEEDED else f"{code}: {ask.prompt}"
        details: list[dict[str, Any]] = []
        headers: tuple[tuple[str, str], ...] = ()
        if fails is Fails.SPEND_LIMIT:
            per_day = {"quotaId": "GenerateRequestsPerDay", "quotaMetric": "generate_requests_per_day"}
            details.append({"@type": f"{_RPC}QuotaFailure", "violations": [per_day]})
        if retry_after_s is not None:
            details.append({"@type": f"{_RPC}RetryInfo", "retryDelay": f"{retry_after_s:g}s"})
            headers = (("retry-after", f"{retry_after_s:g}"),)
        return _error(status, code, message, details, headers)

    def whole(self, ask: Ask, said: Said) -> Response:
        if said.says is Says.ERROR_INSIDE:
            return self.error(Fails.OVERLOADED, ask, None)
        return _json(200, _answer(ask, said, said.text, is_last=True))

    def events(self, ask: Ask, said: Said) -> tuple[list[bytes], bytes]:
        if said.says is Says.BLOCKED_PROMPT:
            return [_event(_answer(ask, said, "", is_last=True))], b""
        events = [_event(_answer(ask, said, piece, is_last=False)) for piece in said.pieces]
        if said.says in (Says.ONLY_THOUGHTS, Says.THOUGHTS_FIRST):
            events.insert(0, _event(_thought(ask)))
        if said.says is Says.ERROR_INSIDE:
            # As seen from Google: pretty-printed lines without `data:`.
            failed = {"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}}
            return [*events, json.dumps(failed, indent=2).encode() + b"\r\n\r\n"], b""
        return events, _event(_answer(ask, said, "", is_last=True))


class ClaudeOnVertex:
    """Anthropic's bodies and events behind Google's paths, credentials and errors."""

    name = "vertex-claude"
    stream_type = Anthropic.stream_type
    malformed = Anthropic.malformed
    heartbeat = Anthropic.heartbeat
    preamble = Anthropic.preamble

    def __init__(self) -> None:
        self._claude = Anthropic(tells_where=False)

    def read(self, request: Request, key: str) -> Ask | Response:
        found = _route(request, key, "anthropic")
        if isinstance(found, Response):
            return found
        model, method = found
        body = json.loads(request.body)
        version = body.pop("anthropic_version", "")
        if version not in _CLAUDE_VERSIONS or "anthropic-version" in request.headers:
            return _error(400, "INVALID_ARGUMENT", "anthropic_version: Field required")
        if model == "count-tokens":
            counted = text_of(body.get("system")) + "".join(
                text_of(each["content"]) for each in body["messages"]
            )
            return _json(200, {"input_tokens": tokens_of(counted)})
        if "model" in body or bool(body.get("stream")) != (method == "streamRawPredict"):
            return _error(400, "INVALID_ARGUMENT", "model: Extra inputs are not permitted")
        return read_body({**body, "model": model}, version, request.path)

    def error(self, fails: Fails, ask: Ask, retry_after_s: float | None) -> Response:
        if fails in (Fails.CONTEXT_EXCEEDED, Fails.FILTERED, Fails.BAD_REQUEST):
            return self._claude.error(fails, ask, retry_after_s)
        return Vertex().error(fails, ask, retry_after_s)

    def whole(self, ask: Ask, said: Said) -> Response:
        return self._claude.whole(ask, said)

    def events(self, ask: Ask, said: Said) -> tuple[list[bytes], bytes]:
        return self._claude.events(ask, said)


def _route(request: Request, key: str, publisher: str) -> tuple[str, str] | Response:
    """(model, method) of the path."""
    path = _PATH.match(request.path)
    if request.method != "POST" or path is None or path[1] != publisher:
        return _error(404, "NOT_FOUND", "not found")
    if key and request.headers.get("authorization") != f"Bearer {key}":
        return _error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
    return path[2], path[3]


def _parts_text(content: dict[str, Any]) -> str:
    return "".join(part.get("text", "") for part in content["parts"])


def _answer(ask: Ask, said: Said, text: str, *, is_last: bool) -> dict[str, Any]:
    if said.says is Says.BLOCKED_PROMPT:
        feedback = {"blockReason": "PROHIBITED_CONTENT", "blockReasonMessage": ask.prompt}
        return {"promptFeedback": feedback, **_served(ask, said, counted=True)}
    candidate: dict[str, Any] = {"index": 0}
    if text:
        candidate["content"] = {"role": "model", "parts": [{"text": text}]}
    elif said.says is Says.ONLY_THOUGHTS:
        candidate["content"] = {"role": "model"}  # parts are missing, as seen
    if is_last:
        candidate["finishReason"] = _FINISH[said.says]
    return {"candidates": [candidate], **_served(ask, said, counted=is_last)}


def _thought(ask: Ask) -> dict[str, Any]:
    part = {"text": "The record says", "thought": True}
    return {
        "candidates": [{"index": 0, "content": {"role": "model", "parts": [part]}}],
        "modelVersion": ask.model,
    }


def _served(ask: Ask, said: Said, *, counted: bool) -> dict[str, Any]:
    thoughts = said.output_tokens if said.says is Says.ONLY_THOUGHTS else 0
    usage: dict[str, Any] = {"promptTokenCount": said.input_tokens, "trafficType": "ON_DEMAND"}
    if counted:
        usage["candidatesTokenCount"] = said.output_tokens - thoughts
        usage["thoughtsTokenCount"] = thoughts
        usage["totalTokenCount"] = said.input_tokens + said.output_tokens
    return {"usageMetadata": usage, "modelVersion": ask.model, "responseId": "r1"}


def _event(answer: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(answer).encode() + b"\r\n\r\n"


def _error(
    status: int,
    code: str,
    message: str,
    details: list[dict[str, Any]] | None = None,
    headers: tuple[tuple[str, str], ...] = (),
) -> Response:
    error: dict[str, Any] = {"code": status, "message": message, "status": code}
    if details:
        error["details"] = details
    return _json(status, {"error": error}, headers)


def _json(status: int, body: object, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    return Response(status, json.dumps(body).encode(), "application/json; charset=UTF-8", headers)
