"""Orders and panels: OBR with its ORC, timing and specimen; ORC alone; SPM.

An OBR whose observations follow is their panel and no fact of its own, except in a message that places
orders: there it is the order, and its observations are what the orderer wrote beside it.
"""

from gateway.clinical import ClinicalFact, Detail, DetailName, FactKind, FactStatus, UnreadReason
from translators.hl7v2 import elements
from translators.hl7v2.codes import ORDER, ORDER_CONTROL, REPORT, WITHDRAWN, Standing
from translators.hl7v2.context import Context
from translators.hl7v2.er7 import Segment
from translators.hl7v2.segments.results import Panel, read_observations
from translators.hl7v2.segments.timing import Timing, timing_of
from translators.terminology.code_systems import LOINC

_PLACES_ORDERS = frozenset({"ORM", "OML", "OMG", "OMI", "OMB", "OMD", "OMN", "OMP", "OMS", "ORN", "OSU"})


def order_standing(context: Context, order: Segment | None) -> tuple[Standing, str]:
    """Status by ORC-5, and only where that is empty by ORC-1; with the code that was sent."""
    if order is None:
        return FactStatus.UNKNOWN, ""
    status = elements.first_code(context.syntax, order.row[5])
    if status:
        return ORDER.get(status, FactStatus.UNKNOWN), f"ORC-5={status}"
    control = elements.first_code(context.syntax, order.row[1])
    if control in ORDER_CONTROL:
        return ORDER_CONTROL[control], f"ORC-1={control}"
    return FactStatus.UNKNOWN, f"ORC-1={control}" if control else ""


def label_order(context: Context, order: Segment | None) -> None:
    if order is not None and order.row[28]:
        context.label(order, 28, covers=context.with_order(order))


def read_obr(context: Context, segment: Segment) -> None:
    syntax, row = context.syntax, segment.row
    label_order(context, segment.order)
    text, codes = elements.coded(syntax, row[4])
    observations = segment.attached_of("OBX")
    specimen = _specimen_details(context, segment)
    report = elements.first_code(syntax, row[25])
    standing = REPORT.get(report, FactStatus.UNKNOWN)
    report_sent = f"OBR-25={report}" if report else ""
    is_order = not observations or context.message_type in _PLACES_ORDERS
    if is_order:
        _order(context, segment, standing, report_sent, specimen)
    else:
        _panel_notes(context, segment, text)
    if observations:
        panel = Panel(
            text=_with_parent(context, segment, text),
            time=context.time(segment, 7) or _collected(context, segment),
            standing=standing,
            status_sent=report_sent,
            section=next((code.code for code in codes if code.system == LOINC), ""),
            details=specimen,
        )
        read_observations(context, panel, observations)


def _order(
    context: Context, segment: Segment, report: Standing, report_sent: str, specimen: tuple[Detail, ...]
) -> None:
    syntax, row = context.syntax, segment.row
    text, codes = elements.coded(syntax, row[4])
    status, status_sent = order_standing(context, segment.order)
    if status is FactStatus.UNKNOWN and report_sent and not (segment.order and segment.order.row[5]):
        status, status_sent = report, report_sent
    if status is WITHDRAWN or report is WITHDRAWN:
        context.withdrawn(segment, report_sent if report is WITHDRAWN else status_sent, text)
        return
    if not text:
        context.unread(segment, UnreadReason.INVALID, "OBR-4 names nothing")
        return
    timing = timing_of(context, (segment, 27), (segment.order, 7))
    details = [
        *context.details(segment, (5, DetailName.PRIORITY)),
        *timing.details,
        *context.details(segment, (31, DetailName.REASON), (13, DetailName.COMMENT)),
        *specimen,
        *context.comments(segment.order, segment),
    ]
    context.facts.append(
        ClinicalFact(
            kind=FactKind.ORDER,
            text=text,
            codes=codes,
            time=_order_time(context, segment, timing),
            end=timing.end,
            status=status if isinstance(status, FactStatus) else FactStatus.UNKNOWN,
            status_sent=status_sent,
            category="order",
            details=tuple(dict.fromkeys(details)),
            origin=context.origin(segment),
        )
    )


