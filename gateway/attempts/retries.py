"""What follows a failed call: the same backend again, the next one, or the end. Pure."""

import math
from collections.abc import Mapping
from enum import Enum

from gateway.attempts.limits import RetryLimits
from gateway.backends.failure import BackendFailure, Cause


class Step(Enum):
    RETRY = "retry"
    """The same backend, after a wait."""
    NEXT = "next"
    """The next backend at once."""
    STOP = "stop"
    """No other backend is asked either."""


AFTER: Mapping[Cause, Step] = {
    Cause.NO_CONNECTION: Step.RETRY,
    # A silent provider is silent again: asking it twice only doubles the wait (Failover Bench S06, S09).
    Cause.NO_ANSWER: Step.NEXT,
    Cause.STALLED: Step.NEXT,
    Cause.OUT_OF_TIME: Step.NEXT,
    Cause.CUT: Step.RETRY,
    Cause.GARBLED: Step.RETRY,
    Cause.RATE_LIMITED: Step.RETRY,
    Cause.OVERLOADED: Step.RETRY,
    Cause.SERVER_ERROR: Step.RETRY,
    Cause.SPEND_LIMIT: Step.NEXT,
    Cause.CREDENTIALS: Step.NEXT,
    Cause.UNKNOWN_MODEL: Step.NEXT,
    Cause.BAD_REQUEST: Step.NEXT,
    Cause.CONTEXT_EXCEEDED: Step.NEXT,
    Cause.INPUT_CUT: Step.NEXT,
    # What one provider declined is not carried to another behind its back.
    Cause.REFUSED: Step.STOP,
    Cause.TRUNCATED: Step.NEXT,
    Cause.EMPTY: Step.NEXT,
    Cause.UNREADABLE: Step.RETRY,
    Cause.UNSUPPORTED: Step.NEXT,
    Cause.NOT_ALLOWED: Step.NEXT,
    Cause.BREAKER_OPEN: Step.NEXT,
    Cause.NO_ROOM: Step.NEXT,
}

AFTER_OF_PROVIDER: Mapping[tuple[str, Cause], Step] = {
    # A STOP without any part is sporadic there; Anthropic's and Ollama's empty answers come again.
    ("vertex", Cause.EMPTY): Step.RETRY,
    # The chain's own models retry already: ours would multiply theirs.
    ("langchain", Cause.NO_CONNECTION): Step.NEXT,
    ("langchain", Cause.RATE_LIMITED): Step.NEXT,
    ("langchain", Cause.OVERLOADED): Step.NEXT,
    ("langchain", Cause.SERVER_ERROR): Step.NEXT,
}

_BUDGET_WINDOW_S = 10.0
_BUDGET_FLOOR = 10.0
"""Retries that every window has, however few the calls."""


def step_after(failure: BackendFailure, provider: str, *, around_refusals: bool = False) -> Step:
    """As the table says, unless the provider itself said whether to ask again."""
    step = AFTER_OF_PROVIDER.get((provider, failure.cause), AFTER[failure.cause])
    if step is Step.STOP:
        return Step.NEXT if around_refusals else Step.STOP
    if failure.may_retry is None:
        return step
    return Step.RETRY if failure.may_retry else Step.NEXT


def wait_s(limits: RetryLimits, retries: int, retry_after_s: float | None, chance: float) -> float:
    """Before retry number `retries`, counted from 0; `chance` is in [0, 1).

    At least what the provider asked for, a little spread so that those who were sent away together do
    not come back together; else doubling, as the providers' own SDKs do.
    """
    if retry_after_s is not None:
        return max(0.0, retry_after_s) * (1 + 0.1 * chance)
    longest: float = min(limits.first_wait_s * 2.0**retries, limits.longest_wait_s)
    return longest * (1 - 0.25 * chance)


def is_worth_waiting(
    limits: RetryLimits, waiting_s: float, took_s: float, remaining_s: float, *, is_last_backend: bool
) -> bool:
    """Whether a retry after this wait can still be of use, and none of the others is of use sooner. The
    call that failed `took_s`, and the next may take as long."""
    if is_last_backend:
        return waiting_s < remaining_s
    return waiting_s <= limits.longest_wait_s and waiting_s + took_s < remaining_s / 2


class RetryBudget:
    """Retries of one backend, as a share of its calls in about the last ten seconds."""

    def __init__(self, share: float) -> None:
        self._share = share
        self._calls = 0.0
        self._retries = 0.0
        self._at = -math.inf

    def called(self, now: float) -> None:
        self._fade(now)
        self._calls += 1

    def take(self, now: float) -> bool:
        """True, once, for a retry that may be made."""
        self._fade(now)
        if self._retries + 1 > _BUDGET_FLOOR + self._share * self._calls:
            return False
        self._retries += 1
        return True

    def _fade(self, now: float) -> None:
        kept = math.exp(min(0.0, (self._at - now) / _BUDGET_WINDOW_S))
        self._calls *= kept
        self._retries *= kept
        self._at = max(now, self._at)
