"""SOAP 1.1 and 1.2 as one `Translator`: `Summarize`, CDC IIS 2011 and Epic NoteReader.

The HL7 v2 message of `submitSingleMessage` and the CDA document of `ProcessDocument` are read and answered
by their own translators, which are given to the constructor.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from lxml import etree

from gateway.clinical import Reading
from gateway.errors import ErrorKind, GatewayError
from gateway.interfaces import Translator
from gateway.messages import GatewayIdentity, InboundMessage, Opened, Reply, Wish
from gateway.request import SummarizationRequest, SummaryQuery, Task
from gateway.summary import Answer
from gateway.versions import OperationVersions
from translators.attachments import CDA, Attachments
from translators.soap import to_reply, to_request
from translators.soap.description import describe, versions_told
from translators.soap.envelope import MAX_XML_BYTES, Envelope, assumed_terms, read_envelope
from translators.soap.faults import SoapError
from translators.soap.parameters import Parameters
from translators.soap.reply_envelope import enveloped
from translators.soap.services import SERVICES, OperationName, Service, service_at
from translators.soap.submission import Submission, credentials, open_submission
from translators.soap.terms import ReplyTerms
from translators.soap.to_error import fault, plain_refusal

AddSummary = Callable[[bytes, Answer, datetime, str], bytes]
"""CDA document, answer, now, id of the new document -> the document with the summary in it."""

_NO_SUMMARY = frozenset(
    {
        ErrorKind.BACKEND_REFUSED,
        ErrorKind.BACKEND_TIMEOUT,
        ErrorKind.BACKEND_UNAVAILABLE,
        ErrorKind.CONTEXT_EXCEEDED,
        ErrorKind.NO_CLINICAL_CONTENT,
    }
)
"""No summary of a document that was sound: NoteReader hears it in its `Error`, and signing goes on."""

_MOST_ID_CHARACTERS = 255

_NEVER_IN_ER7 = frozenset({ErrorKind.UNAUTHENTICATED, ErrorKind.TOO_LARGE, ErrorKind.UNKNOWN_OPERATION})
"""Errors for which CDC IIS has faults; of the rest, those that will not pass are the HL7 v2 answer's."""


@dataclass(frozen=True)
class Call:
    """One operation asked for: `Opened.parsed` of this translator."""

    service: Service
    envelope: Envelope
    submission: Submission | None = field(default=None, repr=False)

    @property
    def operation(self) -> OperationName:
        return self.envelope.operation.name

    @property
    def element(self) -> etree._Element:
        return self.envelope.element

    @cached_property
    def document(self) -> to_request.CarriedDocument:
        """Of `ProcessDocument`, decoded once for the request and the reply. Raises `GatewayError`."""
        return to_request.carried_document(self.element)


