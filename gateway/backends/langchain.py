"""A LangChain runnable of the operator's own, in this process.

It runs on a loop and threads of its own, so that one that blocks holds up nobody but its own callers.
Tracing is off whatever the environment says: it would send prompts and answers to a third party.
"""

import asyncio
import importlib
import os
import sys
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, cast

from gateway.backends.answered import Configured, prompt_for, summary_of
from gateway.backends.failed_answers import cause_of_status, retry_after_s
from gateway.backends.failure import BackendFailure, Cause
from gateway.backends.http import Deadlines
from gateway.backends.runnables import InputForm, RunnableAnswer, runnable_input
from gateway.backends.wire import Completion
from gateway.request import SummarizationRequest
from gateway.summary import Summary

_TRACING = ("LANGSMITH_", "LANGCHAIN_TRACING", "LANGCHAIN_ENDPOINT", "LANGCHAIN_API_KEY", "LANGCHAIN_PROJECT")
_MOST_THREADS = 64

_CAUSES = {
    # by name, because provider packages have classes of their own of these names
    "ContextOverflowError": Cause.CONTEXT_EXCEEDED,
    "ModelRefusalError": Cause.REFUSED,
    "ModelAuthenticationError": Cause.CREDENTIALS,
    "ModelPermissionDeniedError": Cause.CREDENTIALS,
    "ModelInvalidRequestError": Cause.BAD_REQUEST,
    "ModelNotFoundError": Cause.UNKNOWN_MODEL,
    "ModelRateLimitError": Cause.RATE_LIMITED,
    "ModelTimeoutError": Cause.NO_ANSWER,
    "TimeoutError": Cause.NO_ANSWER,
    "APITimeoutError": Cause.NO_ANSWER,
    "ModelConnectionError": Cause.CUT,
    "APIConnectionError": Cause.CUT,
    "OutputParserException": Cause.UNREADABLE,
    # OpenAI's codes, which its exceptions carry
    "context_length_exceeded": Cause.CONTEXT_EXCEEDED,
    "content_filter": Cause.REFUSED,
    "insufficient_quota": Cause.SPEND_LIMIT,
}


class Runnable(Protocol):
    """As much of LangChain's interface as is used."""

    async def ainvoke(self, input: object, config: Any = None) -> object: ...

    def astream(self, input: object, config: Any = None) -> AsyncIterator[object]: ...


def load_runnable(path: str) -> Runnable:
    """`package.module:object`. Raises `ValueError` that names what is wrong without quoting it."""
    _forbid_tracing()
    module, _, name = path.partition(":")
    try:
        found = getattr(importlib.import_module(module), name)
    except Exception as error:
        raise ValueError(f"{path} cannot be loaded: {type(error).__name__}") from error
    if not (hasattr(found, "ainvoke") and hasattr(found, "astream")):
        raise ValueError(f"{path} is no runnable")
    _forbid_tracing()  # the module may have read a file of settings into the environment
    return cast(Runnable, found)


