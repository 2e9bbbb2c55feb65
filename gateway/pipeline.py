"""The way of a message through the gateway, written once for every protocol.

Read `_pass` first: it is the order of the steps. Everything it calls is a plug or a value.
"""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any, TypeVar

import structlog

from gateway.admission import Admission
from gateway.errors import ErrorKind, GatewayError, place_of
from gateway.identity.authenticator import Authenticator
from gateway.identity.partners import Partner, PartnerTable, Principal
from gateway.interfaces import Store, Translator
from gateway.messages import Answer, InboundMessage, Opened, Protocol, Reply, SummarizationRequest, Task, Wish
from gateway.metrics import Metrics
from gateway.passage import InForce, Passage
from gateway.policy.decision import Decision, decide, refusal_of
from gateway.policy.limits import Per
from gateway.policy.notices import as_of_today
from gateway.policy.reply_headers import reply_headers
from gateway.policy.rules import Operation, Policy
from gateway.records import AnswerState, BreakGlass, NewRecord, Progress, Work
from gateway.recovery import Recovery
from gateway.repeated_refusals import JOINED, RepeatedRefusals
from gateway.request_facts import about, query_facts, request_facts
from gateway.returns import Returns
from gateway.spending import Held, Spending
from gateway.summarizer import Summarizer
from gateway.work import WorkQueue

log = structlog.get_logger("pipeline")

T = TypeVar("T")

