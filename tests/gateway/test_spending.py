"""Quotas through the real pipeline and store: never over, nothing stays held, whatever happens on the way."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.admission import Admission
from gateway.attempts.account import Account
from gateway.backends.failure import BackendFailure, Cause
from gateway.errors import ErrorKind, GatewayError
from gateway.messages import Protocol
from gateway.metrics import Metrics
from gateway.pipeline import Pipeline
from gateway.policy.limits import Limit, Limits, Per
from gateway.policy.quotas import Measure, Quota
from gateway.policy.rules import BackendFacts, ModelVersion, Policy
from gateway.policy.windows import Unit
from gateway.records import Charge, Hold, NewRecord, Progress, Settlement, Stored, Work
from gateway.request import SummarizationRequest
from gateway.returns import Returns
from gateway.spending import BackendTerms, Spending
from gateway.store.message_store import MessageStore, open_reader
from gateway.store.quota_table import QuotaReader
from gateway.store.reads import MessageFilter
from gateway.summarizer import Summarizer
from gateway.summary import Summary, Usage
from tests.gateway.plugs import NOW, FakeBackend, LineTranslator, message
from tests.gateway.test_pipeline import EPIC, RULES, PartnerTable
from tests.on_reactor import on_reactor

TOKENS = Quota("tokens", Per.PARTNER, Measure.TOKENS, 60_000, Unit.DAY)
REQUESTS = Quota("requests", Per.MODEL, Measure.REQUESTS, 30, Unit.DAY)
COST = Quota("cost", Per.LISTENER, Measure.COST, 10**9, Unit.MONTH)
USED = Usage(input_tokens=1900, output_tokens=100)
TERMS = {"paid": BackendTerms(input_price=3, output_price=15, most_output=500)}
"""With the prompt of `prompt_tokens`, about 2,930 tokens are held for a call."""


class Paid(FakeBackend):
    """Another's model: each call costs `USED`."""

    def __init__(self, behave: Callable[[SummarizationRequest], object] | None = None) -> None:
        super().__init__("paid", behave)
        self.repeatable = False

    async def summarize(self, request: SummarizationRequest, model: str, timeout_s: float) -> Summary:
        return replace(await super().summarize(request, model, timeout_s), usage=USED)


class FailingStore(MessageStore):
    """Takes nothing that ends a message, or no message, while told so."""

    is_failing = False
    is_full = False

    async def advance(self, progress: Progress) -> None:
        if self.is_failing:
            raise GatewayError(ErrorKind.STORE_UNAVAILABLE)
        await super().advance(progress)

    async def add(self, record: NewRecord) -> Stored:
        if self.is_full:
            raise GatewayError(ErrorKind.STORE_UNAVAILABLE)
        return await super().add(record)


class Running:
    def __init__(
        self, data_dir: Path, quotas: tuple[Quota, ...], backend: FakeBackend, limits: tuple[Limit, ...]
    ) -> None:
        self.now = NOW
        self.metrics = Metrics()
        self.store = FailingStore(data_dir, lambda: self.now)
        version = ModelVersion("m", "1", ((backend.name, 1),), asks_again_after_interruption=True)
        policy = Policy(
            RULES,
            {"m": {"1": version}},
            {"m": "1"},
            {backend.name: BackendFacts(backend.name, on_premises=True)},
            "r1",
        )
        partners = PartnerTable({EPIC.name: EPIC}, {"feed": ()})
        translator = LineTranslator()
        self.spending = Spending(quotas, UTC, limits, TERMS, self.store, self._now, lambda: 0.0, self.metrics)
        self.quotas, self.model_limits = self.spending.quotas, self.spending._limits
        self.door = Limits([Limit("door", Per.PARTNER, concurrency=1000)])
        self.admission = Admission(self.door, lambda: 0.0, self.metrics)
        self.pipeline = Pipeline(
            translators=dict.fromkeys(Protocol, translator),
            enhanced=translator,
            partners=partners,
            policy=policy,
            store=self.store,
            summarizer=Summarizer({backend.name: backend}, self._now, asyncio.get_running_loop().time),
            metrics=self.metrics,
            now=self._now,
            admission=self.admission,
            spending=self.spending,
            finish_s=0.05,
        )
        self.returns = Returns(self.store, partners, None, None, self._now)
        self.data_dir = data_dir

    def _now(self) -> datetime:
        return self.now

    async def say(self, line: str) -> str:
        return (await self.pipeline.handle(message(line))).body.decode()

    def used(self) -> dict[str, tuple[int, int]]:
        """Quota -> (spent, held)"""
        return {each.quota.id: (each.spent, each.held) for each in self.quotas.balances(self.now.timestamp())}

    def on_disk(self) -> tuple[dict[str, int], int]:
        """What is spent, and how many holds."""
        reader = QuotaReader.of(self.data_dir)
        return {each.quota: each.amount for each in reader.spent()}, len(reader.holds())