class LangChainBackend:
    repeatable = False

    def __init__(
        self,
        runnable: Runnable,
        configured: Configured,
        deadlines: Deadlines,
        input_form: InputForm = InputForm.MESSAGES,
        streams: bool = True,
    ) -> None:
        """Of the deadlines, `connect_s` is the runnable's own affair."""
        self.name = configured.backend
        self._runnable = runnable
        self._configured = configured
        self._deadlines = deadlines
        self._input_form = input_form
        self._streams = streams
        self._room = _Room(f"backend-{self.name}")

    async def summarize(self, request: SummarizationRequest, model: str, timeout_s: float) -> Summary:
        """Raises `BackendFailure`."""
        prompt = await prompt_for(request, self._configured.prompt_tokens)
        asked = runnable_input(prompt, self._input_form)
        total_s = min(timeout_s, self._deadlines.total_s)
        asking = asyncio.run_coroutine_threadsafe(self._ask(asked), self._room.loop())
        try:
            async with asyncio.timeout(total_s):
                # Cancelled here, it is cancelled there: `wrap_future` joins the two.
                completion = await asyncio.wrap_future(asking)
        except TimeoutError as error:
            raise BackendFailure(Cause.OUT_OF_TIME, f"{self.name}: no answer within total_s") from error
        return summary_of(request, prompt, completion, self._configured, model)

    async def close(self) -> None:
        self._room.close()

    async def _ask(self, asked: object) -> Completion:
        """On the runnable's own loop."""
        from langsmith import tracing_context

        answer = RunnableAnswer(self.name)
        try:
            with tracing_context(enabled=False):
                if self._streams:
                    await self._stream(asked, answer)
                else:
                    answer.add(_plain(await self._runnable.ainvoke(asked, {"callbacks": []})))
        except BackendFailure:
            raise
        except Exception as error:  # a runnable raises whatever its author and its provider please
            raise self._failure(error) from error
        return answer.completion()

    async def _stream(self, asked: object, answer: RunnableAnswer) -> None:
        pieces = self._runnable.astream(asked, {"callbacks": []})
        wait, cause = self._deadlines.first_byte_s, Cause.NO_ANSWER
        try:
            while True:
                async with asyncio.timeout(wait) as timer:
                    try:
                        piece = await anext(pieces)
                    except StopAsyncIteration:
                        return
                answer.add(_plain(piece))
                wait, cause = self._deadlines.idle_s, Cause.STALLED
        except TimeoutError as error:
            if not timer.expired():
                raise
            raise BackendFailure(cause, f"{self.name}: the runnable gives nothing") from error
        finally:
            if isinstance(pieces, AsyncGenerator):
                await pieces.aclose()

    def _failure(self, error: Exception) -> BackendFailure:
        """By the type, the code and the status of what was raised. Its text may quote a record and is not
        looked at."""
        kinds = [kind.__name__ for kind in type(error).__mro__]
        code, status = getattr(error, "code", None), getattr(error, "status_code", None)
        cause = next((_CAUSES[each] for each in (str(code), *kinds) if each in _CAUSES), None)
        if cause is None and isinstance(status, int) and status >= 400:
            cause = cause_of_status(status)
        headers = getattr(getattr(error, "response", None), "headers", None)
        return BackendFailure(
            cause or Cause.SERVER_ERROR,
            f"{self.name}: {kinds[0]}",
            retry_after_s=retry_after_s(headers) if isinstance(headers, Mapping) else None,
        )


class _Room:
    """A loop on a thread of its own, begun with the first call."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closing = asyncio.Event()

    def loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._loop.set_default_executor(ThreadPoolExecutor(_MOST_THREADS, self._name))
            threading.Thread(target=self._run, args=(self._loop,), name=self._name, daemon=True).start()
        return self._loop

    def close(self) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._closing.set)
            self._loop = None

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(self._closing.wait())


def _forbid_tracing() -> None:
    for name in list(os.environ):
        if name.startswith(_TRACING):
            del os.environ[name]
    os.environ["LANGSMITH_TRACING"] = "false"
    os.environ["LANGCHAIN_TRACING_V2"] = "false"
    if "langsmith.utils" in sys.modules:  # it remembers what it has read
        sys.modules["langsmith.utils"].get_env_var.cache_clear()
    if "langchain_core.globals" in sys.modules:  # both print prompts and answers
        sys.modules["langchain_core.globals"].set_debug(False)
        sys.modules["langchain_core.globals"].set_verbose(False)


def _plain(piece: Any) -> object:
    """A message, or an object of pydantic, as the JSON that LangServe would make of it."""
    if isinstance(piece, str | dict) or piece is None:
        return piece
    if hasattr(piece, "content"):
        return {
            "content": piece.content,
            "response_metadata": getattr(piece, "response_metadata", None),
            "usage_metadata": getattr(piece, "usage_metadata", None),
        }
    return piece.model_dump(mode="json") if hasattr(piece, "model_dump") else piece
