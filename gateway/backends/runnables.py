"""What goes into a LangChain runnable and what comes out, the same in this process and over LangServe."""

from enum import StrEnum
from typing import Any

import orjson

from gateway.backends.failed_answers import plain_code
from gateway.backends.failure import BackendFailure, Cause
from gateway.backends.wire import Completion
from gateway.prompt.prompt import Prompt
from gateway.summary import Usage


class InputForm(StrEnum):
    """What the runnable takes."""

    MESSAGES = "messages"
    """A chat model: a system and a human message."""
    TEXT = "text"
    """A model of plain text, or a chain that begins with one."""
    FIELDS = "fields"
    """A prompt template with the variables `system` and `user`."""


_WHOLE = frozenset({"stop", "end_turn", "stop_sequence", "eos", "STOP"})
_CUT = frozenset({"length", "max_tokens", "MAX_TOKENS", "model_context_window_exceeded"})
_DECLINED = frozenset(
    {
        "content_filter",
        "refusal",
        "SAFETY",
        "RECITATION",
        "BLOCKLIST",
        "PROHIBITED_CONTENT",
        "SPII",
        "MODEL_ARMOR",
    }
)
_FINISH_KEYS = ("finish_reason", "stop_reason", "done_reason")
_MODEL_KEYS = ("model_name", "model", "model_version")


def runnable_input(prompt: Prompt, form: InputForm) -> object:
    if form is InputForm.TEXT:
        return f"{prompt.system}\n\n{prompt.user}"
    if form is InputForm.FIELDS:
        return {"system": prompt.system, "user": prompt.user}
    return [{"type": "system", "content": prompt.system}, {"type": "human", "content": prompt.user}]


class RunnableAnswer:
    """Joins the pieces of an output: text, chat messages or their chunks, or the answer as an object."""

    def __init__(self, backend: str) -> None:
        self._backend = backend
        self._text: list[str] = []
        self._finish = ""
        self._is_refused = False
        self._model = ""
        self._usage: Usage | None = None

    def add(self, piece: object) -> None:
        """A piece as plain JSON. Raises `BackendFailure` for one of another form."""
        try:
            self._add(piece)
        except (TypeError, ValueError, AttributeError, KeyError) as error:
            raise self._failed(Cause.GARBLED, "an output of another form") from error

    def completion(self) -> Completion:
        """After the last piece. Raises `BackendFailure` for what is no whole answer."""
        if self._is_refused or self._finish in _DECLINED:
            raise self._failed(Cause.REFUSED, self._finish)
        if self._finish in _CUT:
            raise self._failed(Cause.TRUNCATED, self._finish)
        if self._finish and self._finish not in _WHOLE:  # a chain of plain text gives none
            raise self._failed(Cause.GARBLED, f"finish reason {plain_code(self._finish)}")
        text = "".join(self._text)
        if not text.strip():
            raise self._failed(Cause.EMPTY, "no text")
        return Completion(text, self._model, self._usage or Usage())

    def _add(self, piece: object) -> None:
        if piece is None:
            return
        if isinstance(piece, str):
            self._text.append(piece)
        elif isinstance(piece, dict) and "content" in piece:
            self._add_message(piece)
        elif isinstance(piece, dict):
            # A parser of JSON gives the object anew each time, with more in it.
            self._text = [orjson.dumps(piece).decode()]
        else:
            raise TypeError

    def _add_message(self, message: dict[str, Any]) -> None:
        self._add_content(message["content"])
        said = message.get("response_metadata") or {}
        self._finish = _first(said, _FINISH_KEYS) or self._finish
        self._model = _first(said, _MODEL_KEYS) or self._model
        counted = message.get("usage_metadata")
        if counted:
            self._usage = _sum(self._usage, _usage(counted))

    def _add_content(self, content: object) -> None:
        blocks: list[Any] = content if isinstance(content, list) else [content]
        for block in blocks:
            if isinstance(block, str):
                self._text.append(block)
            elif block["type"] == "text":  # what the model thinks is in blocks of other types
                self._text.append(block["text"])
            elif block["type"] == "refusal":
                self._is_refused = True

    def _failed(self, cause: Cause, what: str) -> BackendFailure:
        return BackendFailure(cause, f"{self._backend}: {what}".rstrip(), usage=self._usage)


def _first(said: dict[str, Any], keys: tuple[str, ...]) -> str:
    return next((str(said[key]) for key in keys if said.get(key)), "")


def _usage(counted: dict[str, Any]) -> Usage:
    details = counted.get("input_token_details") or {}
    return Usage(
        input_tokens=int(counted.get("input_tokens") or 0),
        output_tokens=int(counted.get("output_tokens") or 0),
        cache_read_tokens=int(details.get("cache_read") or 0),
        cache_write_tokens=int(details.get("cache_creation") or 0),
    )


def _sum(so_far: Usage | None, more: Usage) -> Usage:
    """LangChain's chunks count what they add."""
    if so_far is None:
        return more
    return Usage(
        input_tokens=so_far.input_tokens + more.input_tokens,
        output_tokens=so_far.output_tokens + more.output_tokens,
        cache_read_tokens=so_far.cache_read_tokens + more.cache_read_tokens,
        cache_write_tokens=so_far.cache_write_tokens + more.cache_write_tokens,
    )
