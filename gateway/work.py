"""Summaries of event messages, made after their acknowledgment.

What is queued here is on disk already: the queue may be lost at any moment, and is filled again from
the store at start.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable

import structlog

from gateway.errors import ErrorKind, GatewayError, place_of
from gateway.interfaces import Store
from gateway.messages import SummarizationRequest
from gateway.policy.decision import Decision
from gateway.records import AnswerState, Progress, Work
from gateway.summarizer import Summarizer

log = structlog.get_logger("work")

_HELD_REQUESTS = 1000
"""So many requests wait in memory; those behind them are read from the store when their turn comes."""
_FIRST_RETRY_S = 2.0
_LAST_RETRY_S = 600.0
_MOST_ATTEMPTS = 12
"""Over an hour and a half of a backend that is down; then the message is `failed` and waits for people."""

Decider = Callable[[SummarizationRequest], Decision]
"""Decides anew for a message whose decision was made before the last stop."""


class WorkQueue:
    """Runs `workers` summaries at a time, in order of arrival."""

    def __init__(self, store: Store, summarizer: Summarizer, decide: Decider, *, workers: int = 4) -> None:
        self._store = store
        self._summarizer = summarizer
        self._decide = decide
        self._waiting: deque[tuple[str, SummarizationRequest | None, Decision | None]] = deque()
        self._finished: dict[str, asyncio.Future[None]] = {}
        self._wake = asyncio.Semaphore(0)
        self._tasks = {asyncio.ensure_future(self._run()) for _ in range(workers)}
        self.on_summarized: Callable[[str, str], None] | None = None
        """Called with the partner and the message's id once the summary is on disk."""

    @property
    def backlog(self) -> int:
        """Messages whose summary is still to come."""
        return len(self._finished)

    def add(
        self, message_id: str, request: SummarizationRequest | None = None, decision: Decision | None = None
    ) -> None:
        """`request` None: read from the store; `decision` None: made anew."""
        held = request if len(self._waiting) < _HELD_REQUESTS else None
        self._finished.setdefault(message_id, asyncio.get_running_loop().create_future())
        self._waiting.append((message_id, held, decision if held else None))
        self._wake.release()

    async def finished(self, message_ids: Iterable[str], timeout_s: float) -> None:
        """Wait until these are done, one way or the other, but no longer than that."""
        pending = [self._finished[each] for each in message_ids if each in self._finished]
        if pending:
            await asyncio.wait(pending, timeout=timeout_s)

    async def stop(self) -> None:
        """Ends what runs; what was not finished is on disk as accepted or working."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await self._wake.acquire()
            message_id, request, decision = self._waiting.popleft()
            await self._one(message_id, request, decision, attempt=1)

    async def _one(
        self, message_id: str, request: SummarizationRequest | None, decision: Decision | None, attempt: int
    ) -> None:
        try:
            request = request or await self._store.request(message_id)
            if request is None:
                raise GatewayError(ErrorKind.INTERNAL, "no request is stored for this message")
            await self._summarize(request, decision or self._decide(request))
        except GatewayError as error:
            if error.kind.passes_with_time and attempt < _MOST_ATTEMPTS:
                self._again_later(message_id, attempt)
                return
            await self._give_up(message_id, error)
        except Exception as error:
            log.error("summary_failed", id=message_id, at=place_of(error))
            await self._give_up(message_id, GatewayError(ErrorKind.INTERNAL, repr(error)))
        done = self._finished.pop(message_id, None)
        if done is not None and not done.done():
            done.set_result(None)

    async def _summarize(self, request: SummarizationRequest, decision: Decision) -> None:
        if not decision.permitted:
            raise GatewayError(ErrorKind.FORBIDDEN, decision.why)
        if not self._summarizer.is_repeatable(decision):
            # On disk before the call: after a crash nobody could tell whether the model was paid.
            await self._store.advance(Progress(request.id, work=Work.WORKING))
        answer = await self._summarizer.summarize(request, decision)
        await self._store.advance(Progress(request.id, work=Work.SUMMARIZED, result=answer))
        if self.on_summarized is not None:
            self.on_summarized(request.partner, request.id)

    def _again_later(self, message_id: str, attempt: int) -> None:
        delay_s = min(_FIRST_RETRY_S * 2 ** (attempt - 1), _LAST_RETRY_S)
        log.info("summary_postponed", id=message_id, attempt=attempt, delay_s=delay_s)

        def begin() -> None:
            task = asyncio.ensure_future(self._one(message_id, None, None, attempt + 1))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        asyncio.get_running_loop().call_later(delay_s, begin)

    async def _give_up(self, message_id: str, error: GatewayError) -> None:
        log.warning("summary_given_up", id=message_id, kind=error.kind.value)
        try:
            await self._store.advance(
                Progress(message_id, work=Work.FAILED, answer=AnswerState.NONE, error=error)
            )
        except GatewayError as failure:
            log.error("state_not_stored", id=message_id, kind=failure.kind.value)
