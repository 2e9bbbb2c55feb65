"""Appointments: SCH with its services (AIS), resources (AIG), places (AIL) and personnel (AIP)."""

from dataclasses import replace

from gateway.clinical import ClinicalFact, Detail, DetailName, FactKind, FactStatus, Participant, UnreadReason
from translators.hl7v2 import elements
from translators.hl7v2.codes import APPOINTMENT, APPOINTMENT_EVENT, WITHDRAWN, Standing
from translators.hl7v2.context import Context
from translators.hl7v2.er7 import Segment
from translators.hl7v2.segments.timing import timing_of


def read_sch(context: Context, segment: Segment) -> None:
    """One appointment, named by its first service; a deleted one (S17) is withdrawn."""
    syntax = context.syntax
    services = segment.attached_of("AIS")
    text, codes = _name(context, segment, services)
    status, status_sent = _standing(context, segment)
    if status is WITHDRAWN:
        context.withdrawn(segment, status_sent, text)
        return
    timing = timing_of(context, (segment, 11))
    starts = [time for service in services if (time := context.time(service, 4))]
    details = [
        *_reason(context, segment, text),
        *(
            Detail(name=DetailName.COMMENT, text=f"also {other}")
            for service in services[1:]
            if (other := elements.coded_text(syntax, service.row[3]))
        ),
        *(
            Detail(name=DetailName.LOCATION, text=place)
            for each in segment.attached_of("AIL")
            if (place := elements.location(syntax, each.row[3]))
        ),
        *timing.details,
        *context.comments(segment, *(segment.attached or ())),
    ]
    context.facts.append(
        ClinicalFact(
            kind=FactKind.APPOINTMENT,
            text=text or "Appointment",
            codes=codes,
            time=starts[0] if starts else timing.start,
            end=timing.end,
            status=status if isinstance(status, FactStatus) else FactStatus.UNKNOWN,
            status_sent=status_sent,
            details=tuple(dict.fromkeys(details)),
            origin=context.origin(segment),
        )
    )
    _personnel(context, segment)


def _name(context: Context, segment: Segment, services: list[Segment]) -> elements.Coded:
    for place, field in (
        *((service, 3) for service in services[:1]),
        (segment, 8),
        (segment, 7),
        (segment, 6),
    ):
        found = elements.coded(context.syntax, place.row[field])
        if found[0]:
            return found
    return elements.NOTHING


def _standing(context: Context, segment: Segment) -> tuple[Standing, str]:
    """SCH-25 where it is known, else the trigger event."""
    sent = elements.first_code(context.syntax, segment.row[25])
    if sent in APPOINTMENT:
        return APPOINTMENT[sent], f"SCH-25={sent}"
    if context.event in APPOINTMENT_EVENT:
        return APPOINTMENT_EVENT[context.event], f"MSH-9={context.message_type}^{context.event}"
    return FactStatus.UNKNOWN, f"SCH-25={sent}" if sent else ""


def _reason(context: Context, segment: Segment, name: str) -> list[Detail]:
    return [each for each in context.details(segment, (7, DetailName.REASON)) if each.text != name]


def _personnel(context: Context, segment: Segment) -> None:
    """AIP-3 are staff: they stand with the visit, where there is one."""
    encounter = context.reading.encounter
    if encounter is None:
        return
    found = []
    for each in segment.attached_of("AIP"):
        name = elements.staff(context.syntax, each.row[3])
        role = elements.coded_text(context.syntax, each.row[4]) or "appointment"
        if name.family or name.given or name.text:
            found.append(Participant(role=role, name=name))
    if found:
        participants = tuple(dict.fromkeys((*encounter.participants, *found)))
        context.reading.encounter = replace(encounter, participants=participants)


def read_lost_part(context: Context, segment: Segment) -> None:
    """A part of something that is not in the message: RXR without a drug, AIS without SCH."""
    context.unread(segment, UnreadReason.INVALID, f"{segment.name} without the segment it belongs to")
