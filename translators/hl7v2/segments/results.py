"""Observations: OBX with the panel (OBR) they stand in, as facts or as narrative.

What is a note: text (TX, FT, ST or no type) of a document (TXA), of several OBX that continue one another
(`binding.continues`), of more than one line, or longer than `LONGEST_VALUE`. Everything else is a fact.
A row with units or a reference range is always a fact.
"""

from dataclasses import dataclass

from gateway.clinical import (
    ClinicalFact,
    Code,
    Detail,
    DetailName,
    FactKind,
    FactStatus,
    Unread,
    UnreadReason,
)
from gateway.errors import GatewayError
from translators.hl7v2 import elements
from translators.hl7v2.codes import OBSERVATION, REPORT_PART, WITHDRAWN, Standing
from translators.hl7v2.context import Context
from translators.hl7v2.er7 import NULL, Segment
from translators.hl7v2.segments.attached_documents import read_encapsulated
from translators.hl7v2.segments.values import ENCAPSULATED, IDENTITY, TEXT, value_of
from translators.terminology.code_systems import LOINC

LONGEST_VALUE = 240
"""Characters of a text that still reads as a value."""


@dataclass(slots=True)
class Panel:
    """What the rows of one OBR, document or drug have in common."""

    text: str = ""
    time: str = ""
    standing: Standing = FactStatus.UNKNOWN
    """Of rows that have no OBX-11."""
    status_sent: str = ""
    section: str = ""
    """LOINC code of the report or document."""
    details: tuple[Detail, ...] = ()
    is_document: bool = False


NO_PANEL = Panel()


def read_obx(context: Context, segment: Segment) -> None:
    """An OBX that stands in no panel."""
    read_observations(context, NO_PANEL, [segment])


def read_observations(context: Context, panel: Panel, rows: list[Segment]) -> None:
    """Each row in its own guarded step."""
    for row in rows:
        try:
            _observation(context, panel, row)
        except (GatewayError, ValueError, LookupError):
            context.unread(row, UnreadReason.INVALID, "OBX could not be read")
            row.notes = None


def _observation(context: Context, panel: Panel, segment: Segment) -> None:
    syntax, row = context.syntax, segment.row
    name, codes, is_vital = elements.name_of_test(syntax, row[3])
    sent = row[11]
    if sent:
        sent = sent if sent in OBSERVATION else elements.first_code(syntax, sent)
        status, status_sent = OBSERVATION.get(sent, FactStatus.UNKNOWN), f"OBX-11={sent}"
    else:
        status, status_sent = panel.standing, panel.status_sent
    if status is WITHDRAWN or panel.standing is WITHDRAWN:
        _withdraw(context, segment, status_sent if status is WITHDRAWN else panel.status_sent, name)
        return
    kind = row[2]
    if kind not in TEXT and syntax.component in kind:
        kind = syntax.first(kind)
    if row[13]:
        context.label(segment, 13, covers=context.with_comments(segment))
    if kind in ENCAPSULATED:
        read_encapsulated(
            context,
            segment,
            kind,
            title=name or panel.text,
            section=_section(codes, panel),
            status=_status(status),
            time=_time(context, panel, segment),
        )
        return
    if kind in IDENTITY:
        context.unread(segment, UnreadReason.MASKED, f"{kind} value of {name}", 5)
        segment.notes = None
        return
    if kind in TEXT:
        text = _text(context, segment)
        if _is_note(panel, segment, text):
            _note(context, panel, segment, name, codes, text, _status(status))
            return
        value = " ".join(text.split())
    elif kind == "NM" and syntax.repetition not in row[5]:
        value = syntax.text(row[5])
    else:
        value = value_of(syntax, kind, row[5]) if row[5] and row[5] != NULL else ""
    fact_kind = FactKind.VITAL_SIGN if is_vital else FactKind.RESULT
    _fact(context, panel, segment, fact_kind, name, codes, value, _status(status), status_sent)


