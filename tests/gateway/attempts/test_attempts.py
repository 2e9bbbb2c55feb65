"""One request through its backends: who is asked, how often, after which wait, and what the caller is told."""

import asyncio

import pytest
from structlog.testing import capture_logs

from gateway.attempts.account import Account
from gateway.attempts.limits import BackendLimits, BreakerLimits, RetryLimits
from gateway.backends.failure import BackendFailure, Cause
from gateway.errors import ErrorKind, GatewayError
from gateway.summary import Usage
from tests.gateway.attempts.scripted import REQUEST, Clock, Counted, Scripted, decision, summarizer
from tests.on_reactor import on_reactor

OK = Usage(input_tokens=10, output_tokens=5)


@on_reactor
async def test_a_failure_that_passes_is_asked_again_at_the_same_backend() -> None:
    clock = Clock()
    a, b = Scripted("a", clock, [Cause.SERVER_ERROR, OK]), Scripted("b", clock, [OK])
    answer = await summarizer(clock, a, b).summarize(REQUEST, decision(["a", "b"]))
    assert (answer.summary.backend, len(a.called_at), b.called_at) == ("a", 2, [])
    assert clock.slept == [0.5]


@on_reactor
async def test_the_time_that_the_provider_names_is_waited() -> None:
    clock = Clock()
    a = Scripted("a", clock, [BackendFailure(Cause.RATE_LIMITED, retry_after_s=2), OK])
    b = Scripted("b", clock, [OK])
    answer = await summarizer(clock, a, b).summarize(REQUEST, decision(["a", "b"]))
    assert (answer.summary.backend, clock.slept) == ("a", [2])


@on_reactor
async def test_a_named_time_beyond_the_deadline_is_not_waited() -> None:
    clock = Clock()
    a = Scripted("a", clock, [BackendFailure(Cause.RATE_LIMITED, retry_after_s=31)])
    with pytest.raises(BackendFailure) as raised:
        await summarizer(clock, a).summarize(REQUEST, decision(["a"]))
    assert (clock.slept, len(a.called_at), raised.value.retry_after_s) == ([], 1, 31)


@on_reactor
async def test_after_the_retries_the_next_backend_answers_and_the_reader_is_told() -> None:
    clock = Clock()
    a, b = Scripted("a", clock, [Cause.OVERLOADED]), Scripted("b", clock, [OK])
    answer = await summarizer(clock, a, b).summarize(REQUEST, decision(["a", "b"]))
    assert (answer.summary.backend, len(a.called_at), clock.slept) == ("b", 3, [0.5, 1.0])
    assert [(each.code, each.text[:2]) for each in answer.summary.warnings] == [("backend-failed", "a:")]


@pytest.mark.parametrize("cause", [Cause.NO_ANSWER, Cause.STALLED, Cause.CONTEXT_EXCEEDED])
@on_reactor
async def test_what_comes_again_is_not_asked_again(cause: Cause) -> None:
    clock = Clock()
    a, b = Scripted("a", clock, [cause]), Scripted("b", clock, [OK])
    answer = await summarizer(clock, a, b).summarize(REQUEST, decision(["a", "b"]))
    assert (answer.summary.backend, len(a.called_at)) == ("b", 1)


@pytest.mark.parametrize(("around", "backend"), [(False, None), (True, "b")])
@on_reactor
async def test_a_refusal_goes_to_nobody_else_unless_the_version_says_so(
    around: bool, backend: str | None
) -> None:
    clock = Clock()
    a, b = Scripted("a", clock, [Cause.REFUSED]), Scripted("b", clock, [OK])
    work = summarizer(clock, a, b).summarize(REQUEST, decision(["a", "b"], around_refusals=around))
    if backend is None:
        with pytest.raises(GatewayError) as raised:
            await work
        assert (raised.value.kind, b.called_at) == (ErrorKind.BACKEND_REFUSED, [])
    else:
        assert (await work).summary.backend == backend


@on_reactor
async def test_a_fallback_that_does_not_understand_us_does_not_hide_the_first_failure() -> None:
    clock = Clock()
    a, b = Scripted("a", clock, [Cause.CUT]), Scripted("b", clock, [Cause.BAD_REQUEST])
    with pytest.raises(BackendFailure) as raised:
        await summarizer(clock, a, b).summarize(REQUEST, decision(["a", "b"]))
    assert (raised.value.cause, len(b.called_at)) == (Cause.CUT, 1)


@on_reactor
async def test_a_failure_that_passes_is_told_rather_than_one_that_stays() -> None:
    clock = Clock()
    a, b = Scripted("a", clock, [Cause.CONTEXT_EXCEEDED]), Scripted("b", clock, [Cause.OVERLOADED])
    with pytest.raises(BackendFailure) as raised:
        await summarizer(clock, a, b).summarize(REQUEST, decision(["a", "b"]))
    assert raised.value.cause is Cause.OVERLOADED


