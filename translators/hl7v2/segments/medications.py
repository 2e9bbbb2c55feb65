"""Drugs ordered, dispensed, given: RXO, RXE, RXD, RXG and RXA, with RXC and timing. Vaccines apart."""

from gateway.clinical import ClinicalFact, Detail, DetailName, FactKind, FactStatus
from translators.hl7v2 import elements
from translators.hl7v2.codes import WITHDRAWN, Standing
from translators.hl7v2.context import Context
from translators.hl7v2.er7 import Segment
from translators.hl7v2.segments.drug_fields import (
    COLUMNS,
    Columns,
    administration_standing,
    drug_details,
    in_order,
    route_details,
)
from translators.hl7v2.segments.immunizations import is_vaccine, read_vaccination
from translators.hl7v2.segments.orders import label_order, order_standing
from translators.hl7v2.segments.results import Panel, read_observations
from translators.hl7v2.segments.timing import Timing, timing_of


def read_drug(context: Context, segment: Segment) -> None:
    label_order(context, segment.order)
    if segment.name == "RXA" and is_vaccine(context, segment):
        read_vaccination(context, segment)
        return
    if segment.name == "RXO" and segment.parent is not None:
        return  # RXE says it again, with what the pharmacy made of it
    _medication(context, segment)
    observations = segment.attached_of("OBX")
    if observations:
        text = elements.coded_text(context.syntax, segment.row[COLUMNS[segment.name].drug])
        read_observations(context, Panel(text=text), observations)


def _medication(context: Context, segment: Segment) -> None:
    columns = COLUMNS[segment.name]
    original = segment.parent if segment.name == "RXE" else None
    text, codes = elements.coded(context.syntax, segment.row[columns.drug])
    if not text and original is not None:
        text, codes = elements.coded(context.syntax, original.row[COLUMNS["RXO"].drug])
    standing, status_sent, negated = _standing(context, segment)
    if standing is WITHDRAWN:
        context.withdrawn(segment, status_sent, text)
        return
    stated = context.stated(segment, FactKind.MEDICATION, text, codes, field=columns.drug, is_denied=negated)
    if stated is None:
        return
    timing = timing_of(context, (segment, columns.timing), (original, 0), (segment.order, 7))
    context.facts.append(
        ClinicalFact(
            kind=FactKind.MEDICATION,
            text=stated[0],
            codes=codes,
            time=_time(context, segment, columns, timing),
            end=(context.time(segment, columns.end) if columns.end else "") or timing.end,
            status=standing if isinstance(standing, FactStatus) else FactStatus.UNKNOWN,
            status_sent=status_sent,
            negated=stated[1],
            category=columns.category,
            details=_details(context, segment, columns, original, timing),
            origin=context.origin(segment),
        )
    )


def _standing(context: Context, segment: Segment) -> tuple[Standing, str, bool]:
    """RXA by its own RXA-20 and RXA-21; the others by their order."""
    if segment.name == "RXA":
        return administration_standing(context, segment)
    status, sent = order_standing(context, segment.order)
    return status, sent, False


def _time(context: Context, segment: Segment, columns: Columns, timing: Timing) -> str:
    own = context.time(segment, columns.time) if columns.time else ""
    return own or timing.start or (context.time(segment.order, 9) if segment.order else "")


def _details(
    context: Context, segment: Segment, columns: Columns, original: Segment | None, timing: Timing
) -> tuple[Detail, ...]:
    details = [
        *drug_details(context, segment, columns),
        *(_missing(context, original, columns, segment) if original is not None else ()),
        *route_details(context, segment, original),
        *timing.details,
        *_components(context, segment, original),
        *context.comments(segment.order, original, segment),
    ]
    return in_order(details)


def _missing(context: Context, original: Segment, columns: Columns, segment: Segment) -> list[Detail]:
    """What only the original order says; and the drug ordered, where the pharmacy gives another."""
    said = {detail.name for detail in drug_details(context, segment, columns)}
    found = [d for d in drug_details(context, original, COLUMNS["RXO"]) if d.name not in said]
    ordered = elements.coded_text(context.syntax, original.row[COLUMNS["RXO"].drug])
    given = elements.coded_text(context.syntax, segment.row[columns.drug])
    if ordered and given and ordered.lower() != given.lower():
        found.append(Detail(name=DetailName.COMMENT, text=f"ordered as {ordered}"))
    return found


_COMPONENT_TYPE = {"B": "base", "A": "additive"}  # RXC-1, table 0166


def _components(context: Context, *segments: Segment | None) -> list[Detail]:
    """What a mixture is made of, RXC of the first of the segments that has any."""
    for segment in segments:
        rows = segment.attached_of("RXC") if segment is not None else []
        if rows:
            return [detail for row in rows for detail in _component(context, row)]
    return []


def _component(context: Context, segment: Segment) -> list[Detail]:
    syntax, row = context.syntax, segment.row
    parts = [
        _COMPONENT_TYPE.get(elements.first_code(syntax, row[1]), "component") + ":",
        elements.coded_text(syntax, row[2]),
        elements.quantity(syntax, row[3], row[4]),
        elements.quantity(syntax, row[5], row[6]),
    ]
    text = " ".join([part for part in parts if part])
    return [Detail(name=DetailName.COMMENT, text=text), *context.comments(segment)]