OFF_LOOP_BYTES = 100_000
"""Bodies above this are parsed on a thread: a 5 MB document in line delays everybody by 0.2 s."""
_WAIT_FOR_PENDING_S = 10.0
_BEAT_S = 0.02
"""Whoever proves nothing is answered so long after its message came, or twice or three times as long: a
forged signature takes 0.6 ms more to refuse than an unknown issuer, and nobody shall see which it was."""


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
        self._repeated = RepeatedRefusals(store)
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="parse")
        self._answering: dict[str, asyncio.Future[Reply]] = {}
        self._finish_s = finish_s
        self._under_way: set[asyncio.Task[Any] | None] = set()
        self._loose_ends: set[asyncio.Task[None]] = set()
        self.work = WorkQueue(
            store, summarizer, self._decide_again, now, self._spending, keep_trying_s=keep_trying_s
        )
        metrics.watch_backlog(lambda: self.work.backlog)

    async def handle(self, message: InboundMessage) -> Reply:
        """The reply to `message`, whatever happens to it on the way."""
        passage = Passage(message, self._translators[message.protocol], self._in_force)
        began_at = asyncio.get_running_loop().time()
        task = asyncio.current_task()
        is_part = task in self._under_way  # of a batch
        self._under_way.add(task)
        try:
            reply = await self._pass(passage)
        except GatewayError as error:
            reply = await self._refused(passage, error)
        except Exception as error:
            log.error("message_failed", id=message.id, at=place_of(error))
            reply = await self._refused(passage, GatewayError(ErrorKind.INTERNAL, repr(error)))
        finally:
            if passage.entry is not None:
                passage.entry.leave()
            if passage.held is not None:
                passage.held.release()
            if not is_part:
                self._under_way.discard(task)
        if passage.is_unproven and not is_part:
            await _next_beat(began_at)
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
        await asyncio.gather(*self._loose_ends, return_exceptions=True)
        await self._repeated.stop()
        self._threads.shutdown(wait=False)

    async def _pass(self, passage: Passage) -> Reply:
        message, translator = passage.message, passage.translator
        opened = passage.opened = await self._off_loop_if_large(message, translator.open, message)
        if opened.parts:
            replies = [await self.handle(part) for part in opened.parts]
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
        return await self._summarize(passage, opened, partner, request)

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
        receipt = self._headed(passage, passage.translator.to_receipt(passage.message, opened, self._now()))
        stored = await self._store.add(
            passage.record(
                Work.ACCEPTED if wanted else Work.KEPT,
                answer=AnswerState.OWED if wanted and receiver.returns else AnswerState.NONE,
                duplicate_key=_duplicate_key(partner, opened),
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

    async def _summarize(
        self, passage: Passage, opened: Opened[Any], partner: Partner, request: SummarizationRequest
    ) -> Reply:
        """The sender waits for its summary on this connection."""
        if not request.has_content():
            raise GatewayError(ErrorKind.NO_CLINICAL_CONTENT)
        decision = self._permit(passage, Operation.SUMMARIZE)
        held = passage.held = await self._spending.begin(request, decision, passage.account)
        duplicate_key = _duplicate_key(partner, opened)
        if duplicate_key is None and not held.holds and self._summarizer.is_repeatable(decision):
            return await self._summarize_here(passage, opened, request, decision)
        held.stored()  # from here on they may be, whatever becomes of this call
        try:
            stored = await self._store.add(
                passage.record(Work.WORKING, duplicate_key=duplicate_key, holds=held.holds)
            )
        except asyncio.CancelledError:
            self._interrupted(passage, held)
            raise
        if stored.duplicate_of is not None:
            held.release()
            return await self._answer_of(stored.duplicate_of, stored.reply)
        passage.is_stored = True
        answering = self._answering[request.id] = asyncio.get_running_loop().create_future()
        try:
            answer = await self._summarizer.summarize(
                request, decision, passage.account, before_each_paid_call=held.another_call
            )
            reply = self._headed(
                passage, passage.translator.to_reply(passage.message, opened, answer, self._now())
            )
            settled = held.settle(answer)
            await self._store.advance(
                Progress(
                    request.id,
                    work=Work.SUMMARIZED,
                    result=answer,
                    reply=reply,
                    shown_to=passage.account.shown_to,
                    settlement=settled,
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

    async def _summarize_here(
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
        reply = self._headed(
            passage, passage.translator.to_reply(passage.message, opened, answer, self._now())
        )
        ended = Progress(request.id, work=Work.SUMMARIZED, result=answer, reply=reply)
        await self._store.add(passage.record(Work.WORKING, ended=ended))
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

    async def _answer_of(self, message_id: str, reply: Reply | None) -> Reply:
        """The reply to a message that is sent again, perhaps while the first still waits for it."""
        if reply is None and message_id in self._answering:
            await asyncio.wait([self._answering[message_id]])
            reply = await self._store.reply(message_id)
        if reply is None:
            raise GatewayError(ErrorKind.OVERLOADED, f"{message_id} is not answered yet", retry_after_s=5)
        return reply

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
            decision = self._permit(passage, Operation.RETRIEVE, answer)
            answer = replace(answer, notices=as_of_today(answer.notices, decision.notices))
        if passage.facts is not None and passage.facts.break_glass:
            self._alarm(passage, BreakGlass.GRANTED)
        reply = self._headed(passage, translator.to_query_reply(message, opened, answer, self._now()))
        await self._store.add(passage.record(Work.KEPT, reply=reply))
        return reply

    def _permit(self, passage: Passage, operation: Operation, looked_up: Answer | None = None) -> Decision:
        """The decision; raises `FORBIDDEN` when it is no. `looked_up`: what a query is answered with."""
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
            facts = about(facts, passage.principal.partner, looked_up.request, self._now().date())
        if passage.principal.grant is not None:
            passage.principal.grant.check(passage.request)
        passage.facts, passage.decision = facts, decide(facts, passage.in_force.policy, self._now())
        self._metrics.decided(passage.decision)
        if passage.decision.erring:
            log.error("rules_failed", id=passage.message.id, rules=passage.decision.erring)
        if not passage.decision.permitted:
            raise refusal_of(passage.decision)
        if facts.break_glass and passage.query is None:  # a query is asked about twice
            self._alarm(passage, BreakGlass.GRANTED)
        return passage.decision

    def _alarm(self, passage: Passage, how: BreakGlass) -> None:
        """Access in an emergency is looked at afterwards, also where it was refused."""
        passage.break_glass = how
        principal, task = passage.principal, passage.task
        partner = principal.partner.name if principal else "unknown"
        self._metrics.broken_glass(partner, how is BreakGlass.GRANTED)
        log.warning(
            "break_glass",
            id=passage.message.id,
            partner=partner,
            authentication=principal.method.value if principal else "",
            purpose_of_use=task.purpose_of_use if task else (),
            permitted=how is BreakGlass.GRANTED,
        )

    def _headed(self, passage: Passage, reply: Reply) -> Reply:
        """Over HTTP a reply names the policy that decided, and what is to be known of the model's life."""
        if passage.decision is None or passage.message.protocol is Protocol.HL7V2:
            return reply
        added = reply_headers(passage.decision, passage.in_force.policy, passage.message)
        return replace(reply, headers=(*reply.headers, *added))

    def _decide_again(self, request: SummarizationRequest) -> Decision:
        """For a message that was accepted earlier: the policy of today holds."""
        partner, policy = self._in_force.partners[request.partner], self._in_force.policy
        facts = request_facts(partner, Operation.SUMMARIZE, request)
        return decide(facts, policy, self._now(), request.received_at)

    async def _refused(self, passage: Passage, error: GatewayError) -> Reply:
        """The protocol's form of the error, with its trace in the store."""
        message, partner = passage.message, passage.partner
        passage.is_unproven = error.kind is ErrorKind.UNAUTHENTICATED
        is_feed = message.protocol is Protocol.HL7V2 and partner is not None
        if is_feed and error.kind in (ErrorKind.STORE_UNAVAILABLE, ErrorKind.OVERLOADED):
            assert partner is not None  # noqa: S101
            if partner.transient_failure in ("accept", "close"):
                # A NAK would put the message among a sender's errors for good; silence makes it try again.
                return Reply(b"", close=True, positive=False, code="closed")
            error.wire_code = partner.transient_failure
        reply = self._headed(
            passage, passage.translator.to_error(message, passage.opened, error, self._now())
        )
        if passage.break_glass is BreakGlass.NOT_ASKED and passage.asks_to_break_glass:
            self._alarm(passage, BreakGlass.ATTEMPTED)
        try:
            if passage.is_stored:
                await self._store.advance(passage.failed(error, reply))
            elif passage.is_begun and error.kind is not ErrorKind.STORE_UNAVAILABLE:
                await self._store.add(passage.record(Work.WORKING, ended=passage.failed(error, reply)))
            elif error.kind in JOINED and not self._repeated.is_first(passage.partner_name, error):
                self._join(passage, error)
            elif error.kind is not ErrorKind.STORE_UNAVAILABLE:
                await self._store.add(passage.record(Work.REFUSED, error=error, reply=reply))
        except GatewayError as failure:
            log.error("refusal_not_stored", id=message.id, kind=failure.kind.value)
            if error.kind in JOINED and not passage.is_stored:
                self._join(passage, error)
            if passage.is_stored and passage.held:
                self._spending.not_written(passage.held.settle())
        return reply

    def _join(self, passage: Passage, error: GatewayError) -> None:
        self._repeated.join(
            passage.partner_name,
            error,
            passage.message.received_at,
            passage.caller,
            is_break_glass=passage.break_glass is BreakGlass.ATTEMPTED,
        )

    def _in_background(self, item: NewRecord | Progress) -> None:
        async def write() -> None:
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

        task = asyncio.ensure_future(write())
        self._loose_ends.add(task)
        task.add_done_callback(self._loose_ends.discard)

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


async def _next_beat(began_at: float) -> None:
    passed = asyncio.get_running_loop().time() - began_at
    await asyncio.sleep(_BEAT_S - passed % _BEAT_S)


async def _ended(tasks: set[asyncio.Task[Any]], within_s: float) -> None:
    if tasks:
        _, late = await asyncio.wait(tasks, timeout=within_s)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


def _duplicate_key(partner: Partner, opened: Opened[Any]) -> bytes | None:
    if opened.duplicate_key is None or not opened.control_id:
        return None
    return sha256(partner.name.encode() + b"\0" + opened.duplicate_key).digest()