@on_reactor
async def test_a_slow_backend_leaves_time_to_those_behind_it() -> None:
    clock = Clock()
    a = Scripted("a", clock, [(60, Cause.OUT_OF_TIME)])
    b, c = Scripted("b", clock, [(60, Cause.OUT_OF_TIME)]), Scripted("c", clock, [OK], repeatable=True)
    answer = await summarizer(clock, a, b, c).summarize(REQUEST, decision(["a", "b", "c"], 20))
    assert (answer.summary.backend, a.given_s, b.given_s) == ("c", [15], [4.5])
    assert clock.now <= 120


@on_reactor
async def test_the_deadline_holds_over_all_retries_and_fallbacks() -> None:
    clock = Clock()
    a, b = Scripted("a", clock, [(3, Cause.SERVER_ERROR)]), Scripted("b", clock, [(3, Cause.SERVER_ERROR)])
    with pytest.raises(BackendFailure):
        await summarizer(clock, a, b).summarize(REQUEST, decision(["a", "b"], 10))
    assert clock.now <= 110
    assert len(a.called_at) + len(b.called_at) >= 3


@on_reactor
async def test_the_breaker_sends_callers_to_the_fallback_and_comes_back() -> None:
    clock, watch = Clock(), Counted()
    a, b = Scripted("a", clock, [Cause.OVERLOADED] * 6 + [OK]), Scripted("b", clock, [OK])
    limits = BackendLimits(retries=RetryLimits(most=0), breaker=BreakerLimits(failures=3, open_s=5))
    service = summarizer(clock, a, b, watch=watch, a=limits)
    answered = []
    for _ in range(20):
        answered.append((await service.summarize(REQUEST, decision(["a", "b"]))).summary.backend)
        clock.now += 4
    assert len(a.called_at) < 14, "the breaker spares the backend while it is down"
    assert answered[:3] == ["b", "b", "b"]
    assert answered[-1] == "a"
    assert ("a", "overloaded") in watch.outcomes


@on_reactor
async def test_a_route_of_one_backend_is_guarded_too_and_tells_when_to_come_again() -> None:
    clock = Clock()
    a = Scripted("a", clock, [Cause.SERVER_ERROR])
    service = summarizer(clock, a, a=BackendLimits(breaker=BreakerLimits(failures=3, open_s=5)))
    causes = []
    for _ in range(5):
        with pytest.raises(BackendFailure) as raised:
            await service.summarize(REQUEST, decision(["a"]))
        causes.append(raised.value.cause)
    assert len(a.called_at) == 3
    assert causes == [Cause.SERVER_ERROR, *[Cause.BREAKER_OPEN] * 4]
    assert raised.value.retry_after_s == 5
    assert raised.value.kind is ErrorKind.BACKEND_UNAVAILABLE


@on_reactor
async def test_the_cost_of_failed_attempts_is_in_the_answer() -> None:
    clock = Clock()
    known = BackendFailure(Cause.TRUNCATED, usage=Usage(input_tokens=10, output_tokens=99))
    a, b = Scripted("a", clock, [Cause.CUT, known]), Scripted("b", clock, [OK])
    usage = (await summarizer(clock, a, b).summarize(REQUEST, decision(["a", "b"]))).summary.usage
    assert usage == Usage(input_tokens=20, output_tokens=104, calls=3, calls_possibly_paid=1)


@on_reactor
async def test_the_cost_is_known_when_everything_failed() -> None:
    clock, account = Clock(), Account()
    a = Scripted("a", clock, [Cause.NO_ANSWER])
    b = Scripted("b", clock, [Cause.RATE_LIMITED])
    with pytest.raises(BackendFailure):
        await summarizer(clock, a, b).summarize(REQUEST, decision(["a", "b"]), account)
    assert account.usage == Usage(calls=1, calls_possibly_paid=1)


@on_reactor
async def test_a_caller_who_goes_ends_the_call_which_may_have_been_paid() -> None:
    clock, account, ended = Clock(), Account(), []

    class Slow(Scripted):
        async def summarize(self, *_: object) -> None:  # type: ignore[override]
            try:
                await asyncio.sleep(30)
            finally:
                ended.append(True)

    service = summarizer(clock, Slow("a", clock, [OK]))
    work = asyncio.ensure_future(service.summarize(REQUEST, decision(["a"]), account))
    await asyncio.sleep(0.01)
    assert service.guards["a"].gate.in_flight == 1
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert (ended, account.usage.calls_possibly_paid, service.guards["a"].gate.in_flight) == ([True], 1, 0)


