"""FHIR R4's side of the gateway: `$summarize` in, a document Bundle or an OperationOutcome out.

`open` looks at headers and the path only: the body of a caller who is not known is never parsed.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import orjson

from gateway.errors import PUBLIC_TEXT, ErrorKind, GatewayError
from gateway.messages import Claims, GatewayIdentity, InboundMessage, Opened, Reply, SmartServer, Wish
from gateway.request import SummarizationRequest, SummaryQuery
from gateway.summary import Answer
from gateway.versions import OperationVersions
from translators.attachments import Attachments
from translators.fhir.bundle import Entry, read_graph
from translators.fhir.capability import Capability
from translators.fhir.document_parts import Sources
from translators.fhir.json_guard import parse_json
from translators.fhir.negotiation import FHIR_VERSION, ReplyFormat, check_content_type, reply_format
from translators.fhir.operation import Invocation, preferences, read_invocation
from translators.fhir.strict import validate
from translators.fhir.subject import Subject
from translators.fhir.to_error import error_reply, reply_headers, request_id
from translators.fhir.to_reply import summary_document
from translators.fhir.to_request import Content, read_content

OPERATION = "$summarize"


@dataclass(slots=True)
class Call:
    """One call of the operation, from its headers; `to_request` adds what the reply needs of the body."""

    form: ReplyFormat
    is_strict: bool
    handling: str
    """As preferred by the caller, to be confirmed; empty when it has none."""
    instance: str = ""
    """The id in `Patient/[id]/$summarize`."""
    sources: Sources | None = None


class FhirTranslator:
    """See `gateway.interfaces.Translator`. `describe` serves what needs no pipeline."""

    def __init__(
        self, identity: GatewayIdentity, attachments: Attachments, smart: SmartServer | None = None
    ) -> None:
        """`smart`: who issues access tokens for it, if anybody."""
        self._identity = identity
        self._attachments = attachments
        self._capability = Capability(identity, smart)

    def put_in_force(self, operation: OperationVersions) -> None:
        """The versions of the operation that the descriptions list from here on."""
        self._capability.operation = operation

    def describe(self, message: InboundMessage) -> Reply:
        """The CapabilityStatement, the OperationDefinition or `$versions`. Raises `GatewayError`."""
        return self._capability.describe(message)

    def open(self, message: InboundMessage) -> Opened[Call]:
        instance = _instance(message.target)
        if message.method not in ("POST", "GET", "HEAD"):
            raise GatewayError(ErrorKind.WRONG_METHOD)
        call = Call(reply_format(message), False, "", instance)
        check_content_type(message)
        for name, value in preferences(message.headers.get("prefer", "")):
            if name == "handling" and value in ("strict", "lenient") and not call.handling:
                call.handling, call.is_strict = value, value == "strict"
        control_id = request_id(message)
        return Opened(
            wish=Wish.SUMMARIZE,
            claims=_claims(message),
            control_id=control_id,
            message_type=f"Patient/{OPERATION}" if message.target.startswith("Patient/") else OPERATION,
            version=FHIR_VERSION,
            parsed=call,
            duplicate_key=_duplicate_key(message, control_id) if control_id else None,
        )

    def to_request(self, message: InboundMessage, opened: Opened[Call], partner: str) -> SummarizationRequest:
        invocation, content = self._read(message, opened.parsed)
        opened.parsed.sources = Sources(content.sources, invocation.evidence)
        content.reading.warnings += invocation.warnings
        if content.reading.is_empty():
            raise _nothing_to_summarize(content)
        return SummarizationRequest.of(message, opened, partner, invocation.task, content.reading)

    def to_query(self, message: InboundMessage, opened: Opened[Call]) -> SummaryQuery:
        raise GatewayError(ErrorKind.UNKNOWN_OPERATION)

    def to_receipt(self, message: InboundMessage, opened: Opened[Call], now: datetime) -> Reply:
        raise GatewayError(ErrorKind.UNKNOWN_OPERATION)

    def to_reply(self, message: InboundMessage, opened: Opened[Call], answer: Answer, now: datetime) -> Reply:
        call = opened.parsed
        if call.sources is None:  # opened anew since `to_request`
            invocation, content = self._read(message, call)
            call.sources = Sources(content.sources, invocation.evidence)
        document = summary_document(answer, self._identity, call.sources)
        confirmed = (("Preference-Applied", f"handling={call.handling}"),) if call.handling else ()
        return Reply(
            body=orjson.dumps(document, option=orjson.OPT_INDENT_2 if call.form.is_pretty else 0),
            status=200,
            content_type=call.form.content_type,
            headers=(*reply_headers(message), *confirmed),
            code="200",
        )

    def to_query_reply(
        self, message: InboundMessage, opened: Opened[Call], answer: Answer | None, now: datetime
    ) -> Reply:
        raise GatewayError(ErrorKind.UNKNOWN_OPERATION)

    def to_batch_reply(
        self, message: InboundMessage, opened: Opened[Call], replies: Sequence[Reply], now: datetime
    ) -> Reply:
        raise GatewayError(ErrorKind.UNKNOWN_OPERATION)

    def to_error(
        self, message: InboundMessage, opened: Opened[Call] | None, error: GatewayError, now: datetime
    ) -> Reply:
        return error_reply(message, error, self._identity, _form_of(message, opened))

    def _read(self, message: InboundMessage, call: Call) -> tuple[Invocation, Content]:
        root = parse_json(message.body) if message.body.strip() else None
        invocation = read_invocation(message, root, is_strict=call.is_strict, instance=call.instance)
        assert invocation.resource is not None  # noqa: S101 (read_invocation raises without one)
        if call.is_strict:
            validate(read_graph(invocation.resource))
        content = read_content(
            invocation.resource,
            self._attachments,
            invocation.selection,
            # Or any of its letters is written as an escape.
            may_hold_modifiers=b"modifierExtension" in message.body or b"\\u00" in message.body,
        )
        _check_asked_patient(invocation, content)
        return invocation, content


_INSTANCE = re.compile(r"Patient/([A-Za-z0-9.-]{1,64})/\$summarize")


def _instance(target: str) -> str:
    """The Patient's id where there is one. Raises `GatewayError` for any other path than the operation's."""
    if target in (OPERATION, f"Patient/{OPERATION}"):
        return ""
    instance = _INSTANCE.fullmatch(target)
    if instance is None:
        raise GatewayError(ErrorKind.UNKNOWN_OPERATION)
    return instance[1]


def _claims(message: InboundMessage) -> Claims:
    scheme, _, credentials = message.headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() == "bearer" and credentials.strip():
        return Claims(api_key=credentials.strip())
    return Claims(api_key=message.headers.get("x-api-key", "").strip() or None)


_MAKES_A_DIFFERENCE = ("accept", "content-type", "prefer", "accept-language", "x-break-glass-reason")


def _duplicate_key(message: InboundMessage, control_id: str) -> bytes:
    """Of everything that the reply depends on."""
    digest = sha256()
    headers = (message.headers.get(name, "") for name in _MAKES_A_DIFFERENCE)
    for part in (control_id, message.method, message.target, repr(message.query), *headers):
        digest.update(part.encode("utf-8", "surrogatepass") + b"\0")
    digest.update(message.body)
    return digest.digest()


def _form_of(message: InboundMessage, opened: Opened[Call] | None) -> ReplyFormat:
    if opened is not None:
        return opened.parsed.form
    try:
        return reply_format(message)
    except GatewayError:
        return ReplyFormat()


def _check_asked_patient(invocation: Invocation, content: Content) -> None:
    """What the caller says of the patient and of documents must be true of the content."""
    subject = content.subject
    if invocation.patient and not _is_called(subject, invocation.patient):
        raise _other_patient()
    if invocation.identifier and subject.patient.identifiers:
        system, _, value = invocation.identifier.rpartition("|")
        if not any(
            each.value == value and system in ("", each.system) for each in subject.patient.identifiers
        ):
            raise _other_patient()
    if not invocation.documents:
        return
    anywhere = Entry(content.graph.root_type, content.graph.root, content.graph.root_type)
    if not all(content.graph.find(reference, anywhere) for reference in invocation.documents):
        public = "A document that is asked for is not in the content, and none is fetched"
        raise GatewayError(ErrorKind.UNSUPPORTED_TYPE, location="Parameters.parameter", public=public)


def _is_called(subject: Subject, patient_id: str) -> bool:
    """By the id of the Patient resource, else by the reference to it; content that names nobody may pass."""
    if subject.entry:
        return subject.entry.id == patient_id or subject.entry.full_url.endswith(f"/{patient_id}")
    return not subject.reference or subject.reference.endswith(f"Patient/{patient_id}")


def _other_patient() -> GatewayError:
    public = "The content is about another patient than the one asked for"
    return GatewayError(ErrorKind.SEVERAL_PATIENTS, public=public)


def _nothing_to_summarize(content: Content) -> GatewayError:
    """With the reasons, counted: a caller cannot see what was left out otherwise."""
    counts = Counter(unread.reason.value for unread in content.reading.unread)
    reasons = ", ".join(f"{count} {reason}" for reason, count in counts.items())
    public = PUBLIC_TEXT[ErrorKind.NO_CLINICAL_CONTENT] + (f" ({reasons})" if reasons else "")
    return GatewayError(ErrorKind.NO_CLINICAL_CONTENT, location=content.graph.root_type, public=public)
