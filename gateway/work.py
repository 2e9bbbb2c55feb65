"""Summaries of event messages, made after their acknowledgment.

What is queued here is on disk already: the queue may be lost at any moment, and is filled again from
the store at start. Each backend has a lane of its own, so that a slow one holds up nobody else's messages.
"""

import asyncio
import heapq
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from gateway.attempts.account import Account
from gateway.attempts.priority import Urgency, rank_of, urgency_of
from gateway.backends.failure import BackendFailure, Cause
from gateway.errors import ErrorKind, GatewayError, place_of
from gateway.interfaces import Store
from gateway.policy.decision import Decision, refusal_of
from gateway.records import AnswerState, Progress, Settlement, Work
from gateway.request import SummarizationRequest
from gateway.spending import Held, Spending
from gateway.summarizer import Summarizer
from gateway.summary import Usage

log = structlog.get_logger("work")

_HELD_REQUESTS = 1000
"""So many requests wait in memory; those behind them are read from the store when their turn comes."""
_FIRST_RETRY_S = 2.0
_LAST_RETRY_S = 600.0
_LAST_LOOK_S = 3600.0
"""What waits for a quota looks again so often: the operator may have raised it."""
_MOST_CALLS = 12
"""That may have been paid for one message; then it is `failed` and waits for people."""
_NO_CALLS = Usage(calls=0)
_NOT_CALLED = (Cause.BREAKER_OPEN, Cause.NO_ROOM)
_IN_PROCESS = ""
"""The lane of what this process summarizes itself, and of what is not decided yet."""
_IN_PROCESS_WORKERS = 4
_ROUTINE = rank_of(Urgency.ROUTINE, is_background=True)

Decider = Callable[[SummarizationRequest], Decision]
"""Decides anew for a message whose decision was made before the last stop."""


@dataclass(slots=True)
class _Item:
    """A message whose summary is to be made."""

    message_id: str
    arrival: int
    added_at: datetime
    request: SummarizationRequest | None = None
    """None: to be read from the store."""
    decision: Decision | None = None
    account: Account = field(default_factory=Account)
    is_restored: bool = False
    """What it cost before the last stop is still to be read."""
    rank: int = _ROUTINE
    attempts: int = 0
    held: Held | None = None
    """Of the quotas, while it is worked at."""
    is_working: bool = False
    """On disk as such: a call was announced that may have been paid."""
    retry: asyncio.TimerHandle | None = None
    """Puts it back into its lane after a failure."""
    is_listed: bool = False
    """Among the `not_called` of its lane."""


@dataclass(slots=True)
class _Lane:
    workers: int
    waiting: list[tuple[int, int, _Item]] = field(default_factory=list)
    """A heap of (rank, arrival, item): what is STAT first, then the order of arrival."""
    running: int = 0
    not_called: list[tuple[int, int, _Item]] = field(default_factory=list)
    """A heap of those that wait because the backend is left alone or full."""


