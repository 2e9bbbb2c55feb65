"""Summaries of events: who is first, who is not held up, and what becomes of them while models are down."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import monotonic

import pytest

from gateway.attempts.limits import BackendLimits, BreakerLimits, RetryLimits
from gateway.backends.failure import BackendFailure, Cause
from gateway.clinical import ClinicalFact, Detail, DetailName, FactKind
from gateway.messages import InboundMessage, Protocol, Reply
from gateway.policy.decision import Decision
from gateway.records import AnswerState, NewRecord, Work
from gateway.request import SummarizationRequest
from gateway.store.message_store import MessageStore, open_reader
from gateway.store.reads import ListedMessage
from gateway.summarizer import Summarizer
from gateway.summary import Usage
from gateway.work import WorkQueue
from tests.gateway.attempts.scripted import REQUEST, decision
from tests.gateway.plugs import NOW, FakeBackend, message
from tests.on_reactor import on_reactor

Behave = Callable[[SummarizationRequest], object]


def backend(name: str, behave: Behave | None = None, *, repeatable: bool = False) -> FakeBackend:
    made = FakeBackend(name, behave)
    made.repeatable = repeatable
    return made


class Feed:
    """A queue over a real store, and the messages that were acknowledged."""

    def __init__(self, data_dir: Path, store: MessageStore, queue: WorkQueue, summarizer: Summarizer) -> None:
        self.store = store
        self.queue = queue
        self.summarizer = summarizer
        self._data_dir = data_dir

    async def accept(self, route: Decision, *, priority: str = "") -> str:
        """Stored and queued, as the pipeline does with an event."""
        sent = message("event", Protocol.HL7V2)
        request = event(sent, priority)
        receipt = Reply(b"AA", code="AA")
        await self.store.add(NewRecord(sent, "epic", request=request, reply=receipt, answer=AnswerState.NONE))
        self.queue.add(request.id, request, route)
        return request.id

    def stored(self, message_id: str) -> ListedMessage:
        listed = open_reader(self._data_dir).one(message_id)
        assert listed is not None
        return listed

    def content(self, message_id: str, kind: str) -> bytes | None:
        return open_reader(self._data_dir).content(message_id, kind)


def event(sent: InboundMessage, priority: str = "") -> SummarizationRequest:
    details = (Detail(name=DetailName.PRIORITY, text=priority),) if priority else ()
    fact = ClinicalFact(kind=FactKind.ORDER, text="CBC", details=details, origin="word[5]")
    return replace(REQUEST, id=sent.id, facts=(fact,))


@asynccontextmanager
async def feed(
    data_dir: Path, *backends: FakeBackend, age_s: float = 0, limits: BackendLimits | None = None
) -> AsyncIterator[Feed]:
    store = MessageStore(data_dir, lambda: NOW)
    plugs = {each.name: each for each in backends}
    summarizer = Summarizer(
        plugs, lambda: NOW, monotonic, limits=dict.fromkeys(plugs, limits or BackendLimits())
    )
    route = decision(list(plugs))
    queue = WorkQueue(store, summarizer, lambda _: route, lambda: NOW + timedelta(seconds=age_s))
    try:
        yield Feed(data_dir, store, queue, summarizer)
    finally:
        await queue.stop(0.05)
        await store.close()


async def until(holds: Callable[[], object], within_s: float = 5) -> None:
    async with asyncio.timeout(within_s):
        while not holds():
            await asyncio.sleep(0.005)


def failing_first(times: int, cause: Cause, **more: object) -> Behave:
    left = [BackendFailure(cause, **more)] * times  # type: ignore[arg-type]

    def behave(_: SummarizationRequest) -> None:
        if left:
            raise left.pop()

    return behave


@pytest.fixture(autouse=True)
def _quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.work._FIRST_RETRY_S", 0.05)
    monkeypatch.setattr("gateway.work._LAST_RETRY_S", 0.1)


NO_RETRIES = BackendLimits(retries=RetryLimits(most=0), breaker=BreakerLimits(failures=3, open_s=0.1))


@on_reactor
async def test_what_is_stat_is_summarized_before_what_came_earlier(tmp_path: Path) -> None:
    all_are_there = asyncio.Event()
    ward = backend("ward", lambda _: all_are_there.wait())
    async with feed(tmp_path, ward, limits=BackendLimits(concurrency=1)) as run:
        route = decision(["ward"])
        routine = [await run.accept(route) for _ in range(5)]
        asap = await run.accept(route, priority="asap")
        stat = await run.accept(route, priority="STAT")
        all_are_there.set()
        await until(lambda: not run.queue.backlog)
        assert ward.calls == [routine[0], stat, asap, *routine[1:]]


@on_reactor
async def test_a_backlog_at_a_slow_backend_starves_no_caller_and_no_other_backend(tmp_path: Path) -> None:
    slow = backend("slow", lambda _: asyncio.sleep(0.05))
    other, builtin = backend("other"), backend("builtin", repeatable=True)
    async with feed(tmp_path, slow, other, builtin, limits=BackendLimits(concurrency=4)) as run:
        for number in range(1000):
            sent = message("event", Protocol.HL7V2)
            run.queue.add(sent.id, event(sent), decision(["slow"]))
            if number == 500:
                quick = await run.accept(decision(["other"]))
                local = await run.accept(decision(["builtin"]))
        began = monotonic()
        await run.summarizer.summarize(replace(REQUEST, facts=event(message("x")).facts), decision(["slow"]))
        assert monotonic() - began < 0.5, "a place is free for who waits on a connection"
        await until(lambda: run.stored(quick).work == run.stored(local).work == Work.SUMMARIZED, 2)
        assert run.queue.backlog > 900


@on_reactor
async def test_an_event_whose_backend_is_down_stays_accepted_on_disk_and_is_tried_again(
    tmp_path: Path,
) -> None:
    ward = backend("ward", failing_first(3, Cause.CUT))
    async with feed(tmp_path, ward, limits=NO_RETRIES) as run:
        message_id = await run.accept(decision(["ward"]))
        await until(lambda: len(ward.calls) == 1)
        await asyncio.sleep(0.02)
        assert run.stored(message_id).work == Work.ACCEPTED
        await until(lambda: not run.queue.backlog)
        assert run.stored(message_id).work == Work.SUMMARIZED
        answer = open_reader(tmp_path).answer(message_id)
        assert answer is not None
        assert answer.summary.usage == Usage(calls=4, calls_possibly_paid=3)


@on_reactor
async def test_what_was_spent_before_a_restart_is_counted_after_it(tmp_path: Path) -> None:
    ward = backend("ward", failing_first(9, Cause.CUT))
    async with feed(tmp_path, ward, limits=BackendLimits(breaker=BreakerLimits(open_s=60))) as run:
        message_id = await run.accept(decision(["ward"]))
        await until(lambda: len(ward.calls) == 3 and not run.queue._tasks)
        assert run.stored(message_id).work == Work.ACCEPTED
    async with feed(tmp_path, backend("ward")) as run:
        run.queue.add(message_id)
        await until(lambda: not run.queue.backlog)
        answer = open_reader(tmp_path).answer(message_id)
        assert answer is not None
        assert answer.summary.usage == Usage(calls=4, calls_possibly_paid=3)


@on_reactor
async def test_while_the_breaker_is_open_nothing_is_written_called_or_lost(tmp_path: Path) -> None:
    down = True

    def behave(_: SummarizationRequest) -> None:
        if down:
            raise BackendFailure(Cause.NO_CONNECTION)

    ward = backend("ward", behave)
    async with feed(tmp_path, ward, limits=NO_RETRIES) as run:
        events = [await run.accept(decision(["ward"])) for _ in range(50)]
        await asyncio.sleep(0.3)
        assert len(ward.calls) < 40
        assert {run.stored(each).work for each in events} <= {Work.ACCEPTED, Work.WORKING}
        assert run.queue.backlog == 50
        down = False
        await until(lambda: not run.queue.backlog, 10)
        assert {run.stored(each).work for each in events} == {Work.SUMMARIZED}


@on_reactor
async def test_when_the_backend_is_back_the_backlog_does_not_wait_out_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.work._LAST_RETRY_S", 600)
    monkeypatch.setattr("gateway.work._FIRST_RETRY_S", 600)
    down = True

    def behave(_: SummarizationRequest) -> None:
        if down:
            raise BackendFailure(Cause.NO_CONNECTION)

    ward = backend("ward", behave)
    async with feed(tmp_path, ward, limits=NO_RETRIES) as run:
        for _ in range(20):
            await run.accept(decision(["ward"]))
        await until(lambda: run.queue.backlog == 20 and not run.queue._tasks)
        for item, _ in list(run.queue._items.values()):  # a second time in vain
            if item.retry is not None:
                item.retry.cancel()
                run.queue._put_back(item, run.queue._lanes["ward"])
        await until(lambda: not run.queue._tasks)
        assert len(run.queue._lanes["ward"].not_called) <= 20
        down = False
        await until(lambda: run.summarizer.guards["ward"].breaker.opens_in_s(monotonic()) == 0)
        postponed = len(ward.calls)
        await run.accept(decision(["ward"]))
        await until(lambda: run.queue.backlog <= postponed)


@on_reactor
async def test_what_a_restart_finds_for_a_slow_backend_holds_up_no_other_messages(tmp_path: Path) -> None:
    slow = backend("slow", lambda _: asyncio.sleep(60))
    builtin = backend("builtin", repeatable=True)
    async with feed(tmp_path, slow, builtin) as run:
        for _ in range(20):
            sent = message("event", Protocol.HL7V2)
            await run.store.add(NewRecord(sent, "epic", request=event(sent)))
            run.queue.add(sent.id)  # its route is not decided yet: by the policy of today it is `slow`
        local = await run.accept(decision(["builtin"]))
        await until(lambda: run.queue.backlog == 20)
        assert run.stored(local).work == Work.SUMMARIZED


@on_reactor
async def test_a_query_does_not_wait_for_what_is_tried_again_some_other_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.work._FIRST_RETRY_S", 600)
    monkeypatch.setattr("gateway.work._LAST_RETRY_S", 600)
    ward = backend("ward", failing_first(9, Cause.NO_CONNECTION))
    async with feed(tmp_path, ward, limits=NO_RETRIES) as run:
        message_id = await run.accept(decision(["ward"]))
        await until(lambda: ward.calls and not run.queue._tasks)
        async with asyncio.timeout(0.5):
            await run.queue.finished([message_id], 10)


@on_reactor
async def test_what_is_too_old_is_given_up_with_what_it_cost(tmp_path: Path) -> None:
    ward = backend("ward", failing_first(9, Cause.NO_ANSWER))
    async with feed(tmp_path, ward, limits=NO_RETRIES, age_s=25 * 3600) as run:
        message_id = await run.accept(decision(["ward"]))
        await until(lambda: not run.queue.backlog)
        assert run.stored(message_id).work == Work.FAILED
        assert run.stored(message_id).error_kind == "backend-timeout"
        usage = run.content(message_id, "usage")
        assert usage is not None
        assert b'"calls_possibly_paid":1' in usage


@on_reactor
async def test_one_message_is_not_paid_for_without_end(
    tmp_path: Path,
) -> None:
    ward = backend("ward", failing_first(99, Cause.UNREADABLE, usage=Usage(input_tokens=10)))
    async with feed(tmp_path, ward, limits=NO_RETRIES) as run:
        message_id = await run.accept(decision(["ward"]))
        await until(lambda: not run.queue.backlog, 20)
        assert len(ward.calls) == 12
        assert run.stored(message_id).work == Work.FAILED


@on_reactor
async def test_what_no_time_mends_is_given_up_at_once(tmp_path: Path) -> None:
    ward = backend("ward", failing_first(9, Cause.REFUSED))
    async with feed(tmp_path, ward) as run:
        message_id = await run.accept(decision(["ward"]))
        await until(lambda: not run.queue.backlog)
        assert (len(ward.calls), run.stored(message_id).error_kind) == (1, "backend-refused")


@on_reactor
async def test_it_says_working_only_while_a_call_is_under_way_that_may_be_paid(tmp_path: Path) -> None:
    seen: list[str] = []
    ward = backend("ward", lambda request: seen.append(run.stored(request.id).work))
    async with feed(tmp_path, ward) as run:
        await run.accept(decision(["ward"]))
        await until(lambda: not run.queue.backlog)
    builtin = backend("builtin", lambda request: seen.append(run.stored(request.id).work), repeatable=True)
    async with feed(tmp_path, builtin) as run:
        await run.accept(decision(["builtin"]))
        await until(lambda: not run.queue.backlog)
    assert seen == [Work.WORKING, Work.ACCEPTED]


@on_reactor
async def test_a_stop_lets_a_call_end_that_is_nearly_done_and_leaves_no_task(tmp_path: Path) -> None:
    before = asyncio.all_tasks()
    ward = backend("ward", lambda request: asyncio.sleep(0.02 if len(ward.calls) == 1 else 60))
    async with feed(tmp_path, ward, limits=BackendLimits(concurrency=2)) as run:
        first, second, third = [await run.accept(decision(["ward"])) for _ in range(3)]
        await until(lambda: len(ward.calls) == 1)
    assert run.stored(first).work == Work.SUMMARIZED
    assert {run.stored(second).work, run.stored(third).work} <= {Work.ACCEPTED, Work.WORKING}
    assert asyncio.all_tasks() <= before
    assert run.summarizer.guards["ward"].gate.in_flight == 0
