"""Rate and concurrency limits. Pure: the clock is an argument, and nobody waits in here.

Why no library: `limits` (PyPI) reads the clock itself, keeps a thread, takes one limit at a time, and can
only say no. Here all limits are taken in one step or none of them, and a turn in the future can be had, so
that feeds wait in their order. A rate is one number: the time at which its bucket is full again (GCRA).
"""

import math
from collections.abc import Iterator, Sequence
from enum import StrEnum

from gateway.values import carrier


class Per(StrEnum):
    """Whose requests are counted together."""

    PARTNER = "partner"
    LISTENER = "listener"
    KEY = "key"
    """The credential that the sender showed, of events too; not for whoever is known by its address or MSH-3
    alone."""
    MODEL = "model"
    """The alias that policy chose, whatever was asked for."""


@carrier
class Rate:
    requests: int
    period_s: int
    burst: int
    """So many may come at once after a pause; then one each `period_s / requests` seconds."""

    @property
    def interval_s(self) -> float:
        return self.period_s / self.requests


@carrier
class Limit:
    id: str
    per: Per
    of: frozenset[str] = frozenset()
    """The partners, listeners or models that it is for; empty: each of them, each by itself."""
    rate: Rate | None = None
    concurrency: int | None = None
    """So many messages in work at once."""


@carrier
class Use:
    """How far one limit is used by one subject at one moment."""

    limit: str
    per: str
    who: str
    spent: int | None
    """Requests that its rate still counts, those that wait for their turn too. None: it has no rate."""
    running: int
    """Messages in work."""
    left: int
    """Requests that would pass at once."""
    full_in_s: float
    """Until its rate counts none any more."""


_SLACK = 1e-8
"""Of a request, for what adding up fractions of a second loses."""


class Meter:
    """How far one limit is used by one subject."""

    __slots__ = ("_full_at", "_interval_s", "_tolerance_s", "limit", "running", "subject")

    def __init__(self, limit: Limit, subject: str) -> None:
        self.subject = subject
        self.running = 0
        self._full_at = -math.inf
        self.set(limit)

    def set(self, limit: Limit) -> None:
        """What was counted stays counted."""
        self.limit = limit
        rate = limit.rate
        self._interval_s = rate.interval_s if rate else 0.0
        self._tolerance_s = self._interval_s * (rate.burst - 1) if rate else 0.0

    @property
    def has_room(self) -> bool:
        most = self.limit.concurrency
        return most is None or self.running < most

    def wait_s(self, now: float) -> float:
        """Seconds until the rate allows another; 0: at once."""
        return max(0.0, self._full_at - self._tolerance_s - now)

    def count(self, now: float) -> None:
        self._full_at = max(self._full_at, now) + self._interval_s

    def left(self, now: float) -> int:
        """Requests that would pass at once."""
        rate = self.limit.rate
        if rate is None:
            return 0
        behind_s = max(0.0, self._full_at - now)
        return max(0, math.floor(rate.burst - behind_s / self._interval_s + _SLACK))

    def full_in_s(self, now: float) -> float:
        return max(0.0, self._full_at - now)

    def use(self, now: float) -> Use:
        rate, most = self.limit.rate, self.limit.concurrency
        full_in_s = self.full_in_s(now)
        allowed = [] if rate is None else [self.left(now)]
        if most is not None:
            allowed.append(max(0, most - self.running))
        return Use(
            limit=self.limit.id,
            per=self.limit.per.value,
            who=self.subject,
            spent=None if rate is None else math.ceil(full_in_s / self._interval_s - _SLACK),
            running=self.running,
            left=min(allowed),
            full_in_s=full_in_s,
        )


@carrier
class Refusal:
    meter: Meter
    wait_s: float | None
    """None: until somebody else is done, which nobody knows."""


Meters = tuple[Meter, ...]


class Limits:
    """All limits, and how far each subject has used them."""

    def __init__(self, limits: Sequence[Limit]) -> None:
        self.limits = tuple(limits)
        self._meters: dict[tuple[str, str], Meter] = {}
        self._of: dict[tuple[tuple[Per, str], ...], Meters] = {}

    def replace(self, limits: Sequence[Limit]) -> None:
        """What is counted under an id that stays goes on, whatever is allowed of it now."""
        self.limits = tuple(limits)
        by_id = {(limit.id, limit.per): limit for limit in limits}
        kept = {}
        for key, meter in self._meters.items():
            limit = by_id.get((meter.limit.id, meter.limit.per))
            if limit is not None:
                meter.set(limit)
                kept[key] = meter
        self._meters = kept
        self._of.clear()

    def uses(self, now: float) -> Iterator[Use]:
        """Of every subject that was counted so far."""
        return (meter.use(now) for meter in self._meters.values())

    def of(self, *subjects: tuple[Per, str]) -> Meters:
        """What a request of these must pass. `subjects` are authenticated: their number is bounded."""
        meters = self._of.get(subjects)
        if meters is None:
            meters = self._of[subjects] = tuple(self._found(subjects))
        return meters

    def _found(self, subjects: Sequence[tuple[Per, str]]) -> Iterator[Meter]:
        for limit in self.limits:
            for per, subject in subjects:
                if per is limit.per and (not limit.of or subject in limit.of):
                    key = (limit.id, subject)
                    if key not in self._meters:
                        self._meters[key] = Meter(limit, subject)
                    yield self._meters[key]


def take(meters: Meters, now: float) -> Refusal | None:
    """Count a request under all of them, or under none: then the one that makes it wait longest is told."""
    refusal = None
    for meter in meters:
        if not meter.has_room:
            return Refusal(meter, None)
        wait_s = meter.wait_s(now)
        if wait_s > (refusal.wait_s or 0 if refusal else 0):
            refusal = Refusal(meter, wait_s)
    if refusal is None:
        for meter in meters:
            meter.count(now)
            meter.running += 1
    return refusal


def reserve(meters: Meters, now: float) -> float:
    """Count a request whatever the rates say: its turn is in so many seconds. Concurrency is left out."""
    wait_s = max((meter.wait_s(now) for meter in meters), default=0.0)
    for meter in meters:
        meter.count(now)
    return wait_s


def enter(meters: Meters) -> bool:
    """Begin the work of a request whose turn was reserved; False: there is no room for it yet."""
    if not all(meter.has_room for meter in meters):
        return False
    for meter in meters:
        meter.running += 1
    return True


def leave(meters: Meters) -> None:
    """The request is done, however it ended."""
    for meter in meters:
        meter.running -= 1