def _order_time(context: Context, segment: Segment, timing: Timing) -> str:
    """When it is wanted, scheduled or done; else when it was ordered."""
    return (
        timing.start
        or context.time(segment, 36)
        or context.time(segment, 7)
        or context.time(segment, 6)
        or (context.time(segment.order, 9) if segment.order else "")
    )


def _panel_notes(context: Context, segment: Segment, title: str) -> None:
    """What the orderer wrote with a request that has results: indication and clinical information."""
    for field, name in ((31, "Reason for study"), (13, "Clinical information")):
        raw = segment.row[field]
        if not raw:
            continue
        texts = [elements.coded_text(context.syntax, each) for each in context.syntax.repetitions(raw)]
        text = "\n".join([text for text in texts if text])
        if text:
            context.note(text, segment, field, title=f"{name}: {title}" if title else name)


def _with_parent(context: Context, segment: Segment, text: str) -> str:
    """A susceptibility panel names the organism that it was done on (OBR-26, or the OBX it points to)."""
    raw = segment.row[26]
    if not raw:
        return text
    identifier, sub_id, descriptor = context.syntax.components(raw, 3)[:3]
    parent = context.syntax.folded(descriptor) or _observed(context, identifier, sub_id, segment)
    return f"{text} ({parent})" if parent else text


def _observed(context: Context, identifier: str, sub_id: str, before: Segment) -> str:
    syntax = context.syntax
    code = identifier.split(syntax.subcomponent)[0]
    for segment in context.segments:
        if segment is before:
            break
        row = segment.row
        if code and segment.name == "OBX" and row[4] == sub_id and row[3].split(syntax.component)[0] == code:
            return elements.coded_text(syntax, row[5])
    return ""


def _specimen_details(context: Context, segment: Segment) -> tuple[Detail, ...]:
    """The specimen of SPM, else of OBR-15: type, site and condition."""
    found = [
        Detail(name=DetailName.SPECIMEN, text=text)
        for spm in segment.attached_of("SPM")
        if (text := _specimen(context, spm))
    ]
    for spm in segment.attached_of("SPM"):
        found += context.comments(spm)
    if not found and segment.row[15]:
        parts = context.syntax.components(segment.row[15], 4)
        # OBR-15.1 is a coded element of its own, one level down; OBR-15.4 the body site.
        source = parts[0].split(context.syntax.subcomponent)
        text = context.syntax.folded(source[1] if len(source) > 1 and source[1] else source[0])
        if text:
            found.append(Detail(name=DetailName.SPECIMEN, text=text))
    return tuple(found)


def _specimen(context: Context, spm: Segment) -> str:
    syntax, row = context.syntax, spm.row
    kind = elements.coded_text(syntax, row[4])
    site = elements.coded_text(syntax, row[8])
    states = [
        elements.coded_text(syntax, each) for field in (24, 21) for each in syntax.repetitions(row[field])
    ]
    text = ", ".join([part for part in (kind, site) if part])
    condition = ", ".join([state for state in states if state])
    return f"{text} ({condition})".strip() if condition else text


def _collected(context: Context, segment: Segment) -> str:
    return next((time for spm in segment.attached_of("SPM") if (time := context.time(spm, 17))), "")


def read_spm(context: Context, segment: Segment) -> None:
    """A specimen without a request: a fact of its own."""
    if segment.parent is not None:
        return
    text = _specimen(context, segment)
    if not text:
        context.unread(segment, UnreadReason.INVALID, "SPM-4 names nothing")
        return
    context.facts.append(
        ClinicalFact(
            kind=FactKind.SPECIMEN,
            text=text,
            codes=elements.coded(context.syntax, segment.row[4])[1],
            time=context.time(segment, 17),
            details=context.comments(segment),
            origin=context.origin(segment),
        )
    )


def read_orc(context: Context, segment: Segment) -> None:
    """An order without what is ordered is listed; any other is read with its detail segment."""
    if segment.parent is None:
        label_order(context, segment)
        status_sent = order_standing(context, segment)[1]
        context.unread(
            segment, UnreadReason.UNSUPPORTED, f"an order without its detail {status_sent}".strip()
        )
