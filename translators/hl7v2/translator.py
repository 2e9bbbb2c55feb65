"""HL7 v2 as a `Translator`. Each step stands in a file of its own; this is the list of them."""

from collections.abc import Sequence
from datetime import datetime

from gateway.clinical import Reading
from gateway.errors import ErrorKind, GatewayError
from gateway.messages import GatewayIdentity, InboundMessage, Opened, Reply, Wish
from gateway.request import SummarizationRequest, SummaryQuery
from gateway.summary import Answer
from translators.attachments import Attachments
from translators.hl7v2.ack import Mode, acknowledged, acknowledgment, refused, wants
from translators.hl7v2.emergency import in_emergency_of
from translators.hl7v2.head import head_fields
from translators.hl7v2.opening import Parsed, open_message
from translators.hl7v2.outgoing import Answering
from translators.hl7v2.query import display_response, summary_query
from translators.hl7v2.to_error import code_of
from translators.hl7v2.to_reply import batch_reply
from translators.hl7v2.to_request import message_code, reading_of, task_of


class Hl7v2Translator:
    """`acknowledgment="enhanced"` honours MSH-15 and MSH-16; "original" answers every event with one
    application acknowledgment, which is what nearly all partners expect whatever stands there."""

    def __init__(
        self, identity: GatewayIdentity, attachments: Attachments, acknowledgment: Mode = "original"
    ) -> None:
        self._identity = identity
        self._attachments = attachments
        self._mode: Mode = acknowledgment

    def open(self, message: InboundMessage) -> Opened[Parsed]:
        return open_message(message)

    def to_request(
        self, message: InboundMessage, opened: Opened[Parsed], partner: str
    ) -> SummarizationRequest:
        head = opened.parsed.head
        reading = reading_of(message.body, head, self._attachments)
        reading.warnings[:0] = opened.parsed.cautions
        task = in_emergency_of(task_of(*message_code(head)), message.body, head)
        return SummarizationRequest.of(message, opened, partner, task, reading)

    def to_query(self, message: InboundMessage, opened: Opened[Parsed]) -> SummaryQuery:
        return summary_query(message.body, opened.parsed.head)

    def to_receipt(self, message: InboundMessage, opened: Opened[Parsed], now: datetime) -> Reply:
        return acknowledged(opened.parsed.head, self._identity, message.id, now, self._mode)

    def to_reply(
        self, message: InboundMessage, opened: Opened[Parsed], answer: Answer, now: datetime
    ) -> Reply:
        """No HL7 v2 message waits for a summary but a query."""
        return self.to_query_reply(message, opened, answer, now)

    def to_query_reply(
        self, message: InboundMessage, opened: Opened[Parsed], answer: Answer | None, now: datetime
    ) -> Reply:
        head = opened.parsed.head
        try:
            maximum_lines = summary_query(message.body, head).maximum_lines
        except GatewayError:
            maximum_lines = None
        body = display_response(
            head,
            message.body,
            self._identity,
            f"{message.id}B",
            now,
            answer=answer,
            maximum_lines=maximum_lines,
        )
        if self._mode == "enhanced" and wants(head, 15, is_error=False):
            accepted = acknowledgment(Answering(head, self._identity), "CA", f"{message.id}A", now)
            return Reply(accepted, also=(body,), code="AA")
        return Reply(body, code="AA")

    def to_batch_reply(
        self, message: InboundMessage, opened: Opened[Parsed], replies: Sequence[Reply], now: datetime
    ) -> Reply:
        batch = opened.parsed.batch
        if batch is None:
            raise GatewayError(ErrorKind.INTERNAL, "not a batch")
        return batch_reply(batch, replies, self._identity, message.id, now)

    def to_error(
        self,
        message: InboundMessage,
        opened: Opened[Parsed] | None,
        error: GatewayError,
        now: datetime,
    ) -> Reply:
        """A query is answered in its own form. Where not even MSH is there: AR with an empty MSA-2."""
        if opened and opened.operation_version and error.kind in _ABOUT_VERSIONS and not error.location:
            error.location = "MSH-21"
        if opened is not None and opened.wish is Wish.RETRIEVE:
            body = display_response(
                opened.parsed.head,
                message.body,
                self._identity,
                f"{message.id}B",
                now,
                error=error,
                incident=message.id,
            )
            return Reply(body, positive=False, code=code_of(error)[0])
        head = opened.parsed.head if opened is not None else head_fields(message.body)
        return refused(head, self._identity, message.id, error, now, self._mode)


def read_er7(payload: bytes, origin: str) -> Reading:
    """A `PayloadReader` for ER7 that another protocol carries. Documents inside it that are not plain text,
    HTML or RTF are listed as unread, so that nothing carries itself."""
    head = head_fields(payload)
    if head.name != b"MSH":
        raise GatewayError(ErrorKind.MALFORMED, "no MSH segment", location=f"{origin}/MSH")
    try:
        return reading_of(payload, head, _PLAIN, prefix=f"{origin}/")
    except GatewayError as error:
        error.location = f"{origin}/{error.location}" if error.location else origin
        raise


_ABOUT_VERSIONS = (ErrorKind.UNSUPPORTED_VERSION, ErrorKind.VERSION_ENDED)
_PLAIN = Attachments({})
