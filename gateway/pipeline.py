"""The way of a message through the gateway, written once for every protocol.

Read `_pass` first: it is the order of the steps. Everything it calls is a plug or a value.
"""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

import structlog

from gateway.admission import Admission
from gateway.emergencies import alarm
from gateway.errors import ErrorKind, GatewayError, place_of
from gateway.identity.authenticator import Authenticator
from gateway.identity.partners import Partner, PartnerTable, Principal
from gateway.interfaces import Store, Translator
from gateway.messages import InboundMessage, Opened, Protocol, Reply, Wish
from gateway.metrics import Metrics
from gateway.passage import InForce, Passage
from gateway.policy.decision import Decision, decide, refusal_of
from gateway.policy.limits import Per
from gateway.policy.notices import as_of_today
from gateway.policy.rules import Operation, Policy
from gateway.records import AnswerState, BreakGlass, Work
from gateway.recovery import Recovery
from gateway.refused_messages import RefusedMessages, next_beat
from gateway.request import SummarizationRequest, Task
from gateway.request_facts import about, query_facts, request_facts
from gateway.returns import Returns
from gateway.spending import Spending
from gateway.summarizer import Summarizer
from gateway.waiting_callers import WaitingCallers
from gateway.work import WorkQueue

log = structlog.get_logger("pipeline")

T = TypeVar("T")

OFF_LOOP_BYTES = 100_000
"""Bodies above this are parsed on a thread: a 5 MB document in line delays everybody by 0.2 s."""
_WAIT_FOR_PENDING_S = 10.0


