"""Ollama's `/api/chat`, streamed as lines of JSON.

Left to itself Ollama cuts a long prompt and answers from the rest without a word, so the size of the context
is always given, cutting is forbidden, and what it says to have read is compared with what was sent.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson

from gateway.backends.answer_json import code_at, count_at, json_or_none, object_of, text_at
from gateway.backends.failed_answers import cause_of_status, may_retry, retry_after_s
from gateway.backends.failure import BackendFailure, Cause
from gateway.backends.wire import Call, Completion, Framing, StreamEvent
from gateway.prompt.prompt import Prompt
from gateway.summary import Usage

_CLOUD_MODEL = re.compile(r"[:-]cloud\Z")
"""`gpt-oss:120b-cloud`, `glm-4.6:cloud`: a name here for a model on ollama.com."""

TEMPLATE_TOKENS = 256
"""What a chat template adds around our two messages, with room."""


@dataclass(frozen=True, slots=True)
class OllamaModel:
    model: str
    base_url: str = "http://127.0.0.1:11434"
    api_key: str | None = field(default=None, repr=False)
    """Of a proxy in front; Ollama itself has none."""
    max_tokens: int = 1500
    min_context: int = 8192
    max_context: int = 32768
    structured_output: bool = True
    temperature: float | None = 0.0
    keep_alive: str | int = "30m"
    think: bool | str = False
    allow_remote: bool = False
    checks_input: bool = True


class OllamaWire:
    provider = "ollama"
    framing = Framing.NDJSON

    def __init__(self, backend: str, model: OllamaModel) -> None:
        """`backend` as failures name it."""
        self._backend = backend
        self._model = model

    def to_http(self, prompt: Prompt) -> Call:
        """Raises `BackendFailure` for what must not be sent: too long, or to a model elsewhere."""
        model = self._model
        if not model.allow_remote and is_cloud_model(model.model):
            detail = f"{self._backend}: a cloud model, without allow_remote"
            raise BackendFailure(Cause.NOT_ALLOWED, detail)
        options: dict[str, object] = {
            "num_ctx": self._context_for(prompt.input_tokens),
            "num_predict": prompt.answer_tokens(model.max_tokens),
        }
        if model.temperature is not None:
            options["temperature"] = model.temperature
        body: dict[str, object] = {
            "model": model.model,
            "messages": [
                {"role": "system", "content": prompt.system},
                {"role": "user", "content": prompt.user},
            ],
            "stream": True,
            "truncate": False,
            "shift": False,  # or a long answer pushes the record's beginning out while it is written
            "think": model.think,
            "keep_alive": model.keep_alive,
            "options": options,
        }
        if model.structured_output:
            body["format"] = prompt.schema
        headers = {"authorization": f"Bearer {model.api_key}"} if model.api_key else {}
        return Call(f"{model.base_url.rstrip('/')}/api/chat", headers, orjson.dumps(body))

    def from_http(self, prompt: Prompt) -> "OllamaReader":
        model = self._model
        sent = Sent(len(prompt.user.encode()), self._context_for(prompt.input_tokens))
        return OllamaReader(
            self._backend, sent if model.checks_input else None, allow_remote=model.allow_remote
        )

    def failure(self, status: int, headers: Mapping[str, str], body: bytes) -> BackendFailure:
        return BackendFailure(
            _cause_of_text(json_or_none(body)) or cause_of_status(status),
            f"{self._backend}: HTTP {status}",
            retry_after_s=retry_after_s(headers),
            may_retry=may_retry(headers),
        )

    def _context_for(self, input_tokens: int) -> int:
        """`num_ctx` for a prompt of that many tokens: the smallest size, doubled as often as is needed and
        not fitted exactly, because a new size makes Ollama load the model again."""
        needed = input_tokens + TEMPLATE_TOKENS + self._model.max_tokens
        if needed > self._model.max_context:
            detail = f"{self._backend}: {needed} tokens of {self._model.max_context}"
            raise BackendFailure(Cause.CONTEXT_EXCEEDED, detail)
        size = self._model.min_context
        while size < needed:
            size *= 2
        return min(size, self._model.max_context)


def is_cloud_model(name: str) -> bool:
    return _CLOUD_MODEL.search(name) is not None


@dataclass(frozen=True, slots=True)
class Sent:
    """What the model had to read."""

    record_bytes: int
    """Without the instructions: those may be in the server's cache and are not counted then."""
    context: int
    """`num_ctx`"""


