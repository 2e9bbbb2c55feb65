"""A second call beside a slow one: who wins, what it costs, and when there is none."""

import asyncio
import random
from time import monotonic

import pytest

from gateway.attempts.account import Account
from gateway.attempts.limits import BackendLimits, BreakerLimits, RetryLimits
from gateway.attempts.watch import NoWatch
from gateway.backends.failure import BackendFailure, Cause
from gateway.summarizer import Summarizer
from gateway.summary import Summary, Usage
from tests.gateway.attempts.scripted import REQUEST, decision
from tests.gateway.plugs import NOW
from tests.on_reactor import on_reactor

OK = Usage(input_tokens=10, output_tokens=5)
HEDGED = BackendLimits(hedge_after_s=0.03, hedge_with="b", retries=RetryLimits(most=0))


class Timed:
    """Answers or fails after so many seconds; one entry a call."""

    repeatable = False

    def __init__(self, name: str, *script: tuple[float, Cause | None]) -> None:
        self.name = name
        self.calls = self.ended = 0
        self._script = script

    async def summarize(self, request: object, model: str, timeout_s: float) -> Summary:
        seconds, cause = self._script[min(self.calls, len(self._script) - 1)]
        self.calls += 1
        try:
            await asyncio.sleep(seconds)
        finally:
            self.ended += 1
        if cause is not None:
            raise BackendFailure(cause)
        return Summary(
            statements=(), text="", backend=self.name, model_asked=model, model_served=self.name, usage=OK
        )


class Hedges(NoWatch):
    number = 0

    def hedged(self, backend: str) -> None:
        self.number += 1


def service(*backends: Timed, watch: Hedges | None = None, **limits: BackendLimits) -> Summarizer:
    plugs = {backend.name: backend for backend in backends}
    return Summarizer(plugs, lambda: NOW, monotonic, limits=limits, chance=random.random, watch=watch)


@on_reactor
async def test_the_quicker_answer_wins_and_the_slower_call_is_ended_and_counted_as_possibly_paid() -> None:
    a, b, watch = Timed("a", (5, None)), Timed("b", (0.01, None)), Hedges()
    hedged = service(a, b, watch=watch, a=HEDGED)
    summary = (await hedged.summarize(REQUEST, decision(["a", "b"]))).summary
    assert (summary.backend, a.ended, watch.number) == ("b", 1, 1)
    assert summary.usage == Usage(input_tokens=10, output_tokens=5, calls=2, calls_possibly_paid=1)
    assert [each.gate.in_flight for each in hedged.guards.values()] == [0, 0]


@on_reactor
async def test_a_quick_answer_needs_no_second_call() -> None:
    a, b = Timed("a", (0.0, None)), Timed("b", (0.0, None))
    summary = (await service(a, b, a=HEDGED).summarize(REQUEST, decision(["a", "b"]))).summary
    assert (summary.backend, summary.usage.calls, b.calls) == ("a", 1, 0)


@on_reactor
async def test_the_same_backend_may_be_asked_twice() -> None:
    a = Timed("a", (5, None), (0.0, None))
    limits = BackendLimits(hedge_after_s=0.03)
    summary = (await service(a, a=limits).summarize(REQUEST, decision(["a"]))).summary
    assert (a.calls, summary.usage.calls_possibly_paid) == (2, 1)


@on_reactor
async def test_a_second_call_that_fails_leaves_the_first_running() -> None:
    a, b = Timed("a", (0.08, None)), Timed("b", (0.0, Cause.SERVER_ERROR))
    summary = (await service(a, b, a=HEDGED).summarize(REQUEST, decision(["a", "b"]))).summary
    assert (summary.backend, b.calls) == ("a", 1)


@on_reactor
async def test_when_both_fail_the_first_failure_is_told() -> None:
    a, b = Timed("a", (0.06, Cause.CUT)), Timed("b", (0.0, Cause.BAD_REQUEST))
    with pytest.raises(BackendFailure) as raised:
        await service(a, b, a=HEDGED).summarize(REQUEST, decision(["a", "b"]))
    assert raised.value.cause is Cause.CUT


