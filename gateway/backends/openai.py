"""Chat completions as OpenAI, Azure, vLLM and llama.cpp's server speak them."""

from collections.abc import Mapping
from dataclasses import field
from typing import Any
from urllib.parse import urlsplit

import orjson

from gateway.backends.alike import AlikeEvents
from gateway.backends.failed_answers import cause_of_status, may_retry, plain_code, retry_after_s
from gateway.backends.failure import BackendFailure, Cause
from gateway.backends.wire import AnswerReader, Call, Completion, Framing, StreamEvent
from gateway.prompt.prompt import ANSWER_SCHEMA, Prompt
from gateway.summary import Usage
from gateway.values import carrier

_CAUSES = {
    "context_length_exceeded": Cause.CONTEXT_EXCEEDED,
    "exceed_context_size_error": Cause.CONTEXT_EXCEEDED,  # llama.cpp
    "string_above_max_length": Cause.CONTEXT_EXCEEDED,
    "content_filter": Cause.REFUSED,
    "content_policy_violation": Cause.REFUSED,
    "ResponsibleAIPolicyViolation": Cause.REFUSED,
    "content_filter_error": Cause.REFUSED,
    "insufficient_quota": Cause.SPEND_LIMIT,
    "billing_hard_limit_reached": Cause.SPEND_LIMIT,
    "billing_not_active": Cause.SPEND_LIMIT,
    "model_not_found": Cause.UNKNOWN_MODEL,
    "DeploymentNotFound": Cause.UNKNOWN_MODEL,
    "invalid_api_key": Cause.CREDENTIALS,
    "rate_limit_exceeded": Cause.RATE_LIMITED,
    "tokens": Cause.RATE_LIMITED,
    "requests": Cause.RATE_LIMITED,
    "unavailable_error": Cause.OVERLOADED,  # llama.cpp, while it loads the model
    "overloaded_error": Cause.OVERLOADED,
    "server_error": Cause.SERVER_ERROR,
}
"""By the provider's `code` or `type`, wherever it stands."""

_OPENAI = ".api.openai.com"
"""With `eu.` and `us.` before it where data has to stay."""

_RESPONSE_FORMAT = orjson.Fragment(
    orjson.dumps(
        {
            "type": "json_schema",
            "json_schema": {"name": "summary", "strict": True, "schema": ANSWER_SCHEMA},
        }
    )
)
_DONE = b"[DONE]"
_FILTERS = ("content_filter_results", "content_filter_result")

_CONTEXT_PHRASES = ("maximum context length", "available context size")
"""vLLM and older llama.cpp give no code of their own for it."""


@carrier
class Azure:
    """A deployment, which says itself what model it runs."""

    endpoint: str
    deployment: str
    api_version: str


@carrier
class OpenAiModel:
    """Where a model is and how it is asked."""

    base_url: str
    """With `/v1`; not used for Azure."""
    model: str
    api_key: str | None = field(default=None, repr=False)
    max_tokens: int = 1500
    structured_output: bool = True
    temperature: float | None = None
    extra_body: Mapping[str, object] = field(default_factory=dict)
    azure: Azure | None = None


