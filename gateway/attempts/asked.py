"""What is asked of the backends for one request, and how urgently."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from gateway.attempts.account import Account
from gateway.attempts.priority import Urgency
from gateway.interfaces import Backend
from gateway.summary import Summary

Call = Callable[[Backend, float], Awaitable[Summary]]
"""One call of a backend, within so many seconds."""


@dataclass(slots=True)
class Asked:
    request_id: str
    order: Sequence[str]
    """The names of the backends that may be asked, the first first."""
    call: Call
    ends_at: float
    """On the monotonic clock. Time that work in the background waits for its turn is added to it."""
    deadline_s: float
    around_refusals: bool = False
    urgency: Urgency = Urgency.ROUTINE
    is_background: bool = False
    """Nobody waits on a connection."""
    before_paid_call: Callable[[], Awaitable[None]] | None = None
    """Awaited once, before the first call that may have to be paid."""
    before_each_paid_call: Callable[[], None] | None = None
    """May raise a `BackendFailure` in its place."""
    account: Account = field(default_factory=Account)

    async def will_be_paid(self) -> None:
        if self.before_each_paid_call is not None:
            self.before_each_paid_call()
        announce, self.before_paid_call = self.before_paid_call, None
        if announce is not None:
            await announce()
