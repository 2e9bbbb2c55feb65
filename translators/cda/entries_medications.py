"""Medications and immunizations: one fact from each substanceAdministration, or supply that stands alone."""

from collections.abc import Iterator

from gateway.clinical import ClinicalFact, Detail, DetailName, FactKind, FactStatus
from translators.cda.datatypes import (
    NO_CONCEPT,
    Concept,
    Quantity,
    bounds,
    code_of,
    concept,
    entity_name,
    quantity,
    text_of,
)
from translators.cda.details import detail, in_order, nested_details
from translators.cda.naming import subject_of
from translators.cda.observed import observed
from translators.cda.roles import Role
from translators.cda.sections import SectionKind
from translators.cda.statement import PLANNED_MOODS, Around, Statement
from translators.cda.status import EVENTS, MEDICATIONS, PLANS
from translators.cda.tags import (
    ADMINISTRATION_UNIT_CODE,
    APPROACH_SITE_CODE,
    CODE,
    CONSUMABLE,
    CRITERION,
    DENOMINATOR,
    DOSE_QUANTITY,
    EFFECTIVE_TIME,
    LABELED_DRUG,
    LOT_NUMBER_TEXT,
    MANUFACTURED_MATERIAL,
    MANUFACTURED_PRODUCT,
    MANUFACTURER_ORGANIZATION,
    MAX_DOSE_QUANTITY,
    NUMERATOR,
    PARTICIPANT,
    PARTICIPANT_ROLE,
    PLAYING_ENTITY,
    PRECONDITION,
    PRODUCT,
    QUANTITY,
    RATE_QUANTITY,
    REPEAT_NUMBER,
    ROUTE_CODE,
    TEXT,
    VALUE,
    Element,
    child,
)
from translators.cda.timing import Timing, timing
from translators.terminology.absence import NONE_OF_KIND

_DRUG_VEHICLE = "412307009"


def medication(statement: Statement, around: Around) -> Iterator[ClinicalFact]:
    """What is or was taken; an intended or ordered one is of category `order`, which is not taken."""
    drug = _product(statement, CONSUMABLE)
    times = _timing(statement)
    planned = statement.mood in PLANNED_MOODS
    in_plan = planned and statement.place.kind in (SectionKind.PLAN, SectionKind.GOALS)
    status, status_sent = statement.sent_status(PLANS if in_plan else MEDICATIONS)
    standing, said = statement.standing()
    if standing is not None:
        status, status_sent = standing.status, said
    subject = subject_of(FactKind.MEDICATION, drug, statement.negated, lambda: _words(statement))
    if subject.text == NONE_OF_KIND[FactKind.MEDICATION] and statement.place.category == "administration":
        subject = subject._replace(text="medications administered")  # none here, not none at home
    yield ClinicalFact(
        kind=FactKind.MEDICATION,
        text=subject.text,
        codes=drug.codes,
        time=times.when.start,
        end=times.when.end,
        status=FactStatus.NOT_DONE if subject.negated else status,
        status_sent=status_sent,
        negated=subject.negated,
        category="order" if planned else statement.place.category or "statement",
        details=in_order((*_medication_details(statement, times, subject.text), *around.details)),
        origin=statement.origin,
    )


def immunization(statement: Statement, around: Around) -> Iterator[ClinicalFact]:
    vaccine = _product(statement, CONSUMABLE)
    times = _timing(statement)
    planned = statement.mood in PLANNED_MOODS
    status, status_sent = statement.sent_status(PLANS if planned else EVENTS)
    subject = subject_of(FactKind.IMMUNIZATION, vaccine, statement.negated, lambda: _words(statement))
    product = child(statement.element, CONSUMABLE, MANUFACTURED_PRODUCT)
    lot = child(product, MANUFACTURED_MATERIAL, LOT_NUMBER_TEXT) if product is not None else None
    maker = child(product, MANUFACTURER_ORGANIZATION) if product is not None else None
    yield ClinicalFact(
        kind=FactKind.IMMUNIZATION,
        text=subject.text,
        codes=vaccine.codes,
        time=times.when.start,
        end=times.when.end,
        status=FactStatus.NOT_DONE if subject.negated else status,
        status_sent=status_sent,
        negated=subject.negated,
        details=in_order(
            (
                *_dosing(statement),
                *detail(DetailName.LOT, text_of(lot, statement.place.narrative)),
                *detail(DetailName.MANUFACTURER, entity_name(maker)),
                *_reactions(statement),
                *nested_details(statement),
                *around.details,
            )
        ),
        origin=statement.origin,
    )


def supply(statement: Statement, around: Around) -> Iterator[ClinicalFact]:
    """A dispense (EVN) or an order to dispense of a drug, where no administration stands around it."""
    drug = _product(statement, PRODUCT)
    times = _timing(statement)
    status, status_sent = statement.sent_status(MEDICATIONS)
    subject = subject_of(FactKind.MEDICATION, drug, statement.negated, lambda: _words(statement))
    yield ClinicalFact(
        kind=FactKind.MEDICATION,
        text=subject.text,
        codes=drug.codes,
        time=times.when.start,
        end=times.when.end,
        status=FactStatus.NOT_DONE if subject.negated else status,
        status_sent=status_sent,
        negated=subject.negated,
        category="order" if statement.mood in PLANNED_MOODS else "dispense",
        details=in_order(
            (
                *detail(DetailName.QUANTITY, _supplied(statement)),
                *nested_details(statement),
                *around.details,
            )
        ),
        origin=statement.origin,
    )


