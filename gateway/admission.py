"""Whether a message may come in now: rate and concurrency limits of its partner, listener and key.

A feed waits: its connection does no other work meanwhile, reads no more than its bound, and TCP slows the
sender. Everybody else is told when to come again.
"""

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Protocol

from gateway.errors import ErrorKind, GatewayError
from gateway.policy.limits import Limit, Limits, Meters, Per, Refusal, Use, enter, leave, reserve, take

_UNKNOWN_WAIT_S = 1
"""For room that comes when another message is done."""


class Counting(Protocol):
    """Metrics, as far as limits need them."""

    def limited(self, limit: str, how: str) -> None:
        """`how` is `refused` or `delayed`."""
        ...


class Entry:
    """A message that was let in. `leave` must be called once it is done, however it ended."""

    __slots__ = ("_admission", "meters")

    def __init__(self, admission: "Admission", meters: Meters) -> None:
        self._admission = admission
        self.meters = meters

    def leave(self) -> None:
        """Calling it again changes nothing."""
        meters, self.meters = self.meters, ()
        if meters:
            self._admission.left(meters)


class Admission:
    def __init__(
        self,
        limits: Limits,
        monotonic: Callable[[], float],
        counting: Counting,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._limits = limits
        self._monotonic = monotonic
        self._counting = counting
        self._sleep = sleep
        self._waiting: deque[tuple[Meters, asyncio.Future[None]]] = deque()

    @property
    def has_limits(self) -> bool:
        return bool(self._limits.limits)

    async def wait(self, *subjects: tuple[Per, str]) -> Entry:
        """Returns when the limits allow it, in the order of the calls for each rate."""
        meters = self._limits.of(*subjects)
        wait_s = reserve(meters, self._monotonic())
        if wait_s > 0:
            self._count(meters, "delayed", wait_s)
            await self._sleep(wait_s)
        if not enter(meters):
            self._count(meters, "delayed", None)
            await self._room(meters)
        return Entry(self, meters)

    def enter(self, *subjects: tuple[Per, str]) -> Entry:
        """Raises `THROTTLED` with the time to wait."""
        meters = self._limits.of(*subjects)
        refusal = take(meters, self._monotonic())
        if refusal is not None:
            self._counting.limited(refusal.meter.limit.id, "refused")
            raise throttled(refusal)
        return Entry(self, meters)

    def put_in_force(self, limits: Sequence[Limit]) -> None:
        self._limits.replace(limits)
        self._give_room()

    def left(self, meters: Meters) -> None:
        """Makes room, which goes to whoever has waited for it longest."""
        leave(meters)
        self._give_room()

    def _give_room(self) -> None:
        for each in tuple(self._waiting):
            waiting, turn = each
            if turn.done() or enter(waiting):
                self._waiting.remove(each)
                if not turn.done():
                    turn.set_result(None)

    def uses(self) -> Iterator[Use]:
        return self._limits.uses(self._monotonic())

    def headers(self, *subjects: tuple[Per, str]) -> tuple[tuple[str, str], ...]:
        """`RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers), as of now."""
        return ratelimit_headers(self._limits.of(*subjects), self._monotonic())

    async def _room(self, meters: Meters) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((meters, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # given in the same moment
                self.left(meters)
            raise

    def _count(self, meters: Meters, how: str, wait_s: float | None) -> None:
        for meter in meters:
            is_cause = not meter.has_room if wait_s is None else meter.limit.rate is not None
            if is_cause:
                self._counting.limited(meter.limit.id, how)


def throttled(refusal: Refusal) -> GatewayError:
    wait_s = refusal.wait_s
    return GatewayError(
        ErrorKind.THROTTLED,
        f"limit {refusal.meter.limit.id}",
        limit=refusal.meter.limit.id,
        retry_after_s=_UNKNOWN_WAIT_S if wait_s is None else max(1, math.ceil(wait_s)),
    )


def ratelimit_headers(meters: Meters, now: float) -> tuple[tuple[str, str], ...]:
    policies, states = [], []
    for meter in meters:
        limit, rate = meter.limit, meter.limit.rate
        if rate is not None:
            policies.append(f'"{limit.id}";q={rate.requests};w={rate.period_s}')
            states.append(f'"{limit.id}";r={meter.left(now)};t={math.ceil(meter.full_in_s(now))}')
        elif limit.concurrency is not None:
            policies.append(f'"{limit.id}";q={limit.concurrency};qu="concurrent-requests"')
    if not policies:
        return ()
    state = (("RateLimit", ", ".join(states)),) if states else ()
    return (("RateLimit-Policy", ", ".join(policies)), *state)
