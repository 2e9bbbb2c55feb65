"""Small messages for the tests of this room: a header, a patient, and the segments a test is about."""

from datetime import UTC, datetime

from gateway.clinical import ClinicalFact, Reading
from gateway.messages import GatewayIdentity, InboundMessage, Opened, Protocol
from gateway.request import SummarizationRequest
from translators.attachments import Attachments
from translators.hl7v2.head import head_fields
from translators.hl7v2.opening import Parsed
from translators.hl7v2.to_request import reading_of
from translators.hl7v2.translator import Hl7v2Translator

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
IDENTITY = GatewayIdentity("RIVERSIDE-GW", "RIVERSIDE", "0.1.0")
ATTACHMENTS = Attachments({})
TRANSLATOR = Hl7v2Translator(IDENTITY, ATTACHMENTS)
PATIENT = "PID|1||MRN1^^^HOSP^MR||TEST^PATIENT||19580314|F"


def header(kind: str = "ORU^R01", version: str = "2.5.1", charset: str = "") -> str:
    return f"MSH|^~\\&|LAB|MAIN|GW|RIVERSIDE|20260314093000||{kind}|MSG1|P|{version}||||||{charset}".rstrip(
        "|"
    )


def er7(*segments: str, kind: str = "ORU^R01", version: str = "2.5.1") -> bytes:
    return ("\r".join([header(kind, version), PATIENT, *segments]) + "\r").encode()


def read(*segments: str, kind: str = "ORU^R01", version: str = "2.5.1") -> Reading:
    return read_payload(er7(*segments, kind=kind, version=version))


def read_payload(payload: bytes, attachments: Attachments = ATTACHMENTS) -> Reading:
    return reading_of(payload, head_fields(payload), attachments)


def fact(*segments: str, kind: str = "ORU^R01") -> ClinicalFact:
    """The only fact of a message."""
    (only,) = read(*segments, kind=kind).facts
    return only


def told(reading: Reading) -> list[tuple[str, str, str]]:
    """What was not read: origin, reason, what."""
    return [(each.origin, each.reason.value, each.what) for each in reading.unread]


def details(found: ClinicalFact) -> list[tuple[str, str]]:
    return [(each.name.value, each.text) for each in found.details]


def inbound(payload: bytes, message_id: str = "01KM8Z5Q00ABCDEFGH") -> InboundMessage:
    return InboundMessage(
        id=message_id,
        protocol=Protocol.HL7V2,
        listener="feed",
        peer="127.0.0.1",
        received_at=NOW,
        body=payload,
    )


def opened(payload: bytes) -> tuple[InboundMessage, Opened[Parsed]]:
    message = inbound(payload)
    return message, TRANSLATOR.open(message)


def requested(payload: bytes) -> SummarizationRequest:
    message, of = opened(payload)
    return TRANSLATOR.to_request(message, of, "lab")
