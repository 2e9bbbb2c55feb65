"""OpenAI's chat completions, and Azure's form of them (`/openai/deployments/NAME/chat/completions`)."""

import json
from typing import Any

from tests.fakes.formats import Ask, Said
from tests.fakes.http_server import Request, Response
from tests.fakes.script import Fails, Says

_FINISH = {
    Says.GOOD: "stop",
    Says.REFUSAL: "stop",
    Says.AT_LIMIT: "length",
    Says.EMPTY: "stop",
    Says.ONLY_THOUGHTS: "length",
    Says.THOUGHTS_FIRST: "stop",
    Says.FILTERED: "content_filter",
    Says.FILTER_OUTAGE: "stop",
    Says.ERROR_INSIDE: None,
}
_ERRORS: dict[Fails, tuple[int, str | None, str | None]] = {
    Fails.RATE_LIMITED: (429, "tokens", "rate_limit_exceeded"),
    Fails.SPEND_LIMIT: (429, "insufficient_quota", "insufficient_quota"),
    Fails.SERVER_ERROR: (500, "server_error", None),
    Fails.OVERLOADED: (503, "server_error", "overloaded"),
    Fails.BAD_KEY: (401, "invalid_request_error", "invalid_api_key"),
    Fails.UNKNOWN_MODEL: (404, "invalid_request_error", "model_not_found"),
    Fails.BAD_REQUEST: (400, "invalid_request_error", "invalid_value"),
    Fails.CONTEXT_EXCEEDED: (400, "invalid_request_error", "context_length_exceeded"),
    Fails.FILTERED: (400, "invalid_request_error", "content_policy_violation"),
}
_FILTER_FAILED = {"error": {"code": "content_filter_error", "message": "The contents are not filtered"}}
_KNOWN = {
    *("model", "messages", "max_completion_tokens", "max_tokens", "stream", "stream_options"),
    *("response_format", "temperature", "top_p", "seed", "stop", "n", "user", "store", "service_tier"),
    *("reasoning_effort", "safety_identifier", "prompt_cache_key", "metadata", "logprobs"),
}


class OpenAi:
    name = "openai"
    stream_type = "text/event-stream"
    malformed = b'data: {"choices": [{"delta": {"content": "broken\n\n'
    heartbeat = b": OPENROUTER PROCESSING\n\n"
    preamble = 1

    def read(self, request: Request, key: str) -> Ask | Response:
        if request.method == "GET" and request.path.endswith("/models"):
            return _json(200, {"object": "list", "data": [{"id": "m", "object": "model", "created": 1}]})
        if request.method != "POST" or not request.path.endswith("/chat/completions"):
            return _error(404, "invalid_request_error", None)
        azure = "/openai/deployments/" in request.path
        given = request.headers.get("api-key" if azure else "authorization", "").removeprefix("Bearer ")
        if key and given != key:
            return _error(401, "invalid_request_error", "invalid_api_key")
        if azure and "api-version" not in request.query:
            return _error(404, None, "404")
        return _read(request)

    def error(self, fails: Fails, ask: Ask, retry_after_s: float | None) -> Response:
        status, kind, code = _ERRORS[fails]
        if fails is Fails.FILTERED and "/deployments/" in ask.path:
            return _azure_filtered(ask)
        headers = (("retry-after", f"{retry_after_s:g}"),) if retry_after_s is not None else ()
        return _error(status, kind, code, headers, echoed=ask.prompt)

    def whole(self, ask: Ask, said: Said) -> Response:
        if said.says is Says.ERROR_INSIDE:
            return self.error(Fails.SERVER_ERROR, ask, None)
        choice: dict[str, Any] = {"index": 0, "logprobs": None, "finish_reason": _FINISH[said.says]}
        choice["message"] = {"role": "assistant", "content": said.text, "refusal": None}
        if said.says is Says.REFUSAL:
            choice["message"] |= {"content": None, "refusal": said.text}
        if said.says in (Says.ONLY_THOUGHTS, Says.THOUGHTS_FIRST):
            choice["message"]["reasoning_content"] = "The record says"
        if said.says is Says.FILTER_OUTAGE:
            choice["content_filter_results"] = _FILTER_FAILED
        completion = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": _served(ask)}
        return _json(200, {**completion, "choices": [choice], "usage": _usage(said)})

    def events(self, ask: Ask, said: Said) -> tuple[list[bytes], bytes]:
        part = "refusal" if said.says is Says.REFUSAL else "content"
        deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
        if said.says in (Says.ONLY_THOUGHTS, Says.THOUGHTS_FIRST):
            deltas.append({"reasoning_content": "The record says"})
        deltas += [{part: piece} for piece in said.pieces]
        choices = [[{"index": 0, "delta": delta, "finish_reason": None}] for delta in deltas]
        if said.says is Says.FILTER_OUTAGE:
            choices[-1][0]["content_filter_results"] = _FILTER_FAILED
        events = [_chunk(ask, each) for each in choices]
        if "/deployments/" in ask.path:
            events.insert(0, _chunk(ask, [], prompt_filter_results=[]))
        if said.says is Says.ERROR_INSIDE:
            failed = {"error": {"message": "The server had an error", "type": "server_error", "code": None}}
            return [*events, b"data: " + json.dumps(failed).encode() + b"\n\n"], b""
        events.append(_chunk(ask, [{"index": 0, "delta": {}, "finish_reason": _FINISH[said.says]}]))
        if (ask.body.get("stream_options") or {}).get("include_usage"):
            events.append(_chunk(ask, [], usage=_usage(said)))
        return events, b"data: [DONE]\n\n"