class SoapTranslator:
    """`gateway.interfaces.Translator` for `/soap/...`."""

    def __init__(
        self,
        identity: GatewayIdentity,
        hl7v2: Translator,
        attachments: Attachments,
        add_summary: AddSummary,
        *,
        max_hl7_bytes: int = 8_000_000,
        max_xml_bytes: int = MAX_XML_BYTES,
    ) -> None:
        self._public_url = identity.public_url
        self._operation = OperationVersions()
        self._hl7v2 = hl7v2
        self._attachments = attachments
        self._read_cda = attachments.reader(CDA)
        self._add_summary = add_summary
        self._max_hl7_bytes = max_hl7_bytes
        self._max_xml_bytes = max_xml_bytes

    def put_in_force(self, operation: OperationVersions) -> None:
        """The versions that the description names from here on."""
        self._operation = operation

    def open(self, message: InboundMessage) -> Opened[Call]:
        service = service_at(message.base)
        envelope = read_envelope(message, service, self._max_xml_bytes)
        try:
            return self._opened(message, Call(service, envelope))
        except GatewayError as error:
            raise SoapError.on_terms(envelope.terms, error) from error

    def to_request(self, message: InboundMessage, opened: Opened[Call], partner: str) -> SummarizationRequest:
        call = opened.parsed
        match call.operation:
            case OperationName.SUBMIT_SINGLE_MESSAGE:
                submission, inner = _inner(call)
                request = self._hl7v2.to_request(submission.message, inner, partner)
                return replace(request, warnings=(*submission.cautions, *request.warnings))
            case OperationName.PROCESS_DOCUMENT:
                reading = self._read_document(call, call.document.payload)
                reading.warnings += call.document.cautions
                return SummarizationRequest.of(message, opened, partner, Task(), reading)
            case _:
                task = to_request.summarize_task(call.element)
                reading = to_request.summarize_reading(call.element, self._attachments)
                return SummarizationRequest.of(message, opened, partner, task, reading)

    def to_query(self, message: InboundMessage, opened: Opened[Call]) -> SummaryQuery:
        submission, inner = _inner(opened.parsed)
        return self._hl7v2.to_query(submission.message, inner)

    def to_receipt(self, message: InboundMessage, opened: Opened[Call], now: datetime) -> Reply:
        call = opened.parsed
        if call.operation is OperationName.CONNECTIVITY_TEST:
            content = to_reply.connectivity_response(Parameters(call.element).text("echoBack") or "")
            return _success(message, call, content, positive=False)  # nothing is stored, nothing promised
        submission, inner = _inner(call)
        return _er7_reply(message, call, self._hl7v2.to_receipt(submission.message, inner, now))

    def to_reply(self, message: InboundMessage, opened: Opened[Call], answer: Answer, now: datetime) -> Reply:
        call = opened.parsed
        match call.operation:
            case OperationName.SUBMIT_SINGLE_MESSAGE:
                submission, inner = _inner(call)
                er7 = self._hl7v2.to_reply(submission.message, inner, answer, now)
                return _er7_reply(message, call, er7, answer=answer)
            case OperationName.PROCESS_DOCUMENT:
                document_id = str(uuid5(NAMESPACE_URL, f"urn:ehr-gateway:document:{message.id}"))
                document = self._add_summary(call.document.payload, answer, now, document_id)
                return _success(message, call, to_reply.process_document_response(document), answer=answer)
            case _:
                return _success(message, call, to_reply.summarize_response(answer, message.id), answer=answer)

    def to_query_reply(
        self, message: InboundMessage, opened: Opened[Call], answer: Answer | None, now: datetime
    ) -> Reply:
        call = opened.parsed
        submission, inner = _inner(call)
        er7 = self._hl7v2.to_query_reply(submission.message, inner, answer, now)
        return _er7_reply(message, call, er7, answer=answer)

    def to_batch_reply(
        self, message: InboundMessage, opened: Opened[Call], replies: Sequence[Reply], now: datetime
    ) -> Reply:
        raise GatewayError(ErrorKind.INTERNAL, "a SOAP message has no parts")

    def to_error(
        self, message: InboundMessage, opened: Opened[Call] | None, error: GatewayError, now: datetime
    ) -> Reply:
        service = SERVICES.get(message.base)
        if opened is None:
            if message.method != "POST":
                return plain_refusal(error)
            terms = error.terms if isinstance(error, SoapError) else None
            if terms is None:
                return fault(message, assumed_terms(message), service, error, is_unread=True)
            return fault(message, terms, service, error)
        call = opened.parsed
        er7 = self._er7_error(call, error, now)
        if er7 is not None:
            return _er7_reply(message, call, er7, succeeded=False)
        if call.operation is OperationName.PROCESS_DOCUMENT and error.kind in _NO_SUMMARY:
            content = to_reply.process_document_failure(f"{error.public} (incident {message.id})")
            return _success(message, call, content, positive=False, code="Error", succeeded=False)
        return fault(message, call.envelope.terms, service, error)

    def describe(self, message: InboundMessage) -> Reply:
        """Answer `GET ?wsdl` and `GET ?xsd=name`. Raises `GatewayError` for anything else."""
        versions = versions_told(self._operation, message.received_at)
        content = describe(service_at(message.base), message.query, self._public_url, versions)
        return Reply(body=content, content_type="text/xml; charset=utf-8", positive=False, code="200")

    def _opened(self, message: InboundMessage, call: Call) -> Opened[Call]:
        envelope = call.envelope
        correlation = envelope.terms.correlation
        message_id = correlation.message_id if correlation else ""
        if call.operation is OperationName.SUBMIT_SINGLE_MESSAGE:
            return self._opened_submission(message, call, message_id)
        wish, key = Wish.SUMMARIZE, message_id
        if call.operation is OperationName.CONNECTIVITY_TEST:
            wish, key = Wish.ECHO, ""
            Parameters(call.element).required("echoBack")
        elif call.operation is OperationName.PROCESS_DOCUMENT and not message_id:
            # Without addressing, the same note in the same session is taken for a resend.
            key = Parameters(call.element).token("SessionID") or ""
        return Opened(
            wish=wish,
            claims=envelope.claims,
            control_id=message_id or key[:_MOST_ID_CHARACTERS],
            message_type=call.operation.value,
            version=envelope.terms.version.value,
            parsed=call,
            duplicate_key=_duplicate_key(call, key, _content_hash(call.element)) if key else None,
        )

    def _opened_submission(self, message: InboundMessage, call: Call, message_id: str) -> Opened[Call]:
        submission = open_submission(message, call.element, self._hl7v2, self._max_hl7_bytes)
        inner = submission.opened
        key = None
        if inner is not None and inner.duplicate_key is not None:
            key = _duplicate_key(call, message_id, inner.duplicate_key)
        return Opened(
            wish=submission.wish,
            claims=credentials(call.element) or call.envelope.claims,
            control_id=(inner.control_id if inner else "") or message_id,
            message_type=(inner.message_type if inner else "") or call.operation.value,
            version=call.envelope.terms.version.value,
            parsed=replace(call, submission=submission),
            duplicate_key=key,
            operation_version=inner.operation_version if inner else "",
        )

    def _read_document(self, call: Call, payload: bytes) -> Reading:
        try:
            return self._read_cda(payload, "")
        except GatewayError as error:
            within = Parameters(call.element).location("Document")
            place = f"{within}: {error.location}" if error.location else within
            raise GatewayError(error.kind, error.detail, location=place, public=error.public) from error

    def _er7_error(self, call: Call, error: GatewayError, now: datetime) -> Reply | None:
        """The HL7 v2 answer to an error about the submitted message itself; None when a fault must tell."""
        submission = call.submission
        if submission is None or error.kind in _NEVER_IN_ER7 or error.kind.passes_with_time:
            return None
        if submission.opened is not None and submission.opened.wish is Wish.NOTHING:
            return None
        if not submission.message.body.startswith(b"MSH"):
            return None
        return self._hl7v2.to_error(submission.message, submission.opened, error, now)