class OllamaReader:
    def __init__(self, backend: str, sent: Sent | None, *, allow_remote: bool) -> None:
        """`sent` is compared with what was read; None: it is not."""
        self._backend = backend
        self._sent = sent
        self._allow_remote = allow_remote
        self._texts: list[str] = []
        self._has_thought = False
        self._model = ""
        self._last: Mapping[str, object] | None = None

    def feed(self, event: StreamEvent) -> None:
        line = object_of(event.data, f"{self._backend}: a line")
        if line.get("error"):
            raise self._failure(_cause_of_text(line) or Cause.SERVER_ERROR, "an error in the stream")
        if not self._allow_remote and (line.get("remote_model") or line.get("remote_host")):
            raise self._failure(Cause.NOT_ALLOWED, "a remote model answers, without allow_remote")
        self._model = text_at(line, "model") or self._model
        self._texts.append(text_at(line, "message", "content"))
        self._has_thought = self._has_thought or bool(text_at(line, "message", "thinking"))
        if line.get("done") is True:
            self._last = line

    def finish(self) -> Completion:
        if self._last is None:
            raise self._failure(Cause.CUT, "no line with done")
        text = "".join(self._texts)
        reason = code_at(self._last, "done_reason")
        usage = Usage(
            input_tokens=count_at(self._last, "prompt_eval_count"),
            output_tokens=count_at(self._last, "eval_count"),
        )
        if self._sent is not None and is_cut(usage.input_tokens, self._sent):
            detail = f"{usage.input_tokens} tokens were read of {self._sent.record_bytes} bytes"
            raise self._failure(Cause.INPUT_CUT, detail, usage)
        if reason != "stop":
            cause = _STOPPED_EARLY.get(reason, Cause.GARBLED)
            thought = ", all of it thoughts" if self._has_thought and not text else ""
            raise self._failure(cause, f"done_reason {reason or 'missing'}{thought}", usage)
        if not text.strip():
            why = "only thoughts" if self._has_thought else "no text"
            raise self._failure(Cause.EMPTY, why, usage)
        load_s = count_at(self._last, "load_duration") / 1e9
        return Completion(text, self._model, usage, load_s=load_s)

    def _failure(self, cause: Cause, why: str, usage: Usage | None = None) -> BackendFailure:
        return BackendFailure(cause, f"{self._backend}: {why}", usage=usage)


_STOPPED_EARLY = {
    "length": Cause.TRUNCATED,
    "": Cause.CUT,  # the connection to its own runner closed; then the key is left out
    "load": Cause.SERVER_ERROR,
    "unload": Cause.SERVER_ERROR,
}

_BYTES_A_TOKEN = 4
_SMALLEST_CONTEXT, _LARGEST_CONTEXT = 2048, 1 << 20


def is_cut(read_tokens: int, sent: Sent) -> bool:
    """Whether `prompt_eval_count` tells of a prompt that was cut.

    Ollama leaves half of the context and 2 (ollama/ollama#17427): of the one we asked for, or of a smaller
    one that the model has. Otherwise fewer than a token for 8 bytes is too few, where 4 are usual. Less than
    half of the smallest context is no sign: versions that find the prompt in their cache count only the rest.
    """
    if read_tokens == sent.context // 2 + 2:
        return True
    expected = sent.record_bytes // _BYTES_A_TOKEN
    if not _SMALLEST_CONTEXT // 2 < read_tokens < expected:
        return False
    context = 2 * (read_tokens - 2)
    is_half = context <= _LARGEST_CONTEXT and context & (context - 1) == 0
    return is_half or read_tokens < expected // 2


_BY_TEXT = (
    ("context length", Cause.CONTEXT_EXCEEDED),
    ("context size", Cause.CONTEXT_EXCEEDED),
    ("context window", Cause.CONTEXT_EXCEEDED),
    ("usage limit", Cause.SPEND_LIMIT),
    ("server busy", Cause.OVERLOADED),
)


def _cause_of_text(answer: object) -> Cause | None:
    """Its errors have no codes, only a sentence, of which nothing is kept."""
    text = (text_at(answer, "error") or text_at(answer, "error", "message")).lower()
    return next((cause for part, cause in _BY_TEXT if part in text), None)
