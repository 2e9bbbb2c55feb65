"""One request through the backends that may serve it, until one gives a whole answer.

Read `answer` first, then `_by`: the order of what happens. What they ask is decided in `retries`, `breaker`
and `deadlines`, which are pure.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from gateway.attempts.asked import Asked
from gateway.attempts.deadlines import allowed_s
from gateway.attempts.guard import Guard
from gateway.attempts.hedging import first_of_two
from gateway.attempts.retries import Step, is_worth_waiting, step_after, wait_s
from gateway.attempts.watch import Watch
from gateway.backends.failure import BackendFailure, Cause
from gateway.summary import Summary

log = structlog.get_logger("attempts")

_OF_THE_REQUEST = frozenset(
    {
        Cause.BAD_REQUEST,
        Cause.CONTEXT_EXCEEDED,
        Cause.INPUT_CUT,
        Cause.TRUNCATED,
        Cause.EMPTY,
        Cause.UNREADABLE,
        Cause.UNSUPPORTED,
        Cause.NOT_ALLOWED,
    }
)
"""They would come again tomorrow; a failure that passes tells the caller more."""


@dataclass(slots=True)
class Answered:
    summary: Summary
    failed: list[tuple[str, BackendFailure]]
    """The backends that were asked before, each with its last failure."""


class Attempts:
    def __init__(
        self,
        guards: Mapping[str, Guard],
        monotonic: Callable[[], float],
        chance: Callable[[], float],
        watch: Watch,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`chance` gives numbers in [0, 1)."""
        self._guards = guards
        self._monotonic = monotonic
        self._chance = chance
        self._watch = watch
        self._sleep = sleep

    async def answer(self, asked: Asked) -> Answered:
        """Raises `BackendFailure` when no backend gave an answer in time."""
        failed: list[tuple[str, BackendFailure]] = []
        guards = [self._guards[name] for name in asked.order]
        for place, guard in enumerate(guards):
            try:
                return Answered(await self._by(guard, guards[place + 1 :], asked), failed)
            except BackendFailure as failure:
                failed.append((guard.backend.name, failure))
                step = step_after(failure, guard.limits.provider, around_refusals=asked.around_refusals)
                if step is Step.STOP:
                    break
        raise most_telling([failure for _, failure in failed])

    async def _by(self, guard: Guard, others: Sequence[Guard], asked: Asked) -> Summary:
        """This backend's answer, by as many calls as are worth making."""
        in_process = [other.backend.repeatable for other in others]
        retries = 0
        while True:
            remaining_s = asked.ends_at - self._monotonic()
            given_s = allowed_s(remaining_s, guard.limits.timeout_s, in_process)
            if given_s <= 0:
                raise BackendFailure(Cause.OUT_OF_TIME, f"{guard.backend.name}: the deadline is over")
            began = self._monotonic()
            try:
                return await self._once(guard, asked, given_s)
            except BackendFailure as failure:
                took_s = self._monotonic() - began
                waiting_s = self._before_retry(guard, others, asked, failure, retries, took_s)
                _log(asked, guard, failure, retries, waiting_s)
                if waiting_s is None:
                    raise
            retries += 1
            self._watch.retried(guard.backend.name)
            await self._sleep(waiting_s)

    async def _once(self, guard: Guard, asked: Asked, given_s: float) -> Summary:
        """One call, with a second beside it where this backend is hedged and the first is slow."""
        limits = guard.limits
        other = self._guards.get(limits.hedge_with or guard.backend.name)
        after_s = limits.hedge_after_s
        if (
            after_s is None
            or other is None  # its code is not installed
            or after_s >= given_s
            or asked.is_background  # nobody waits: a second call would only cost
            or other.backend.name not in asked.order
        ):
            return await guard.call(asked, given_s)

        def second() -> "asyncio.Future[Summary] | None":
            # Room is asked for first: a call that is not made takes nothing of what retries may need.
            if not other.has_room_beside(asked) or not guard.budget.take(self._monotonic()):
                return None
            self._watch.hedged(guard.backend.name)
            return other.call_beside(asked, given_s - after_s)

        def is_final(error: BaseException) -> bool:
            if not isinstance(error, BackendFailure):
                return True
            return step_after(error, "", around_refusals=asked.around_refusals) is Step.STOP

        return await first_of_two(
            lambda: guard.call(asked, given_s), second, after_s=after_s, is_final=is_final
        )

    def _before_retry(
        self,
        guard: Guard,
        others: Sequence[Guard],
        asked: Asked,
        failure: BackendFailure,
        retries: int,
        took_s: float,
    ) -> float | None:
        """Seconds to wait before the same backend is asked again; None: it is not."""
        limits, now = guard.limits.retries, self._monotonic()
        if guard.backend.repeatable or retries >= limits.most:
            return None
        if step_after(failure, guard.limits.provider) is not Step.RETRY:
            return None
        waiting_s = wait_s(limits, retries, failure.provider_retry_after_s, self._chance())
        is_worth_it = is_worth_waiting(
            limits, waiting_s, took_s, asked.ends_at - now, is_last_backend=not others
        ) and waiting_s >= guard.breaker.opens_in_s(now)
        return waiting_s if is_worth_it and guard.budget.take(now) else None


def most_telling(failures: Sequence[BackendFailure]) -> BackendFailure:
    """What the caller is told of several: the first, unless a later one passes with time.

    A refusal ends the attempts, so it is told. That a fallback does not understand us hides nothing. Where
    the first is left alone, what counts is that those who serve in its place are full.
    """
    last = failures[-1]
    if last.cause is Cause.REFUSED:
        return last
    passing = [each for each in failures if each.cause not in _OF_THE_REQUEST] or [failures[0]]
    told = passing[0]
    if told.cause is Cause.BREAKER_OPEN:  # no call was made of it: whoever had no room for this one was asked
        told = next((each for each in passing if each.cause is Cause.NO_ROOM), told)
    waits = [each.provider_retry_after_s for each in failures if each.provider_retry_after_s is not None]
    if told.retry_after_s is None and waits and told.kind.passes_with_time:
        told.retry_after_s = max(1, math.ceil(min(waits)))
    return told


def _log(asked: Asked, guard: Guard, failure: BackendFailure, retries: int, waiting_s: float | None) -> None:
    is_news = failure.cause not in (Cause.BREAKER_OPEN, Cause.NO_ROOM)  # in an outage there are many of these
    (log.warning if is_news else log.debug)(
        "attempt_failed",
        id=asked.request_id,
        backend=guard.backend.name,
        cause=failure.cause.value,
        attempt=retries + 1,
        retry_in_s=None if waiting_s is None else round(waiting_s, 2),
    )
