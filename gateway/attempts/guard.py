"""One backend with what protects it and its callers: every call of it goes through here."""

import asyncio
from collections.abc import Awaitable, Callable

from gateway.attempts.account import Account
from gateway.attempts.breaker import Breaker, Pass
from gateway.attempts.deadlines import is_fair_trial
from gateway.attempts.limits import BackendLimits
from gateway.attempts.retries import RetryBudget
from gateway.attempts.watch import ABANDONED, ANSWERED, Watch
from gateway.backends.failure import BackendFailure, Cause
from gateway.errors import ErrorKind, GatewayError
from gateway.interfaces import Backend
from gateway.messages import Summary

Call = Callable[[Backend, float], Awaitable[Summary]]
"""One call of a backend, within so many seconds."""

_GRACE_S = 0.25
"""A backend ends itself and says why; this much later it is ended."""

_CAUSES = {
    ErrorKind.BACKEND_UNAVAILABLE: Cause.SERVER_ERROR,
    ErrorKind.BACKEND_TIMEOUT: Cause.OUT_OF_TIME,
    ErrorKind.BACKEND_REFUSED: Cause.REFUSED,
    ErrorKind.CONTEXT_EXCEEDED: Cause.CONTEXT_EXCEEDED,
}


class Guard:
    def __init__(
        self, backend: Backend, limits: BackendLimits, monotonic: Callable[[], float], watch: Watch
    ) -> None:
        self.backend = backend
        self.limits = limits
        self.breaker = Breaker(limits.breaker)
        self.budget = RetryBudget(limits.retries.budget)
        self.in_flight = 0
        self._monotonic = monotonic
        self._watch = watch

    async def call(self, call: Call, given_s: float, deadline_s: float, account: Account) -> Summary:
        """One call. Raises `BackendFailure`, or `GatewayError` for what is no failure of a backend.

        What it cost is in `account` however it ends; the answer's own usage is left to the answer.
        """
        if self.backend.repeatable:  # in this process: nothing to protect
            try:
                return await call(self.backend, given_s)
            except GatewayError as error:
                raise as_failure(error) from error
        given = self.breaker.enter(self._monotonic())
        if given is None:
            raise self.refusal()
        return await self._watched(call, given, given_s, deadline_s, account)

    def refusal(self) -> BackendFailure:
        """What a caller is told while the breaker is open."""
        opens_in_s = self.breaker.opens_in_s(self._monotonic())
        return BackendFailure(Cause.BREAKER_OPEN, self.backend.name, retry_after_s=opens_in_s)

    async def _watched(
        self, call: Call, given: Pass, given_s: float, deadline_s: float, account: Account
    ) -> Summary:
        started = self._monotonic()
        self.budget.called(started)
        self.in_flight += 1
        outcome = ABANDONED
        failure: BackendFailure | None = None
        try:
            summary = await self._in_time(call, given_s)
            outcome = ANSWERED
            self._watch.used(self.backend.name, summary.usage)
            return summary
        except BackendFailure as error:
            outcome, failure = error.cause.value, error
            account.failed(error)
            raise
        finally:
            now = self._monotonic()
            self.in_flight -= 1
            self._watch.attempted(self.backend.name, outcome, now - started)
            if outcome is ANSWERED:
                self.breaker.succeeded(given, now)
            elif failure is None:
                self.breaker.abandoned(given)
                account.unknown()
            elif _is_of_time(failure) and not is_fair_trial(given_s, self.limits.timeout_s, deadline_s):
                self.breaker.abandoned(given)
            else:
                self.breaker.failed(given, failure.cause, now, failure.provider_retry_after_s)

    async def _in_time(self, call: Call, given_s: float) -> Summary:
        try:
            async with asyncio.timeout(given_s + _GRACE_S):
                return await call(self.backend, given_s)
        except TimeoutError as error:
            raise BackendFailure(Cause.OUT_OF_TIME, f"{self.backend.name}: {given_s:.1f} s") from error
        except BackendFailure:
            raise
        except GatewayError as error:
            raise as_failure(error) from error


def as_failure(error: GatewayError) -> BackendFailure:
    """An error of a backend that names no cause. Raises `error` itself when it is not of a backend."""
    if isinstance(error, BackendFailure):
        return error
    if error.kind not in _CAUSES:
        raise error
    return BackendFailure(_CAUSES[error.kind], error.detail)


def _is_of_time(failure: BackendFailure) -> bool:
    return failure.cause in (Cause.OUT_OF_TIME, Cause.NO_ANSWER, Cause.STALLED)