@on_reactor
async def test_a_refusal_ends_both() -> None:
    a, b = Timed("a", (0.05, Cause.REFUSED)), Timed("b", (5, None))
    with pytest.raises(BackendFailure) as raised:
        await service(a, b, a=HEDGED).summarize(REQUEST, decision(["a", "b"]))
    assert (raised.value.cause, b.ended) == (Cause.REFUSED, 1)


@on_reactor
async def test_nothing_goes_to_a_backend_that_the_decision_does_not_permit() -> None:
    a, b = Timed("a", (0.08, None)), Timed("b", (0.0, None))
    summary = (await service(a, b, a=HEDGED).summarize(REQUEST, decision(["a"]))).summary
    assert (summary.backend, b.calls) == ("a", 0)


@on_reactor
async def test_where_the_other_backend_is_not_there_nothing_is_asked_twice() -> None:
    a = Timed("a", (0.06, None))
    summary = (await service(a, a=HEDGED).summarize(REQUEST, decision(["a"]))).summary
    assert (a.calls, summary.usage.calls) == (1, 1)


@on_reactor
async def test_hedges_are_within_the_budget_and_never_wait_for_a_place() -> None:
    a, b, watch = Timed("a", (0.06, None)), Timed("b", (0.1, None)), Hedges()
    few = BackendLimits(hedge_after_s=0.03, hedge_with="b", concurrency=100, queue=100)
    hedged = service(a, b, watch=watch, a=few, b=BackendLimits(concurrency=2))
    await asyncio.gather(*(hedged.summarize(REQUEST, decision(["a", "b"])) for _ in range(40)))
    assert b.calls == watch.number == 2
    roomy = service(a, b, watch=watch, a=few)
    await asyncio.gather(*(roomy.summarize(REQUEST, decision(["a", "b"])) for _ in range(40)))
    assert 2 + 10 <= watch.number <= 2 + 18, "ten are free, then a fifth of the calls"


@on_reactor
async def test_no_second_call_to_a_backend_that_is_left_alone() -> None:
    a, b = Timed("a", (0.06, None)), Timed("b", (0.0, Cause.SERVER_ERROR))
    hedged = service(a, b, a=HEDGED, b=BackendLimits(breaker=BreakerLimits(failures=1)))
    for _ in range(3):
        await hedged.summarize(REQUEST, decision(["a", "b"]))
    assert b.calls == 1


@on_reactor
async def test_a_caller_who_goes_ends_both() -> None:
    a, b, account = Timed("a", (5, None)), Timed("b", (5, None)), Account()
    work = asyncio.ensure_future(service(a, b, a=HEDGED).summarize(REQUEST, decision(["a", "b"]), account))
    await asyncio.sleep(0.06)
    work.cancel()
    await asyncio.wait([work])
    assert (a.ended, b.ended, account.usage.calls_possibly_paid) == (1, 1, 2)


@on_reactor
async def test_what_nobody_waits_for_is_asked_once() -> None:
    a, b = Timed("a", (0.06, None)), Timed("b", (0.0, None))
    hedged = service(a, b, a=HEDGED)
    answer = await hedged.summarize(REQUEST, decision(["a", "b"]), is_background=True)
    assert (answer.summary.backend, b.calls) == ("a", 0)


@on_reactor
async def test_a_second_call_for_which_there_is_no_place_takes_nothing_of_the_budget() -> None:
    a, b, watch = Timed("a", (0.06, None)), Timed("b", (0.1, None)), Hedges()
    few = BackendLimits(hedge_after_s=0.01, hedge_with="b", retries=RetryLimits(budget=0.0), concurrency=100)
    hedged = service(a, b, watch=watch, a=few, b=BackendLimits(concurrency=1))
    taken = hedged.guards["b"].gate.take(is_background=False)
    await asyncio.gather(*(hedged.summarize(REQUEST, decision(["a", "b"])) for _ in range(20)))
    assert watch.number == 0
    hedged.guards["b"].gate.leave(taken)
    await hedged.summarize(REQUEST, decision(["a", "b"]))
    assert watch.number == 1, "the ten that are free are all left"