@asynccontextmanager
async def running(
    data_dir: Path, *quotas: Quota, backend: FakeBackend | None = None, limits: tuple[Limit, ...] = ()
) -> AsyncIterator[Running]:
    run = Running(data_dir, quotas, backend or Paid(), limits)
    await run.spending.restore()
    await run.pipeline.start(run.returns)
    try:
        yield run
    finally:
        await run.pipeline.stop()
        await run.returns.stop()
        await run.store.close()


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(400):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came")


@on_reactor
async def test_a_summary_is_charged_with_what_it_used(tmp_path: Path) -> None:
    async with running(tmp_path, TOKENS, REQUESTS, COST) as run:
        assert (await run.say("epic summarize C1 MRN1 Penicillin")).startswith("summary")
        assert run.used() == {"tokens": (2000, 0), "requests": (1, 0), "cost": (1900 * 3 + 100 * 15, 0)}
        assert run.on_disk() == ({"tokens": 2000, "requests": 1, "cost": 7200}, 0)


@on_reactor
async def test_hundreds_of_callers_at_once_never_overshoot_and_leave_nothing_held(tmp_path: Path) -> None:
    chance = random.Random(4)
    overshot: list[dict[str, tuple[int, int]]] = []
    calls = 0

    async def behave(_: SummarizationRequest) -> None:
        nonlocal calls
        calls += 1
        if any(
            spent + held > quota.most
            for quota in (TOKENS, REQUESTS)
            for spent, held in [run.used()[quota.id]]
        ):
            overshot.append(run.used())
        await asyncio.sleep(chance.random() / 100)
        if chance.random() < 0.2:
            raise BackendFailure(Cause.BAD_REQUEST, "paid")
        if chance.random() < 0.2:
            raise BackendFailure(Cause.UNREADABLE, "paid", may_retry=False)

    async def caller(number: int) -> str:
        await asyncio.sleep(chance.random() / 5)
        asking = asyncio.ensure_future(run.say(f"epic summarize C{number} MRN{number} Penicillin"))
        if number % 7 == 0:  # hangs up at some moment
            await asyncio.sleep(chance.random() / 50)
            asking.cancel()
        [reply] = await asyncio.gather(asking, return_exceptions=True)
        return reply if isinstance(reply, str) else "gone"

    room = Limit("room", Per.MODEL, concurrency=25)
    async with running(tmp_path, TOKENS, REQUESTS, COST, backend=Paid(behave), limits=(room,)) as run:
        replies = await asyncio.gather(*(caller(number) for number in range(400)))
        spent = {quota: spent for quota, (spent, _) in run.used().items()}
        await until(lambda: run.on_disk() == (spent, 0))
        assert not overshot
        assert all(held == 0 for _, held in run.used().values())
        assert spent["tokens"] <= TOKENS.most and spent["requests"] <= REQUESTS.most
        assert spent["requests"] > 15, "it was not for want of callers"
        assert sum(reply.startswith("error quota-exceeded") for reply in replies) > 100
        assert [meter.running for meter in run.door.of((Per.PARTNER, "epic"))] == [0]
        assert [meter.running for meter in run.model_limits.of((Per.MODEL, "m"))] == [0]


@on_reactor
async def test_a_caller_over_quota_is_refused_before_any_model_is_asked(tmp_path: Path) -> None:
    backend = Paid()
    async with running(
        tmp_path, Quota("one", Per.PARTNER, Measure.REQUESTS, 1, Unit.HOUR), backend=backend
    ) as run:
        await run.say("epic summarize C1 MRN1 Penicillin")
        assert await run.say("epic summarize C2 MRN2 Penicillin") == "error quota-exceeded"
        assert len(backend.calls) == 1
        run.now += timedelta(minutes=31)  # it was half past nine
        assert (await run.say("epic summarize C3 MRN3 Penicillin")).startswith("summary")
        text = run.metrics.registry.get_sample_value("ehr_gateway_quota_refused_total", {"quota": "one"})
        assert text == 1


@on_reactor
async def test_what_no_quota_ever_allows_is_not_told_to_come_again(tmp_path: Path) -> None:
    async with running(tmp_path, Quota("small", Per.PARTNER, Measure.TOKENS, 1000, Unit.HOUR)) as run:
        assert await run.say("epic summarize C1 MRN1 Penicillin") == "error forbidden"