class OpenAiWire:
    provider = "openai"
    framing = Framing.SSE

    def __init__(self, backend: str, model: OpenAiModel) -> None:
        """`backend` is its name, for failures."""
        self._backend = backend
        self._model = model
        self._url = _url(model)
        self._headers = _authorization(model)
        self._is_openai = model.azure is None and f".{urlsplit(model.base_url).hostname}".endswith(_OPENAI)

    def to_http(self, prompt: Prompt) -> Call:
        model = self._model
        bound = "max_completion_tokens" if self._is_openai or model.azure else "max_tokens"
        body: dict[str, object] = {
            "messages": [
                {"role": "system", "content": prompt.system},
                {"role": "user", "content": prompt.user},
            ],
            bound: prompt.answer_tokens(model.max_tokens),
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if model.azure is None:
            body["model"] = model.model
        if self._is_openai:
            body["store"] = False
        if model.temperature is not None:
            body["temperature"] = model.temperature
        if model.structured_output:
            body["response_format"] = _RESPONSE_FORMAT
        body |= {key: value for key, value in model.extra_body.items() if value is not None}
        if prompt.max_tokens is not None:  # policy's, which no extra key may lift
            body[bound] = prompt.answer_tokens(model.max_tokens)
        return Call(self._url, self._headers, orjson.dumps(body))

    def from_http(self, prompt: Prompt) -> AnswerReader:
        return _Reader(self._backend)

    def failure(self, status: int, headers: Mapping[str, str], body: bytes) -> BackendFailure:
        error = _error_of(_object(body) or {})
        cause = _cause_of(error)
        if cause is None or cause is Cause.SERVER_ERROR:  # an overloaded server's type is `server_error` too
            cause = cause_of_status(status)
        return BackendFailure(
            cause,
            f"{self._backend}: HTTP {status} {_code_of(error)}".rstrip(),
            retry_after_s=retry_after_s(headers),
            may_retry=may_retry(headers),
        )


class _Reader:
    """Reads the chunks of a stream, and one whole completion as well: some servers do not stream."""

    def __init__(self, backend: str) -> None:
        self._backend = backend
        self._text: list[str] = []
        self._finish = ""
        self._is_refused = False
        self._model = ""
        self._usage: Usage | None = None
        self._alike = AlikeEvents("content")

    def feed(self, event: StreamEvent) -> None:
        text = None if event.name else self._alike.text_of(event.data)
        if text is not None:
            self._text.append(text)
            return
        if event.data == _DONE:
            return
        chunk = _object(event.data)
        if chunk is None:
            self._read_words(event)
            return
        if chunk.get("error") or chunk.get("object") == "error" or event.name == "error":
            raise self._failure(_error_of(chunk))
        try:
            said = self._read(chunk)
            if said:
                self._alike.learn(event.data, said)
        except (TypeError, ValueError, AttributeError) as error:
            raise BackendFailure(Cause.GARBLED, f"{self._backend}: an event of another form") from error

    def finish(self) -> Completion:
        if self._is_refused or self._finish == "content_filter":
            raise self._failed(Cause.REFUSED, self._finish)
        if not self._finish:
            raise self._failed(Cause.CUT, "no finish reason")
        if self._finish == "length":
            raise self._failed(Cause.TRUNCATED, "length")
        if self._finish != "stop":
            raise self._failed(Cause.GARBLED, f"finish reason {plain_code(self._finish)}")
        text = "".join(self._text)
        if not text.strip():
            raise self._failed(Cause.EMPTY, "no text")
        return Completion(text, self._model, self._usage or Usage())

    def _read_words(self, event: StreamEvent) -> None:
        """Of an event that is no JSON object: the end mark, or an error."""
        if event.data.strip() == _DONE:
            return
        if not event.is_stray:
            raise BackendFailure(Cause.GARBLED, f"{self._backend}: an event that is no JSON object")
        # llama.cpp has written `error: {...}` as a line of its own.
        error = _object(event.data.removeprefix(b"error:"))
        if error is not None:
            raise self._failure(error)

    def _read(self, chunk: dict[str, Any]) -> str:
        """The text, where that is all that a chunk like it can add: all else holds again as it holds now."""
        if model := chunk.get("model"):
            self._model = str(model)
        if usage := chunk.get("usage"):  # some servers repeat it in each chunk: it counts from the start
            self._usage = _usage(usage)
        if filters := chunk.get("prompt_filter_results"):
            for filtered in filters:
                self._read_filter(filtered)
        choices = chunk.get("choices") or ()  # none in the chunk that holds the usage
        text = ""
        for choice in choices:
            if choice.get("index"):
                continue
            if _FILTERS[0] in choice or _FILTERS[1] in choice:
                self._read_filter(choice)
            # What a model thinks stands in `reasoning_content` and is no part of its answer.
            said = choice.get("delta") or choice.get("message") or {}
            text = _text(said.get("content"))
            self._text.append(text)
            if said.get("refusal"):
                self._is_refused = True
            if finish := choice.get("finish_reason"):
                self._finish = finish
        return text if len(choices) == 1 else ""

    def _read_filter(self, filtered: dict[str, Any]) -> None:
        """Azure. When its filter is down the text comes unfiltered, with an error in its place."""
        for key in _FILTERS:
            for name, result in (filtered.get(key) or {}).items():
                if name == "error" or (isinstance(result, dict) and result.get("filtered")):
                    self._is_refused = True

    def _failure(self, error: dict[str, Any]) -> BackendFailure:
        """An error that came under HTTP 200."""
        status = error.get("code")
        by_status = cause_of_status(status) if isinstance(status, int) and status >= 400 else None
        return self._failed(
            _cause_of(error) or by_status or Cause.SERVER_ERROR, f"in the stream {_code_of(error)}"
        )

    def _failed(self, cause: Cause, what: str) -> BackendFailure:
        return BackendFailure(cause, f"{self._backend}: {what}".rstrip(), usage=self._usage)


def _url(model: OpenAiModel) -> str:
    if model.azure is None:
        return f"{model.base_url.rstrip('/')}/chat/completions"
    azure = model.azure
    return (
        f"{azure.endpoint.rstrip('/')}/openai/deployments/{azure.deployment}"
        f"/chat/completions?api-version={azure.api_version}"
    )


def _authorization(model: OpenAiModel) -> dict[str, str]:
    if not model.api_key:
        return {}
    return {"api-key": model.api_key} if model.azure else {"authorization": f"Bearer {model.api_key}"}


def _object(data: bytes) -> dict[str, Any] | None:
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    return found if type(found) is dict else None


def _error_of(answer: dict[str, Any]) -> dict[str, Any]:
    """`error` is an object, a string, or (older vLLM) the answer itself."""
    error = answer.get("error", answer)
    return error if isinstance(error, dict) else {"message": error}


def _cause_of(error: dict[str, Any]) -> Cause | None:
    inner = error.get("innererror")
    codes = [error.get("code"), inner.get("code") if isinstance(inner, dict) else None, error.get("type")]
    for code in codes:
        if isinstance(code, str) and code in _CAUSES:
            return _CAUSES[code]
    message = error.get("message")
    if isinstance(message, str) and any(phrase in message for phrase in _CONTEXT_PHRASES):
        return Cause.CONTEXT_EXCEEDED
    return None


def _code_of(error: dict[str, Any]) -> str:
    return plain_code(error.get("code")) or plain_code(error.get("type"))


def _text(content: object) -> str:
    """A string, or a list of blocks of which those of type `text` are the answer."""
    if isinstance(content, list):
        return "".join(block["text"] for block in content if block.get("type") == "text")
    return content if isinstance(content, str) else ""


def _usage(counted: dict[str, Any]) -> Usage:
    details = counted.get("prompt_tokens_details") or {}
    return Usage(
        input_tokens=int(counted.get("prompt_tokens") or 0),
        output_tokens=int(counted.get("completion_tokens") or 0),
        cache_read_tokens=int(details.get("cached_tokens") or 0),
        cache_write_tokens=int(details.get("cache_write_tokens") or 0),
    )
