"""A whole ER7 message as a `Reading`: every segment by its own reader, whatever the message type."""

from functools import lru_cache

from gateway.clinical import Reading, UnreadReason, strictest
from gateway.errors import ErrorKind, GatewayError
from gateway.request import Purpose, Task
from translators.attachments import Attachments
from translators.hl7v2.binding import DRUGS, Binding
from translators.hl7v2.codes import PURPOSE_OF_EVENT, PURPOSE_OF_TYPE
from translators.hl7v2.context import Context, SegmentReader
from translators.hl7v2.delimiters import ABSENT
from translators.hl7v2.er7 import ASTRAY, Segment, read
from translators.hl7v2.head import Head
from translators.hl7v2.segments.allergies import read_al1, read_iam
from translators.hl7v2.segments.appointments import read_lost_part, read_sch
from translators.hl7v2.segments.documents import read_txa
from translators.hl7v2.segments.medications import read_drug
from translators.hl7v2.segments.orders import read_obr, read_orc, read_spm
from translators.hl7v2.segments.patient import read_pd1, read_pid
from translators.hl7v2.segments.problems import read_dg1, read_gol, read_prb
from translators.hl7v2.segments.procedures import read_pr1
from translators.hl7v2.segments.referrals import read_rf1
from translators.hl7v2.segments.results import read_obx
from translators.hl7v2.segments.visit import read_arv, read_con, read_pv1, read_pv2

IDENTITY: dict[str, SegmentReader] = {
    "PID": read_pid,
    "PD1": read_pd1,
    "PV1": read_pv1,
    "PV2": read_pv2,
    "ARV": read_arv,
    "CON": read_con,
}

CLINICAL: dict[str, SegmentReader] = {
    "OBX": read_obx,
    "OBR": read_obr,
    "ORC": read_orc,
    "DG1": read_dg1,
    "PRB": read_prb,
    "GOL": read_gol,
    "AL1": read_al1,
    "IAM": read_iam,
    "PR1": read_pr1,
    "SPM": read_spm,
    "TXA": read_txa,
    "SCH": read_sch,
    "RF1": read_rf1,
    **dict.fromkeys(DRUGS, read_drug),
    **dict.fromkeys(("RXR", "RXC", "TQ1", "AIS", "AIG", "AIL", "AIP", "NTE", "NK1"), read_lost_part),
}

_READERS = IDENTITY | CLINICAL

ADMINISTRATIVE = frozenset(
    "MSH SFT UAC EVN MSA ERR QAK QPD QID QRD QRF QRI RCP RDF RDT DSC BHS BTS FHS FTS ADD NCK NST NDS"
    " IN1 IN2 IN3 GT1 FT1 BLG UB1 UB2 DRG CTI CTD ROL PRT MRG RGS ARQ APR AUT PRD PSG"
    " MFI MFE MFA STF PRA ORG AFF LAN EDU CER LOC LCH LRL LDP LCC CDM PRC OM1 OM2 OM3 OM4 OM5 OM6 OM7".split()
)
"""Header, query, insurance, billing, staff, master files: nothing in them is about the patient's health."""


def reading_of(payload: bytes, head: Head, attachments: Attachments, prefix: str = "") -> Reading:
    """Everything that the message says. Raises `GatewayError` when its syntax or character set cannot be
    told, or when it holds clinical content of more than one patient."""
    er7 = read(payload, head)
    syntax = er7.syntax
    type_, event = message_code(head)
    context = Context(syntax, er7.segments, attachments, prefix=prefix, message_type=type_, event=event)
    context.reading.warnings += er7.cautions
    binding = Binding(er7.segments)
    for segment in binding.main:
        if context.foreign is not None and segment.name not in IDENTITY:
            _refuse_second_patient(context, segment)
        elif segment.name != "SCH":
            _read(context, segment)
    for segment in binding.main:
        if segment.name == "SCH":  # its personnel stand with the visit, which comes after it
            _read(context, segment)
    _comments_left(context, binding.hosts)
    _labels(context, er7.segments)
    _truncations(context)
    context.list_counted()
    return context.reading


def _read(context: Context, segment: Segment) -> None:
    name = segment.name
    reader = _READERS.get(name)
    if reader is not None:
        if context.foreign is None or name == "PID":
            context.guarded(reader, segment)
    elif name in ADMINISTRATIVE:
        return
    elif name in context.counted:
        context.counted[name].times += 1
    elif name == ASTRAY:
        context.count(segment, UnreadReason.INVALID, name, "not a segment")
    elif name.startswith("Z"):
        context.count(segment, UnreadReason.LOCAL, name)
    else:
        context.count(segment, UnreadReason.UNSUPPORTED, name)


def _refuse_second_patient(context: Context, segment: Segment) -> None:
    """Facts of two people in one request could be told of the wrong one."""
    if segment.name in CLINICAL:
        raise GatewayError(
            ErrorKind.SEVERAL_PATIENTS, location=context.foreign.place if context.foreign else "PID"
        )


def _comments_left(context: Context, hosts: list[Segment]) -> None:
    """Comments on what is no fact (PID, PV1, a panel, a text) are notes."""
    for host in hosts:
        if host.notes is not None:
            first, text = host.notes[0], context.note_text(host.notes)
            host.notes = None
            if text:
                context.note(text, first, 3, title="Comment")


def _labels(context: Context, segments: list[Segment]) -> None:
    header = segments[0] if segments else None
    if header is not None and header.name == "MSH":
        if header.row[8]:  # "security", not further specified: most of what feeds send there is no label
            context.label(header, 8, is_free_text=True)
        if header.row[26]:
            context.label(header, 26)
    if context.labels:
        context.reading.labels = strictest((context.reading.labels, *context.labels))


def _truncations(context: Context) -> None:
    """Values that the sender cut, marked by the fifth character of MSH-2 (2.7 section 2.5.5.2)."""
    mark = context.syntax.delimiters.truncation
    if mark == ABSENT:
        return
    for segment in context.segments[1:]:
        for field, raw in enumerate(segment.row):
            if mark in raw and raw.endswith(mark):
                place = context.origin(segment, field)
                context.caution("text-truncated", "the sender cut this value", place)


def message_code(head: Head) -> tuple[str, str]:
    """MSH-9.1 and MSH-9.2, upper case; empty where absent. `ADT_A01` alone is split (v2.xml habit)."""
    return _message_code(head.fields[9], head.component)


@lru_cache(maxsize=1024)
def _message_code(raw: bytes, component: bytes) -> tuple[str, str]:
    parts = [part.strip().decode("latin-1").upper() for part in raw.split(component, 2)]
    type_, event = parts[0], parts[1] if len(parts) > 1 else ""
    if not event and len(type_) == 7 and type_[3] == "_":
        return type_[:3], type_[4:]
    return type_, event


def task_of(type_: str, event: str) -> Task:
    """What the summary is for, from what happened."""
    if type_ == "ADT" and event in PURPOSE_OF_EVENT:
        return Task(purpose=PURPOSE_OF_EVENT[event])
    return Task(purpose=PURPOSE_OF_TYPE.get(type_, Purpose.LONGITUDINAL))
