"""Small plugs for tests of the pipeline: a translator of one-line messages, and backends that misbehave."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.clinical import ClinicalFact, FactKind, Identifier, Patient, Reading, Unread, UnreadReason
from gateway.errors import ErrorKind, GatewayError
from gateway.messages import Claims, InboundMessage, Opened, Protocol, Reply, Wish
from gateway.request import SummarizationRequest, SummaryQuery, Task
from gateway.summary import Answer, Statement, Summary, SummarySection

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Line:
    """`sender wish control_id patient what`: `epic record C1 MRN1 Penicillin`; `-` for nothing."""

    sender: str
    wish: str
    control_id: str
    patient: str
    what: str


class LineTranslator:
    """Replies in words, so that a test reads like the conversation."""

    def open(self, message: InboundMessage) -> Opened[Line]:
        words = message.body.decode().split(" ", 4)
        if len(words) != 5:
            raise GatewayError(ErrorKind.MALFORMED, "five words", location="line")
        line = Line(*words)
        if line.what == "bug":
            raise ZeroDivisionError("the patient's name is Doe")
        return Opened(
            wish=Wish(line.wish),
            claims=Claims(sending_application=line.sender, api_key=line.sender),
            control_id=line.control_id,
            message_type=f"LINE^{line.wish}",
            version="1",
            parsed=line,
            duplicate_key=message.body,
        )

    def to_request(self, message: InboundMessage, opened: Opened[Line], partner: str) -> SummarizationRequest:
        reading = Reading(patient=Patient(identifiers=(Identifier(value=opened.parsed.patient),)))
        if opened.parsed.what == "withdrawn":
            reading.unread.append(Unread(origin="word[5]", reason=UnreadReason.WITHDRAWN, what="a result"))
        elif opened.parsed.what != "-":
            fact = ClinicalFact(kind=FactKind.ALLERGY, text=opened.parsed.what, origin="word[5]")
            reading.facts.append(fact)
        purposes = ("HRESCH",) if opened.parsed.what == "research" else ()
        return SummarizationRequest.of(message, opened, partner, Task(purpose_of_use=purposes), reading)

    def to_query(self, message: InboundMessage, opened: Opened[Line]) -> SummaryQuery:
        return SummaryQuery(patient=[(opened.parsed.patient, "")])

    def to_receipt(self, message: InboundMessage, opened: Opened[Line], now: datetime) -> Reply:
        return Reply(f"received {message.id}".encode(), code="AA")

    def to_reply(self, message: InboundMessage, opened: Opened[Line], answer: Answer, now: datetime) -> Reply:
        return Reply(f"summary {answer.summary.text} for {message.id}".encode(), code="200")

    def to_query_reply(
        self, message: InboundMessage, opened: Opened[Line], answer: Answer | None, now: datetime
    ) -> Reply:
        return Reply(f"found {answer.summary.text if answer else 'nothing'}".encode(), code="AA")

    def to_batch_reply(
        self, message: InboundMessage, opened: Opened[Line], replies: Sequence[Reply], now: datetime
    ) -> Reply:
        return Reply(b";".join(reply.body for reply in replies), code="AA")

    def to_error(
        self, message: InboundMessage, opened: Opened[Line] | None, error: GatewayError, now: datetime
    ) -> Reply:
        return Reply(f"error {error.kind} {error.wire_code}".strip().encode(), positive=False, code="AE")


class FakeBackend:
    """Summarizes by upper case; `behave` may raise or wait first."""

    def __init__(self, name: str, behave: Callable[[SummarizationRequest], object] | None = None) -> None:
        self.name = name
        self.repeatable = True
        self.calls: list[str] = []
        self._behave = behave

    async def summarize(self, request: SummarizationRequest, model: str, timeout_s: float) -> Summary:
        self.calls.append(request.id)
        if self._behave is not None:
            waited = self._behave(request)
            if hasattr(waited, "__await__"):
                await waited
        text = request.facts[0].text.upper()
        statement = Statement(section=SummarySection.ALLERGIES, text=text, evidence=("word[5]",))
        return Summary(
            statements=(statement,), text=text, backend=self.name, model_asked=model, model_served=self.name
        )

    async def close(self) -> None: ...


def failing(kind: ErrorKind) -> Callable[[SummarizationRequest], object]:
    def behave(_: SummarizationRequest) -> object:
        raise GatewayError(kind)

    return behave


_ids = iter(f"{number:018d}" for number in range(1, 10**6))


def message(line: str, protocol: Protocol = Protocol.FHIR) -> InboundMessage:
    return InboundMessage(
        id=next(_ids),
        protocol=protocol,
        listener="feed",
        peer="127.0.0.1",
        received_at=NOW,
        body=line.encode(),
    )