def _read(request: Request) -> Ask | Response:
    body = json.loads(request.body)
    unknown = body.keys() - _KNOWN
    both = "max_tokens" in body and "max_completion_tokens" in body
    messages = body.get("messages")
    named = body.get("model") or "/deployments/" in request.path  # Azure knows it by the deployment
    if unknown or both or not messages or not named:
        return _error(400, "invalid_request_error", "unknown_parameter" if unknown else "invalid_value")
    if None in body.values():
        return _error(400, "invalid_request_error", "invalid_type")
    if messages[-1]["role"] == "assistant":
        return _error(400, "invalid_request_error", "invalid_prefill")
    said = {role: "".join(each["content"] for each in messages if each["role"] == role) for role in _ROLES}
    system = said["system"] + said["developer"]
    return Ask(body.get("model", ""), said["user"], bool(body.get("stream")), system, body, request.path)


_ROLES = ("system", "developer", "user", "assistant")


def _served(ask: Ask) -> str:
    """Azure ignores the model asked for and answers with the one behind the deployment."""
    return "azure-served-2026-08" if "/deployments/" in ask.path else ask.model


def _usage(said: Said) -> dict[str, Any]:
    return {
        "prompt_tokens": said.input_tokens,
        "completion_tokens": said.output_tokens,
        "total_tokens": said.input_tokens + said.output_tokens,
        "prompt_tokens_details": {"cached_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0},
    }


def _chunk(ask: Ask, choices: list[dict[str, Any]], **more: object) -> bytes:
    chunk = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": _served(ask)}
    return b"data: " + json.dumps({**chunk, "choices": choices, **more}).encode() + b"\n\n"


def _azure_filtered(ask: Ask) -> Response:
    inner = {
        "code": "ResponsibleAIPolicyViolation",
        "content_filter_result": {"violence": {"filtered": True, "severity": "high"}},
    }
    error = {"message": f"The response was filtered: {ask.prompt}", "type": None, "param": "prompt"}
    return _json(400, {"error": {**error, "code": "content_filter", "status": 400, "innererror": inner}})


def _error(
    status: int,
    kind: str | None,
    code: str | None,
    headers: tuple[tuple[str, str], ...] = (),
    *,
    echoed: str = "",
) -> Response:
    """`echoed`: providers quote in their message what they were sent."""
    error = {"message": f"{code or kind}: {echoed}", "type": kind, "param": None, "code": code}
    return _json(status, {"error": error}, headers)


def _json(status: int, body: object, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    return Response(status, json.dumps(body).encode(), headers=headers)
