"""Opening a payload: who sent it, what it is and what it wants, from its header alone. Batches are split.

An acknowledgment, or an answer to a query of ours, is never answered, whatever is wrong with it.
"""

import re
from dataclasses import dataclass, replace
from hashlib import sha256

from gateway.clinical import Caution
from gateway.errors import ErrorKind, GatewayError
from gateway.messages import Claims, InboundMessage, Opened, Wish
from gateway.versions import OPERATION
from translators.hl7v2.delimiters import Delimiters
from translators.hl7v2.escapes import unescaper
from translators.hl7v2.head import JUNK, Head, head_fields
from translators.hl7v2.to_request import message_code
from translators.hl7v2.versions import READ_AS_HIGHEST, SUPPORTED

ACKNOWLEDGMENTS = frozenset({"ACK", "MCF"})

ANSWERS = frozenset(
    "ADR DSR EDR ERP MFD MFK MFR NMR ORB ORD ORF ORG ORI ORL ORN ORP ORR ORS OSR RAR RCI RCL RDR RDY RER"
    " RGR ROR RPI RPL RPR RRA RRD RRE RRG RRI RSP RTB SQR SRR TBR VXR VXX".split()
)
"""Types that answer a query or an order. Without MSA they are taken as events, so that nothing is lost."""

PROFILES = "EHR-GATEWAY"
"""The namespace of our own message profiles."""

PROCESSING_IDS = frozenset("PTDNV")  # table 0103 as of 2.9

_ANSWER_BEGINS = re.compile(rb"[\r\n]+(?:(?:SFT|UAC)[^\r\n]*[\r\n]+)*MSA")
_MARKER = re.compile(rb"(?:\A|[\r\n\x0b])(?=(MSH|BHS|BTS|FHS|FTS)([!-/:-@\[-`{-~]|[\r\n]|\Z))")

_BASE_32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class Batch:
    """The envelopes of a batch, for its answer: `sizes[n]` messages stand under `headers[n]`."""

    file_header: Head | None
    headers: tuple[Head | None, ...]
    sizes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Parsed:
    """What `Opened.parsed` holds for this protocol."""

    head: Head
    cautions: tuple[Caution, ...] = ()
    batch: Batch | None = None


def open_message(message: InboundMessage) -> Opened[Parsed]:
    """Raises `GatewayError`: MALFORMED without a header, else at the header field that is wrong."""
    payload = message.body
    head = head_fields(payload)
    if not head.name:
        raise GatewayError(ErrorKind.MALFORMED, "no MSH segment", location="MSH")
    if payload[: head.start].strip(JUNK):
        raise GatewayError(ErrorKind.MALFORMED, "text before MSH", location="MSH")
    delimiters = head.delimiters()
    if head.name != b"MSH" or _has_second_header(payload, head):
        return _open_batch(message, head, delimiters)
    type_, event = message_code(head)
    wish = _wish(type_, event, payload, head)
    version = head.code(12)
    cautions: tuple[Caution, ...] = ()
    if wish is not Wish.NOTHING:
        cautions = (*_check_version(version), *_check_processing_id(head.code(11)))
        for field in (9, 10):
            if not head.fields[field].strip():
                raise GatewayError(ErrorKind.REQUIRED_MISSING, location=f"MSH-{field}")
    return Opened(
        wish=wish,
        claims=_claims(head, delimiters),
        control_id=_text(head.fields[10], delimiters),
        message_type=f"{type_}^{event}" if event else type_,
        version=version,
        parsed=Parsed(head, cautions),
        duplicate_key=_duplicate_key(head, payload),
        operation_version=_operation_version(head, delimiters),
    )


def _operation_version(head: Head, delimiters: Delimiters) -> str:
    """MSH-21, message profile identifier (EI, repeating; 2.5 section 2.15.9.21): `summarize-2^EHR-GATEWAY`.
    The profiles of others, `Z22^CDCPHINVS`, ask for nothing here. Two versions, or one without a name, are no
    version that anybody knows."""
    if not head.fields[21]:
        return ""
    named: list[str] = []
    for profile in head.fields[21].split(delimiters.repetition.encode("latin-1")):
        name, _, rest = profile.partition(head.component)
        namespace = _text(rest.partition(head.component)[0], delimiters)
        kind, dash, version = _text(name, delimiters).partition("-")
        if dash and kind.lower() == OPERATION and namespace.upper() == PROFILES:
            named.append(version or "-")
    return ", ".join(dict.fromkeys(named))


def _wish(type_: str, event: str, payload: bytes, head: Head) -> Wish:
    if type_ in ACKNOWLEDGMENTS:
        return Wish.NOTHING
    if type_ in ANSWERS:
        ends = len(payload) if (end := payload.find(b"\r", head.start)) < 0 else end
        newline = payload.find(b"\n", head.start, ends)
        if _ANSWER_BEGINS.match(payload, newline if newline >= 0 else ends):
            return Wish.NOTHING
    return Wish.RETRIEVE if (type_, event) == ("QBP", "Q15") else Wish.RECORD


