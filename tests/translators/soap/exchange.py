"""Requests to the SOAP services, what their answers hold, and small stand-ins for the other translators."""

import base64
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from lxml import etree

from gateway.clinical import Caution, ClinicalNote, Reading, Unread, UnreadReason
from gateway.errors import ErrorKind, GatewayError
from gateway.messages import Claims, GatewayIdentity, InboundMessage, Opened, Protocol, Reply, Wish
from gateway.request import SummarizationRequest, SummaryQuery, Task
from gateway.summary import REVIEW_NOTICE, Answer, Statement, Summary, SummarySection, Usage
from translators.attachments import CDA, ER7, Attachments
from translators.soap import names
from translators.soap.reply_envelope import xml_text
from translators.soap.terms import SoapVersion
from translators.soap.translator import SoapTranslator
from translators.xml_guard import parse_xml

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
IDENTITY = GatewayIdentity("RIVERSIDE-GW", "RIVERSIDE", "0.1.0", "http://gateway.example:8080")
V11, V12 = SoapVersion.V11, SoapVersion.V12
BOTH = (V11, V12)

ADT = "MSH|^~\\&|EPIC|RIVERSIDE|GW|GW|20260314||ADT^A01|C1|P|2.5.1\rPID|1||4711\r"
QUERY = "MSH|^~\\&|EPIC|RIVERSIDE|GW|GW|20260314||QBP^Q15|C2|P|2.5.1\rQPD|Q15|T1|4711\r"
DOCUMENT = b'<ClinicalDocument xmlns="urn:hl7-org:v3"><text>No known allergies</text></ClinicalDocument>'


class SmallHl7v2:
    """As much of an HL7 v2 translator as an envelope needs: reads MSH, answers ACK and RDY^K15."""

    def open(self, message: InboundMessage) -> Opened[list[str]]:
        head = message.body.decode().split("\r")[0].split("|")
        if head[0] != "MSH" or len(head) < 12:
            raise GatewayError(ErrorKind.MALFORMED, "no MSH", location="MSH")
        wish = {"QBP": Wish.RETRIEVE, "ACK": Wish.NOTHING}.get(head[8][:3], Wish.RECORD)
        key = b"|".join(part.encode() for part in (*head[2:4], head[9]))
        return Opened(wish, Claims(head[2], head[3]), head[9], head[8], head[11], head, key)

    def to_request(
        self, message: InboundMessage, opened: Opened[list[str]], partner: str
    ) -> SummarizationRequest:
        if b"PID" not in message.body:
            raise GatewayError(ErrorKind.REQUIRED_MISSING, location="PID")
        reading = Reading(notes=[ClinicalNote(text=message.body.decode(), origin="MSH[1]")])
        return SummarizationRequest.of(message, opened, partner, Task(), reading)

    def to_query(self, message: InboundMessage, opened: Opened[list[str]]) -> SummaryQuery:
        return SummaryQuery(patient=(("4711", ""),))

    def to_receipt(self, message: InboundMessage, opened: Opened[list[str]], now: datetime) -> Reply:
        return self._ack(opened.control_id, "AA")

    def to_reply(
        self, message: InboundMessage, opened: Opened[list[str]], answer: Answer, now: datetime
    ) -> Reply:
        raise NotImplementedError

    def to_query_reply(
        self, message: InboundMessage, opened: Opened[list[str]], answer: Answer | None, now: datetime
    ) -> Reply:
        text = answer.summary.text if answer else ""
        lines = "".join(f"DSP|1||{line}\r" for line in text.splitlines())
        return Reply(f"MSH|^~\\&|GW\rMSA|AA|{opened.control_id}\rQAK|T1|OK\r{lines}".encode(), code="AA")

    def to_batch_reply(
        self, message: InboundMessage, opened: Opened[list[str]], replies: Sequence[Reply], now: datetime
    ) -> Reply:
        raise NotImplementedError

    def to_error(
        self, message: InboundMessage, opened: Opened[list[str]] | None, error: GatewayError, now: datetime
    ) -> Reply:
        return self._ack(opened.control_id if opened else "", "AE", f"ERR|||207^{error.location}\r")

    def _ack(self, control_id: str, code: str, more: str = "") -> Reply:
        ack = f"MSH|^~\\&|GW|GW|EPIC|RIVERSIDE|20260314||ACK|A1|P|2.5.1\rMSA|{code}|{control_id}\r{more}"
        return Reply(ack.encode(), positive=code == "AA", code=code)