def _inner(call: Call) -> tuple[Submission, Opened[Any]]:
    """Raises the `GatewayError` that kept the submitted message from being opened."""
    if call.submission is None:
        raise GatewayError(ErrorKind.INTERNAL, f"{call.operation} carries no HL7 v2 message")
    return call.submission, call.submission.take()


def _er7_reply(
    message: InboundMessage, call: Call, er7: Reply, *, succeeded: bool = True, answer: Answer | None = None
) -> Reply:
    content = to_reply.submission_response(er7)
    return _success(
        message, call, content, positive=er7.positive, code=er7.code, succeeded=succeeded, answer=answer
    )


def _success(
    message: InboundMessage,
    call: Call,
    content: etree._Element,
    *,
    positive: bool = True,
    code: str = "200",
    succeeded: bool = True,
    answer: Answer | None = None,
) -> Reply:
    """`content` in its envelope. Who wants no reply learns from the status alone whether it went well."""
    terms = call.envelope.terms
    headers = (("Cache-Control", "no-store"),)
    if terms.correlation is not None and terms.correlation.no_reply:
        status = 202 if succeeded else 500
        return Reply(body=b"", status=status, headers=headers, positive=positive, code=code)
    return Reply(
        body=enveloped(
            message,
            terms,
            content,
            call.envelope.operation.reply_action,
            to_reply.notice_headers(answer) if answer is not None else (),
        ),
        content_type=terms.version.content_type,
        headers=headers,
        positive=positive,
        code=code,
    )


def _duplicate_key(call: Call, message_id: str, content: bytes) -> bytes:
    """The reply is kept as bytes, so all that shapes them is in the key: version, addressing, related id."""
    terms: ReplyTerms = call.envelope.terms
    named = f"{call.service.base}\0{call.operation}\0{terms}\0{message_id}\0"
    return hashlib.sha256(named.encode() + content).digest()


def _content_hash(element: etree._Element) -> bytes:
    digest = hashlib.sha256()
    for part in element.iter():
        digest.update(f"{part.tag}\0{sorted(part.attrib.items())}\0{part.text or ''}\0".encode())
    return digest.digest()
