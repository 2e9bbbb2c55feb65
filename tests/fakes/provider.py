"""A provider that answers by a script and counts what it was asked."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from tests.fakes.answers import good_answer, pieces_of, tokens_of
from tests.fakes.formats import Ask, Format, Said
from tests.fakes.http_server import Exchange, Gone, HttpServer, Response
from tests.fakes.script import GOOD, Behaviour, Says, Script

_WITHOUT_TEXT = {Says.EMPTY, Says.ONLY_THOUGHTS, Says.BLOCKED_PROMPT, Says.SPII}
_WITH_HALF = {Says.AT_LIMIT, Says.CONTEXT_FULL, Says.CONTINUED, Says.ERROR_INSIDE, Says.FILTERED}
_REFUSAL = "I am not able to help with this."
_FOREVER_S = 3600


@dataclass
class Asked:
    """One call as the provider saw it."""

    ask: Ask
    behaviour: Behaviour
    at_s: float
    """Monotonic."""
    status: int = 0
    """0: no status line went out."""
    input_billed: int = 0
    output_billed: int = 0
    whole: bool = False
    """The answer or error went out to its last byte."""
    aborted: bool = False
    """The client left before."""


class Fake:
    """Use as `async with Fake(OpenAi(), calls=[RATE_LIMITED]) as fake`."""

    def __init__(
        self,
        wire: Format,
        calls: Iterable[Behaviour] = (),
        otherwise: Behaviour = GOOD,
        *,
        key: str = "",
    ) -> None:
        """`key`: the only one that is accepted; empty: none is asked for."""
        self.wire = wire
        self.script = Script(calls, otherwise)
        self.asked: list[Asked] = []
        self.refused: list[Response] = []
        """Answers to calls that were not in the provider's format, or asked no model."""
        self._key = key
        self._server = HttpServer(self._answer)

    async def __aenter__(self) -> Self:
        await self._server.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.__aexit__()

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def connections_open(self) -> int:
        return len(self._server.open_connections)

    @property
    def connections_made(self) -> int:
        return self._server.connections_made

    @property
    def tokens_billed(self) -> tuple[int, int]:
        """Of input and of output."""
        return sum(each.input_billed for each in self.asked), sum(each.output_billed for each in self.asked)

    async def _answer(self, exchange: Exchange) -> None:
        ask = self.wire.read(exchange.request, self._key)
        if isinstance(ask, Response):
            self.refused.append(ask)
            exchange.respond(ask)
            return
        behaviour = self.script.next()
        asked = Asked(ask, behaviour, time.monotonic())
        self.asked.append(asked)
        try:
            await self._behave(exchange, asked)
        except Gone:
            asked.aborted = True
            raise

    async def _behave(self, exchange: Exchange, asked: Asked) -> None:
        ask, behaviour = asked.ask, asked.behaviour
        if behaviour.reset:
            exchange.reset()
            return
        if behaviour.silent:
            asked.input_billed = tokens_of(ask.system + ask.prompt)
            await exchange.wait()
        if behaviour.answer_after_s:
            await exchange.wait(behaviour.answer_after_s)
        if behaviour.fails is not None:
            error = self.wire.error(behaviour.fails, ask, behaviour.retry_after_s)
            asked.status = error.status
            exchange.respond(error)
        elif ask.stream and behaviour.streams:
            await self._stream(exchange, asked, _said(ask, behaviour))
        else:
            await self._whole(exchange, asked, _said(ask, behaviour))
        asked.whole = asked.whole or behaviour.fails is not None
        if behaviour.close:
            exchange.close()

    async def _stream(self, exchange: Exchange, asked: Asked, said: Said) -> None:
        behaviour = asked.behaviour
        asked.status, asked.input_billed = 200, said.input_tokens
        events, end_marker = self.wire.events(asked.ask, said)
        parts = events + ([end_marker] if behaviour.end_marker and end_marker else [])
        if behaviour.malformed_at is not None:
            parts.insert(int(len(events) * behaviour.malformed_at), self.wire.malformed)
        exchange.start(self.wire.stream_type)
        if behaviour.first_token_after_s:
            await _write(exchange, parts[: self.wire.preamble], behaviour)
            del parts[: self.wire.preamble]
            await self._say_nothing(exchange, behaviour, behaviour.first_token_after_s)
        stop_at = behaviour.cut_at if behaviour.cut_at is not None else behaviour.stall_at
        if stop_at is None:
            await _write(exchange, parts, behaviour)
            asked.output_billed, asked.whole = said.output_tokens, True
            exchange.end()
            return
        await _write(exchange, parts[: int(len(events) * stop_at)], behaviour)
        asked.output_billed = int(said.output_tokens * stop_at)
        if behaviour.stall_at is not None:
            await self._say_nothing(exchange, behaviour, _FOREVER_S)
        await _stop(exchange, behaviour)

    async def _say_nothing(self, exchange: Exchange, behaviour: Behaviour, seconds: float) -> None:
        ends_at = time.monotonic() + seconds
        while (left_s := ends_at - time.monotonic()) > 0:
            await exchange.wait(min(left_s, behaviour.heartbeat_s or left_s))
            if behaviour.heartbeat_s is not None:
                exchange.chunk(self.wire.heartbeat)

    async def _whole(self, exchange: Exchange, asked: Asked, said: Said) -> None:
        behaviour = asked.behaviour
        response = self.wire.whole(asked.ask, said)
        asked.status, asked.input_billed, asked.output_billed = 200, said.input_tokens, said.output_tokens
        if behaviour.malformed_at is not None:
            response = Response(200, response.body[: int(len(response.body) * behaviour.malformed_at)])
        if behaviour.first_token_after_s:
            await exchange.wait(behaviour.first_token_after_s)
        stop_at = behaviour.cut_at if behaviour.cut_at is not None else behaviour.stall_at
        if stop_at is None:
            exchange.respond(response)
            asked.whole = True
            return
        exchange.start(response.content_type)
        exchange.chunk(response.body[: int(len(response.body) * stop_at) or 1])
        await _stop(exchange, behaviour)


def _said(ask: Ask, behaviour: Behaviour) -> Said:
    says = behaviour.says
    text = behaviour.text if behaviour.text is not None else good_answer(ask.prompt)
    output_tokens = tokens_of(text)
    if says is Says.REFUSAL:
        text = _REFUSAL
    pieces = pieces_of(text)
    if says in _WITHOUT_TEXT:
        pieces = []
    elif says in _WITH_HALF:
        pieces = pieces[: len(pieces) // 2]
    return Said(says, pieces, tokens_of(ask.system + ask.prompt), output_tokens)


async def _write(exchange: Exchange, parts: list[bytes], behaviour: Behaviour) -> None:
    if behaviour.chunk_bytes:
        stream = b"".join(parts)
        size = behaviour.chunk_bytes
        parts = [stream[at : at + size] for at in range(0, len(stream), size)]
    for part in parts:
        exchange.chunk(part)
        if behaviour.interval_s or behaviour.chunk_bytes:
            await exchange.wait(behaviour.interval_s)


async def _stop(exchange: Exchange, behaviour: Behaviour) -> None:
    if behaviour.stall_at is not None:
        await exchange.wait(_FOREVER_S)
    if behaviour.cut_cleanly:
        exchange.end()
    else:
        exchange.close()
