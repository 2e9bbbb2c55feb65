"""Procedures, devices, encounters, and what is planned: orders, appointments, goals, instructions."""

from collections.abc import Iterable, Iterator

from gateway.clinical import ClinicalFact, Detail, DetailName, FactKind, FactStatus, UnreadReason
from translators.cda.datatypes import Concept, concept, entity_name
from translators.cda.details import detail, in_order, nested_details
from translators.cda.naming import UnreadableEntry, subject_of, whole_kind
from translators.cda.observed import Observed, observed
from translators.cda.sections import SectionKind
from translators.cda.statement import PLANNED_MOODS, Around, Statement
from translators.cda.status import EVENTS, INSTRUCTIONS, LASTING, PLANS, StatusTable
from translators.cda.tags import (
    APPROACH_SITE_CODE,
    CODE,
    DISCHARGE_DISPOSITION_CODE,
    ENCOUNTER,
    MANUFACTURED_MATERIAL,
    MANUFACTURED_PRODUCT,
    METHOD_CODE,
    PARTICIPANT,
    PARTICIPANT_ROLE,
    PLAYING_DEVICE,
    PLAYING_ENTITY,
    PRIORITY_CODE,
    PRODUCT,
    SDTC_DISCHARGE_DISPOSITION_CODE,
    TARGET_SITE_CODE,
    TEXT,
    VALUE,
    child,
)


def procedure(statement: Statement, around: Around) -> Iterator[ClinicalFact]:
    """A procedure that was done and the devices it left; in an equipment section the devices alone."""
    devices = _devices(statement)
    code = statement.concept()
    of_any_kind = whole_kind(FactKind.PROCEDURE, code) is not None
    if not devices or not (of_any_kind or statement.place.kind is SectionKind.DEVICES):
        yield _event(statement, FactKind.PROCEDURE, code, EVENTS, _details(statement), around)
    for each in devices:
        yield _device(statement, each, around)


def device(statement: Statement, around: Around) -> Iterator[ClinicalFact]:
    """A supply that names a device: by its participant, its product, or its own code."""
    devices = _devices(statement)
    product = child(statement.element, PRODUCT, MANUFACTURED_PRODUCT, MANUFACTURED_MATERIAL)
    if not devices and product is not None:
        devices = [concept(child(product, CODE), statement.place.narrative, entity_name(product))]
    for each in devices or [statement.concept()]:
        yield _device(statement, each, around)


def encounter(statement: Statement, around: Around) -> Iterator[ClinicalFact]:
    disposition = statement.concept(SDTC_DISCHARGE_DISPOSITION_CODE).text
    details = [
        *_locations(statement),
        *detail(DetailName.OUTCOME, disposition or statement.concept(DISCHARGE_DISPOSITION_CODE).text),
        *nested_details(statement),
    ]
    yield _event(statement, FactKind.ENCOUNTER, statement.concept(), EVENTS, details, around)


def order(statement: Statement, around: Around) -> Iterator[ClinicalFact]:
    """What is intended, requested or promised to be done or measured."""
    yield _event(statement, FactKind.ORDER, statement.concept(), PLANS, _details(statement), around)


def appointment(statement: Statement, around: Around) -> Iterator[ClinicalFact]:
    """Some senders put the encounter that is planned into an empty one that says that it is."""
    inner = next((each for _, each in statement.nested() if each.element.tag == ENCOUNTER), None)
    about = statement.concept()
    if inner is not None and not about.names and not about.codes:
        inner.origin = statement.origin
        statement, about = inner, inner.concept()
    details = [*_locations(statement), *_details(statement)]
    yield _event(statement, FactKind.APPOINTMENT, about, PLANS, details, around)


def goal(statement: Statement, around: Around) -> Iterator[ClinicalFact]:
    yield _event(statement, FactKind.GOAL, statement.concept(), LASTING, nested_details(statement), around)


def instruction(statement: Statement, around: Around) -> Iterator[ClinicalFact]:
    """Its text is what was said to the patient; its code only what sort of instruction it is."""
    code = statement.concept()
    text = statement.parts.get(TEXT)
    written = statement.written()
    if not written and text is not None and text.get("nullFlavor"):
        raise UnreadableEntry(UnreadReason.NO_INFORMATION, "instruction without text")
    about = Concept((written,), code.codes) if written else code
    yield _event(statement, FactKind.CARE_PLAN, about, INSTRUCTIONS, nested_details(statement), around)


def concern(statement: Statement, around: Around) -> Iterator[ClinicalFact]:
    """An act that holds no statement: what it says in words, its code telling only what sort it is."""
    code = statement.concept()
    written = statement.written()
    about = Concept((written, *code.names), code.codes) if written else code
    yield _event(statement, FactKind.ASSESSMENT, about, LASTING, nested_details(statement), around)


def _event(
    statement: Statement,
    kind: FactKind,
    about: Concept,
    statuses: StatusTable,
    details: Iterable[Detail],
    around: Around,
) -> ClinicalFact:
    value = statement.parts.get(VALUE)
    found = observed(value, statement.place.narrative) if value is not None else Observed()
    status, status_sent = statement.sent_status(statuses)
    subject = subject_of(kind, about, statement.negated, statement.words)
    when = statement.period()
    return ClinicalFact(
        kind=kind,
        text=subject.text,
        codes=about.codes,
        value=found.text or None,
        unit=found.unit,
        time=when.start,
        end="" if when.end == when.start else when.end,
        status=FactStatus.NOT_DONE if subject.negated and statuses is EVENTS else status,
        status_sent=status_sent,
        negated=subject.negated,
        group=around.group if around.group != subject.text else "",
        details=in_order((*details, *around.details)),
        origin=statement.origin,
    )


def _device(statement: Statement, code: Concept, around: Around) -> ClinicalFact:
    statuses = PLANS if statement.mood in PLANNED_MOODS else LASTING
    details = [*detail(DetailName.SITE, statement.concept(TARGET_SITE_CODE).text), *nested_details(statement)]
    return _event(statement, FactKind.DEVICE, code, statuses, details, around)


def _devices(statement: Statement) -> list[Concept]:
    found = []
    for participant in statement.each(PARTICIPANT):
        role = child(participant, PARTICIPANT_ROLE)
        if role is None or participant.get("typeCode") not in ("DEV", "PRD"):
            continue
        playing = child(role, PLAYING_DEVICE)
        if playing is None:
            playing = child(role, PLAYING_ENTITY)
        if playing is not None:
            found.append(concept(child(playing, CODE), statement.place.narrative, entity_name(playing)))
    return [each for each in found if each.names or each.codes]


def _details(statement: Statement) -> list[Detail]:
    return [
        *detail(DetailName.SITE, statement.concept(TARGET_SITE_CODE).text),
        *detail(DetailName.SITE, statement.concept(APPROACH_SITE_CODE).text),
        *detail(DetailName.METHOD, statement.concept(METHOD_CODE).text),
        *detail(DetailName.PRIORITY, statement.concept(PRIORITY_CODE).text),
        *nested_details(statement),
    ]


def _locations(statement: Statement) -> list[Detail]:
    details: list[Detail] = []
    for participant in statement.each(PARTICIPANT):
        role = child(participant, PARTICIPANT_ROLE)
        if role is None or participant.get("typeCode") != "LOC":
            continue
        kind = concept(child(role, CODE), statement.place.narrative).text
        details += detail(DetailName.LOCATION, entity_name(child(role, PLAYING_ENTITY)) or kind)
    return details
