"""The way of a message: what is stored before what is said, who is let in, and what happens under faults."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.errors import ErrorKind, GatewayError
from gateway.identity.partners import Identification, Partner, PartnerTable, ReturnRoute
from gateway.messages import Protocol
from gateway.metrics import Metrics
from gateway.pipeline import Pipeline
from gateway.policy.rules import BackendFacts, Effect, ModelVersion, Policy, Rule, any_of
from gateway.records import AnswerState, Work
from gateway.returns import Returns
from gateway.store.audit_log import AuditReader
from gateway.store.message_store import MessageStore, open_reader
from gateway.store.reads import ListedMessage, MessageFilter
from gateway.summarizer import Summarizer
from gateway.summary import Answer
from gateway.versions import OperationVersion, OperationVersions
from tests.gateway.plugs import NOW, FakeBackend, LineTranslator, failing, message
from tests.on_reactor import on_reactor

EPIC = Partner(
    "epic",
    (Identification(api_key_sha256=sha256(b"epic").hexdigest()), Identification(sending_application="epic")),
    purpose_of_use=("TREAT",),
    summarizes=("LINE^record",),
)
RULES = (Rule("epic-may", Effect.PERMIT, {"partner": any_of(["epic"])}),)


class Running:
    """A pipeline over a real store, in the middle of a test."""

    def __init__(
        self, data_dir: Path, pipeline: Pipeline, store: MessageStore, backends: Mapping[str, FakeBackend]
    ) -> None:
        self.backends = backends
        self.data_dir = data_dir
        self.pipeline = pipeline
        self.store = store

    async def say(self, line: str, protocol: Protocol = Protocol.FHIR) -> str:
        return (await self.pipeline.handle(message(line, protocol))).body.decode()

    def stored(self, **wanted: str) -> list[ListedMessage]:
        return open_reader(self.data_dir).list(MessageFilter(**wanted))


@asynccontextmanager
async def running(
    data_dir: Path,
    *backends: FakeBackend,
    partner: Partner = EPIC,
    rules: tuple[Rule, ...] = RULES,
    asks_again: bool = False,
    others: tuple[Partner, ...] = (),
    delivered: "Delivered | None" = None,
    operation: OperationVersions = OperationVersions(),  # noqa: B008 - frozen
    today: datetime = NOW,
) -> AsyncIterator[Running]:
    plugs: Mapping[str, FakeBackend] = {backend.name: backend for backend in backends or (FakeBackend("b"),)}
    version = ModelVersion(
        "m",
        "1",
        ((next(iter(plugs)), 1),),
        tuple(plugs)[1:],
        asks_again_after_interruption=asks_again,
    )
    policy = Policy(
        rules,
        {"m": {"1": version}},
        {"m": "1"},
        {name: BackendFacts(name, on_premises=True) for name in plugs},
        "r1",
        operation=operation,
    )
    partners = PartnerTable({each.name: each for each in (partner, *others)}, {"feed": ()})
    store = MessageStore(data_dir, lambda: NOW)
    translator = LineTranslator()
    pipeline = Pipeline(
        translators=dict.fromkeys(Protocol, translator),
        enhanced=translator,
        partners=partners,
        policy=policy,
        store=store,
        summarizer=Summarizer(plugs, lambda: NOW, lambda: 0.0),
        metrics=Metrics(),
        now=lambda: today,
        finish_s=0.05,
    )
    if delivered is None:  # nobody takes anything
        returns = Returns(store, PartnerTable({}, {}), None, None, lambda: NOW)
    else:
        returns = Returns(store, partners, delivered, delivered.connect, lambda: NOW)
    await pipeline.start(returns)
    try:
        yield Running(data_dir, pipeline, store, plugs)
    finally:
        await pipeline.stop()
        await returns.stop()
        await store.close()


def works(run: Running) -> list[str]:
    """The newest first."""
    return [each.work for each in run.stored()]


async def settled(run: Running) -> None:
    while run.pipeline.work.backlog:
        await asyncio.sleep(0.01)


@on_reactor
async def test_an_event_is_on_disk_before_it_is_acknowledged_and_summarized_after(tmp_path: Path) -> None:
    async with running(tmp_path) as run:
        reply = await run.say("epic record C1 MRN1 Penicillin")
        [stored] = run.stored(control_id="C1")
        assert reply == f"received {stored.id}"
        await settled(run)
        [stored] = run.stored()
        assert (stored.work, stored.backend, stored.rules) == (Work.SUMMARIZED, "b", "epic-may")


@on_reactor
async def test_who_waits_gets_the_summary_once_it_is_on_disk(tmp_path: Path) -> None:
    async with running(tmp_path) as run:
        assert (await run.say("epic summarize C1 MRN1 Penicillin")).startswith("summary PENICILLIN")
        assert run.stored()[0].work == Work.SUMMARIZED


@on_reactor
async def test_a_query_waits_for_the_summary_that_is_on_its_way(tmp_path: Path) -> None:
    slow = FakeBackend("b", lambda _: asyncio.sleep(0.2))
    async with running(tmp_path, slow) as run:
        await run.say("epic record C1 MRN1 Penicillin")
        assert await run.say("epic retrieve C2 MRN1 -") == "found PENICILLIN"
        assert await run.say("epic retrieve C3 MRN2 -") == "found nothing"


@pytest.mark.parametrize("wish", ["record", "summarize"])
@on_reactor
async def test_the_same_message_again_gets_the_same_reply_and_no_second_summary(
    tmp_path: Path, wish: str
) -> None:
    backend = FakeBackend("b")
    async with running(tmp_path, backend) as run:
        first = await run.say(f"epic {wish} C1 MRN1 Penicillin")
        await settled(run)
        assert await run.say(f"epic {wish} C1 MRN1 Penicillin") == first
        assert len(backend.calls) == len(run.stored()) == 1


@on_reactor
async def test_the_same_message_while_the_first_is_answered_waits_for_its_answer(tmp_path: Path) -> None:
    backend = FakeBackend("b", lambda _: asyncio.sleep(0.1))
    async with running(tmp_path, backend) as run:
        replies = await asyncio.gather(*(run.say("epic summarize C1 MRN1 Penicillin") for _ in range(3)))
        assert len(set(replies)) == 1
        assert len(backend.calls) == 1


@on_reactor
async def test_the_same_control_id_with_another_body_is_processed_and_noted(tmp_path: Path) -> None:
    async with running(tmp_path) as run:
        await run.say("epic record C1 MRN1 Penicillin")
        await run.say("epic record C1 MRN1 Latex")
        assert sorted(each.control_id_reused for each in run.stored()) == [False, True]


@on_reactor
async def test_a_stranger_is_refused_and_nothing_of_the_message_kept(tmp_path: Path) -> None:
    backend = FakeBackend("b")
    async with running(tmp_path, backend) as run:
        assert await run.say("mallory summarize C1 MRN1 Penicillin") == "error unauthenticated"
        [stored] = run.stored()
        assert (stored.work, stored.partner, stored.error_kind) == (Work.REFUSED, "", "unauthenticated")
        assert open_reader(tmp_path).content(stored.id, "body") is None
        assert backend.calls == []


@on_reactor
async def test_without_a_rule_nothing_reaches_a_backend(tmp_path: Path) -> None:
    backend = FakeBackend("b")
    async with running(tmp_path, backend, rules=()) as run:
        assert await run.say("epic record C1 MRN1 Penicillin") == "error forbidden"
        assert run.stored()[0].rules == "default-deny"
        assert backend.calls == []


@on_reactor
async def test_a_purpose_that_was_not_granted_is_refused(tmp_path: Path) -> None:
    async with running(tmp_path) as run:
        assert await run.say("epic summarize C1 MRN1 research") == "error forbidden"


@on_reactor
async def test_an_event_of_no_interest_is_kept_without_a_summary(tmp_path: Path) -> None:
    backend = FakeBackend("b")
    async with running(tmp_path, backend, partner=replace(EPIC, summarizes=("OTHER^*",))) as run:
        assert (await run.say("epic record C1 MRN1 Penicillin")).startswith("received")
        assert run.stored()[0].work == Work.KEPT
        assert backend.calls == []


@on_reactor
async def test_nothing_to_summarize_is_an_error_for_who_waits_and_none_for_an_event(tmp_path: Path) -> None:
    async with running(tmp_path) as run:
        assert await run.say("epic summarize C1 MRN1 -") == "error no-clinical-content"
        assert (await run.say("epic record C2 MRN1 -")).startswith("received")


@on_reactor
async def test_a_summary_of_what_was_withdrawn_since_is_not_the_latest(tmp_path: Path) -> None:
    async with running(tmp_path) as run:
        await run.say("epic record C1 MRN1 Penicillin")
        await settled(run)
        await run.say("epic record C2 MRN1 withdrawn")
        assert await run.say("epic retrieve C3 MRN1 -") != "found PENICILLIN"
        assert [each.work for each in run.stored(control_id="C2")] == [Work.SUMMARIZED]


@pytest.mark.parametrize("line", ["not five words", "epic record C1 MRN1 bug"])
@on_reactor
async def test_what_cannot_be_read_still_gets_a_reply_and_a_trace(tmp_path: Path, line: str) -> None:
    async with running(tmp_path) as run:
        with capture_logs() as logs:
            assert (await run.say(line)).startswith("error ")
        assert run.stored()[0].work == Work.REFUSED
        assert "Doe" not in str(logs)


@on_reactor
async def test_a_backend_that_is_down_gives_way_to_the_next(tmp_path: Path) -> None:
    down, up = FakeBackend("a", failing(ErrorKind.BACKEND_UNAVAILABLE)), FakeBackend("b")
    async with running(tmp_path, down, up) as run:
        assert (await run.say("epic summarize C1 MRN1 Penicillin")).startswith("summary")
        [stored] = run.stored()
        answer = open_reader(tmp_path).answer(stored.id)
        assert answer is not None
        assert [caution.code for caution in answer.summary.warnings] == ["backend-failed"]


@on_reactor
async def test_what_one_provider_declined_is_not_carried_to_another(tmp_path: Path) -> None:
    declining, other = FakeBackend("a", failing(ErrorKind.BACKEND_REFUSED)), FakeBackend("b")
    async with running(tmp_path, declining, other) as run:
        assert await run.say("epic summarize C1 MRN1 Penicillin") == "error backend-refused"
        assert other.calls == []


@on_reactor
async def test_a_failed_message_may_be_sent_again(tmp_path: Path) -> None:
    answers = iter([failing(ErrorKind.BACKEND_UNAVAILABLE), lambda _: None])
    flaky = FakeBackend("b", lambda request: next(answers)(request))
    async with running(tmp_path, flaky) as run:
        assert await run.say("epic summarize C1 MRN1 Penicillin") == "error backend-unavailable"
        assert (await run.say("epic summarize C1 MRN1 Penicillin")).startswith("summary")
        assert sorted(each.work for each in run.stored()) == [Work.FAILED, Work.SUMMARIZED]


@on_reactor
async def test_a_caller_who_hangs_up_ends_the_work_and_may_come_again(tmp_path: Path) -> None:
    slow = FakeBackend("b", lambda _: asyncio.sleep(60))
    async with running(tmp_path, slow) as run:
        asked = asyncio.ensure_future(run.say("epic summarize C1 MRN1 Penicillin"))
        while not slow.calls:
            await asyncio.sleep(0.01)
        asked.cancel()
        await asyncio.sleep(0.1)
        assert run.stored()[0].work == Work.INTERRUPTED


@pytest.mark.parametrize(
    ("agreed", "body", "closes"),
    [("accept", "", True), ("close", "", True), ("AE", "error store-unavailable AE", False)],
)
@on_reactor
async def test_a_feed_gets_what_was_agreed_when_nothing_can_be_stored(
    tmp_path: Path, agreed: str, body: str, closes: bool
) -> None:
    async with running(tmp_path, partner=replace(EPIC, transient_failure=agreed)) as run:

        async def full(_: object) -> object:
            raise GatewayError(ErrorKind.STORE_UNAVAILABLE)

        run.store.add = full  # type: ignore[assignment]
        reply = await run.pipeline.handle(message("epic record C1 MRN1 Penicillin", Protocol.HL7V2))
        assert (reply.body.decode(), reply.close, reply.positive) == (body, closes, False)


@on_reactor
async def test_a_message_is_answered_however_the_store_fails(tmp_path: Path) -> None:
    async with running(tmp_path) as run:

        async def broken(_: object) -> object:
            raise RuntimeError("nobody has thought of it")

        run.store.add = broken  # type: ignore[assignment]
        for line in ("epic record C1 MRN1 Penicillin", "mallory record C2 MRN1 Penicillin"):
            assert (await run.say(line)).startswith("error ")


@on_reactor
async def test_what_was_accepted_before_a_stop_is_summarized_after_the_start(tmp_path: Path) -> None:
    never = FakeBackend("b", lambda _: asyncio.sleep(60))
    async with running(tmp_path, never) as run:
        await run.say("epic record C1 MRN1 Penicillin")
    async with running(tmp_path) as run:
        await settled(run)
        assert run.stored()[0].work == Work.SUMMARIZED


@on_reactor
async def test_what_was_accepted_before_its_version_ended_is_summarized_all_the_same(tmp_path: Path) -> None:
    tomorrow = NOW + timedelta(days=1)
    lives = OperationVersions("1", {"1": OperationVersion("1", sunset=tomorrow.date(), successor="2")})
    never = FakeBackend("b", lambda _: asyncio.sleep(60))
    async with running(tmp_path, never, operation=lives) as run:
        await run.say("epic record C1 MRN1 Penicillin")
    async with running(tmp_path, operation=lives, today=tomorrow) as run:
        await settled(run)
        assert run.stored(control_id="C1")[0].work == Work.SUMMARIZED


@on_reactor
async def test_a_model_that_may_have_been_paid_is_not_asked_again_by_itself(tmp_path: Path) -> None:
    paid = FakeBackend("b", lambda _: asyncio.sleep(60))
    paid.repeatable = False
    async with running(tmp_path, paid) as run:
        await run.say("epic record C1 MRN1 Penicillin")
        while not paid.calls:
            await asyncio.sleep(0.01)
    again = FakeBackend("b")
    again.repeatable = False
    async with running(tmp_path, again) as run:
        assert run.stored()[0].work == Work.INTERRUPTED
        assert again.calls == []


ANONYMOUS = "epic summarize  MRN1 Penicillin"
"""No id by which it could be told from a resend."""


@pytest.mark.parametrize("repeatable", [True, False])
@on_reactor
async def test_only_what_costs_nothing_is_asked_for_before_it_is_on_disk(
    tmp_path: Path, repeatable: bool
) -> None:
    seen: list[list[str]] = []
    async with running(tmp_path, FakeBackend("b", lambda _: seen.append(works(run)))) as run:
        run.backends["b"].repeatable = repeatable
        reply = await run.say(ANONYMOUS)
        [stored] = run.stored()
        assert reply == f"summary PENICILLIN for {stored.id}"
        assert (stored.work, stored.backend, stored.reply_code) == (Work.SUMMARIZED, "b", "200")
        kept = await run.store.reply(stored.id)
        assert kept is not None and kept.body.decode() == reply
    assert seen == [[] if repeatable else [Work.WORKING]]
    assert [json.loads(each.entry)["event"] for each in AuditReader(tmp_path).entries()] == [
        "start",
        "decision",
        "outcome",
    ]


@on_reactor
async def test_work_that_was_not_on_disk_yet_leaves_its_trace_however_it_ends(tmp_path: Path) -> None:
    async with running(tmp_path, FakeBackend("b", failing(ErrorKind.BACKEND_UNAVAILABLE))) as run:
        assert await run.say(ANONYMOUS) == "error backend-unavailable"
        [stored] = run.stored()
        assert (stored.work, stored.error_kind) == (Work.FAILED, "backend-unavailable")
    slow = FakeBackend("b", lambda _: asyncio.sleep(60))
    async with running(tmp_path, slow) as run:
        asked = asyncio.ensure_future(run.say(ANONYMOUS))
        while not slow.calls:
            await asyncio.sleep(0.01)
        asked.cancel()
        await asyncio.sleep(0.1)
        assert works(run) == [Work.INTERRUPTED, Work.FAILED]


@pytest.mark.parametrize("wish", ["record", "summarize"])
@on_reactor
async def test_a_version_may_ask_again_but_not_for_a_caller_who_has_gone(tmp_path: Path, wish: str) -> None:
    paid, again = FakeBackend("b", lambda _: asyncio.sleep(60)), FakeBackend("b")
    paid.repeatable = again.repeatable = False
    async with running(tmp_path, paid) as run:
        asked = asyncio.ensure_future(run.say(f"epic {wish} C1 MRN1 Penicillin"))
        while not paid.calls:
            await asyncio.sleep(0.01)
        # As after a kill: what the stop would write is not written.
        run.store.advance = lambda _: asyncio.sleep(0)  # type: ignore[method-assign]
        asked.cancel()
    assert works(run) == [Work.WORKING]
    async with running(tmp_path, again, asks_again=True) as run:
        await settled(run)
        [stored] = run.stored()
        if wish == "summarize":
            assert (stored.work, again.calls) == (Work.INTERRUPTED, [])
            return
        assert stored.work == Work.SUMMARIZED
        answer = open_reader(tmp_path).answer(stored.id)
        assert answer is not None
        assert (answer.summary.usage.calls, answer.summary.usage.calls_possibly_paid) == (2, 1)


@on_reactor
async def test_a_failure_keeps_what_it_cost(tmp_path: Path) -> None:
    down = FakeBackend("b", failing(ErrorKind.BACKEND_TIMEOUT))
    down.repeatable = False
    async with running(tmp_path, down) as run:
        assert await run.say("epic summarize C1 MRN1 Penicillin") == "error backend-timeout"
        cost = open_reader(tmp_path).content(run.stored()[0].id, "usage")
        assert cost is not None
        assert b'"calls_possibly_paid":1' in cost


@on_reactor
async def test_a_stop_lets_a_caller_have_his_answer_and_ends_who_takes_too_long(tmp_path: Path) -> None:
    backend = FakeBackend("b", lambda request: asyncio.sleep(0.02 if len(backend.calls) == 1 else 60))
    async with running(tmp_path, backend) as run:
        quick = asyncio.ensure_future(run.say("epic summarize C1 MRN1 Penicillin"))
        while not backend.calls:
            await asyncio.sleep(0.005)
        slow = asyncio.ensure_future(run.say("epic summarize C2 MRN2 Latex"))
        while len(backend.calls) < 2:
            await asyncio.sleep(0.005)
    assert (await quick).startswith("summary PENICILLIN")
    assert slow.cancelled()
    assert {each.control_id: each.work for each in run.stored()} == {
        "C1": Work.SUMMARIZED,
        "C2": Work.INTERRUPTED,
    }


@on_reactor
async def test_an_event_waits_for_a_backend_that_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.work._FIRST_RETRY_S", 0.05)
    answers = iter([failing(ErrorKind.BACKEND_UNAVAILABLE)] * 2 + [lambda _: None])
    async with running(tmp_path, FakeBackend("b", lambda request: next(answers)(request))) as run:
        assert (await run.say("epic record C1 MRN1 Penicillin")).startswith("received")
        await settled(run)
        assert run.stored()[0].work == Work.SUMMARIZED


@on_reactor
async def test_a_batch_is_answered_message_by_message(tmp_path: Path) -> None:
    async with running(tmp_path) as run:
        parts = (message("epic record C1 MRN1 Penicillin"), message("mallory record C2 MRN1 Latex"))
        whole = message("epic record C0 MRN1 -")
        opened = replace(LineTranslator().open(whole), parts=parts)
        run.pipeline._translators[Protocol.FHIR].open = (  # type: ignore[method-assign]
            lambda each: opened if each is whole else LineTranslator().open(each)
        )
        began_at = asyncio.get_running_loop().time()
        reply = await run.pipeline.handle(whole)
        assert reply.body.decode() == f"received {parts[0].id};error unauthenticated"
        took_s = asyncio.get_running_loop().time() - began_at
        assert took_s >= 0.019, "whoever proves nothing is answered on the beat, in a batch as well"


@on_reactor
async def test_a_message_keeps_the_policy_that_it_began_with(tmp_path: Path) -> None:
    entered, go = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        entered.set()
        await go.wait()

    slow = FakeBackend("b", lambda _: wait())
    async with running(tmp_path, slow) as run:
        asked = asyncio.ensure_future(run.say("epic summarize C1 MRN1 Penicillin"))
        await entered.wait()
        nobody = PartnerTable({}, {"feed": ()})
        run.pipeline.put_in_force(nobody, Policy((), {}, {}, {}, "r2"))
        go.set()
        assert (await asked).startswith("summary PENICILLIN")
        assert (await run.say("epic summarize C2 MRN1 Penicillin")).startswith("error unauthenticated")
        [first] = run.stored(control_id="C1")
        assert first.policy_revision == "r1"


class Delivered:
    """Takes every summary, and remembers on whose connection."""

    def __init__(self) -> None:
        self.ports: list[int] = []

    def connect(self, host: str, port: int) -> "Delivered.Connection":
        return Delivered.Connection(self, port)

    def summary_message(self, answer: Answer, structure: str, now: datetime) -> bytes:
        return answer.return_to.encode()

    def acknowledges(self, message: bytes, answer: bytes) -> bool:
        return True

    class Connection:
        def __init__(self, delivered: "Delivered", port: int) -> None:
            self._delivered, self._port = delivered, port

        async def exchange(self, payload: bytes) -> bytes:
            self._delivered.ports.append(self._port)
            return payload

        async def close(self) -> None: ...


@on_reactor
async def test_a_rule_can_return_a_summary_to_another_partner_also_after_a_restart(tmp_path: Path) -> None:
    archive = Partner("archive", (), returns=ReturnRoute("127.0.0.1", 2, "MDM^T02"))
    to_archive = (Rule("epic-may", Effect.PERMIT, {"partner": any_of(["epic"])}, return_to="archive"),)
    delivered = Delivered()
    async with running(tmp_path, rules=to_archive, others=(archive,)) as run:
        await run.say("epic record C1 MRN1 Penicillin")
        await settled(run)
        assert run.stored()[0].answer == AnswerState.OWED  # this gateway has no connection yet
    async with running(tmp_path, rules=to_archive, others=(archive,), delivered=delivered) as run:
        await run.say("epic record C2 MRN1 Penicillin")
        await settled(run)
        while len(delivered.ports) < 2:
            await asyncio.sleep(0.01)
        assert delivered.ports == [2, 2]


@on_reactor
async def test_a_rule_that_fails_denies_and_is_logged_and_counted(tmp_path: Path) -> None:
    def broken(_: object) -> bool:
        raise ZeroDivisionError("Doe")

    async with running(tmp_path, rules=(*RULES, Rule("broken", Effect.PERMIT, {"facility": broken}))) as run:
        with capture_logs() as logs:
            assert (await run.say("epic summarize C1 MRN1 Penicillin")).startswith("error forbidden")
        [told] = [each for each in logs if each["event"] == "rules_failed"]
        assert told["rules"] == ("broken",)
        assert "Doe" not in str(logs)
        assert run.stored()[0].rules == "broken"