def read_document(payload: bytes, origin: str) -> Reading:
    """A stand-in for the CDA reader: all text as one note."""
    text = " ".join("".join(str(part) for part in parse_xml(payload).itertext()).split())
    return Reading(notes=[ClinicalNote(text=text, origin=f"{origin}/section[1]".lstrip("/"))])


def with_summary(document: bytes, answer: Answer, now: datetime, document_id: str) -> bytes:
    """A stand-in for the CDA writer."""
    root = parse_xml(document)
    etree.SubElement(root, "summary", id=document_id).text = xml_text(answer.summary.text)
    return etree.tostring(root)


def read_segments(payload: bytes, origin: str) -> Reading:
    return Reading(notes=[ClinicalNote(text=payload.decode(), origin=f"{origin}/MSH[1]")])


def a_translator(**limits: int) -> SoapTranslator:
    attachments = Attachments({CDA: read_document, ER7: read_segments})
    return SoapTranslator(IDENTITY, SmallHl7v2(), attachments, with_summary, **limits)


def envelope(version: SoapVersion, body: str, header: str = "") -> str:
    head = f"<s:Header>{header}</s:Header>" if header else ""
    return f'<s:Envelope xmlns:s="{version.namespace}">{head}<s:Body>{body}</s:Body></s:Envelope>'


def a_message(
    service: str, body: str | bytes, version: SoapVersion = V11, method: str = "POST", **headers: str
) -> InboundMessage:
    """`body` is the whole envelope. A header named `soapaction` or `content_type` replaces the usual one."""
    sent = {"content-type": version.content_type}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    return InboundMessage(
        id="01JPGATEWAY0000001",
        protocol=Protocol.SOAP,
        listener="web",
        peer="127.0.0.1",
        received_at=NOW,
        body=body if isinstance(body, bytes) else body.encode(),
        method=method,
        base=f"/soap/{service}",
        headers=sent,
    )


def summarize_body(options: str = "", document: bytes | None = None, media_type: str = CDA) -> str:
    content = "<note>No known allergies</note>"
    if document is not None:
        coded = base64.b64encode(document).decode()
        content = f'<document mediaType="{media_type}">{coded}</document>'
    return f'<Summarize xmlns="{names.SUMMARIZE}">{content}{options}</Summarize>'


def echo_body(text: str = "Hello") -> str:
    return f'<connectivityTest xmlns="{names.IIS}"><echoBack>{text}</echoBack></connectivityTest>'


def submission_body(hl7: str, login: tuple[str, str] = ("demo", "demo")) -> str:
    """`hl7` is escaped as a careful sender does it: `&` and CR as references."""
    text = hl7.replace("&", "&amp;").replace("<", "&lt;").replace("\r", "&#13;")
    return (
        f'<submitSingleMessage xmlns="{names.IIS}"><username>{login[0]}</username>'
        f"<password>{login[1]}</password><facilityID>F</facilityID><hl7Message>{text}</hl7Message>"
        "</submitSingleMessage>"
    )


def note_body(document: bytes | str = DOCUMENT, session: str = "") -> str:
    """A `str` stands in Document as it is."""
    content = document if isinstance(document, str) else base64.b64encode(document).decode()
    named = f"<SessionID>{session}</SessionID>" if session else ""
    return (
        f'<ProcessDocument xmlns="{names.NOTEREADER}">{named}<Document>{content}</Document></ProcessDocument>'
    )


