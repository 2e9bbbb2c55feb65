"""Gemini on Vertex AI: `streamGenerateContent` as server-sent events."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson

from gateway.backends.answer_json import (
    Json,
    code_at,
    count_at,
    json_or_none,
    list_at,
    object_at,
    text_at,
)
from gateway.backends.failure import BackendFailure, Cause
from gateway.backends.google_endpoint import GoogleEndpoint
from gateway.backends.google_errors import google_error, google_failure
from gateway.backends.wire import Call, Completion, Framing, StreamEvent
from gateway.prompt.prompt import Prompt
from gateway.summary import Usage

_HARMS = (
    "HARM_CATEGORY_HARASSMENT",
    "HARM_CATEGORY_HATE_SPEECH",
    "HARM_CATEGORY_SEXUALLY_EXPLICIT",
    "HARM_CATEGORY_DANGEROUS_CONTENT",
)


@dataclass(frozen=True, slots=True)
class VertexModel:
    endpoint: GoogleEndpoint
    model: str
    max_tokens: int = 1500
    structured_output: bool = True
    temperature: float | None = None
    thinking: int | str = "least"
    """Tokens, a level (`minimal`, `low` ...), `least` that the model allows, or `model`: its default."""
    safety_threshold: str = "OFF"
    quota_project: str = ""
    access_token: str | None = field(default=None, repr=False)
    """Fixed; None: one is fetched for each call."""


class VertexWire:
    provider = "vertex"
    framing = Framing.SSE

    def __init__(self, backend: str, model: VertexModel) -> None:
        """`backend` as failures name it."""
        self._backend = backend
        self._model = model

    def to_http(self, prompt: Prompt) -> Call:
        model = self._model
        body: dict[str, object] = {
            "systemInstruction": {"role": "user", "parts": [{"text": prompt.system}]},
            "contents": [{"role": "user", "parts": [{"text": prompt.user}]}],
            # Left to itself the filter blocks self-harm, sexual health and drug doses: daily clinical text.
            "safetySettings": [{"category": harm, "threshold": model.safety_threshold} for harm in _HARMS],
            "generationConfig": _generation(model, prompt),
        }
        url = model.endpoint.url("google", model.model, "streamGenerateContent")
        return Call(
            f"{url}?alt=sse",
            google_headers(model.access_token, model.quota_project),
            orjson.dumps(body),
        )

    def from_http(self, prompt: Prompt) -> "VertexReader":
        return VertexReader(self._backend)

    def failure(self, status: int, headers: Mapping[str, str], body: bytes) -> BackendFailure:
        return google_failure(self._backend, status, headers, google_error(json_or_none(body)))


def google_headers(access_token: str | None, quota_project: str) -> dict[str, str]:
    headers = {"accept": "text/event-stream"}
    if access_token:
        headers["authorization"] = f"Bearer {access_token}"
    if quota_project:
        headers["x-goog-user-project"] = quota_project
    return headers


def _generation(model: VertexModel, prompt: Prompt) -> dict[str, object]:
    thinking = _thinking(model)
    budget = thinking.get("thinkingBudget")
    # Thoughts are taken out of the answer's tokens.
    room = prompt.answer_tokens(model.max_tokens) + (budget if isinstance(budget, int) else 0)
    given: dict[str, object] = {"candidateCount": 1, "maxOutputTokens": room}
    if thinking:
        given["thinkingConfig"] = thinking
    if model.temperature is not None:
        given["temperature"] = model.temperature
    if model.structured_output:
        given["responseMimeType"] = "application/json"
        given["responseJsonSchema"] = prompt.schema
    return given


def _thinking(model: VertexModel) -> dict[str, object]:
    if model.thinking == "model":
        return {}
    if isinstance(model.thinking, int):
        return {"thinkingBudget": model.thinking, "includeThoughts": False}
    if model.thinking != "least":
        return {"thinkingLevel": model.thinking, "includeThoughts": False}
    if model.model.startswith("gemini-2.5-pro"):
        return {"thinkingBudget": 128, "includeThoughts": False}  # it refuses 0
    if model.model.startswith("gemini-3"):
        return {"thinkingLevel": "low", "includeThoughts": False}  # levels in place of a budget
    return {"thinkingBudget": 0, "includeThoughts": False}


_STOPPED_EARLY = {
    "MAX_TOKENS": Cause.TRUNCATED,
    "CONTINUATION": Cause.TRUNCATED,
    "SAFETY": Cause.REFUSED,
    "RECITATION": Cause.REFUSED,
    "BLOCKLIST": Cause.REFUSED,
    "PROHIBITED_CONTENT": Cause.REFUSED,
    "SPII": Cause.REFUSED,
    "MODEL_ARMOR": Cause.REFUSED,
    "ESCALATION": Cause.REFUSED,
    "OTHER": Cause.REFUSED,  # mostly a filter that does not say so; never routed around by mistake
    "IMAGE_SAFETY": Cause.REFUSED,
    "IMAGE_PROHIBITED_CONTENT": Cause.REFUSED,
    "IMAGE_RECITATION": Cause.REFUSED,
    "IMAGE_OTHER": Cause.REFUSED,
    "LANGUAGE": Cause.BAD_REQUEST,
    "MISSING_THOUGHT_SIGNATURE": Cause.BAD_REQUEST,
    "PUP_LIMITED_DISABLED": Cause.CREDENTIALS,
}
"""`finishReason` -> what it means for us. Those missing here (malformed answers, tool calls that nobody
asked for, reasons not known yet) are `GARBLED`; only `STOP` is a whole answer."""

_THOUGHTS = "thoughtsTokenCount"
_EXPLAINED = {"CONTINUATION": "CONTINUATION: the rest needs another request, which is not made"}


class VertexReader:
    def __init__(self, backend: str) -> None:
        self._backend = backend
        self._texts: list[str] = []
        self._finish_reason = ""
        self._model = ""
        self._counted: Json | None = None
        """The last one: each is of the whole answer so far."""

    def feed(self, event: StreamEvent) -> None:
        if not event.data:
            return
        answer = json_or_none(event.data)
        error = google_error(answer)
        if error is not None:
            failure = google_failure(self._backend, 200, {}, error)
            failure.usage = self._usage()
            raise failure
        for chunk in answer if isinstance(answer, list) else (answer,):  # a list: not streamed
            if not isinstance(chunk, dict):
                raise self._failure(Cause.GARBLED, "an event is not a JSON object")
            self._add(chunk)

    def _add(self, chunk: Json) -> None:
        if "usageMetadata" in chunk:
            self._counted = object_at(chunk, "usageMetadata")
        self._model = text_at(chunk, "modelVersion") or self._model
        blocked = code_at(chunk, "promptFeedback", "blockReason")
        if blocked:
            raise self._failure(Cause.REFUSED, f"the prompt is blocked: {blocked}")
        for candidate in list_at(chunk, "candidates")[:1]:
            for part in list_at(candidate, "content", "parts"):
                if object_at(part).get("thought") is not True:
                    self._texts.append(text_at(part, "text"))
            self._finish_reason = code_at(candidate, "finishReason") or self._finish_reason

    def finish(self) -> Completion:
        reason = self._finish_reason
        if not reason:
            raise BackendFailure(Cause.CUT, f"{self._backend}: no finishReason")
        text = "".join(self._texts)
        if reason != "STOP":
            cause = _STOPPED_EARLY.get(reason, Cause.GARBLED)
            thoughts = count_at(self._counted, _THOUGHTS)
            thought = f", {thoughts} tokens of thoughts" if thoughts and not text else ""
            raise self._failure(cause, _EXPLAINED.get(reason, reason) + thought)
        if not text.strip():
            raise self._failure(Cause.EMPTY, reason)
        return Completion(text, self._model, self._usage() or Usage())

    def _failure(self, cause: Cause, why: str) -> BackendFailure:
        return BackendFailure(cause, f"{self._backend}: {why}", usage=self._usage())

    def _usage(self) -> Usage | None:
        """Thoughts are not among the candidates' tokens, cached ones are among the prompt's."""
        counted = self._counted
        if counted is None:
            return None
        return Usage(
            input_tokens=count_at(counted, "promptTokenCount") + count_at(counted, "toolUsePromptTokenCount"),
            output_tokens=count_at(counted, "candidatesTokenCount") + count_at(counted, _THOUGHTS),
            cache_read_tokens=count_at(counted, "cachedContentTokenCount"),
        )
