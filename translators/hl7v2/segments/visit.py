"""The visit: PV1, PV2 and what the trigger event says of it; access restrictions (ARV, CON)."""

from gateway.clinical import Encounter, Identifier, Participant, UnreadReason
from translators.hl7v2 import elements
from translators.hl7v2.codes import ENCOUNTER_EVENT, PATIENT_CLASS
from translators.hl7v2.context import Context
from translators.hl7v2.emergency import is_bypassed
from translators.hl7v2.er7 import Segment
from translators.hl7v2.labels import BY_CODE, RESTRICTED, UNRESTRICTED, VIP

_PARTICIPANTS = (
    (7, "attending"),
    (8, "referring"),
    (9, "consulting"),
    (17, "admitting"),
    (52, "participant"),
)


def read_pv1(context: Context, segment: Segment) -> None:
    """The first PV1 is the encounter; the visit of a prior result or of a merge is listed as unread."""
    if context.reading.encounter is not None:
        context.unread(segment, UnreadReason.UNSUPPORTED, "a further visit")
        return
    syntax, row = context.syntax, segment.row
    patient_class = elements.first_code(syntax, row[2])
    start, end = context.time(segment, 44), context.time(segment, 45)
    status = _status(context, patient_class, bool(end))
    more = segment.attached[0] if segment.attached else None
    reason = ""
    if more is not None:
        reason = _reason(context, more)
        if not start and status == "planned":
            start = context.time(more, 8)
    context.reading.encounter = Encounter(
        visit_numbers=_visit_numbers(context, segment),
        encounter_class=PATIENT_CLASS.get(patient_class, "") or syntax.first(row[2]),
        type=elements.coded_text(syntax, row[4]) or elements.coded_text(syntax, row[18]),
        status=status,
        start=start,
        end=end,
        location=elements.location(syntax, row[3]),
        service=elements.coded_text(syntax, row[10]),
        reason=reason,
        disposition=elements.coded_text(syntax, row[36]),
        participants=_participants(context, segment),
        origin=context.origin(segment),
    )
    if row[16] and elements.first_code(syntax, row[16]) not in UNRESTRICTED:
        context.labels.append(VIP)


def read_pv2(context: Context, segment: Segment) -> None:
    """PV2 without PV1: its reason alone."""
    reason = _reason(context, segment)
    if reason and context.reading.encounter is None:
        context.reading.encounter = Encounter(reason=reason, origin=context.origin(segment))


def _reason(context: Context, segment: Segment) -> str:
    """PV2-3, else PV2-12; PV2-22 restricts the visit."""
    if segment.row[22] and elements.first_code(context.syntax, segment.row[22]) not in UNRESTRICTED:
        context.labels.append(RESTRICTED)
    return elements.coded_text(context.syntax, segment.row[3]) or context.syntax.folded(segment.row[12])


def _status(context: Context, patient_class: str, has_ended: bool) -> str:
    by_event = ENCOUNTER_EVENT.get(context.event, "") if context.message_type == "ADT" else ""
    if by_event in ("cancelled", "finished"):
        return by_event
    if has_ended and by_event != "in-progress":
        return "finished"
    return by_event or ("planned" if patient_class == "P" else "")


def _visit_numbers(context: Context, segment: Segment) -> tuple[Identifier, ...]:
    found: dict[Identifier, None] = {}
    for field in (19, 50):
        for repetition in context.syntax.repetitions(segment.row[field]):
            identifier = elements.identifier(context.syntax, repetition, "VN")
            if identifier is not None:
                found[identifier] = None
    return tuple(found)


def _participants(context: Context, segment: Segment) -> tuple[Participant, ...]:
    found: dict[Participant, None] = {}
    for field, role in _PARTICIPANTS:
        raw = segment.row[field]
        if not raw:
            continue
        for repetition in context.syntax.repetitions(raw):
            name = elements.staff(context.syntax, repetition)
            participant = Participant(role=role, name=name)
            if name.family or name.given or name.text:
                found[participant] = None
    return tuple(found)


def read_arv(context: Context, segment: Segment) -> None:
    """ARV-3 and ARV-4, tables 0717 and 0719: what is restricted, and why. `NO` lifts a restriction."""
    codes = [
        elements.first_code(context.syntax, repetition)
        for field in (3, 4)
        for repetition in context.syntax.repetitions(segment.row[field])
    ]
    if codes and codes[0] != "NO":
        context.labels.append(RESTRICTED)
    for code in codes:
        if code in BY_CODE:
            context.add_label(BY_CODE[code])


def read_con(context: Context, segment: Segment) -> None:
    """CON-11, table 0498: a consent that was refused, limited or rescinded restricts what is here."""
    if elements.first_code(context.syntax, segment.row[11]) in ("R", "L", "X"):
        context.labels.append(RESTRICTED)
        context.caution("consent-limited", "the patient refused, limited or withdrew a consent", "CON-11")
    if not segment.row[2] and is_bypassed(context.syntax, segment):
        text = "a consent was bypassed, and CON-2 does not say to what it would have been"
        context.caution("consent-bypass-unread", text, context.origin(segment, 2))
