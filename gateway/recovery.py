"""What a stop or a crash left unfinished is taken up at the start."""

import structlog

from gateway.attempts.account import Account
from gateway.errors import GatewayError
from gateway.interfaces import Store
from gateway.records import AnswerState, Progress, Work
from gateway.returns import Returns
from gateway.spending import Spending
from gateway.summarizer import Summarizer
from gateway.summary import Usage
from gateway.work import Decider, WorkQueue

log = structlog.get_logger("recovery")


class Recovery:
    def __init__(
        self, store: Store, work: WorkQueue, summarizer: Summarizer, decide: Decider, spending: Spending
    ) -> None:
        self._store = store
        self._work = work
        self._summarizer = summarizer
        self._decide = decide
        self._spending = spending

    async def take_up(self, returns: Returns) -> None:
        """Summaries that are owed go to `returns`, what was accepted to the queue of work."""
        for each in await self._store.unfinished():
            if each.answer in (AnswerState.OWED, AnswerState.SENT) and each.work is Work.SUMMARIZED:
                answer = await self._store.answer(each.message_id)
                returns.owe((answer.return_to if answer else "") or each.partner, each.message_id)
            elif each.work is Work.ACCEPTED:
                self._work.add(each.message_id)
            elif each.work is Work.WORKING:
                await self._interrupted(each.message_id)

    async def _interrupted(self, message_id: str) -> None:
        """A model was being asked when the gateway was stopped, and may have been paid. An event is asked
        for again where the policy of today says so; of a caller who waited, nobody waits any more."""
        spent = Account()
        spent.used(await self._store.usage(message_id) or Usage(calls=0))
        spent.unknown()
        settled = self._spending.interrupted(message_id)
        is_acknowledged = await self._store.reply(message_id) is not None
        if is_acknowledged and await self._asks_again(message_id):
            await self._store.advance(
                Progress(message_id, work=Work.ACCEPTED, usage=spent.usage, settlement=settled)
            )
            self._work.add(message_id)
            return
        await self._store.advance(
            Progress(
                message_id,
                work=Work.INTERRUPTED,
                usage=spent.usage,
                frees_duplicate_key=True,
                settlement=settled,
            )
        )
        log.warning("work_interrupted", id=message_id)

    async def _asks_again(self, message_id: str) -> bool:
        request = await self._store.request(message_id)
        if request is None:
            return False
        try:
            decision = self._decide(request)
        except (GatewayError, KeyError):  # no such partner any more
            return False
        version = decision.model
        return version is not None and (
            version.asks_again_after_interruption or self._summarizer.is_repeatable(decision)
        )
