"""A summary as a message of our own: MDM^T02 (default) or ORU^R01, and the reading of its acknowledgment.

Nobody has reviewed it: it never says that it is authenticated or final (TXA-17 `DO`, OBX-11 `P`), its
first line says so in words, and signing belongs to the receiver.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from gateway.clinical import Encounter, Identifier, Name, Patient
from gateway.errors import ErrorKind, GatewayError
from gateway.messages import GatewayIdentity, Protocol
from gateway.request import Purpose
from gateway.summary import ABOUT_LIVES, Answer, NoticeCode
from translators.hl7v2.charsets import codec_of
from translators.hl7v2.delimiters import STANDARD
from translators.hl7v2.display import LINE_WIDTH, summary_lines
from translators.hl7v2.escapes import escaper
from translators.hl7v2.head import head_fields
from translators.hl7v2.outgoing import encoded, timestamp
from translators.hl7v2.query import raw_segment
from translators.hl7v2.versions import answered_as, is_at_least


@dataclass(frozen=True, slots=True)
class Addressing:
    """Who receives it and in which form. An empty version is that of the message summarized."""

    receiving_application: str = ""  # MSH-5
    receiving_facility: str = ""  # MSH-6
    version: str = ""
    processing_id: str = "P"
    charset: str = "UNICODE UTF-8"
    """MSH-18, table 0211; not written when the message is ASCII."""
    line_width: int = LINE_WIDTH
    """Characters of one OBX-5; some receivers cut what is longer than they expect."""


# TXA-2 (table 0270), and OBX-3 and OBR-4 as LOINC.
_DOCUMENT: dict[Purpose, tuple[str, str, str]] = {
    Purpose.DISCHARGE: ("DS", "18842-5", "Discharge summary"),
    Purpose.HANDOFF: ("TS", "34133-9", "Summarization of episode note"),
    Purpose.REFERRAL: ("CN", "34133-9", "Summarization of episode note"),
    Purpose.RESULTS: ("PR", "34133-9", "Summarization of episode note"),
    Purpose.LONGITUDINAL: ("PR", "34133-9", "Summarization of episode note"),
    Purpose.PATIENT_LETTER: ("PR", "34133-9", "Summarization of episode note"),
}

_CLASS = {"IMP": "I", "AMB": "O", "EMER": "E", "PRENC": "P", "OBSENC": "O", "SS": "O"}
_SEX = {"female": "F", "male": "M", "other": "O", "unknown": "U"}
_CONFIDENTIALITY = {"V": "V", "R": "R"}

_escape = escaper(STANDARD)


class SummaryMessages:
    """Writes summaries for partners. The same summary always has the same MSH-10."""

    def __init__(
        self,
        identity: GatewayIdentity,
        addressing: Callable[[str], Addressing] = lambda partner: Addressing(partner),
    ) -> None:
        """`addressing` tells for a partner's name where its documents go."""
        self._identity = identity
        self._addressing = addressing

    def summary_message(self, answer: Answer, structure: str, now: datetime) -> bytes:
        receiver = answer.return_to or answer.request.partner
        return summary_message(answer, self._identity, self._addressing(receiver), structure, now)

    def acknowledges(self, message: bytes, answer: bytes) -> bool:
        return acknowledges(message, answer)


def summary_message(
    answer: Answer, identity: GatewayIdentity, addressing: Addressing, structure: str, now: datetime
) -> bytes:
    """`structure` is `MDM^T02` or `ORU^R01`. Raises `GatewayError` for any other."""
    version = addressing.version or _version(answer)
    body = _BODIES.get(structure)
    if body is None:
        raise GatewayError(ErrorKind.UNSUPPORTED_TYPE, f"{structure} is not written here")
    has_comments = structure != _MDM or is_at_least(version, _MDM_HAS_COMMENTS)
    told_apart = ABOUT_LIVES if has_comments else frozenset[NoticeCode]()
    comments = _comments(answer, told_apart, version)
    segments = [
        *_evn(structure, version, now),
        _pid(answer.request.patient),
        _pv1(answer.request.encounter),
        *body(answer),
        *(comments if structure != _MDM else ()),  # on the report, not on a line of it
        *_lines(answer, addressing.line_width, told_apart),
        *(comments if structure == _MDM else ()),  # on the last line, which says how it came about
    ]
    text = "".join("|".join(fields).rstrip("|") + "\r" for fields in segments)
    header = _header(answer, identity, addressing, structure, version, now)
    needs_charset = not (header + text).isascii() and is_at_least(version, "2.3")
    codec = (codec_of(addressing.charset.encode()) or "ascii") if needs_charset else "ascii"
    if needs_charset:
        header += "||||||" + addressing.charset  # MSH-18
    return encoded(header + "\r" + text, codec)


def _version(answer: Answer) -> str:
    """The version of what was summarized, but at least 2.3: MDM is not older."""
    request = answer.request
    version = answered_as(request.version) if request.protocol is Protocol.HL7V2 else "2.5.1"
    return version if is_at_least(version, "2.3") else "2.3"


def _header(
    answer: Answer,
    identity: GatewayIdentity,
    addressing: Addressing,
    structure: str,
    version: str,
    now: datetime,
) -> str:
    fields = [
        "MSH",
        "^~\\&",
        *map(_escape, (identity.name, identity.facility)),
        *map(_escape, (addressing.receiving_application, addressing.receiving_facility)),
        timestamp(now),
        "",
        f"{structure}^{structure.replace('^', '_')}" if is_at_least(version, "2.3.1") else structure,
        f"{answer.request.id}S",
        addressing.processing_id,
        version,
    ]
    return "|".join(fields)