class WorkQueue:
    def __init__(
        self,
        store: Store,
        summarizer: Summarizer,
        decide: Decider,
        now: Callable[[], datetime],
        spending: Spending | None = None,
        *,
        keep_trying_s: float = 86400,
    ) -> None:
        """A message whose backends are down is tried again until it is `keep_trying_s` old."""
        self._store = store
        self._summarizer = summarizer
        self._decide = decide
        self._now = now
        self._spending = spending or Spending.unlimited(store, now)
        self._keep_trying = timedelta(seconds=keep_trying_s)
        self._lanes = {_IN_PROCESS: _Lane(_IN_PROCESS_WORKERS)}
        for name, guard in summarizer.guards.items():
            if not guard.backend.repeatable:
                self._lanes[name] = _Lane(guard.gate.background_most)
        self._items: dict[str, tuple[_Item, asyncio.Future[None]]] = {}
        self._arrivals = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_stopping = False
        self.on_summarized: Callable[[str, str], None] | None = None
        """Called with the partner it is returned to and the message's id once the summary is on disk."""

    @property
    def backlog(self) -> int:
        """Messages whose summary is still to come."""
        return len(self._items)

    def add(
        self,
        message_id: str,
        request: SummarizationRequest | None = None,
        decision: Decision | None = None,
    ) -> None:
        """`request` None: of before the last stop, read from the store; `decision` None: made anew."""
        self._arrivals += 1
        item = _Item(message_id, self._arrivals, self._now(), request, decision)
        item.is_restored = request is None
        self._items[message_id] = (item, asyncio.get_running_loop().create_future())
        self._put(item, self._lane_of(request, decision) if request and decision else self._lanes[""])

    async def finished(self, message_ids: Iterable[str], timeout_s: float) -> None:
        """Wait until these are done, one way or the other, but no longer than that; not for those that are
        to be tried again some other time."""
        items = [self._items[each] for each in message_ids if each in self._items]
        pending = [done for item, done in items if item.retry is None]
        if pending:
            await asyncio.wait(pending, timeout=timeout_s)

    async def stop(self, finish_s: float) -> None:
        """Begin nothing more, let what runs end within `finish_s`, and end the rest. What was not finished
        is on disk as accepted or working."""
        self._is_stopping = True
        for item, _ in self._items.values():
            if item.retry is not None:
                item.retry.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=finish_s)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _lane_of(self, request: SummarizationRequest, decision: Decision) -> _Lane:
        return self._lanes[self._summarizer.first_remote(request, decision) or _IN_PROCESS]

    def _put(self, item: _Item, lane: _Lane) -> None:
        if item.request is not None and lane.running == lane.workers:
            item.rank = rank_of(urgency_of(item.request), is_background=True)
        heapq.heappush(lane.waiting, (item.rank, item.arrival, item))
        if len(lane.waiting) > _HELD_REQUESTS:
            item.request = item.decision = None
        if lane.running < lane.workers and not self._is_stopping:
            lane.running += 1
            task = asyncio.ensure_future(self._run(lane))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _run(self, lane: _Lane) -> None:
        """One worker, for as long as something waits in its lane."""
        try:
            while lane.waiting and not self._is_stopping:
                _, _, item = heapq.heappop(lane.waiting)
                await self._one(item, lane)
        finally:
            lane.running -= 1

    async def _one(self, item: _Item, lane: _Lane) -> None:
        request = item.request
        try:
            request = request or await self._store.request(item.message_id)
            if request is None:
                raise LookupError(item.message_id)
            if item.is_restored:
                item.account.used(await self._store.usage(item.message_id) or _NO_CALLS)
                item.is_restored = False
            item.request, item.decision = request, item.decision or self._decide(request)
            right_lane = self._lane_of(request, item.decision)
            if right_lane is not lane:
                self._put(item, right_lane)
                return
            await self._summarize(item, request, item.decision)
            self._hasten(lane)
        except GatewayError as error:
            if self._may_try_again(item, request, error):
                await self._try_again_later(item, lane, error)
                return
            await self._give_up(item, error)
        except Exception as error:
            log.error("summary_failed", id=item.message_id, at=place_of(error))
            await self._give_up(item, GatewayError(ErrorKind.INTERNAL, repr(error)))
        _, done = self._items.pop(item.message_id)
        if not done.done():
            done.set_result(None)

    async def _summarize(self, item: _Item, request: SummarizationRequest, decision: Decision) -> None:
        if not decision.permitted:
            raise refusal_of(decision)
        held = item.held = await self._spending.begin(request, decision, item.account, is_background=True)

        async def announce() -> None:
            # On disk before the call: after a crash nobody could tell whether the model was paid.
            await self._store.advance(
                Progress(request.id, work=Work.WORKING, holds=held.holds, destinations=decision.destinations)
            )
            item.is_working = True
            held.stored()

        answer = await self._summarizer.summarize(
            request,
            decision,
            item.account,
            is_background=True,
            before_paid_call=announce,
            before_each_paid_call=held.another_call,
        )
        settled = held.settle(answer)
        await self._store.advance(
            Progress(
                request.id,
                work=Work.SUMMARIZED,
                result=answer,
                shown_to=item.account.shown_to,
                settlement=settled,
            )
        )
        item.held = None
        if self.on_summarized is not None:
            self.on_summarized(answer.return_to or request.partner, request.id)

    def _may_try_again(self, item: _Item, request: SummarizationRequest | None, error: GatewayError) -> bool:
        if error.kind.is_too_much:  # it waits as long as it takes, and stays accepted
            return True
        received_at = request.received_at if request is not None else item.added_at
        is_young = self._now() - received_at < self._keep_trying
        return error.kind.passes_with_time and is_young and item.account.usage.calls < _MOST_CALLS

    async def _try_again_later(self, item: _Item, lane: _Lane, error: GatewayError) -> None:
        """It stays accepted on disk, so that a restart takes it up again."""
        delay_s = self._delay_s(item, error)
        log.info(
            "summary_postponed",
            id=item.message_id,
            kind=error.kind.value,
            attempt=item.attempts,
            delay_s=math.ceil(delay_s),
        )
        settled = self._settled(item)
        if item.is_working:
            await self._advance(
                Progress(item.message_id, work=Work.ACCEPTED, usage=item.account.usage, settlement=settled)
            )
            item.is_working = False
        elif settled is not None and settled.charges:
            self._spending.not_written(settled)
        item.request = item.decision = None  # the policy of that time holds
        if not self._is_stopping:
            item.retry = asyncio.get_running_loop().call_later(delay_s, self._put_back, item, lane)
            was_called = not isinstance(error, BackendFailure) or error.cause not in _NOT_CALLED
            if not (was_called or item.is_listed):
                item.is_listed = True
                heapq.heappush(lane.not_called, (item.rank, item.arrival, item))

    def _delay_s(self, item: _Item, error: GatewayError) -> float:
        if error.kind.is_too_much:  # it did not fail, and the time at which the window opens is known
            return min(error.retry_after_s or _FIRST_RETRY_S, _LAST_LOOK_S)
        item.attempts += 1
        delay_s = min(_FIRST_RETRY_S * 2.0 ** min(item.attempts - 1, 20), _LAST_RETRY_S)
        return max(delay_s, error.retry_after_s or 0)

    def _settled(self, item: _Item) -> Settlement | None:
        held, item.held = item.held, None
        return held.settle() if held is not None else None

    def _put_back(self, item: _Item, lane: _Lane) -> None:
        item.retry = None
        self._put(item, lane)

    def _hasten(self, lane: _Lane) -> None:
        """The backend answers: two more of those that were not even called need not wait out their time.
        So a backlog is made up in its order, and the backend meets it by and by."""
        hastened = 0
        while lane.not_called and hastened < 2 and not self._is_stopping:
            _, _, item = heapq.heappop(lane.not_called)
            item.is_listed = False
            if item.retry is not None:
                item.retry.cancel()
                self._put_back(item, lane)
                hastened += 1

    async def _give_up(self, item: _Item, error: GatewayError) -> None:
        log.warning("summary_given_up", id=item.message_id, kind=error.kind.value)
        await self._advance(
            Progress(
                item.message_id,
                work=Work.FAILED,
                answer=AnswerState.NONE,
                error=error,
                usage=item.account.usage,
                shown_to=item.account.shown_to,
                settlement=self._settled(item),
            )
        )

    async def _advance(self, progress: Progress) -> None:
        try:
            await self._store.advance(progress)
        except GatewayError as failure:
            log.error("state_not_stored", id=progress.message_id, kind=failure.kind.value)
            self._spending.not_written(progress.settlement)
