"""What follows a failure, after which wait, and how many retries an outage may cause."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.attempts.limits import RetryLimits
from gateway.attempts.retries import (
    AFTER,
    AFTER_OF_PROVIDER,
    RetryBudget,
    Step,
    is_worth_waiting,
    step_after,
    wait_s,
)
from gateway.backends.failure import BackendFailure, Cause

LIMITS = RetryLimits()


def test_every_cause_has_a_next_step() -> None:
    assert set(AFTER) == set(Cause)
    assert {cause for cause, step in AFTER.items() if step is Step.STOP} == {Cause.REFUSED}


@pytest.mark.parametrize(
    "cause", [Cause.CONTEXT_EXCEEDED, Cause.REFUSED, Cause.BAD_REQUEST, Cause.SPEND_LIMIT]
)
def test_what_fails_again_when_sent_again_is_not_sent_again(cause: Cause) -> None:
    assert step_after(BackendFailure(cause), "anthropic") is not Step.RETRY


def test_the_provider_may_differ_from_the_table() -> None:
    assert step_after(BackendFailure(Cause.EMPTY), "anthropic") is Step.NEXT
    assert step_after(BackendFailure(Cause.EMPTY), "vertex") is Step.RETRY
    assert {cause for _, cause in AFTER_OF_PROVIDER} <= set(Cause)


@pytest.mark.parametrize(("cause", "said", "step"), [
    (Cause.OVERLOADED, False, Step.NEXT),
    (Cause.BAD_REQUEST, True, Step.RETRY),
    (Cause.REFUSED, True, Step.STOP),
])  # fmt: skip
def test_what_the_provider_says_wins_but_never_over_a_refusal(cause: Cause, said: bool, step: Step) -> None:
    assert step_after(BackendFailure(cause, may_retry=said), "") is step


def test_a_refusal_is_carried_on_only_where_the_version_says_so() -> None:
    assert step_after(BackendFailure(Cause.REFUSED), "") is Step.STOP
    assert step_after(BackendFailure(Cause.REFUSED), "", around_refusals=True) is Step.NEXT


@given(st.integers(0, 10), st.floats(0, 1, exclude_max=True))
def test_waits_double_up_to_the_longest_with_jitter(retries: int, chance: float) -> None:
    full = wait_s(LIMITS, retries, None, 0.0)
    assert full == min(0.5 * 2**retries, 8)
    assert 0.75 * full <= wait_s(LIMITS, retries, None, chance) <= full


@given(st.floats(0, 1000), st.floats(0, 1, exclude_max=True))
def test_nobody_comes_back_before_the_time_the_provider_named(told_s: float, chance: float) -> None:
    assert told_s <= wait_s(LIMITS, 0, told_s, chance) <= told_s * 1.1


def test_a_wait_must_end_before_the_deadline_and_not_beside_an_idle_fallback() -> None:
    assert is_worth_waiting(LIMITS, 9, 9, 10, is_last_backend=True)
    assert not is_worth_waiting(LIMITS, 10, 0, 10, is_last_backend=True)
    assert not is_worth_waiting(LIMITS, 9, 0, 100, is_last_backend=False)
    assert not is_worth_waiting(LIMITS, 6, 0, 10, is_last_backend=False)
    assert is_worth_waiting(LIMITS, 1, 3, 10, is_last_backend=False)
    assert not is_worth_waiting(LIMITS, 1, 5, 10, is_last_backend=False)


@pytest.mark.parametrize("calls_a_second", [1, 10, 100])
def test_an_outage_is_no_storm_of_retries(calls_a_second: int) -> None:
    budget, retries, calls = RetryBudget(0.2), 0, 0
    for tick in range(120 * calls_a_second):
        now = tick / calls_a_second
        budget.called(now)
        calls += 1
        retries += sum(budget.take(now) for _ in range(2))
    assert retries <= 0.2 * calls + 10 + 120 * 1.1
    assert retries >= 0.15 * calls


def test_a_single_request_has_its_retries() -> None:
    budget = RetryBudget(0.2)
    budget.called(0)
    assert budget.take(0)
    assert budget.take(1)
