"""LangServe, whose `/stream` sends its errors as events under HTTP 200 and whose answers may quote us."""

from collections.abc import Mapping
from dataclasses import field

import orjson

from gateway.backends.failed_answers import cause_of_status, may_retry, retry_after_s
from gateway.backends.failure import BackendFailure, Cause
from gateway.backends.runnables import InputForm, RunnableAnswer, runnable_input
from gateway.backends.wire import AnswerReader, Call, Completion, Framing, StreamEvent
from gateway.prompt.prompt import Prompt
from gateway.values import carrier


@carrier
class LangServeRunnable:
    """Where a runnable is served and how it is asked."""

    url: str
    """Without `/stream` or `/invoke`."""
    input_form: InputForm = InputForm.MESSAGES
    streams: bool = True
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """LangServe itself asks for no key; what stands before it may."""


class LangServeWire:
    provider = "langserve"

    def __init__(self, backend: str, runnable: LangServeRunnable) -> None:
        """`backend` is its name, for failures."""
        self.framing = Framing.SSE if runnable.streams else Framing.WHOLE
        self._backend = backend
        self._runnable = runnable

    def to_http(self, prompt: Prompt) -> Call:
        runnable = self._runnable
        path = "stream" if runnable.streams else "invoke"
        body = {"input": runnable_input(prompt, runnable.input_form), "config": {}}
        return Call(f"{runnable.url.rstrip('/')}/{path}", runnable.headers, orjson.dumps(body))

    def from_http(self, prompt: Prompt) -> AnswerReader:
        return _StreamReader(self._backend) if self._runnable.streams else _InvokeReader(self._backend)

    def failure(self, status: int, headers: Mapping[str, str], body: bytes) -> BackendFailure:
        """By the status alone: the body of a 422 repeats the whole input."""
        return BackendFailure(
            cause_of_status(status),
            f"{self._backend}: HTTP {status}",
            retry_after_s=retry_after_s(headers),
            may_retry=may_retry(headers),
        )


class _StreamReader:
    def __init__(self, backend: str) -> None:
        self._backend = backend
        self._answer = RunnableAnswer(backend)
        self._has_ended = False

    def feed(self, event: StreamEvent) -> None:
        if event.name == "data":
            self._answer.add(_json(event.data, self._backend))
        elif event.name == "error":
            raise self._error(event.data)
        elif event.name == "end":
            self._has_ended = True

    def finish(self) -> Completion:
        if not self._has_ended:
            raise BackendFailure(Cause.CUT, f"{self._backend}: no end event")
        return self._answer.completion()

    def _error(self, data: bytes) -> BackendFailure:
        try:
            status = orjson.loads(data)["status_code"]
            cause = cause_of_status(status) if status >= 400 else Cause.SERVER_ERROR
        except (orjson.JSONDecodeError, TypeError, KeyError):
            return BackendFailure(Cause.SERVER_ERROR, f"{self._backend}: error event")
        return BackendFailure(cause, f"{self._backend}: error event {int(status)}")


class _InvokeReader:
    def __init__(self, backend: str) -> None:
        self._backend = backend
        self._answer = RunnableAnswer(backend)

    def feed(self, event: StreamEvent) -> None:
        body = _json(event.data, self._backend)
        if not isinstance(body, dict) or "output" not in body:
            raise BackendFailure(Cause.GARBLED, f"{self._backend}: an answer without output")
        self._answer.add(body["output"])

    def finish(self) -> Completion:
        return self._answer.completion()


def _json(data: bytes, backend: str) -> object:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise BackendFailure(Cause.GARBLED, f"{backend}: an event that is no JSON") from error
