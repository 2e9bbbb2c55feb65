"""How a message that is refused or has failed is answered, and what of it is kept."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog

from gateway.emergencies import alarm
from gateway.errors import ErrorKind, GatewayError, place_of
from gateway.interfaces import Store
from gateway.messages import Protocol, Reply
from gateway.metrics import Metrics
from gateway.passage import Passage
from gateway.records import BreakGlass, Work
from gateway.repeated_refusals import RepeatedRefusals
from gateway.spending import Spending

log = structlog.get_logger("pipeline")

_BEAT_S = 0.02
"""Whoever proves nothing is answered so long after its message came, or twice or three times as long: a
forged signature takes 0.6 ms more to refuse than an unknown issuer, and nobody shall see which it was."""


class RefusedMessages:
    def __init__(
        self, store: Store, spending: Spending, metrics: Metrics, now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._spending = spending
        self._metrics = metrics
        self._now = now
        self._repeated = RepeatedRefusals(store)

    async def answer(self, passage: Passage, error: GatewayError) -> Reply:
        """The protocol's form of the error, with its trace in the store."""
        passage.is_unproven = error.kind is ErrorKind.UNAUTHENTICATED
        transient = _agreed_for_transient(passage, error)
        if transient in ("accept", "close"):
            # A NAK would put the message among a sender's errors for good; silence makes it try again.
            return Reply(b"", close=True, positive=False, code="closed")
        error.wire_code = transient or error.wire_code
        reply = passage.headed(
            passage.translator.to_error(passage.message, passage.opened, error, self._now())
        )
        if passage.break_glass is BreakGlass.NOT_ASKED and passage.asks_to_break_glass:
            alarm(passage, BreakGlass.ATTEMPTED, self._metrics)
        try:
            await self._keep(passage, error, reply)
        except Exception as failure:  # a feed's connection does nothing more until it is answered
            log.error("refusal_not_stored", id=passage.message.id, at=place_of(failure))
            if error.kind.is_too_much and not passage.is_stored:
                self._join(passage, error)
            if passage.is_stored and passage.held:
                self._spending.not_written(passage.held.settle())
        return reply

    async def stop(self) -> None:
        """What was counted is written."""
        await self._repeated.stop()

    async def _keep(self, passage: Passage, error: GatewayError, reply: Reply) -> None:
        if passage.is_stored:
            await self._store.advance(passage.failed(error, reply))
        elif passage.is_begun and error.kind is not ErrorKind.STORE_UNAVAILABLE:
            await self._store.add(passage.record(Work.WORKING, ended=passage.failed(error, reply)))
        elif error.kind.is_too_much and not self._repeated.is_first(passage.partner_name, error):
            self._join(passage, error)
        elif error.kind is not ErrorKind.STORE_UNAVAILABLE:
            await self._store.add(passage.record(Work.REFUSED, error=error, reply=reply))

    def _join(self, passage: Passage, error: GatewayError) -> None:
        self._repeated.join(
            passage.partner_name,
            error,
            passage.message.received_at,
            passage.caller,
            is_break_glass=passage.break_glass is BreakGlass.ATTEMPTED,
        )


async def next_beat(began_at: float) -> None:
    """Returns when whoever proved nothing may be answered. `began_at`: the loop's time when it came."""
    passed = asyncio.get_running_loop().time() - began_at
    await asyncio.sleep(_BEAT_S - passed % _BEAT_S)


def _agreed_for_transient(passage: Passage, error: GatewayError) -> str:
    """What a feed's partner is told when we cannot take its message now; empty where nothing was agreed."""
    if error.kind not in (ErrorKind.STORE_UNAVAILABLE, ErrorKind.OVERLOADED):
        return ""
    if passage.partner is None or passage.message.protocol is not Protocol.HL7V2:
        return ""
    return passage.partner.transient_failure
