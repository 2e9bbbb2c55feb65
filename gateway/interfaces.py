"""The plugs: what a translator, a backend and a reader of carried payloads must offer."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, Protocol

from gateway.clinical import Reading
from gateway.errors import GatewayError
from gateway.messages import InboundMessage, Opened, Reply
from gateway.records import Charge, Found, Hold, NewRecord, Progress, Refusals, Stored, Unfinished
from gateway.request import SummarizationRequest, SummaryQuery
from gateway.summary import Answer, Summary, Usage

Handler = Callable[[InboundMessage], Awaitable[Reply]]
"""What a listener calls with each whole message. It never raises."""

Refuser = Callable[[InboundMessage, GatewayError], Reply]
"""The protocol's form of an error that a listener itself found (wrong path, wrong method)."""


class Translator(Protocol):
    """One protocol's bytes <-> the gateway's values. Pure: no I/O, no clock, no randomness.

    `now` is UTC. Every method but `to_error` may raise `GatewayError`; nothing else. For a message
    whose `Opened.wish` is not theirs, `to_request`, `to_query` and their replies are never called.
    """

    def open(self, message: InboundMessage) -> Opened[Any]:
        """Read as little as tells who sent it, its control id, its type and what it wants."""
        ...

    def to_request(self, message: InboundMessage, opened: Opened[Any], partner: str) -> SummarizationRequest:
        """Normalise the content. What cannot be read becomes `unread` or a warning, not an error."""
        ...

    def to_query(self, message: InboundMessage, opened: Opened[Any]) -> SummaryQuery:
        """For `Wish.RETRIEVE`: whose summary is wanted."""
        ...

    def to_receipt(self, message: InboundMessage, opened: Opened[Any], now: datetime) -> Reply:
        """For `RECORD` and `ECHO`: the message is safe; nothing is said of a summary."""
        ...

    def to_reply(self, message: InboundMessage, opened: Opened[Any], answer: Answer, now: datetime) -> Reply:
        """For `SUMMARIZE`: the summary in the protocol that asked."""
        ...

    def to_query_reply(
        self, message: InboundMessage, opened: Opened[Any], answer: Answer | None, now: datetime
    ) -> Reply:
        """For `RETRIEVE`: the summary that was found, or that there is none."""
        ...

    def to_batch_reply(
        self, message: InboundMessage, opened: Opened[Any], replies: Sequence[Reply], now: datetime
    ) -> Reply:
        """The replies to `Opened.parts`, in their order, as one."""
        ...

    def to_error(
        self, message: InboundMessage, opened: Opened[Any] | None, error: GatewayError, now: datetime
    ) -> Reply:
        """The protocol's form of `error`. Never raises; `opened` is None when `open` itself failed."""
        ...


class PayloadReader(Protocol):
    """Reads one kind of document that protocols carry inside their own messages (CDA, ER7)."""

    def __call__(self, payload: bytes, origin: str) -> Reading:
        """`OBX[2]-5` as `origin` makes every origin inside start with `OBX[2]-5/`. Raises `GatewayError`."""
        ...


class Backend(Protocol):
    """One way to reach one model."""

    name: str
    repeatable: bool
    """A second call costs nothing and discloses nothing: it runs in this process."""

    async def summarize(self, request: SummarizationRequest, model: str, timeout_s: float) -> Summary:
        """Raises `GatewayError` with a `BACKEND_` kind. `model` is the alias that was asked for.

        Cancelled, it ends what it began before it returns.
        """
        ...

    async def close(self) -> None: ...


class Store(Protocol):
    """Where messages are safe. Every method may raise `GatewayError(STORE_UNAVAILABLE)`."""

    async def add(self, record: NewRecord) -> Stored:
        """Returns when the record is on disk, or says that it was there before."""
        ...

    async def advance(self, progress: Progress) -> None:
        """Returns when the change of state is on disk."""
        ...

    async def note(self, refusals: Refusals) -> None:
        """Returns when the audit has it."""
        ...

    async def find(self, partner: str, query: SummaryQuery) -> Found:
        """The newest summary that this partner caused for a patient or visit."""
        ...

    async def request(self, message_id: str) -> SummarizationRequest | None: ...

    async def answer(self, message_id: str) -> Answer | None: ...

    async def reply(self, message_id: str) -> Reply | None: ...

    async def usage(self, message_id: str) -> Usage | None:
        """What calls for it had cost when it was last put aside without a summary."""
        ...

    async def unfinished(self) -> list[Unfinished]:
        """What was accepted and not finished, in the order in which it came."""
        ...

    async def quotas(self) -> tuple[Sequence[Charge], Sequence[Hold]]:
        """What is spent in the windows last opened, and held by what is under way."""
        ...