def _product(statement: Statement, holder: str) -> Concept:
    product = child(statement.element, holder, MANUFACTURED_PRODUCT)
    if product is None:
        return NO_CONCEPT
    material = child(product, MANUFACTURED_MATERIAL)
    if material is None:
        material = child(product, LABELED_DRUG)
    if material is None:
        return NO_CONCEPT
    name = entity_name(material)
    code = child(material, CODE)
    return (
        Concept((name,) if name else ()) if code is None else concept(code, statement.place.narrative, name)
    )


def _words(statement: Statement) -> str:
    """In place of a product's name: the free-text sig, which is about nothing else, or the text."""
    sigs = (inner.written() for role, inner in statement.nested() if role is Role.FREE_TEXT_SIG)
    return next((sig for sig in sigs if sig), "") or statement.words()


def _timing(statement: Statement) -> Timing:
    times = timing(statement.each(EFFECTIVE_TIME))
    if times.when.unreadable:
        statement.caution("time-unreadable", "a time of this entry is not a time and was left out")
    return times


def _medication_details(statement: Statement, times: Timing, drug: str) -> list[Detail]:
    details = _dosing(statement)
    needed = _as_needed(statement)
    details += detail(DetailName.FREQUENCY, " ".join(each for each in (times.frequency, needed) if each))
    for role, inner in statement.nested():
        if role is Role.SUPPLY:
            details += detail(DetailName.QUANTITY, _supplied(inner))
    details += detail(DetailName.INSTRUCTIONS, _maximum(statement)) + _vehicle(statement)
    details += nested_details(statement)
    told = {each.name for each in details}
    if not statement.negated and told.isdisjoint(
        (DetailName.DOSE, DetailName.FREQUENCY, DetailName.INSTRUCTIONS)
    ):
        # the narrative of a section read as facts is not read again, so its dose must not be lost
        written = statement.written()
        details += detail(DetailName.INSTRUCTIONS, written if written != drug else "")
    return details


def _dosing(statement: Statement) -> list[Detail]:
    dose = _amount(statement.parts.get(DOSE_QUANTITY))
    rate = _amount(statement.parts.get(RATE_QUANTITY))
    return [
        *detail(DetailName.DOSE, " at ".join(each for each in (dose, rate) if each)),
        *detail(DetailName.FORM, statement.concept(ADMINISTRATION_UNIT_CODE).text),
        *detail(DetailName.ROUTE, statement.concept(ROUTE_CODE).text),
        *detail(DetailName.SITE, statement.concept(APPROACH_SITE_CODE).text),
    ]


def _amount(element: Element | None) -> str:
    """`500 mg`, `1-2 tablet`: an IVL_PQ, which may be a single quantity."""
    if element is None:
        return ""
    text, unit = bounds(element)
    return str(Quantity(text, unit)) if text else ""


def _maximum(statement: Statement) -> str:
    ratio = statement.parts.get(MAX_DOSE_QUANTITY)
    most = quantity(child(ratio, NUMERATOR)) if ratio is not None else None
    within = quantity(child(ratio, DENOMINATOR)) if ratio is not None else None
    if most is None:
        return ""
    return f"maximum {most} in {within}" if within is not None else f"maximum {most}"


def _as_needed(statement: Statement) -> str:
    """The C-CDA precondition for administration: `as needed for joint pain`."""
    criterion = child(statement.element, PRECONDITION, CRITERION)
    if criterion is None:
        return ""
    value, narrative = child(criterion, VALUE), statement.place.narrative
    condition = observed(value, narrative).text if value is not None else ""
    condition = condition or text_of(child(criterion, TEXT), narrative).replace("\n", " ")
    code = child(criterion, CODE)
    if not condition and code_of(code) not in ("", "ASSERTION"):
        condition = concept(code, narrative).text
    return f"as needed for {condition}" if condition else "as needed"


def _vehicle(statement: Statement) -> list[Detail]:
    for participant in statement.each(PARTICIPANT):
        role = child(participant, PARTICIPANT_ROLE)
        entity = child(role, PLAYING_ENTITY) if role is not None else None
        if role is None or entity is None or code_of(child(role, CODE)) != _DRUG_VEHICLE:
            continue
        vehicle = concept(child(entity, CODE), statement.place.narrative, entity_name(entity)).text
        return detail(DetailName.INSTRUCTIONS, f"in {vehicle}" if vehicle else "")
    return []


def _supplied(statement: Statement) -> str:
    """`30 tablet, fills: 2` of an order, `dispensed 30 tablet` of a dispense."""
    amount = quantity(statement.parts.get(QUANTITY))
    if statement.mood not in PLANNED_MOODS:
        return f"dispensed {amount}" if amount is not None else ""
    fills = quantity(statement.parts.get(REPEAT_NUMBER))
    said = (str(amount) if amount is not None else "", f"fills: {fills.value}" if fills is not None else "")
    return ", ".join(each for each in said if each)


def _reactions(statement: Statement) -> list[Detail]:
    details: list[Detail] = []
    for role, inner in statement.nested():
        if role in (Role.REACTION, Role.AFTER):
            text = inner.concept(VALUE).text or inner.written()
            details += detail(DetailName.REACTION, f"no {text}" if text and inner.negated else text)
    return details
