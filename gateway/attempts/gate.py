"""How many calls a backend has at once, who is next, and who need not wait at all. Pure.

`enter` gives a ticket, `leave` takes it back whatever became of it, and says who holds a place now. A
ticket that is taken back twice, or before its turn, does no harm: so no place is ever lost.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

_HEAD_START = 1000
"""Later arrivals that a rank may pass: enough to be first in any queue, and nobody waits for ever."""
_WEIGHT_OF_NEWEST = 0.2


class Turn(Enum):
    WAITING = "waiting"
    HOLDING = "holding"
    GONE = "gone"


@dataclass(slots=True, eq=False)
class Ticket:
    turn: Turn
    is_background: bool
    rank: int = 0


@dataclass(slots=True)
class NoRoom:
    """Not taken in: who comes again after this time may find room."""

    retry_after_s: float


class Gate:
    def __init__(self, concurrency: int, queue: int) -> None:
        self._concurrency = concurrency
        self._queue = queue
        self.background_most = max(1, concurrency - max(1, concurrency // 4))
        """The rest is free for those who wait on a connection, however long the backlog is."""
        self._arrivals = 0
        self._waiting: tuple[list[tuple[int, int, Ticket]], ...] = ([], [])
        """Of callers, and of the background: heaps of (place, arrival, ticket)."""
        self._waiting_by_rank: dict[int, int] = {}
        self._queued = [0, 0]
        self._holding = [0, 0]
        self.typical_s = 0.0
        """Of the calls of late, from their start to their end; 0 before the first."""

    @property
    def in_flight(self) -> int:
        return sum(self._holding)

    @property
    def queued(self) -> int:
        return sum(self._queued)

    def enter(self, rank: int, *, is_background: bool, within_s: float) -> Ticket | NoRoom:
        """A ticket that holds a place or waits for one; `NoRoom` for a caller who would wait in vain:
        the queue is full, or his answer could not come `within_s`."""
        if self._has_place(is_background):
            return self.take(is_background=is_background)
        if not is_background:
            needs_s = self.expected_wait_s(rank) + self.typical_s
            if self._queued[False] >= self._queue or needs_s > within_s:
                return NoRoom(retry_after_s=self.expected_wait_s(rank))
        ticket = Ticket(Turn.WAITING, is_background, rank)
        self._arrivals += 1
        entry = (rank * _HEAD_START + self._arrivals, self._arrivals, ticket)
        heapq.heappush(self._waiting[is_background], entry)
        self._queued[is_background] += 1
        self._waiting_by_rank[rank] = self._waiting_by_rank.get(rank, 0) + 1
        return ticket

    def has_room(self, *, is_background: bool) -> bool:
        """There is a place that nobody waits for."""
        return self._has_place(is_background) and not self.queued

    def take(self, *, is_background: bool) -> Ticket:
        """A place that is free."""
        self._holding[is_background] += 1
        return Ticket(Turn.HOLDING, is_background)

    def leave(self, ticket: Ticket) -> Sequence[Ticket]:
        """Those who hold a place now and waited before."""
        was, ticket.turn = ticket.turn, Turn.GONE
        if was is Turn.WAITING:
            self._forget(ticket)
        elif was is Turn.HOLDING:
            self._holding[ticket.is_background] -= 1
        return self._next() if self.queued else ()

    def took(self, seconds: float) -> None:
        """A call has ended after so long."""
        weight = _WEIGHT_OF_NEWEST if self.typical_s else 1.0
        self.typical_s += weight * (seconds - self.typical_s)

    def expected_wait_s(self, rank: int) -> float:
        """For a newcomer of this rank, while no place is free."""
        ahead = sum(number for other, number in self._waiting_by_rank.items() if other <= rank)
        return (ahead + 1) * self.typical_s / self._concurrency

    def _has_place(self, is_background: bool) -> bool:
        if self.in_flight >= self._concurrency:
            return False
        return not is_background or self._holding[True] < self.background_most

    def _next(self) -> list[Ticket]:
        given: list[Ticket] = []
        while (ticket := self._first()) is not None:
            heapq.heappop(self._waiting[ticket.is_background])
            self._forget(ticket)
            self._holding[ticket.is_background] += 1
            ticket.turn = Turn.HOLDING
            given.append(ticket)
        return given

    def _first(self) -> Ticket | None:
        """Who waits and may have a place now."""
        firsts = []
        for is_background in (False, True):
            heap = self._waiting[is_background]
            while heap and heap[0][2].turn is Turn.GONE:
                heapq.heappop(heap)
            if heap and self._has_place(is_background):
                firsts.append(heap[0])
        return min(firsts)[2] if firsts else None

    def _forget(self, ticket: Ticket) -> None:
        self._queued[ticket.is_background] -= 1
        self._waiting_by_rank[ticket.rank] -= 1
