"""Summaries on their way back to partners, as messages of their own, until the partner acknowledges them.

One lane a partner, in order. The same summary always travels under the same control id, so a partner
who gets it twice can tell.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import structlog

from gateway.errors import ErrorKind, GatewayError, place_of
from gateway.identity.partners import Partner, PartnerTable
from gateway.interfaces import Store
from gateway.records import AnswerState, Progress
from gateway.summary import Answer

log = structlog.get_logger("returns")

_FIRST_RETRY_S = 1.0
_LAST_RETRY_S = 300.0


class Exchange(Protocol):
    """Sends one payload and gives the partner's answer."""

    async def exchange(self, payload: bytes) -> bytes: ...

    async def close(self) -> None: ...


class MessageForm(Protocol):
    """How a summary is written as a message, and how its acknowledgment is read."""

    def summary_message(self, answer: Answer, structure: str, now: datetime) -> bytes: ...

    def acknowledges(self, message: bytes, answer: bytes) -> bool:
        """Raises `GatewayError` for an answer that is not an acknowledgment of this message."""
        ...


class Returns:
    def __init__(
        self,
        store: Store,
        partners: PartnerTable,
        form: MessageForm,
        connect: Callable[[str, int], Exchange],
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._partners = partners
        self._form = form
        self._now = now
        self._lanes: dict[str, asyncio.Queue[str]] = {}
        self._connections: list[Exchange] = []
        self._tasks: list[asyncio.Task[None]] = []
        for partner in partners:
            if partner.returns is not None:
                connection = connect(partner.returns.host, partner.returns.port)
                self._connections.append(connection)
                self._lanes[partner.name] = asyncio.Queue()
                self._tasks.append(asyncio.ensure_future(self._run(partner.name, connection)))

    def owe(self, partner: str, message_id: str) -> None:
        """Put a summary that is on disk on its way. Nothing happens for a partner who takes none."""
        if partner in self._lanes:
            self._lanes[partner].put_nowait(message_id)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for connection in self._connections:
            await connection.close()

    async def _run(self, partner: str, connection: Exchange) -> None:
        while True:
            message_id = await self._lanes[partner].get()
            try:
                await self._deliver(self._partners[partner], message_id, connection)
            except GatewayError as error:
                log.error("return_failed", id=message_id, partner=partner, kind=error.kind.value)
            except Exception as error:
                log.error("return_failed", id=message_id, partner=partner, at=place_of(error))

    async def _deliver(self, partner: Partner, message_id: str, connection: Exchange) -> None:
        """Until it is acknowledged or refused for good; everything behind it waits."""
        answer = await self._store.answer(message_id)
        if answer is None or partner.returns is None:
            return
        message = self._form.summary_message(answer, partner.returns.message, self._now())
        delay_s = _FIRST_RETRY_S
        while True:
            try:
                accepted = self._form.acknowledges(message, await connection.exchange(message))
                break
            except GatewayError as error:
                log.warning("return_postponed", id=message_id, partner=partner.name, kind=error.kind.value)
                if error.kind is ErrorKind.BACKEND_TIMEOUT:
                    await self._store.advance(Progress(message_id, answer=AnswerState.SENT))
            await asyncio.sleep(delay_s)
            delay_s = min(delay_s * 2, _LAST_RETRY_S)
        state = AnswerState.ACKNOWLEDGED if accepted else AnswerState.UNDELIVERABLE
        await self._store.advance(Progress(message_id, answer=state))
        log.info("returned", id=message_id, partner=partner.name, state=state.value)