class Pipeline:
    """Takes each whole message and gives its reply. `handle` never raises."""

    def __init__(
        self,
        *,
        translators: Mapping[Protocol, Translator],
        enhanced: Translator,
        partners: PartnerTable,
        policy: Policy,
        store: Store,
        summarizer: Summarizer,
        metrics: Metrics,
        now: Callable[[], datetime],
        authenticator: Authenticator | None = None,
        admission: Admission | None = None,
        spending: Spending | None = None,
        keep_trying_s: float = 86400,
        finish_s: float = 5,
    ) -> None:
        """`enhanced` serves partners with whom HL7 v2's enhanced acknowledgment mode was agreed; without
        `admission` everybody is let in at once, without `spending` nothing is held against quotas;
        `keep_trying_s` is the age up to which an event's summary is tried again, `finish_s` the time that the
        stop gives to what is under way."""
        self._translators = translators
        self._enhanced = enhanced
        self._authenticator = authenticator or Authenticator(now())
        self._in_force = InForce(partners, policy)
        self._store = store
        self._summarizer = summarizer
        self._metrics = metrics
        self._now = now
        self._admission = admission
        self._spending = spending or Spending.unlimited(store, now)
        self._callers = WaitingCallers(store, summarizer, self._spending, now)
        self._refused = RefusedMessages(store, self._spending, metrics, now)
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="parse")
        self._finish_s = finish_s
        self._under_way: set[asyncio.Task[Any] | None] = set()
        self.work = WorkQueue(
            store, summarizer, self._decide_again, now, self._spending, keep_trying_s=keep_trying_s
        )
        metrics.watch_backlog(lambda: self.work.backlog)

    async def handle(self, message: InboundMessage) -> Reply:
        """The reply to `message`, whatever happens to it on the way."""
        passage = Passage(message, self._translators[message.protocol], self._in_force)
        began_at = asyncio.get_running_loop().time()
        task = asyncio.current_task()
        self._under_way.add(task)
        try:
            reply = await self._answer(passage)
        finally:
            self._under_way.discard(task)
        if passage.is_unproven:
            await next_beat(began_at)
        self._observe(passage, reply)
        return self._with_limits(passage, reply)

    def refuse(self, message: InboundMessage, error: GatewayError) -> Reply:
        """The reply to what a listener itself could not take. Nothing of it is stored."""
        passage = Passage(message, self._translators[message.protocol], self._in_force)
        reply = passage.translator.to_error(message, None, error, self._now())
        self._observe(passage, reply)
        return reply

    def put_in_force(self, partners: PartnerTable, policy: Policy) -> None:
        """For what comes from here on; messages on their way keep what they began with."""
        self._in_force = InForce(partners, policy)

    async def start(self, returns: Returns) -> None:
        """Take up what was accepted before the last stop; summaries of events go to `returns`."""
        self.work.on_summarized = returns.owe
        recovery = Recovery(self._store, self.work, self._summarizer, self._decide_again, self._spending)
        await recovery.take_up(returns)

    async def stop(self) -> None:
        """Ends within `finish_s` and what the store takes: whatever runs then is cancelled."""
        under_way = {task for task in self._under_way if task is not None}
        await asyncio.gather(self.work.stop(self._finish_s), _ended(under_way, self._finish_s))
        await self._callers.stop()
        await self._refused.stop()
        self._threads.shutdown(wait=False)

    async def _answer(self, passage: Passage) -> Reply:
        try:
            return await self._pass(passage)
        except GatewayError as error:
            return await self._refused.answer(passage, error)
        except Exception as error:
            log.error("message_failed", id=passage.message.id, at=place_of(error))
            return await self._refused.answer(passage, GatewayError(ErrorKind.INTERNAL, repr(error)))
        finally:
            if passage.entry is not None:
                passage.entry.leave()
            if passage.held is not None:
                passage.held.release()

    async def _pass(self, passage: Passage) -> Reply:
        message, translator = passage.message, passage.translator
        opened = passage.opened = await self._off_loop_if_large(message, translator.open, message)
        if opened.parts:
            replies = [await self._answer_part(passage, part) for part in opened.parts]
            return translator.to_batch_reply(message, opened, replies, self._now())
        if opened.wish is Wish.NOTHING:
            return Reply(b"", code="none")
        if opened.wish is Wish.ECHO:
            return translator.to_receipt(message, opened, self._now())
        principal = await self._authenticator.identify(passage.in_force.partners, opened.claims, message)
        passage.principal, partner = principal, principal.partner
        if partner.enhanced_acknowledgment and message.protocol is Protocol.HL7V2:
            passage.translator = translator = self._enhanced
        await self._admit(passage, principal)
        if opened.wish is Wish.RETRIEVE:
            return await self._retrieve(passage, opened, partner)
        request = await self._off_loop_if_large(message, translator.to_request, message, opened, partner.name)
        request = passage.request = replace(
            request, authentication=principal.method.value, caller=passage.key
        )
        if opened.wish is Wish.RECORD:
            return await self._record(passage, opened, partner, request)
        return await self._summarize(passage, opened, request)

    async def _answer_part(self, batch: Passage, message: InboundMessage) -> Reply:
        passage = Passage(message, batch.translator, self._in_force)
        reply = await self._answer(passage)
        batch.is_unproven |= passage.is_unproven
        self._observe(passage, reply)
        return self._with_limits(passage, reply)

    async def _admit(self, passage: Passage, principal: Principal) -> None:
        """Feeds wait for their turn, in which their connection does nothing else; others are `THROTTLED`."""
        if self._admission is None or not self._admission.has_limits:
            return
        message = passage.message
        passage.subjects = ((Per.PARTNER, principal.partner.name), (Per.LISTENER, message.listener))
        if passage.key:
            passage.subjects += ((Per.KEY, passage.key),)
        if message.protocol is Protocol.HL7V2:
            passage.entry = await self._admission.wait(*passage.subjects)
        else:
            passage.entry = self._admission.enter(*passage.subjects)

    def _with_limits(self, passage: Passage, reply: Reply) -> Reply:
        """Over HTTP every reply says how far its limits are used: now, also where the reply is an old one."""
        if passage.message.protocol is Protocol.HL7V2:
            return reply
        added: list[tuple[str, str]] = []
        if self._admission is not None and passage.subjects:
            added += self._admission.headers(*passage.subjects)
        if passage.request is not None and passage.decision is not None:
            added += self._spending.headers(passage.request, passage.decision)
        if not added:
            return reply
        joined = {name: ", ".join(value for other, value in added if other == name) for name, _ in added}
        return replace(reply, headers=(*reply.headers, *joined.items()))

    async def _record(
        self, passage: Passage, opened: Opened[Any], partner: Partner, request: SummarizationRequest
    ) -> Reply:
        """An event: it is on disk before its acknowledgment leaves; its summary is made afterwards."""
        wanted = partner.wants_summary_of(opened.message_type) and request.changes_the_record()
        decision = self._permit(passage, Operation.SUMMARIZE if wanted else Operation.RECORD)
        receiver = passage.in_force.partners[decision.return_to] if decision.return_to else partner
        receipt = passage.headed(passage.translator.to_receipt(passage.message, opened, self._now()))
        stored = await self._store.add(
            passage.record(
                Work.ACCEPTED if wanted else Work.KEPT,
                answer=AnswerState.OWED if wanted and receiver.returns else AnswerState.NONE,
                duplicate_key=passage.duplicate_key,
                reply=receipt,
            )
        )
        passage.is_stored = True
        if stored.duplicate_of is not None:
            log.info("duplicate", id=passage.message.id, of=stored.duplicate_of)
            return stored.reply or receipt
        if stored.control_id_reused:
            log.info("control_id_reused", id=passage.message.id, partner=partner.name)
        if wanted:
            self.work.add(request.id, request, passage.decision)
        return receipt

    async def _summarize(self, passage: Passage, opened: Opened[Any], request: SummarizationRequest) -> Reply:
        """The sender waits for its summary on this connection."""
        if not request.has_content():
            raise GatewayError(ErrorKind.NO_CLINICAL_CONTENT)
        decision = self._permit(passage, Operation.SUMMARIZE)
        return await self._callers.answer(passage, opened, request, decision)

    async def _retrieve(self, passage: Passage, opened: Opened[Any], partner: Partner) -> Reply:
        """The latest summary for a patient or visit. Never taken for a resend: a query wants what is now."""
        message, translator = passage.message, passage.translator
        query = passage.query = translator.to_query(message, opened)
        self._permit(passage, Operation.RETRIEVE)
        found = await self._store.find(partner.name, query)
        if found.pending:
            await self.work.finished(found.pending, _WAIT_FOR_PENDING_S)
            found = await self._store.find(partner.name, query)
        answer = found.answer
        if answer is not None:
            passage.looked_up = answer.request
            decision = self._permit(passage, Operation.RETRIEVE, answer.request)
            answer = replace(answer, notices=as_of_today(answer.notices, decision.notices))
        if passage.facts is not None and passage.facts.break_glass:
            alarm(passage, BreakGlass.GRANTED, self._metrics)
        reply = passage.headed(translator.to_query_reply(message, opened, answer, self._now()))
        await self._store.add(passage.record(Work.KEPT, reply=reply))
        return reply

    def _permit(
        self, passage: Passage, operation: Operation, looked_up: SummarizationRequest | None = None
    ) -> Decision:
        """The decision; raises `FORBIDDEN` when it is no. `looked_up`: what the summary is of that
        a query is answered with."""
        assert passage.principal is not None and passage.opened is not None  # noqa: S101
        facts = (
            query_facts(
                passage.principal.partner,
                passage.message,
                passage.opened,
                passage.query.task if passage.query else Task(),
                passage.principal.method,
            )
            if passage.request is None
            else request_facts(passage.principal.partner, operation, passage.request)
        )
        if looked_up is not None:
            facts = about(facts, passage.principal.partner, looked_up, self._now().date())
        if passage.principal.grant is not None:
            passage.principal.grant.check(passage.request)
        passage.facts, passage.decision = facts, decide(facts, passage.in_force.policy, self._now())
        self._metrics.decided(passage.decision)
        if passage.decision.erring:
            log.error("rules_failed", id=passage.message.id, rules=passage.decision.erring)
        if not passage.decision.permitted:
            raise refusal_of(passage.decision)
        if facts.break_glass and passage.query is None:  # a query is asked about twice
            alarm(passage, BreakGlass.GRANTED, self._metrics)
        return passage.decision

    def _decide_again(self, request: SummarizationRequest) -> Decision:
        """For a message that was accepted earlier: the policy of today holds."""
        partner, policy = self._in_force.partners[request.partner], self._in_force.policy
        facts = request_facts(partner, Operation.SUMMARIZE, request)
        return decide(facts, policy, self._now(), request.received_at)

    async def _off_loop_if_large(
        self, message: InboundMessage, step: Callable[..., T], *arguments: object
    ) -> T:
        if len(message.body) <= OFF_LOOP_BYTES:
            return step(*arguments)
        return await asyncio.get_running_loop().run_in_executor(self._threads, step, *arguments)

    def _observe(self, passage: Passage, reply: Reply) -> None:
        message = passage.message
        seconds = (self._now() - message.received_at).total_seconds()
        self._metrics.answered(message.protocol.value, message.listener, reply.code, seconds)
        decision = passage.decision
        if passage.partner and decision and decision.permitted and decision.operation:
            self._metrics.served(passage.partner.name, decision.operation.version)
        log.info(
            "message",
            id=message.id,
            protocol=message.protocol.value,
            listener=message.listener,
            partner=passage.partner.name if passage.partner else None,
            code=reply.code,
            bytes=len(message.body),
            ms=round(seconds * 1000, 2),
        )


async def _ended(tasks: set[asyncio.Task[Any]], within_s: float) -> None:
    if tasks:
        _, late = await asyncio.wait(tasks, timeout=within_s)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
