"""Who the patient is: PID with its NK1, and PD1. Race, religion and marital status are not carried."""

from gateway.clinical import (
    Address,
    ClinicalFact,
    Contact,
    FactKind,
    Identifier,
    Name,
    Patient,
    UnreadReason,
    are_different_people,
)
from translators.hl7v2 import elements
from translators.hl7v2.codes import SEX
from translators.hl7v2.context import Context
from translators.hl7v2.er7 import Segment
from translators.hl7v2.labels import RESTRICTED, UNRESTRICTED

_IDENTIFIER_FIELDS = ((3, ""), (2, ""), (4, ""), (18, "AN"), (19, "SS"), (20, "DL"))


def read_pid(context: Context, segment: Segment) -> None:
    """The first PID is the patient; a later one that is somebody else closes the message's content."""
    patient = _patient(context, segment)
    if segment.nth == 1:
        context.reading.patient = patient
        context.foreign = None
        return
    if is_same_person(context.reading.patient, patient):
        context.foreign = None
        return
    context.foreign = segment
    context.unread(segment, UnreadReason.UNSUPPORTED, "a second patient, with what follows")


def is_same_person(one: Patient, other: Patient) -> bool:
    """A number in common, or the same name and birth date; and nothing that contradicts it."""
    if are_different_people(one, other):
        return False
    if other == Patient() or {each.value for each in one.identifiers} & {
        each.value for each in other.identifiers
    }:
        return True
    return bool(one.names) and one.names[:1] == other.names[:1] and one.birth_date == other.birth_date


def _patient(context: Context, segment: Segment) -> Patient:
    syntax, row = context.syntax, segment.row
    birth_date = context.time(segment, 7)[:10]
    sex = elements.first_code(syntax, row[8])
    return Patient(
        identifiers=_identifiers(context, segment),
        names=_names(context, row[5] + (syntax.repetition + row[9] if row[9] else "")),
        birth_date=birth_date,
        sex=SEX.get(sex, "unknown") if sex else "",
        deceased=_deceased(context, segment),
        addresses=_addresses(context, row[11]),
        telecoms=_telecoms(context, row[13], row[14], row[40]),
        contacts=_contacts(context, segment),
        language=syntax.first(row[15]) if row[15] else "",
    )


def _identifiers(context: Context, segment: Segment) -> tuple[Identifier, ...]:
    found: dict[Identifier, None] = {}  # in order; a list would be searched anew for each of thousands
    for field, type_code in _IDENTIFIER_FIELDS:
        raw = segment.row[field]
        if not raw:
            continue
        for repetition in context.syntax.repetitions(raw):
            identifier = elements.identifier(context.syntax, repetition, type_code)
            if identifier is not None:
                found[identifier] = None
    return tuple(found)


def _names(context: Context, raw: str) -> tuple[Name, ...]:
    if not raw:
        return ()
    names = [elements.person(context.syntax, each) for each in context.syntax.repetitions(raw)]
    return tuple([name for name in names if name.family or name.given])


def _addresses(context: Context, raw: str) -> tuple[Address, ...]:
    if not raw:
        return ()
    found = [elements.address(context.syntax, each) for each in context.syntax.repetitions(raw)]
    return tuple([address for address in found if address is not None])


def _telecoms(context: Context, *fields: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for raw in fields:
        if raw:
            for repetition in context.syntax.repetitions(raw):
                telecom = elements.telecom(context.syntax, repetition)
                if telecom:
                    found[telecom] = None
    return tuple(found)


def _deceased(context: Context, segment: Segment) -> str:
    died = context.time(segment, 29)
    if died:
        return died
    return "true" if elements.first_code(context.syntax, segment.row[30]) in ("Y", "YES") else ""


# PD1-7 and PD1-8, tables 0315 and 0316: whether the patient has one. Anything else says nothing.
_DIRECTIVE = {"Y": True, "F": True, "R": True, "P": True, "N": False, "I": False}
_DIRECTIVES = ((7, "living will"), (8, "organ donor"))


def read_pd1(context: Context, segment: Segment) -> None:
    """Advance directives, and the protection indicator (PD1-12)."""
    for field, text in _DIRECTIVES:
        code = elements.first_code(context.syntax, segment.row[field]) if segment.row[field] else ""
        if code in _DIRECTIVE:
            context.facts.append(
                ClinicalFact(
                    kind=FactKind.DIRECTIVE,
                    text=text,
                    negated=not _DIRECTIVE[code],
                    status_sent=f"PD1-{field}={code}",
                    origin=context.origin(segment, field),
                )
            )
        elif code:
            context.unread(segment, UnreadReason.NO_INFORMATION, text, field)
    if elements.first_code(context.syntax, segment.row[12]) not in UNRESTRICTED:
        context.labels.append(RESTRICTED)


def _contacts(context: Context, segment: Segment) -> tuple[Contact, ...]:
    """NK1 that follow: persons, or organizations (NK1-13)."""
    if not segment.attached:
        return ()
    found = [_contact(context, each) for each in segment.attached]
    return tuple([contact for contact in found if contact is not None])


def _contact(context: Context, segment: Segment) -> Contact | None:
    syntax, row = context.syntax, segment.row
    names = _names(context, row[2]) or _names(context, row[30])
    organization = syntax.first(row[13])
    if not names and not organization:
        return None
    return Contact(
        name=names[0] if names else Name(text=organization),
        relationship=elements.coded_text(syntax, row[3]),
        telecoms=_telecoms(context, row[5], row[6], row[40], row[31]),
        addresses=_addresses(context, row[4]),
    )