def an_answer(request: SummarizationRequest) -> Answer:
    statement = Statement(
        section=SummarySection.ALLERGIES,
        text="No known allergies & no <others>",
        evidence=("note[1]",),
        flags=("critical",),
    )
    summary = Summary(
        statements=(statement,),
        text=f"{REVIEW_NOTICE}\nNo known allergies & no <others>\x0b µ",
        backend="builtin",
        model_asked="clinical",
        model_served="extractive-1",
        usage=Usage(input_tokens=12, output_tokens=3),
        warnings=(Caution(code="shortened", text="Left out: 1 note"),),
    )
    unread = (
        Unread(origin="document[1]/section[1]", reason=UnreadReason.BINARY, what="PDF document, 34 KB"),
    )
    return Answer(request=replace(request, unread=unread), summary=summary, generated_at=NOW)


def exchange(message: InboundMessage, translator: SoapTranslator | None = None) -> Reply:
    """The way of a message as the pipeline goes it, without policy, store or backend."""
    translator = translator or a_translator()
    opened: Opened[Any] | None = None
    try:
        opened = translator.open(message)
        match opened.wish:
            case Wish.ECHO:
                return translator.to_receipt(message, opened, NOW)
            case Wish.RETRIEVE:
                translator.to_query(message, opened)
                answer = an_answer(a_request(message))
                return translator.to_query_reply(message, opened, answer, NOW)
            case Wish.RECORD:
                translator.to_request(message, opened, "partner")
                return translator.to_receipt(message, opened, NOW)
            case _:
                request = translator.to_request(message, opened, "partner")
                return translator.to_reply(message, opened, an_answer(request), NOW)
    except GatewayError as error:
        return translator.to_error(message, opened, error, NOW)


def a_request(message: InboundMessage) -> SummarizationRequest:
    return SummarizationRequest(
        id=message.id,
        partner="partner",
        protocol=Protocol.SOAP,
        version="2.5.1",
        message_type="ADT^A01",
        control_id="C1",
        received_at=NOW,
    )


def body_of(reply: Reply) -> etree._Element:
    """The element in the Body, after the checks that hold for every answer."""
    root = etree.fromstring(reply.body)
    version = next(version for version in BOTH if root.tag == f"{{{version.namespace}}}Envelope")
    assert reply.content_type == version.content_type
    body = root.findall(f"{{{version.namespace}}}Body")
    assert len(body) == 1 and len(body[0]) == 1
    return body[0][0]


def header_of(reply: Reply) -> dict[str, str]:
    """Header blocks by local name."""
    root = etree.fromstring(reply.body)
    return {
        etree.QName(block).localname: (block.text or "")
        for part in root
        if etree.QName(part).localname == "Header"
        for block in part
    }


def fault_codes(reply: Reply) -> tuple[str, ...]:
    """Codes as `{namespace}local`, the outermost first; a QName without a declared prefix fails."""
    fault = body_of(reply)
    if fault.tag == f"{{{names.SOAP_11}}}Fault":
        return (_resolved(fault.find("faultcode")),)
    assert fault.tag == f"{{{names.SOAP_12}}}Fault", fault.tag
    return tuple(
        _resolved(value) for value in fault.find(f"{{{names.SOAP_12}}}Code").iter(f"{{{names.SOAP_12}}}Value")
    )


def fault_detail(reply: Reply) -> etree._Element | None:
    fault = body_of(reply)
    detail = (
        fault.find("detail") if fault.find("detail") is not None else fault.find(f"{{{names.SOAP_12}}}Detail")
    )
    return None if detail is None else detail[0]


def fault_text(reply: Reply) -> str:
    fault = body_of(reply)
    text = fault.find("faultstring")
    return (
        text if text is not None else fault.find(f"{{{names.SOAP_12}}}Reason/{{{names.SOAP_12}}}Text")
    ).text


def _resolved(element: etree._Element) -> str:
    prefix, _, local = element.text.partition(":")
    return f"{{{element.nsmap[prefix]}}}{local}"
