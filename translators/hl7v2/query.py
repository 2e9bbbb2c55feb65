"""`QBP^Q15`: whose summary is wanted (QPD), and the answer `RDY^K15` with the summary in DSP lines."""

import re
from datetime import datetime

from gateway.errors import ErrorKind, GatewayError
from gateway.messages import GatewayIdentity
from gateway.request import SummaryQuery, Task
from gateway.summary import Answer
from translators.hl7v2 import elements
from translators.hl7v2.ack import err, msa
from translators.hl7v2.display import summary_lines
from translators.hl7v2.emergency import in_emergency_of
from translators.hl7v2.er7 import Segment, Syntax, read
from translators.hl7v2.head import Head
from translators.hl7v2.outgoing import Answering
from translators.hl7v2.to_error import code_of

_VISIT_TYPES = frozenset({"VN", "AN", "ANON"})
_LINE_UNITS = frozenset({"", "LI", "RD"})  # table 0126; a record of a display answer is a line

CUT = "[cut here: more lines than were asked for]"


def summary_query(payload: bytes, head: Head) -> SummaryQuery:
    """QPD-3 holds patient numbers and QPD-4 visit numbers (CX, repeating), or any of them criteria of the
    form `@PID.3.1^12345` (QIP). Raises `GatewayError` when nobody is named."""
    er7 = read(payload, head)
    syntax = er7.syntax
    parameters = next((segment for segment in er7.segments if segment.name == "QPD"), None)
    if parameters is None:
        raise GatewayError(ErrorKind.REQUIRED_MISSING, "no QPD segment", location="QPD")
    patient: list[tuple[str, str]] = []
    visit: list[tuple[str, str]] = []
    for field, raw in enumerate(parameters.row[3:], 3):
        for repetition in syntax.repetitions(raw):
            _criterion(syntax, field, repetition, patient, visit)
    if not patient and not visit:
        raise GatewayError(ErrorKind.REQUIRED_MISSING, location="QPD[1]-3")
    limit = next((segment for segment in er7.segments if segment.name == "RCP"), None)
    return SummaryQuery(
        patient=tuple(patient),
        visit=tuple(visit),
        maximum_lines=_limit(syntax, limit) if limit else None,
        task=in_emergency_of(Task(), payload, head),
    )


def _criterion(
    syntax: Syntax,
    field: int,
    raw: str,
    patient: list[tuple[str, str]],
    visit: list[tuple[str, str]],
) -> None:
    if raw.startswith("@"):
        place, value = [syntax.text(part) for part in syntax.components(raw, 2)[:2]]
        if value and place.startswith(("@PID.3", "@PID.2", "@PID.4")):
            patient.append((value, ""))
        elif value and place.startswith(("@PV1.19", "@PID.18", "@PV1.50")):
            visit.append((value, ""))
        return
    found = elements.identifier(syntax, raw)
    if found is None:
        return
    is_visit = found.type in _VISIT_TYPES or (field > 3 and not found.type)
    (visit if is_visit else patient).append((found.value, found.system))


def _limit(syntax: Syntax, segment: Segment) -> int | None:
    """RCP-2: `20^LI`."""
    quantity, unit = [syntax.first(part) for part in syntax.components(segment.row[2], 2)[:2]]
    if not quantity or unit.upper() not in _LINE_UNITS:
        return None
    if not re.fullmatch("[0-9]{1,6}", quantity, re.ASCII) or int(quantity) == 0:
        raise GatewayError(ErrorKind.INVALID_VALUE, f"RCP-2 is {quantity!r}", location="RCP[1]-2")
    return int(quantity)


def display_response(
    head: Head,
    payload: bytes,
    identity: GatewayIdentity,
    control_id: str,
    now: datetime,
    *,
    answer: Answer | None = None,
    maximum_lines: int | None = None,
    error: GatewayError | None = None,
    incident: str = "",
) -> bytes:
    """`MSH MSA [ERR] QAK QPD DSP*` (2.5.1 section 5.3.1.2). Without an answer and without an error: NF."""
    lines = summary_lines(answer) if answer is not None else []
    texts = [line.text for line in lines]
    answering = Answering(head, identity, "".join(texts) + (error.public if error else ""))
    code = code_of(error)[0] if error is not None else "AA"
    segments = [
        answering.header(answering.component.join((b"RDY", b"K15", b"RDY_K15")), control_id, now),
        msa(answering, code, error),
    ]
    if error is not None:
        segments.append(err(answering, error, incident))
    parameters = raw_segment(payload, b"QPD" + answering.separator)
    sent = parameters.split(answering.separator)
    name, tag = (sent[1] if len(sent) > 1 else b""), (sent[2] if len(sent) > 2 else b"")
    hits = b"1" if answer is not None else b"0"
    status = _query_status(answer, error, code)
    segments.append(answering.segment(b"QAK", tag, status.encode(), name, hits, hits, b"0"))
    segments.append((parameters or b"QPD") + b"\r")
    kept = lines if maximum_lines is None or len(lines) <= maximum_lines else lines[:maximum_lines]
    for number, line in enumerate(kept, 1):
        text = line.text if len(kept) == len(lines) or number < len(kept) else CUT
        is_last = b"1" if line.ends_section else b""
        segments.append(answering.segment(b"DSP", str(number).encode(), b"", answering.text(text), is_last))
    return b"".join(segments)


def _query_status(answer: Answer | None, error: GatewayError | None, code: str) -> str:
    """QAK-2, table 0208."""
    if error is not None:
        return "NF" if error.kind is ErrorKind.NOT_FOUND else code
    return "OK" if answer is not None else "NF"


_CONTROLS = bytes(range(32))


def raw_segment(payload: bytes, start: bytes) -> bytes:
    """The first segment that begins so, byte by byte as sent; empty when there is none."""
    for end in (b"\r", b"\n"):
        at = payload.find(end + start)
        if at >= 0:
            line = re.split(rb"[\r\n]", payload[at + 1 :], maxsplit=1)[0]
            return line.translate(None, _CONTROLS)
    return b""