@on_reactor
async def test_a_call_that_cost_nothing_is_given_back_and_one_that_may_have_been_paid_counts(
    tmp_path: Path,
) -> None:
    causes = iter([Cause.NO_CONNECTION, Cause.UNREADABLE])

    def behave(_: SummarizationRequest) -> object:
        raise BackendFailure(next(causes), "paid", may_retry=False)

    async with running(tmp_path, TOKENS, REQUESTS, backend=Paid(behave)) as run:
        await run.say("epic summarize C1 MRN1 Penicillin")
        assert run.used() == {"tokens": (0, 0), "requests": (0, 0)}
        await run.say("epic summarize C2 MRN2 Penicillin")
        [spent, held] = run.used()["tokens"]
        assert (2900 < spent < 3000) and held == 0
        assert run.used()["requests"] == (1, 0)


@on_reactor
async def test_a_retry_needs_room_of_its_own(tmp_path: Path) -> None:
    def behave(_: SummarizationRequest) -> object:
        raise BackendFailure(Cause.SERVER_ERROR, "paid", retry_after_s=0)

    backend = Paid(behave)
    async with running(
        tmp_path, Quota("t", Per.PARTNER, Measure.TOKENS, 4000, Unit.DAY), backend=backend
    ) as run:
        await run.say("epic summarize C1 MRN1 Penicillin")
        assert len(backend.calls) == 1
        assert run.used()["t"][0] <= 4000


@on_reactor
async def test_a_resend_holds_nothing(tmp_path: Path) -> None:
    async with running(tmp_path, TOKENS, REQUESTS) as run:
        first = await run.say("epic summarize C1 MRN1 Penicillin")
        assert await run.say("epic summarize C1 MRN1 Penicillin") == first
        assert run.used()["requests"] == (1, 0)
        assert run.on_disk() == ({"tokens": 2000, "requests": 1}, 0)


@on_reactor
async def test_an_event_over_quota_stays_accepted_and_is_summarized_in_the_next_window(
    tmp_path: Path,
) -> None:
    one = Quota("one", Per.PARTNER, Measure.REQUESTS, 1, Unit.DAY)
    async with running(tmp_path, one) as run:
        for number in range(2):
            assert (await run.say(f"epic record C{number} MRN{number} Penicillin")).startswith("received")
        await until(lambda: QuotaReader.of(tmp_path).spent() != [])
        works = sorted(each.work for each in open_reader(tmp_path).list(MessageFilter()))
        assert works == [Work.ACCEPTED, Work.SUMMARIZED]
    async with running(tmp_path, one) as run:
        assert run.used() == {"one": (1, 0)}, "what is spent survives the stop"
        run.now += timedelta(days=2)
        [waiting] = [item for item, _ in run.pipeline.work._items.values()]
        await until(lambda: waiting.retry is not None or not run.pipeline.work.backlog)
        if waiting.retry is not None:
            assert waiting.retry.when() - asyncio.get_running_loop().time() <= 3600
            waiting.retry.cancel()
            run.pipeline.work._put_back(waiting, run.pipeline.work._lanes["paid"])
        await until(lambda: not run.pipeline.work.backlog)
        assert {each.work for each in open_reader(tmp_path).list(MessageFilter())} == {Work.SUMMARIZED}
        assert run.used() == {"one": (1, 0)}


@on_reactor
async def test_a_quota_that_nears_its_end_warns_once_in_a_window(tmp_path: Path) -> None:
    async with running(tmp_path, Quota("five", Per.PARTNER, Measure.REQUESTS, 5, Unit.DAY)) as run:
        with capture_logs() as logs:
            replies = [
                await run.pipeline.handle(message(f"epic summarize C{each} MRN{each} Penicillin"))
                for each in range(5)
            ]
        warned = [each for each in logs if each["event"] == "quota_nearly_used_up"]
        assert [(each["quota"], each["left"]) for each in warned] == [("five", 1)]
        told = [dict(reply.headers).get("RateLimit") for reply in replies]
        assert told[:3] == [None] * 3
        assert told[3] == f'"five-requests";r=1;t={14 * 3600 + 1800}'