@on_reactor
async def test_a_backend_that_does_not_end_itself_is_ended() -> None:
    clock = Clock()

    class Stuck(Scripted):
        async def summarize(self, *_: object) -> None:  # type: ignore[override]
            await asyncio.sleep(30)

    service = summarizer(
        clock, Stuck("a", clock, [OK]), Scripted("b", clock, [OK]), a=BackendLimits(timeout_s=0.01)
    )
    answer = await service.summarize(REQUEST, decision(["a", "b"]))
    assert answer.summary.backend == "b"


@on_reactor
async def test_a_silence_that_the_backend_s_own_limit_ends_is_its_failure_however_late() -> None:
    clock = Clock()
    a, b = Scripted("a", clock, [(28, Cause.STALLED)]), Scripted("b", clock, [(3, Cause.NO_ANSWER)])
    service = summarizer(clock, a, b, b=BackendLimits(breaker=BreakerLimits(failures=1)))
    with pytest.raises(BackendFailure):
        await service.summarize(REQUEST, decision(["a", "b"]))
    assert service.guards["b"].breaker.state(clock()) == "open"


@on_reactor
async def test_too_little_time_says_nothing_of_a_backend() -> None:
    clock = Clock()
    a, b = Scripted("a", clock, [(28, Cause.STALLED)]), Scripted("b", clock, [(9, Cause.OUT_OF_TIME)])
    limits = BackendLimits(breaker=BreakerLimits(failures=1))
    service = summarizer(clock, a, b, b=limits)
    with pytest.raises(BackendFailure):
        await service.summarize(REQUEST, decision(["a", "b"]))
    assert b.given_s == [7.5]
    assert service.guards["b"].breaker.state(clock()) == "closed"


@on_reactor
async def test_a_call_that_opens_the_breaker_is_not_made_again_and_its_own_failure_is_told() -> None:
    clock = Clock()
    a = Scripted("a", clock, [Cause.SERVER_ERROR])
    service = summarizer(clock, a, a=BackendLimits(breaker=BreakerLimits(failures=1, open_s=5)))
    with pytest.raises(BackendFailure) as raised:
        await service.summarize(REQUEST, decision(["a"]))
    assert (raised.value.cause, len(a.called_at), clock.slept) == (Cause.SERVER_ERROR, 1, [])


@on_reactor
async def test_a_refusal_is_told_whatever_failed_before() -> None:
    clock = Clock()
    a, b = Scripted("a", clock, [Cause.CUT]), Scripted("b", clock, [Cause.REFUSED])
    c = Scripted("c", clock, [OK])
    with pytest.raises(BackendFailure) as raised:
        await summarizer(clock, a, b, c).summarize(REQUEST, decision(["a", "b", "c"]))
    assert (raised.value.kind, c.called_at) == (ErrorKind.BACKEND_REFUSED, [])


@on_reactor
async def test_a_defect_in_one_backend_s_code_is_another_s_answer_and_opens_no_breaker() -> None:
    clock, account = Clock(), Account()

    class Broken(Scripted):
        async def summarize(self, *_: object) -> None:  # type: ignore[override]
            self.called_at.append(0)
            raise KeyError("Doe, Jane")

    a, b = Broken("a", clock, [OK]), Scripted("b", clock, [OK])
    service = summarizer(clock, a, b, a=BackendLimits(breaker=BreakerLimits(failures=1)))
    with capture_logs() as logs:
        answer = await service.summarize(REQUEST, decision(["a", "b"]), account)
    assert (answer.summary.backend, len(a.called_at), account.usage.calls_possibly_paid) == ("b", 1, 1)
    assert service.guards["a"].breaker.state(clock()) == "closed"
    assert "Doe" not in str(logs)
    assert logs[0]["event"] == "backend_defect"


@on_reactor
async def test_when_the_fallback_of_a_backend_that_is_left_alone_is_full_that_is_told() -> None:
    clock = Clock()
    a, b = Scripted("a", clock, [Cause.SERVER_ERROR]), Scripted("b", clock, [OK])
    opening = BackendLimits(retries=RetryLimits(most=0), breaker=BreakerLimits(failures=1, open_s=60))
    service = summarizer(clock, a, b, a=opening, b=BackendLimits(concurrency=1, queue=0))
    with capture_logs():
        await service.summarize(REQUEST, decision(["a", "b"]))
        service.guards["b"].gate.took(2.0)
        taken = service.guards["b"].gate.take(is_background=False)
        with pytest.raises(BackendFailure) as raised:
            await service.summarize(REQUEST, decision(["a", "b"]))
        service.guards["b"].gate.leave(taken)
    told = raised.value
    assert (told.cause, told.kind, told.retry_after_s) == (Cause.NO_ROOM, ErrorKind.OVERLOADED, 2)