def document_number(answer: Answer) -> str:
    """TXA-12 and OBR-3: one for each source message, policy and run of a model."""
    summary = answer.summary
    run = [
        answer.policy_revision,
        summary.model_served,
        summary.prompt_version,
        answer.generated_at.isoformat(),
    ]
    return f"{answer.request.id}-{sha256(chr(0).join(run).encode()).hexdigest()[:8].upper()}"


def _evn(structure: str, version: str, now: datetime) -> list[list[str]]:
    """EVN-1 (the trigger event once more) was withdrawn in 2.7."""
    type_, _, event = structure.partition("^")
    if type_ != "MDM":
        return []
    return [["EVN", "" if is_at_least(version, "2.7") else event, timestamp(now)]]


def _pid(patient: Patient) -> list[str]:
    row = [""] * 9
    row[0], row[1] = "PID", "1"
    row[3] = "~".join(map(_identifier, patient.identifiers))
    row[5] = "~".join(map(_name, patient.names))
    row[7] = patient.birth_date.replace("-", "")
    row[8] = _SEX.get(patient.sex, "")
    return row


def _pv1(encounter: Encounter | None) -> list[str]:
    """Required by MDM; without a visit its class is N, not applicable."""
    row = [""] * 20
    row[0], row[1], row[2] = "PV1", "1", "N"
    if encounter is not None:
        row[2] = _CLASS.get(encounter.encounter_class) or _escape(encounter.encounter_class) or "U"
        row[3] = _escape(encounter.location)
        row[19] = "~".join(map(_identifier, encounter.visit_numbers[:1]))
    return row


def _identifier(identifier: Identifier) -> str:
    """CX; an authority that is an OID or URI goes into the universal id of its HD."""
    system = identifier.system.removeprefix("urn:oid:")
    authority = _escape(system)
    if system and system.replace(".", "").isdigit():
        authority = f"&{authority}&ISO"
    elif ":" in system:
        authority = f"&{authority}&URI"
    return f"{_escape(identifier.value)}^^^{authority}^{_escape(identifier.type)}".rstrip("^")


def _name(name: Name) -> str:
    family, text = _escape(name.family), _escape(name.text)
    first, *further = [_escape(each) for each in name.given] or [""]
    parts = [family or (text if not first else ""), first, " ".join(further)]
    return "^".join([*parts, _escape(name.suffix), _escape(name.prefix)]).rstrip("^")


def _txa(answer: Answer) -> list[list[str]]:
    kind, _, _ = _DOCUMENT[answer.request.task.purpose]
    generated = timestamp(answer.generated_at)
    row = [""] * 20
    row[0:5] = ["TXA", "1", kind, "TX", generated]
    row[6] = generated
    row[12] = document_number(answer)
    row[17] = "DO"  # documented: never AU or LA
    row[18] = _CONFIDENTIALITY.get(answer.request.labels.confidentiality, "U")
    row[19] = "AV"
    return [row]


def _obr(answer: Answer) -> list[list[str]]:
    generated = timestamp(answer.generated_at)
    row = [""] * 26
    row[0:5] = ["OBR", "1", "", document_number(answer), _observation(answer)]
    row[7] = row[22] = generated
    row[25] = "P"
    return [row]


_MDM = "MDM^T02"
_MDM_HAS_COMMENTS = "2.5"
"""Up to 2.4 its structure ends in OBX alone; ORU^R01 has NTE in every version."""
_BODIES: dict[str, Callable[[Answer], list[list[str]]]] = {_MDM: _txa, "ORU^R01": _obr}


def _observation(answer: Answer) -> str:
    _, code, text = _DOCUMENT[answer.request.task.purpose]
    return f"{code}^{text}^LN"


def _comments(answer: Answer, codes: frozenset[NoticeCode], version: str) -> list[list[str]]:
    """One NTE for each of these notices: those who run the interface read them, who reads the summary need
    not. NTE-4 (from 2.3.1 on) is a remark (table 0364), with our own code beside it."""
    notices = [notice for notice in answer.notices if notice.code in codes]
    return [
        [
            "NTE",
            str(number),
            "O",  # table 0105: another system than filler and placer
            _escape(notice.text),
            *([f"RE^Remark^HL70364^{notice.code.value}^^L"] if is_at_least(version, "2.3.1") else []),
        ]
        for number, notice in enumerate(notices, 1)
    ]


def _lines(answer: Answer, width: int, told_apart: frozenset[NoticeCode]) -> list[list[str]]:
    """One OBX of type TX for each line; the model is the method (OBX-17)."""
    generated = timestamp(answer.generated_at)
    model = _escape(f"{answer.summary.backend} {answer.summary.model_served}".strip())
    return [
        ["OBX", str(number), "TX", _observation(answer), "1", _escape(line.text), "", "", "", "", "", "P",
         "", "", generated, "", "", f"AI^{model}^L"]
        for number, line in enumerate(summary_lines(answer, width, without=told_apart), 1)
    ]  # fmt: skip


def acknowledges(message: bytes, answer: bytes) -> bool:
    """Whether the receiver took it (AA, CA) or refused it. Raises `GatewayError` for anything else."""
    head = head_fields(answer)
    msa = raw_segment(answer, b"MSA" + (head.separator or b"|")).split(head.separator or b"|")
    if not head.name or len(msa) < 3:
        raise GatewayError(ErrorKind.MALFORMED, "not an acknowledgment", location="MSA")
    if msa[2] != head_fields(message).fields[10]:
        raise GatewayError(ErrorKind.INVALID_VALUE, "an acknowledgment of another message", location="MSA-2")
    code = msa[1].strip()
    if code in (b"AA", b"CA"):
        return True
    if code in (b"AE", b"AR", b"CE", b"CR"):
        return False
    raise GatewayError(ErrorKind.UNKNOWN_CODE, "MSA-1 is not of table 0008", location="MSA-1")
