"""One backend with what protects it and its callers: every call of it goes through here."""

import asyncio
from collections.abc import Callable

import structlog

from gateway.attempts.asked import Asked
from gateway.attempts.breaker import Breaker, BreakerState, Pass
from gateway.attempts.deadlines import is_fair_trial
from gateway.attempts.gate import Gate, NoRoom, Ticket, Turn
from gateway.attempts.limits import BackendLimits
from gateway.attempts.priority import rank_of
from gateway.attempts.retries import RetryBudget
from gateway.attempts.watch import ABANDONED, ANSWERED, Watch
from gateway.backends.failure import BackendFailure, Cause
from gateway.errors import ErrorKind, GatewayError, place_of
from gateway.interfaces import Backend
from gateway.summary import Summary
from gateway.timer import Timer

log = structlog.get_logger("attempts")

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
        self.gate = Gate(limits.concurrency, limits.queue)
        self._turns: dict[Ticket, asyncio.Future[None]] = {}
        self._monotonic = monotonic
        self._watch = watch

    async def call(self, asked: Asked, given_s: float) -> Summary:
        """One call, once it is its turn. Raises `BackendFailure`, or `GatewayError` for what is no failure
        of a backend.

        What it cost is in `asked.account` however it ends; the answer's own usage is left to the answer.
        """
        if self.backend.repeatable:  # in this process: nothing to protect
            return await self._in_process(asked, given_s)
        self._refuse_while_open()
        rank = rank_of(asked.urgency, is_background=asked.is_background)
        ticket = self.gate.enter(rank, is_background=asked.is_background, within_s=given_s)
        if isinstance(ticket, NoRoom):
            raise BackendFailure(Cause.NO_ROOM, self.backend.name, retry_after_s=ticket.retry_after_s)
        try:
            if ticket.turn is Turn.WAITING:
                given_s = await self._turn(ticket, asked, given_s)
            return await self._passed(asked, given_s)
        finally:
            self._leave(ticket)

    async def _in_process(self, asked: Asked, given_s: float) -> Summary:
        try:
            summary = await asked.call(self.backend, given_s)
        except GatewayError as error:
            failure = as_failure(error)
            self._watch.attempted(self.backend.name, failure.cause.value, None)
            raise failure from error
        self._watch.attempted(self.backend.name, ANSWERED, None)
        return summary

    def has_room_beside(self, asked: Asked) -> bool:
        """For a call that waits for no place: for hedges."""
        if self.backend.repeatable:
            return True
        is_open = self.breaker.opens_in_s(self._monotonic()) > 0
        return not is_open and self.gate.has_room(is_background=asked.is_background)

    def call_beside(self, asked: Asked, given_s: float) -> "asyncio.Future[Summary]":
        """A call, begun, for which there is room."""
        if self.backend.repeatable:
            return asyncio.ensure_future(self._in_process(asked, given_s))
        ticket = self.gate.take(is_background=asked.is_background)
        call = asyncio.ensure_future(self._passed(asked, given_s))
        # Not in a `finally` of the call: cancelled before its first step, it would never come there.
        call.add_done_callback(lambda _: self._leave(ticket))
        return call

    def _refuse_while_open(self) -> None:
        opens_in_s = self.breaker.opens_in_s(self._monotonic())
        if opens_in_s > 0:
            raise BackendFailure(Cause.BREAKER_OPEN, self.backend.name, retry_after_s=opens_in_s)

    async def _turn(self, ticket: Ticket, asked: Asked, given_s: float) -> float:
        """Wait for it. Gives the seconds that are left for the call."""
        turn = self._turns[ticket] = asyncio.get_running_loop().create_future()
        began = self._monotonic()
        try:
            async with asyncio.timeout(None if asked.is_background else given_s):
                await turn
        except TimeoutError as error:
            raise self._no_room(ticket) from error
        finally:
            self._turns.pop(ticket, None)
        waited_s = self._monotonic() - began
        if asked.is_background:
            asked.ends_at += waited_s
            return given_s
        left_s = given_s - waited_s
        if left_s <= 0 or left_s < self.gate.typical_s / 2:  # it would be paid for and not awaited
            raise self._no_room(ticket)
        return left_s

    def _no_room(self, ticket: Ticket) -> BackendFailure:
        retry_after_s = self.gate.expected_wait_s(ticket.rank)
        return BackendFailure(Cause.NO_ROOM, self.backend.name, retry_after_s=retry_after_s)

    def _leave(self, ticket: Ticket) -> None:
        for other in self.gate.leave(ticket):
            turn = self._turns.get(other)
            if turn is not None and not turn.done():
                turn.set_result(None)

    async def _passed(self, asked: Asked, given_s: float) -> Summary:
        given = self.breaker.enter(self._monotonic())
        if given is None:
            self._refuse_while_open()
            raise BackendFailure(Cause.BREAKER_OPEN, self.backend.name)
        try:
            await asked.will_be_paid()
        except BaseException:
            self.breaker.abandoned(given)
            raise
        return await self._watched(asked, given, given_s)

    async def _watched(self, asked: Asked, given: Pass, given_s: float) -> Summary:
        started = self._monotonic()
        self.budget.called(started)
        outcome = ABANDONED
        failure: BackendFailure | None = None
        load_s = 0.0
        try:
            summary = await self._in_time(asked, given_s)
            outcome, load_s = ANSWERED, summary.load_s
            self._watch.used(self.backend.name, summary.usage)
            return summary
        except BackendFailure as error:
            outcome, failure = error.cause.value, error
            raise
        finally:
            now = self._monotonic()
            self._watch.attempted(self.backend.name, outcome, now - started)
            if outcome is not ABANDONED:
                # Once loaded a model stays so: those who queue will not wait for it again.
                self.gate.took(max(0.0, now - started - load_s))
            if failure is not None:
                self._failed(asked, given, given_s, failure)
            elif outcome is ANSWERED:
                self._succeeded(given, now)
            else:
                self.breaker.abandoned(given)
                self._watch.used(self.backend.name, asked.account.unknown(self.backend.name))

    def _succeeded(self, given: Pass, now: float) -> None:
        if self.breaker.state(now) is BreakerState.CLOSED:  # and stays so: there is nothing to tell
            self.breaker.succeeded(given, now)
        else:
            self._tell(lambda: self.breaker.succeeded(given, now), now, "answered")

    def _failed(self, asked: Asked, given: Pass, given_s: float, failure: BackendFailure) -> None:
        cost = asked.account.failed(failure, self.backend.name)
        if cost is not None:
            self._watch.used(self.backend.name, cost)
        is_of_deadline = failure.cause is Cause.OUT_OF_TIME
        if is_of_deadline and not is_fair_trial(given_s, self.limits.timeout_s, asked.deadline_s):
            self.breaker.abandoned(given)
        else:
            now, told_s = self._monotonic(), failure.provider_retry_after_s
            self._tell(
                lambda: self.breaker.failed(given, failure.cause, now, told_s), now, failure.cause.value
            )

    def _tell(self, change: Callable[[], None], now: float, why: str) -> None:
        """Let the breaker know, and the log when it opens or closes."""
        before = (self.breaker.state(now) is BreakerState.CLOSED, self.breaker.opens_in_s(now))
        change()
        is_closed, opens_in_s = self.breaker.state(now) is BreakerState.CLOSED, self.breaker.opens_in_s(now)
        if is_closed and not before[0]:
            log.info("breaker_closed", backend=self.backend.name)
        elif opens_in_s > before[1]:
            log.warning("breaker_open", backend=self.backend.name, cause=why, for_s=round(opens_in_s, 1))

    async def _in_time(self, asked: Asked, given_s: float) -> Summary:
        try:
            with Timer(asyncio.get_running_loop().time() + given_s + _GRACE_S):
                return await asked.call(self.backend, given_s)
        except TimeoutError as error:
            raise BackendFailure(Cause.OUT_OF_TIME, f"{self.backend.name}: {given_s:.1f} s") from error
        except BackendFailure:
            raise
        except GatewayError as error:
            raise as_failure(error) from error
        except Exception as error:
            # A defect of ours that this answer or this request brought out: another backend may still answer.
            log.error("backend_defect", id=asked.request_id, backend=self.backend.name, at=place_of(error))
            detail = f"{self.backend.name}: {type(error).__name__}"
            raise BackendFailure(Cause.UNREADABLE, detail, may_retry=False) from error


def as_failure(error: GatewayError) -> BackendFailure:
    """An error of a backend that names no cause. Raises `error` itself when it is not of a backend."""
    if isinstance(error, BackendFailure):
        return error
    if error.kind not in _CAUSES:
        raise error
    return BackendFailure(_CAUSES[error.kind], error.detail)
