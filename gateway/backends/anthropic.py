"""Anthropic's Messages API, streamed: api.anthropic.com, and the servers that speak it (llama.cpp, Ollama).

platform.claude.com/docs/en/api/messages, versions 2026-10-21 and 2023-06-01.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

import orjson

from gateway.backends.answer_json import (
    Json,
    at,
    code_at,
    count_at,
    json_or_none,
    list_at,
    object_at,
    object_of,
    text_at,
)
from gateway.backends.failed_answers import cause_of_status, may_retry, retry_after_s
from gateway.backends.failure import BackendFailure, Cause
from gateway.backends.wire import Call, Completion, Framing, StreamEvent
from gateway.prompt.prompt import Prompt
from gateway.summary import Usage

WITHOUT_SAMPLING = "2026-10-21"
"""From this version on `temperature` and its like are refused, even with their default value."""


class Auth(Enum):
    BEARER = "bearer"
    API_KEY = "x-api-key"


@dataclass(frozen=True, slots=True)
class AnthropicModel:
    model: str
    base_url: str = "https://api.anthropic.com"
    api_key: str | None = field(default=None, repr=False)
    version: str = WITHOUT_SAMPLING
    auth: Auth = Auth.BEARER
    max_tokens: int = 1500
    structured_output: bool = True
    caches_prompt: bool = True
    temperature: float | None = None
    effort: str | None = None
    inference_geo: str = ""
    """Where the answer must be computed; empty: anywhere."""


class AnthropicWire:
    provider = "anthropic"
    framing = Framing.SSE

    def __init__(self, backend: str, model: AnthropicModel) -> None:
        """`backend` as failures name it."""
        self._backend = backend
        self._model = model

    def to_http(self, prompt: Prompt) -> Call:
        body = {"model": self._model.model, **messages_body(self._model, prompt)}
        if self._model.inference_geo:
            body["inference_geo"] = self._model.inference_geo
        return Call(
            f"{self._model.base_url.rstrip('/')}/v1/messages",
            {
                "accept": "text/event-stream",
                "anthropic-version": self._model.version,
                **key_header(self._model),
            },
            orjson.dumps(body),
        )

    def from_http(self, prompt: Prompt) -> "AnthropicReader":
        return AnthropicReader(self._backend, self._model.inference_geo)

    def failure(self, status: int, headers: Mapping[str, str], body: bytes) -> BackendFailure:
        return anthropic_failure(self._backend, status, headers, json_or_none(body))


def messages_body(model: AnthropicModel, prompt: Prompt) -> dict[str, object]:
    """What stands in every body; where the model is named depends on who serves it."""
    fixed: dict[str, object] = {"type": "text", "text": prompt.system}
    if model.caches_prompt:
        fixed["cache_control"] = {"type": "ephemeral"}
    body: dict[str, object] = {
        "max_tokens": prompt.answer_tokens(model.max_tokens),
        "stream": True,
        "system": [fixed],
        "messages": [{"role": "user", "content": prompt.user}],
    }
    output: dict[str, object] = {}
    if model.structured_output:
        output["format"] = {"type": "json_schema", "schema": prompt.schema}
    if model.effort:
        output["effort"] = model.effort
    if output:
        body["output_config"] = output
    if model.temperature is not None and model.version != WITHOUT_SAMPLING:
        body["temperature"] = model.temperature
    return body


def key_header(model: AnthropicModel) -> dict[str, str]:
    if not model.api_key:
        return {}
    if model.auth is Auth.API_KEY:
        return {"x-api-key": model.api_key}
    return {"authorization": f"Bearer {model.api_key}"}


_STOPPED_EARLY = {
    "max_tokens": Cause.TRUNCATED,
    "pause_turn": Cause.TRUNCATED,  # the rest needs another request, which is not made
    "model_context_window_exceeded": Cause.CONTEXT_EXCEEDED,
    "refusal": Cause.REFUSED,
}
_WHOLE = ("end_turn", "stop_sequence")


class AnthropicReader:
    """Joins the text blocks, in their order, and drops every other: thinking is not the answer."""

    def __init__(self, backend: str, inference_geo: str = "") -> None:
        self._backend = backend
        self._inference_geo = inference_geo
        self._texts: dict[int, list[str]] = {}
        self._model = ""
        self._region = ""
        self._counts: dict[str, int] = {}
        self._has_started = False
        self._stop_reason = ""
        self._refused_for = ""
        self._is_over = False

    def feed(self, event: StreamEvent) -> None:
        if self._is_over or not event.data:
            return
        given = object_of(event.data, f"{self._backend}: an event")
        kind = text_at(given, "type")
        # Kinds that are not known yet may come at any time; the documentation says to pass over them.
        if kind == "message_start":
            self._start(object_at(given, "message"))
        elif kind == "content_block_start":
            self._begin_block(given)
        elif kind == "content_block_delta":
            self._add(given)
        elif kind == "message_delta":
            self._count(object_at(given, "usage"))
            self._stop(object_at(given, "delta"))
        elif kind == "message_stop":
            self._is_over = True
        elif kind == "message":
            self._take_whole(given)
        elif kind == "error" or (not kind and "error" in given):
            raise self._broken_by(given)

    def finish(self) -> Completion:
        if not self._is_over:
            raise BackendFailure(Cause.CUT, f"{self._backend}: no message_stop")
        cause = _STOPPED_EARLY.get(self._stop_reason)
        if cause is not None:
            why = f" ({self._refused_for})" if self._refused_for else ""
            raise self._not_whole(cause, f"{self._stop_reason}{why}")
        if self._stop_reason not in _WHOLE:
            failure = self._not_whole(Cause.GARBLED, f"stop_reason {self._stop_reason or 'missing'}")
            failure.may_retry = False  # it was paid, and is no accident of the network
            raise failure
        text = "".join(piece for _, pieces in sorted(self._texts.items()) for piece in pieces)
        if not text.strip():
            raise self._not_whole(Cause.EMPTY, self._stop_reason)
        return Completion(text, self._model, self._usage(), self._region)

    def _not_whole(self, cause: Cause, why: str) -> BackendFailure:
        return BackendFailure(cause, f"{self._backend}: {why}", usage=self._usage())

    def _start(self, message: Json) -> None:
        self._has_started = True
        self._model = text_at(message, "model")
        self._count(object_at(message, "usage"))
        geo = code_at(message, "usage", "inference_geo")
        self._region = "" if geo == "not_available" else geo
        if self._inference_geo and self._region and self._region != self._inference_geo:
            raise BackendFailure(
                Cause.NOT_ALLOWED,
                f"{self._backend}: answered in {self._region}, {self._inference_geo} was asked",
            )

    def _stop(self, given: Json) -> None:
        self._stop_reason = code_at(given, "stop_reason") or self._stop_reason
        self._refused_for = code_at(given, "stop_details", "category")

    def _take_whole(self, message: Json) -> None:
        """From a server that does not stream."""
        self._start(message)
        for index, block in enumerate(list_at(message, "content")):
            self._begin_block({"index": index, "content_block": block})
        self._stop(message)
        self._is_over = True

    def _begin_block(self, given: Json) -> None:
        if text_at(given, "content_block", "type") == "text":
            self._texts.setdefault(count_at(given, "index"), []).append(
                text_at(given, "content_block", "text")
            )

    def _add(self, given: Json) -> None:
        if text_at(given, "delta", "type") == "text_delta":
            self._texts.setdefault(count_at(given, "index"), []).append(text_at(given, "delta", "text"))

    def _count(self, usage: Json) -> None:
        """Each count is of the whole message so far, so the last one holds."""
        self._counts |= {name: count for name, count in usage.items() if isinstance(count, int)}

    def _usage(self) -> Usage:
        written = count_at(self._counts, "cache_creation_input_tokens")
        read = count_at(self._counts, "cache_read_input_tokens")
        return Usage(
            input_tokens=count_at(self._counts, "input_tokens") + written + read,
            output_tokens=count_at(self._counts, "output_tokens"),
            cache_read_tokens=read,
            cache_write_tokens=written,
        )

    def _broken_by(self, given: Json) -> BackendFailure:
        failure = anthropic_failure(self._backend, 200, {}, given)
        if self._has_started:  # it has read the prompt; whether that is charged is not said
            failure.usage = replace(self._usage(), calls_possibly_paid=1)
        return failure


_BY_ERROR_CODE = {
    "enforced_spend_limit_reached": Cause.SPEND_LIMIT,
    "contract_spend_limit_reached": Cause.SPEND_LIMIT,
    "linked_organization_spend_limit_reached": Cause.SPEND_LIMIT,
    "linked_organization_billing_unavailable": Cause.SPEND_LIMIT,
    "organization_on_hold": Cause.SPEND_LIMIT,
    "ramp_limit_exceeded": Cause.RATE_LIMITED,
    "cmek_key_disabled": Cause.CREDENTIALS,
    "cmek_key_network_blocked": Cause.CREDENTIALS,
}
_BY_TYPE = {
    "authentication_error": Cause.CREDENTIALS,
    "permission_error": Cause.CREDENTIALS,
    "billing_error": Cause.SPEND_LIMIT,
    "not_found_error": Cause.UNKNOWN_MODEL,
    "request_too_large": Cause.CONTEXT_EXCEEDED,
    "rate_limit_error": Cause.RATE_LIMITED,
    "overloaded_error": Cause.OVERLOADED,
    "api_error": Cause.SERVER_ERROR,
    "timeout_error": Cause.SERVER_ERROR,
    "conflict_error": Cause.SERVER_ERROR,
    "exceed_context_size_error": Cause.CONTEXT_EXCEEDED,  # llama.cpp, whose errors have OpenAI's shape
    "unavailable_error": Cause.OVERLOADED,  # llama.cpp while it loads its model
}
_BY_SENTENCE = (
    # `invalid_request_error` has no code for these; nothing of the sentence is kept
    ("prompt is too long", Cause.CONTEXT_EXCEEDED),
    ("exceed context limit", Cause.CONTEXT_EXCEEDED),
    ("content filtering policy", Cause.REFUSED),
    ("credit balance is too low", Cause.SPEND_LIMIT),
)


def anthropic_failure(
    backend: str, status: int, headers: Mapping[str, str], answer: object
) -> BackendFailure:
    """Of an answer with that status, or of an `error` event (status 200). `answer` is None when the body is
    not JSON: a 413 comes from the proxy in front."""
    kind = code_at(answer, "error", "type")
    code = code_at(answer, "error", "details", "error_code")
    cause = _BY_ERROR_CODE.get(code) or _BY_TYPE.get(kind) or _by_sentence(answer)
    if cause is None:
        # An event's 200 says nothing: an unknown error within a stream is the server's.
        cause = (
            Cause.SERVER_ERROR
            if status == 200 and kind != "invalid_request_error"
            else cause_of_status(status)
        )
    place = "in the stream" if status == 200 else f"HTTP {status}"
    return BackendFailure(
        cause,
        " ".join(part for part in (f"{backend}:", place, kind, code) if part),
        retry_after_s=retry_after_s(headers),
        may_retry=False if cause is Cause.SPEND_LIMIT else may_retry(headers),
    )


def _by_sentence(answer: object) -> Cause | None:
    sentence = at(answer, "error", "message")
    if not isinstance(sentence, str):
        return None
    return next((cause for part, cause in _BY_SENTENCE if part in sentence.lower()), None)