def _check_version(version: str) -> tuple[Caution, ...]:
    if version in SUPPORTED:
        return ()
    if not version:
        return (Caution(code="version-unstated", text="MSH-12 is empty", location="MSH-12"),)
    if version in READ_AS_HIGHEST:
        return (
            Caution(code="version-newer", text=f"{version} is read as {SUPPORTED[-1]}", location="MSH-12"),
        )
    raise GatewayError(ErrorKind.UNSUPPORTED_VERSION, f"MSH-12 is {version!r}", location="MSH-12")


def _check_processing_id(code: str) -> tuple[Caution, ...]:
    if code == "P":
        return ()
    if not code:
        return (Caution(code="processing-id-unstated", text="MSH-11 is empty", location="MSH-11"),)
    if code in PROCESSING_IDS:
        text = "the sender says that this is not production data"
        return (Caution(code="not-production", text=text, location="MSH-11"),)
    raise GatewayError(ErrorKind.UNSUPPORTED_PROCESSING_ID, f"MSH-11 is {code!r}", location="MSH-11")


def _claims(head: Head, delimiters: Delimiters) -> Claims:
    return Claims(
        sending_application=_sender(head, 3, delimiters), sending_facility=_sender(head, 4, delimiters)
    )


def _sender(head: Head, field: int, delimiters: Delimiters) -> str:
    """The namespace of an HD; where a sender has none, its universal id."""
    parts = head.components(field)
    return _text(parts[0], delimiters) or (_text(parts[1], delimiters) if len(parts) > 1 else "")


def _text(raw: bytes, delimiters: Delimiters) -> str:
    """Header text before the character set is known: what is not UTF-8 is taken byte by byte."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    if delimiters.escape in text:
        text = unescaper(delimiters, "utf-8")(text)
    return text.strip()


def _duplicate_key(head: Head, payload: bytes) -> bytes:
    digest = sha256(b"\0".join((head.fields[3], head.fields[4], head.fields[10], b"")))
    digest.update(payload)
    return digest.digest()


def _has_second_header(payload: bytes, head: Head) -> bool:
    # From the end, because that takes a quarter of the time in a payload of 20 MB.
    if payload.rfind(b"\rMSH" + head.separator) > head.start:
        return True
    return b"\n" in payload and payload.rfind(b"\nMSH" + head.separator) > head.start


def _open_batch(message: InboundMessage, head: Head, delimiters: Delimiters) -> Opened[Parsed]:
    batch, bodies = _split(message.body)
    if not bodies:
        raise GatewayError(ErrorKind.MALFORMED, "a batch without a message", location=head.code(0) or "BHS")
    parts = tuple(
        replace(message, id=part_id(message.id, index), body=body) for index, body in enumerate(bodies)
    )
    control_field = 11 if head.name != b"MSH" else 10
    return Opened(
        wish=Wish.RECORD,
        claims=_claims(head, delimiters),
        control_id=_text(head.fields[control_field], delimiters),
        message_type="batch",
        version="",
        parsed=Parsed(head, batch=batch),
        parts=parts,
    )


def _split(payload: bytes) -> tuple[Batch, list[bytes]]:
    """Messages and envelopes; segments between them (NTE of a batch) belong to none and are dropped."""
    marks = [(match.end(), match[1]) for match in _MARKER.finditer(payload)]
    ends = [start for start, _ in marks[1:]] + [len(payload)]
    file_header: Head | None = None
    headers: list[Head | None] = []
    sizes: list[int] = []
    bodies: list[bytes] = []
    for (start, name), end in zip(marks, ends, strict=True):
        segment = payload[start:end]
        if name == b"FHS":
            file_header = file_header or head_fields(segment)
        elif name == b"BHS":
            headers.append(head_fields(segment))
            sizes.append(0)
        elif name == b"MSH":
            if not headers:
                headers.append(None)
                sizes.append(0)
            sizes[-1] += 1
            bodies.append(segment)
    return Batch(file_header, tuple(headers), tuple(sizes)), bodies


def part_id(message_id: str, index: int) -> str:
    """An id for one message of a batch: the same time of receipt, then 8 characters of its own.

    They count up from a digest of the batch's id: never equal within a batch, and as unlikely as chance to
    be another message's.
    """
    base = int.from_bytes(sha256(message_id.encode()).digest()[:5])
    number = (base + index) % 32**8
    digits = []
    for _ in range(8):
        number, digit = divmod(number, 32)
        digits.append(_BASE_32[digit])
    return message_id[:10] + "".join(reversed(digits))