def _fact(
    context: Context,
    panel: Panel,
    segment: Segment,
    kind: FactKind,
    name: str,
    codes: tuple[Code, ...],
    value: str,
    status: FactStatus,
    status_sent: str,
) -> None:
    syntax, row = context.syntax, segment.row
    if not name:
        name = panel.text
        if not name:
            context.unread(segment, UnreadReason.INVALID, "OBX-3 says not what was observed", 3)
            return
    flag = row[8]
    if flag:
        flag = flag if flag.isalpha() else _flag(context, flag)
    reason: tuple[Detail, ...] = ()
    is_absent = bool(row[11]) and status in _WITHOUT_VALUE
    if is_absent:  # what stands in place of a value ("hemolyzed") tells why there is none
        if value and row[2] not in _NUMERIC:
            reason = (Detail(name=DetailName.REASON, text=value),)
        value = ""
    elif not value and not _says_something(segment, status, flag):
        context.unread(segment, UnreadReason.NO_INFORMATION, f"OBX without a value: {name}", 5)
        return
    details = reason + panel.details if reason else panel.details
    if row[17] or row[20]:
        details += tuple(context.details(segment, (17, DetailName.METHOD), (20, DetailName.SITE)))
    if segment.notes is not None:
        details += context.comments(segment)
    unit, reference_range = row[6], row[7]
    context.facts.append(
        ClinicalFact(
            kind=kind,
            text=name,
            codes=codes,
            value=value or None,
            unit=elements.unit_of(syntax, unit) if unit else "",
            flag=flag.upper(),
            reference_range=syntax.folded(reference_range) if reference_range else "",
            time=_time(context, panel, segment),
            status=status,
            status_sent=status_sent,
            negated=is_absent and status is FactStatus.NOT_DONE,
            group=panel.text,
            details=details,
            origin=f"{context.prefix}OBX[{segment.nth}]-5" if value else context.origin(segment),
        )
    )


_WITHOUT_VALUE = frozenset({FactStatus.CANCELLED, FactStatus.NOT_DONE})
_NUMERIC = frozenset({"NM", "SN"})


def _says_something(segment: Segment, status: FactStatus, flag: str) -> bool:
    """Without a value, a row still tells that a result is pending, abnormal, or explained in a comment."""
    return status is FactStatus.REGISTERED or segment.notes is not None or flag not in ("", "N")


def _flag(context: Context, raw: str) -> str:
    """OBX-8, table 0078: the codes of its repetitions."""
    syntax = context.syntax
    return ",".join([code for each in syntax.repetitions(raw) if (code := syntax.first(each))])


def _status(standing: Standing) -> FactStatus:
    return standing if isinstance(standing, FactStatus) else FactStatus.UNKNOWN


def _time(context: Context, panel: Panel, segment: Segment) -> str:
    return context.time(segment, 14) or panel.time if segment.row[14] else panel.time


def _text(context: Context, segment: Segment) -> str:
    text = context.syntax.lines(segment.row[5])
    if segment.attached is None:
        return text
    return "\n".join([text, *(context.syntax.lines(row.row[5]) for row in segment.attached)]).strip("\n")


def _is_note(panel: Panel, segment: Segment, text: str) -> bool:
    if segment.row[6] or segment.row[7] or not text:
        return False
    if panel.is_document or segment.attached is not None:
        return True
    return len(text) > LONGEST_VALUE or "\n" in text


def _note(
    context: Context,
    panel: Panel,
    segment: Segment,
    name: str,
    codes: tuple[Code, ...],
    text: str,
    status: FactStatus,
) -> None:
    flag = _flag(context, segment.row[8]).upper()
    title = _title(context, segment, name) or panel.text
    if flag not in ("", "N"):
        title = f"{title} ({flag})".strip()
    if panel.is_document and panel.standing is not FactStatus.UNKNOWN:
        status = _status(panel.standing)  # the document is unsigned even where its lines say F
    section = _section(codes, panel)
    time = _time(context, panel, segment)
    context.note(text, segment, 5, title=title, section=section, status=status, time=time)


def _title(context: Context, segment: Segment, name: str) -> str:
    """OBX-3's text; a part of a report (`71020&IMP`) is named by its suffix (2.3 section 7.1.3)."""
    identifier = context.syntax.components(segment.row[3], 1)[0]
    if context.syntax.subcomponent not in identifier:
        return name
    suffix = context.syntax.text(identifier.split(context.syntax.subcomponent)[1]).upper()
    part = REPORT_PART.get(suffix, "")
    return f"{name} - {part}" if part and part.lower() not in name.lower() else name


def _section(codes: tuple[Code, ...], panel: Panel) -> str:
    return next((code.code for code in codes if code.system == LOINC), "") or panel.section


def _withdraw(context: Context, segment: Segment, sent: str, name: str) -> None:
    rows = (segment, *(segment.attached or ()))
    for row in rows:
        row.notes = None
    what = f"{sent} {name}".strip() + (f", {len(rows)} lines" if len(rows) > 1 else "")
    context.reading.unread.append(
        Unread(origin=context.origin(segment), reason=UnreadReason.WITHDRAWN, what=what)
    )