@on_reactor
async def test_a_limit_of_a_model_holds_for_callers_and_gives_its_room_back(tmp_path: Path) -> None:
    slow = Paid(lambda _: asyncio.sleep(0.05))
    limit = Limit("two", Per.MODEL, concurrency=2)
    async with running(tmp_path, backend=slow, limits=(limit,)) as run:
        replies = await asyncio.gather(
            *(run.say(f"epic summarize C{each} MRN{each} Penicillin") for each in range(6))
        )
        assert sorted(reply[:15] for reply in replies)[:4] == ["error throttled"] * 4
        assert [meter.running for meter in run.model_limits.of((Per.MODEL, "m"))] == [0]
        assert (await run.say("epic summarize C9 MRN9 Penicillin")).startswith("summary")


@on_reactor
async def test_while_spending_cannot_be_written_deny_refuses_and_allow_goes_on(tmp_path: Path) -> None:
    for name, denies in (("deny", True), ("allow", False)):
        quota = replace(TOKENS, is_denied_on_store_error=denies)
        async with running(tmp_path / name, quota) as run:
            run.store.is_failing = True
            assert await run.say("epic summarize C1 MRN1 Penicillin") == "error store-unavailable"
            assert run.used() == {"tokens": (2000, 0)}
            run.store.is_failing = True
            second = await run.say("epic summarize C2 MRN2 Penicillin")
            assert second == "error store-unavailable"
            assert run.used() == {"tokens": (2000 if denies else 4000, 0)}
            run.store.is_failing = False
            assert (await run.say("epic summarize C3 MRN3 Penicillin")).startswith("summary")
            assert run.on_disk() == ({"tokens": 4000 if denies else 6000}, 0)


@on_reactor
async def test_access_in_an_emergency_is_counted_and_waits_for_no_quota(tmp_path: Path) -> None:
    async with running(tmp_path, Quota("one", Per.PARTNER, Measure.REQUESTS, 1, Unit.HOUR)) as run:
        await run.say("epic summarize C1 MRN1 Penicillin")
        line = LineTranslator()
        inbound = message("epic summarize C2 MRN2 Penicillin")
        asked = line.to_request(inbound, line.open(inbound), "epic")
        decision = run.pipeline._decide_again(asked)
        with pytest.raises(GatewayError):
            await run.spending.begin(asked, decision, Account())
        held = await run.spending.begin(asked, replace(decision, break_glass=True), Account())
        assert run.used() == {"one": (1, 1)}
        held.release()


@on_reactor
async def test_work_that_cost_something_and_could_not_be_stored_is_still_charged_on_disk(
    tmp_path: Path,
) -> None:
    in_process = FakeBackend("builtin")
    async with running(tmp_path, REQUESTS, backend=in_process) as run:
        run.store.is_failing = True
        await run.say("epic record C1 MRN1 Penicillin")
        await until(lambda: run.used().get("requests") == (1, 0))
        assert run.on_disk() == ({}, 0)
        run.store.is_failing = False
        await run.say("epic summarize C2 MRN2 Penicillin")
        assert run.on_disk() == ({"requests": 2}, 0)


@on_reactor
async def test_a_message_that_cannot_be_stored_holds_nothing(tmp_path: Path) -> None:
    async with running(tmp_path, TOKENS) as run:
        run.store.is_full = True
        assert await run.say("epic summarize C1 MRN1 Penicillin") == "error store-unavailable"
        assert run.used() == {"tokens": (0, 0)}


@on_reactor
async def test_a_settlement_that_comes_twice_to_the_store_counts_once(tmp_path: Path) -> None:
    async with running(tmp_path) as run:
        inbound = message("epic summarize C1 MRN1 Penicillin")
        hold = Hold(inbound.id, "q", "tokens", "day", "epic", 0.0, 9, 60.0)
        charge = Charge("q", "tokens", "day", "epic", 0.0, 7)
        await run.store.add(NewRecord(inbound, work=Work.WORKING, holds=(hold,)))
        assert await run.store.quotas() == ([], [hold])
        ended = Progress(inbound.id, settlement=Settlement(inbound.id, (charge,), True))
        await asyncio.gather(run.store.advance(ended), run.store.advance(ended))
        await run.store.advance(ended)
        assert await run.store.quotas() == ([charge], [])


@on_reactor
async def test_the_store_keeps_the_window_that_was_opened_last(tmp_path: Path) -> None:
    async with running(tmp_path) as run:
        for began_at, amount in ((100.0, 1), (100.0, 2), (200.0, 4), (100.0, 8), (200.0, 16)):
            charge = Charge("q", "tokens", "day", "epic", began_at, amount)
            await run.store.advance(Progress("1" * 18, settlement=Settlement("1" * 18, (charge,), False)))
        assert await run.store.quotas() == ([Charge("q", "tokens", "day", "epic", 200.0, 20)], [])
