"""When a backend is left alone, and how it comes back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.attempts.breaker import OF_THE_BACKEND, Breaker, BreakerState, Pass
from gateway.attempts.limits import BreakerLimits
from gateway.backends.failure import Cause

LIMITS = BreakerLimits(failures=3, rate=0.5, least_calls=10, window_s=30, open_s=5, longest_open_s=20)


def fail(
    breaker: Breaker, now: float, cause: Cause = Cause.SERVER_ERROR, retry_after_s: float | None = None
) -> None:
    given_pass = breaker.enter(now)
    assert given_pass is not None
    breaker.failed(given_pass, cause, now, retry_after_s)


def opened(now: float = 0) -> Breaker:
    breaker = Breaker(LIMITS)
    for _ in range(LIMITS.failures):
        fail(breaker, now)
    return breaker


def test_failures_in_a_row_open_it_and_one_probe_closes_it() -> None:
    breaker = opened(0)
    assert breaker.state(0) is BreakerState.OPEN
    assert breaker.enter(4.9) is None
    assert breaker.opens_in_s(3) == 2
    probe = breaker.enter(5)
    assert probe == Pass(is_probe=True)
    assert breaker.enter(5) is None
    assert breaker.state(5) is BreakerState.HALF_OPEN
    breaker.succeeded(probe, 6)
    assert breaker.state(6) is BreakerState.CLOSED
    assert breaker.enter(6) == Pass(is_probe=False)


def test_a_success_between_failures_keeps_it_closed() -> None:
    breaker = Breaker(LIMITS)
    for now in range(3):
        fail(breaker, now)
        fail(breaker, now)
        ok = breaker.enter(now)
        assert ok is not None
        breaker.succeeded(ok, now)
    assert breaker.state(3) is BreakerState.CLOSED


def test_half_of_many_calls_failing_opens_it_without_a_row() -> None:
    breaker = Breaker(LIMITS)
    for now in range(10):
        one = breaker.enter(now)
        if one is None:
            break
        if now % 2:
            breaker.failed(one, Cause.CUT, now)
        else:
            breaker.succeeded(one, now)
    assert breaker.state(9) is BreakerState.OPEN


def test_failures_of_long_ago_do_not_count() -> None:
    breaker = Breaker(LIMITS)
    for tick in range(200):
        now = tick * 10.0  # never ten calls in thirty seconds
        one = breaker.enter(now)
        assert one is not None
        if tick % 2:
            breaker.failed(one, Cause.CUT, now)
        else:
            breaker.succeeded(one, now)


@pytest.mark.parametrize("cause", [each for each in Cause if each not in OF_THE_BACKEND])
def test_what_is_wrong_with_one_request_opens_nothing(cause: Cause) -> None:
    breaker = Breaker(LIMITS)
    for now in range(50):
        fail(breaker, now, cause)
    assert breaker.state(50) is BreakerState.CLOSED


def test_each_failed_probe_doubles_the_time_up_to_the_longest() -> None:
    breaker, now, times = opened(0), 0.0, []
    for _ in range(4):
        wait = breaker.opens_in_s(now)
        times.append(wait)
        now += wait
        fail(breaker, now)
    assert times == [5, 10, 20, 20]


def test_a_named_time_that_persists_is_kept_for_everybody_and_never_shortened() -> None:
    breaker = Breaker(BreakerLimits(failures=50))
    begun = [breaker.enter(0) for _ in range(5)]
    for one, told_s in zip(begun, (30, 30, 30, 60, 10), strict=True):
        assert one is not None
        breaker.failed(one, Cause.RATE_LIMITED, 0, told_s)
    assert breaker.opens_in_s(0) == 60


def test_a_single_429_opens_nothing_and_a_day_is_not_believed() -> None:
    breaker = Breaker(BreakerLimits(failures=50))
    fail(breaker, 0, Cause.RATE_LIMITED, 30)
    assert breaker.state(0) is BreakerState.CLOSED
    fail(breaker, 0, Cause.RATE_LIMITED, 86400)
    fail(breaker, 0, Cause.RATE_LIMITED, 86400)
    assert breaker.opens_in_s(0) == 600


def test_money_that_is_used_up_opens_it_at_once() -> None:
    breaker = Breaker(LIMITS)
    fail(breaker, 0, Cause.SPEND_LIMIT)
    assert breaker.state(0) is BreakerState.OPEN


def test_an_abandoned_probe_lets_the_next_one_try() -> None:
    breaker = opened(0)
    probe = breaker.enter(5)
    assert probe is not None
    breaker.abandoned(probe)
    assert breaker.enter(5) == Pass(is_probe=True)


def test_an_answer_to_an_older_call_closes_it_only_once_its_time_is_over() -> None:
    breaker = Breaker(LIMITS)
    older = breaker.enter(0)
    assert older is not None
    for _ in range(3):
        fail(breaker, 0)
    breaker.succeeded(older, 1)
    assert breaker.state(1) is BreakerState.OPEN
    breaker.succeeded(older, 6)
    assert breaker.state(6) is BreakerState.CLOSED


@given(
    st.lists(st.tuples(st.sampled_from(["enter", "succeed", "fail", "leave"]), st.floats(0, 4)), max_size=60)
)
def test_never_two_probes_and_always_a_way_back(steps: list[tuple[str, float]]) -> None:
    breaker, now = Breaker(LIMITS), 0.0
    held: list[Pass] = []
    for what, seconds in steps:
        now += seconds
        if what == "enter":
            one = breaker.enter(now)
            held += [one] if one else []
        elif held:
            one = held.pop(0)
            if what == "succeed":
                breaker.succeeded(one, now)
            elif what == "fail":
                breaker.failed(one, Cause.CUT, now)
            else:
                breaker.abandoned(one)
        assert sum(one.is_probe for one in held) <= 1
    for one in held:
        breaker.abandoned(one)
    now += LIMITS.longest_open_s
    last = breaker.enter(now)
    assert last is not None
    breaker.succeeded(last, now)
    assert breaker.state(now) is BreakerState.CLOSED


def test_what_was_before_it_closed_is_forgotten() -> None:
    breaker = Breaker(LIMITS)
    for now in range(10):
        one = breaker.enter(now)
        assert one is not None
        breaker.failed(one, Cause.CUT, now) if now % 2 else breaker.succeeded(one, now)
    probe = breaker.enter(15)
    assert probe is not None
    breaker.succeeded(probe, 15)
    fail(breaker, 16)
    assert breaker.state(16) is BreakerState.CLOSED
