"""A backend over any provider's wire: prompt, call, stream, answer, summary."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from time import monotonic
from typing import Protocol

import structlog

from gateway.backends.answered import Configured, prompt_for, summary_of
from gateway.backends.failure import BackendFailure, Cause
from gateway.backends.http import Received, Sender
from gateway.backends.streams import AnswerTooLarge, splitter
from gateway.backends.wire import AnswerReader, Call, Completion, Framing, StreamEvent, Wire
from gateway.prompt.prompt import Prompt
from gateway.request import SummarizationRequest
from gateway.summary import Summary

log = structlog.get_logger("backends")


class Credentials(Protocol):
    """Headers to add to a call, fetched or remembered."""

    async def headers(self) -> Mapping[str, str]:
        """Raises `BackendFailure`."""
        ...

    def refused(self, headers: Mapping[str, str]) -> None:
        """The provider did not accept these."""
        ...


_NO_HEADERS: Mapping[str, str] = {}
_MOST_FAILURE_BYTES = 64 * 1024
_NOTABLE_LOAD_S = 1.0
"""A model that is loaded already takes milliseconds."""


class HttpBackend:
    repeatable = False

    def __init__(
        self, wire: Wire, sender: Sender, configured: Configured, credentials: Credentials | None = None
    ) -> None:
        self.name = configured.backend
        self._wire = wire
        self._sender = sender
        self._configured = configured
        self._credentials = credentials

    async def summarize(self, request: SummarizationRequest, model: str, timeout_s: float) -> Summary:
        """Raises `BackendFailure`."""
        prompt = await prompt_for(request, self._configured.prompt_tokens)
        completion = await self._complete(prompt, timeout_s)
        if completion.load_s > _NOTABLE_LOAD_S:
            log.info("model_loaded", backend=self.name, load_s=round(completion.load_s, 1))
        return summary_of(request, prompt, completion, self._configured, model)

    async def close(self) -> None:
        await self._sender.close()

    async def _complete(self, prompt: Prompt, timeout_s: float) -> Completion:
        call = self._wire.to_http(prompt)
        if self._credentials is None:
            return await self._answer(call, prompt, timeout_s)
        begun_at = monotonic()
        fetched = await self._fetched(self._credentials, timeout_s)
        call = replace(call, headers={**call.headers, **fetched})
        try:
            return await self._answer(call, prompt, timeout_s - (monotonic() - begun_at))
        except BackendFailure as failure:
            if failure.cause is Cause.CREDENTIALS:
                self._credentials.refused(fetched)
            raise

    async def _fetched(self, credentials: Credentials, timeout_s: float) -> Mapping[str, str]:
        try:
            async with asyncio.timeout(timeout_s):
                return await credentials.headers()
        except TimeoutError as error:
            raise BackendFailure(Cause.NO_CONNECTION, f"{self.name}: no credentials in time") from error

    async def _answer(self, call: Call, prompt: Prompt, timeout_s: float) -> Completion:
        reader = self._wire.from_http(prompt)
        status, headers, body = 200, _NO_HEADERS, bytearray()
        try:
            async with self._sender.send(call, timeout_s) as received:
                status, headers = received.status, received.headers
                if status == 200:
                    await self._read(received, reader)
                else:
                    await _read_beginning(received.chunks, body)
        except BackendFailure as failure:
            if status == 200:
                return _whole_or(failure, reader)
            # The status says more than what became of the text below it.
        if status != 200:
            raise self._wire.failure(status, headers, bytes(body))
        return reader.finish()

    async def _read(self, received: Received, reader: AnswerReader) -> None:
        framing = self._framing(received.headers)
        split = splitter(framing)
        try:
            async for chunk in received.chunks:
                for event in split.feed(chunk):
                    reader.feed(event)
            for event in split.end():
                if framing is Framing.WHOLE:
                    reader.feed(event)
                else:
                    _feed_last(reader, event)
        except AnswerTooLarge as error:
            raise BackendFailure(Cause.GARBLED, f"{self.name} answers without end") from error

    def _framing(self, headers: Mapping[str, str]) -> Framing:
        """Some servers answer with one JSON body although a stream was asked for."""
        if self._wire.framing is Framing.SSE:
            media_type = headers.get("content-type", "").partition(";")[0]
            if media_type.strip().lower() == "application/json":
                return Framing.WHOLE
        return self._wire.framing


async def _read_beginning(chunks: AsyncIterator[bytes], body: bytearray) -> None:
    async for chunk in chunks:
        body += chunk[: _MOST_FAILURE_BYTES - len(body)]
        if len(body) >= _MOST_FAILURE_BYTES:
            return


def _feed_last(reader: AnswerReader, event: StreamEvent) -> None:
    """What the stream's end left open may be half of an event: then the stream was cut, not garbled."""
    try:
        reader.feed(event)
    except BackendFailure as failure:
        if failure.cause is Cause.GARBLED:
            raise BackendFailure(Cause.CUT, failure.detail) from failure
        raise


def _whole_or(failure: BackendFailure, reader: AnswerReader) -> Completion:
    """A connection that breaks or stalls after the provider's end mark took nothing away, neither of an
    answer nor of a refusal."""
    if failure.cause in (Cause.CUT, Cause.STALLED, Cause.OUT_OF_TIME):
        try:
            return reader.finish()
        except BackendFailure as ended:
            if ended.cause is not Cause.CUT:
                raise ended from failure
    raise failure
