"""Ollama's `/api/chat` as lines of JSON, with the routes that describe the server and its models."""

import json
from typing import Any

from tests.fakes.formats import Ask, Said
from tests.fakes.http_server import Request, Response
from tests.fakes.script import Fails, Says

_DONE = {
    Says.GOOD: "stop",
    Says.REFUSAL: "stop",
    Says.AT_LIMIT: "length",
    Says.EMPTY: "stop",
    Says.ONLY_THOUGHTS: "length",
    Says.THOUGHTS_FIRST: "stop",
    Says.INPUT_CUT: "stop",
    Says.REMOTE: "stop",
}
_ERRORS = {
    Fails.RATE_LIMITED: (429, "too many concurrent requests"),
    Fails.SPEND_LIMIT: (402, "you have reached your usage limit"),
    Fails.SERVER_ERROR: (500, "llama runner process has terminated: exit status 2"),
    Fails.OVERLOADED: (503, "server busy, please try again. maximum pending requests exceeded"),
    Fails.BAD_KEY: (401, "unauthorized"),
    Fails.UNKNOWN_MODEL: (404, 'model "m" not found, try pulling it first'),
    Fails.BAD_REQUEST: (400, "invalid format"),
    Fails.CONTEXT_EXCEEDED: (400, "the prompt is longer than the context length"),
    Fails.FILTERED: (403, "request blocked by content policy"),
}
_DETAILS = {"format": "gguf", "family": "llama", "parameter_size": "8.0B", "quantization_level": "Q4_K_M"}
_AT = "2026-11-26T11:00:00Z"


class Ollama:
    name = "ollama"
    stream_type = "application/x-ndjson"
    malformed = b'{"model":"m","message":{"role":"assistant","content":"bro\n'
    heartbeat = b"\n"
    preamble = 0

    def __init__(self, remote_host: str = "") -> None:
        """`remote_host`: models are only names for a cloud's."""
        self._remote_host = remote_host

    def read(self, request: Request, key: str) -> Ask | Response:
        if key and request.headers.get("authorization") != f"Bearer {key}":
            return _json(401, {"error": "unauthorized"})
        described = self._description(request)
        if described is not None:
            return _json(200, described)
        if request.method != "POST" or request.path != "/api/chat":
            return Response(404, b"404 page not found", "text/plain")
        body = json.loads(request.body)
        if not body.get("model") or not isinstance(body.get("messages"), list):
            return _json(400, {"error": "model is required"})
        said = dict.fromkeys(("system", "user", "assistant"), "")
        for message in body["messages"]:
            said[message["role"]] += message["content"]
        return Ask(body["model"], said["user"], body.get("stream", True), said["system"], body, request.path)

    def error(self, fails: Fails, ask: Ask, retry_after_s: float | None) -> Response:
        status, text = _ERRORS[fails]
        headers = (("retry-after", f"{retry_after_s:g}"),) if retry_after_s is not None else ()
        return _json(status, {"error": text}, headers)

    def whole(self, ask: Ask, said: Said) -> Response:
        if said.says is Says.ERROR_INSIDE:
            return self.error(Fails.SERVER_ERROR, ask, None)
        message = {"role": "assistant", "content": said.text}
        if said.says in (Says.ONLY_THOUGHTS, Says.THOUGHTS_FIRST):
            message["thinking"] = "The record says"
        return _json(200, {**self._line(ask, said), "message": message, **_counts(ask, said)})

    def events(self, ask: Ask, said: Said) -> tuple[list[bytes], bytes]:
        messages: list[dict[str, Any]] = []
        if said.says in (Says.ONLY_THOUGHTS, Says.THOUGHTS_FIRST):
            messages.append({"role": "assistant", "content": "", "thinking": "The record says"})
        messages += [{"role": "assistant", "content": piece} for piece in said.pieces]
        lines = [_encoded({**self._line(ask, said), "message": each, "done": False}) for each in messages]
        if said.says is Says.ERROR_INSIDE:
            return [*lines, _encoded({"error": "an error was encountered while running the model"})], b""
        last = {
            **self._line(ask, said),
            "message": {"role": "assistant", "content": ""},
            **_counts(ask, said),
        }
        return lines, _encoded(last)

    def _line(self, ask: Ask, said: Said) -> dict[str, Any]:
        line: dict[str, Any] = {"model": ask.model, "created_at": _AT}
        if self._remote_host or said.says is Says.REMOTE:
            line |= {"remote_model": "big", "remote_host": self._remote_host or "https://ollama.com:443"}
        return line

    def _description(self, request: Request) -> dict[str, Any] | None:
        """The answer of a route that asks no model."""
        remote = {"remote_host": self._remote_host, "remote_model": "big"} if self._remote_host else {}
        model = {"name": "m", "model": "m", "modified_at": _AT, "size": 1, "digest": "d", "details": _DETAILS}
        match request.method, request.path:
            case "GET", "/api/version":
                return {"version": "0.14.2"}
            case "GET", "/api/tags" | "/api/ps":
                return {"models": [{**model, **remote}]}
            case "POST", "/api/show":
                info = {"general.architecture": "llama", "llama.context_length": 131072}
                shown = {"details": _DETAILS, "model_info": info, "capabilities": ["completion"]}
                return {"modelfile": "FROM m", "template": "{{ .Prompt }}", **shown, **remote}
        return None


def _counts(ask: Ask, said: Said) -> dict[str, Any]:
    context = (ask.body.get("options") or {}).get("num_ctx", 4096)
    evaluated = context // 2 + 2 if said.says is Says.INPUT_CUT else said.input_tokens
    return {
        "done": True,
        "done_reason": _DONE[said.says],
        "total_duration": 2_000_000,
        "load_duration": 1_000,
        "prompt_eval_count": evaluated,
        "prompt_eval_duration": 1_000_000,
        "eval_count": said.output_tokens,
        "eval_duration": 900_000,
    }


def _encoded(line: dict[str, Any]) -> bytes:
    return json.dumps(line).encode() + b"\n"


def _json(status: int, body: object, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    return Response(status, json.dumps(body).encode(), "application/json; charset=utf-8", headers)
