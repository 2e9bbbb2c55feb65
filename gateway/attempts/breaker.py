"""Leaves a backend alone while it fails, and asks it with a single call whether it is back. Pure.

It is there for a route's only backend too: then its callers are told at once, and when to come again.
"""

from collections import deque
from enum import StrEnum

from gateway.attempts.limits import BreakerLimits
from gateway.backends.failure import Cause
from gateway.values import carrier


class BreakerState(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


OF_THE_BACKEND = frozenset(
    {
        Cause.NO_CONNECTION,
        Cause.NO_ANSWER,
        Cause.STALLED,
        Cause.OUT_OF_TIME,
        Cause.CUT,
        Cause.GARBLED,
        Cause.RATE_LIMITED,
        Cause.OVERLOADED,
        Cause.SERVER_ERROR,
        Cause.SPEND_LIMIT,
        Cause.CREDENTIALS,
        Cause.UNKNOWN_MODEL,
    }
)
"""Failures that the next request would meet too. All others are of this request: the backend answered."""

_PERSISTENT = 3
"""So many 429 in a row, and the time the provider named is kept for everybody."""
_LONGEST_TOLD_S = 600.0
"""Nobody is left alone for longer because of a header."""
_BUCKETS = 10


@carrier
class Pass:
    """Leave to make one call; given back by `succeeded`, `failed` or `abandoned`."""

    is_probe: bool


class Breaker:
    """`now` is in seconds of a clock that only goes forward."""

    def __init__(self, limits: BreakerLimits) -> None:
        self._limits = limits
        self._is_closed = True
        self._open_until = 0.0
        self._next_open_s = limits.open_s
        self._is_probing = False
        self._in_a_row = 0
        self._limited_in_a_row = 0
        self._window: deque[tuple[int, list[int]]] = deque(maxlen=_BUCKETS)
        """(number of the bucket, [calls, failures])"""

    def state(self, now: float) -> BreakerState:
        if self._is_closed:
            return BreakerState.CLOSED
        return BreakerState.OPEN if now < self._open_until else BreakerState.HALF_OPEN

    def opens_in_s(self, now: float) -> float:
        """Until a call may be tried; 0 when one may be tried now."""
        if self._is_closed:
            return 0.0
        return max(self._open_until - now, self._limits.open_s if self._is_probing else 0.0)

    def enter(self, now: float) -> Pass | None:
        """None while it is open, or while another call tries whether it may close."""
        if self._is_closed:
            return Pass(is_probe=False)
        if now < self._open_until or self._is_probing:
            return None
        self._is_probing = True
        return Pass(is_probe=True)

    def succeeded(self, given: Pass, now: float) -> None:
        """The backend answered, be it to refuse the content."""
        self._end(given)
        self._in_a_row = self._limited_in_a_row = 0
        if self._is_closed:
            self._count(now, failures=0)
        elif given.is_probe or (now >= self._open_until and not self._is_probing):
            self._is_closed = True
            self._next_open_s = self._limits.open_s
            self._window.clear()

    def failed(self, given: Pass, cause: Cause, now: float, retry_after_s: float | None = None) -> None:
        if cause not in OF_THE_BACKEND:
            self.succeeded(given, now)
            return
        self._end(given)
        self._in_a_row += 1
        self._limited_in_a_row = self._limited_in_a_row + 1 if cause is Cause.RATE_LIMITED else 0
        told_s = min(retry_after_s or 0.0, _LONGEST_TOLD_S)
        is_told_to_wait = told_s > 0 and self._limited_in_a_row >= _PERSISTENT
        if given.is_probe:
            self._open(now, told_s)
        elif not self._is_closed:
            # Begun before it opened: this says nothing new, but a longer time the provider named holds.
            if is_told_to_wait:
                self._open_until = max(self._open_until, now + told_s)
        else:
            self._count(now, failures=1)
            if (
                self._in_a_row >= self._limits.failures
                or is_told_to_wait
                or cause is Cause.SPEND_LIMIT
                or self._fails_too_often(now)
            ):
                self._open(now, told_s)

    def abandoned(self, given: Pass) -> None:
        """The call ended without telling anything of the backend."""
        self._end(given)

    def _end(self, given: Pass) -> None:
        if given.is_probe:
            self._is_probing = False

    def _open(self, now: float, told_s: float) -> None:
        self._is_closed = False
        self._open_until = max(self._open_until, now + self._next_open_s, now + told_s)
        self._next_open_s = min(self._next_open_s * 2, self._limits.longest_open_s)

    def _count(self, now: float, *, failures: int) -> None:
        number = int(now / self._limits.window_s * _BUCKETS)
        if not self._window or self._window[-1][0] != number:
            self._window.append((number, [0, 0]))
        bucket = self._window[-1][1]
        bucket[0] += 1
        bucket[1] += failures

    def _fails_too_often(self, now: float) -> bool:
        oldest = int(now / self._limits.window_s * _BUCKETS) - _BUCKETS
        recent = [counts for number, counts in self._window if number > oldest]
        calls = sum(counts[0] for counts in recent)
        failures = sum(counts[1] for counts in recent)
        return calls >= self._limits.least_calls and failures >= calls * self._limits.rate
