"""How a caller is answered who waits for the summary on its connection, and what is left when it does not.

What is on disk before a model is asked, so that no crash loses what was paid, stands in `answer`.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog

from gateway.errors import ErrorKind, GatewayError
from gateway.interfaces import Store
from gateway.messages import Opened, Reply
from gateway.passage import Passage
from gateway.policy.decision import Decision
from gateway.records import NewRecord, Progress, Work
from gateway.request import SummarizationRequest
from gateway.spending import Held, Spending
from gateway.summarizer import Summarizer
from gateway.summary import Answer

log = structlog.get_logger("pipeline")


class WaitingCallers:
    def __init__(
        self, store: Store, summarizer: Summarizer, spending: Spending, now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._summarizer = summarizer
        self._spending = spending
        self._now = now
        self._answering: dict[str, asyncio.Future[Reply]] = {}
        self._loose_ends: set[asyncio.Task[None]] = set()

    async def answer(
        self, passage: Passage, opened: Opened[Any], request: SummarizationRequest, decision: Decision
    ) -> Reply:
        """The summary, once it is on disk. A resend gets the reply of the first, and no model is asked."""
        held = passage.held = await self._spending.begin(request, decision, passage.account)
        if passage.duplicate_key is None and not held.holds and self._summarizer.is_repeatable(decision):
            return await self._answer_in_one_commit(passage, opened, request, decision)
        held.stored()  # from here on they may be, whatever becomes of this call
        try:
            stored = await self._store.add(
                passage.record(Work.WORKING, duplicate_key=passage.duplicate_key, holds=held.holds)
            )
        except asyncio.CancelledError:
            self._interrupted(passage, held)
            raise
        if stored.duplicate_of is not None:
            held.release()
            return await self._reply_to_first(stored.duplicate_of, stored.reply)
        passage.is_stored = True
        answering = self._answering[request.id] = asyncio.get_running_loop().create_future()
        try:
            answer = await self._summarizer.summarize(
                request, decision, passage.account, before_each_paid_call=held.another_call
            )
            reply = self._reply(passage, opened, answer)
            await self._store.advance(
                Progress(
                    request.id,
                    work=Work.SUMMARIZED,
                    result=answer,
                    reply=reply,
                    shown_to=passage.account.shown_to,
                    settlement=held.settle(answer),
                )
            )
            answering.set_result(reply)
            return reply
        except asyncio.CancelledError:
            self._interrupted(passage, held)
            raise
        finally:
            del self._answering[request.id]
            answering.cancel()

    async def stop(self) -> None:
        """What is left of callers who have gone is written."""
        await asyncio.gather(*self._loose_ends, return_exceptions=True)

    async def _answer_in_one_commit(
        self, passage: Passage, opened: Opened[Any], request: SummarizationRequest, decision: Decision
    ) -> Reply:
        """By this process alone, for a message that no resend could be told from: a crash in the midst costs
        nobody anything, so that it came and what became of it are one commit."""
        passage.is_begun = True
        try:
            answer = await self._summarizer.summarize(request, decision, passage.account)
        except asyncio.CancelledError:
            gone = Progress(request.id, work=Work.INTERRUPTED)
            self._in_background(passage.record(Work.WORKING, ended=gone))
            raise
        reply = self._reply(passage, opened, answer)
        ended = Progress(request.id, work=Work.SUMMARIZED, result=answer, reply=reply)
        await self._store.add(passage.record(Work.WORKING, ended=ended))
        return reply

    def _reply(self, passage: Passage, opened: Opened[Any], answer: Answer) -> Reply:
        return passage.headed(passage.translator.to_reply(passage.message, opened, answer, self._now()))

    async def _reply_to_first(self, message_id: str, reply: Reply | None) -> Reply:
        """The reply to a message that is sent again, perhaps while the first still waits for it."""
        if reply is None and message_id in self._answering:
            await asyncio.wait([self._answering[message_id]])
            reply = await self._store.reply(message_id)
        if reply is None:
            raise GatewayError(ErrorKind.OVERLOADED, f"{message_id} is not answered yet", retry_after_s=5)
        return reply

    def _interrupted(self, passage: Passage, held: Held) -> None:
        """The caller has gone. What is on disk of its message, or is on its way there, ends."""
        self._in_background(
            Progress(
                passage.message.id,
                work=Work.INTERRUPTED,
                usage=passage.account.usage,
                shown_to=passage.account.shown_to,
                frees_duplicate_key=True,
                settlement=held.settle(),
            )
        )

    def _in_background(self, item: NewRecord | Progress) -> None:
        task = asyncio.ensure_future(self._write(item))
        self._loose_ends.add(task)
        task.add_done_callback(self._loose_ends.discard)

    async def _write(self, item: NewRecord | Progress) -> None:
        try:
            if isinstance(item, NewRecord):
                await self._store.add(item)
            else:
                await self._store.advance(item)
        except GatewayError as failure:
            message_id = item.message.id if isinstance(item, NewRecord) else item.message_id
            log.error("state_not_stored", id=message_id, kind=failure.kind.value)
            if isinstance(item, Progress):
                self._spending.not_written(item.settlement)
