"""Medication orders, statements, administrations and dispenses. Ordered is never taken for given or taken."""

from collections.abc import Sequence

from gateway.clinical import ClinicalFact, Code, Detail, DetailName, FactKind, FactStatus
from translators.fhir.bundle import Entry
from translators.fhir.datatypes import (
    comments,
    detail,
    details,
    dosage_details,
    measure_text,
    quantity_text,
    ratio_text,
)
from translators.fhir.elements import (
    NOTHING,
    Concept,
    boolean,
    child,
    children,
    concept,
    string,
    texts_in,
    words,
)
from translators.fhir.json_guard import Element
from translators.fhir.scope import Scope, StatusTable

_REQUEST = {  # medicationrequest-status
    "active": FactStatus.ACTIVE,
    "on-hold": FactStatus.ON_HOLD,
    "cancelled": FactStatus.CANCELLED,
    "completed": FactStatus.COMPLETED,
    "stopped": FactStatus.STOPPED,
    "draft": FactStatus.PLANNED,
}

_STATEMENT = {  # medication-statement-status
    "active": FactStatus.ACTIVE,
    "completed": FactStatus.COMPLETED,
    "intended": FactStatus.PLANNED,
    "stopped": FactStatus.STOPPED,
    "on-hold": FactStatus.ON_HOLD,
    "not-taken": FactStatus.NOT_DONE,
}

_ADMINISTRATION = {  # medication-admin-status
    "in-progress": FactStatus.IN_PROGRESS,
    "not-done": FactStatus.NOT_DONE,
    "on-hold": FactStatus.ON_HOLD,
    "completed": FactStatus.COMPLETED,
    "stopped": FactStatus.STOPPED,
}

_DISPENSE = {  # medicationdispense-status
    "preparation": FactStatus.PLANNED,
    "in-progress": FactStatus.IN_PROGRESS,
    "cancelled": FactStatus.CANCELLED,
    "on-hold": FactStatus.ON_HOLD,
    "completed": FactStatus.COMPLETED,
    "stopped": FactStatus.STOPPED,
    "declined": FactStatus.NOT_DONE,
}

_NOT_YET_ORDERED = frozenset({"proposal", "plan"})


def read_medication_request(entry: Entry, scope: Scope) -> None:
    resource = entry.resource
    dosages = children(resource, "dosageInstruction")
    dispense = child(resource, "dispenseRequest") or {}
    start, end = _bounds(entry, dosages, scope)
    is_proposed = string(resource, "intent") in _NOT_YET_ORDERED
    _add(
        entry,
        scope,
        category="order",
        table=_REQUEST | {"active": FactStatus.PLANNED} if is_proposed else _REQUEST,
        negated=bool(boolean(resource, "doNotPerform")),
        time=start or scope.date(entry, resource, "authoredOn"),
        end=end,
        about=(
            *dosage_details(dosages),
            *detail(DetailName.QUANTITY, quantity_text(child(dispense, "quantity"))),
            *detail(DetailName.PRIORITY, string(resource, "priority")),
        ),
    )


def read_medication_statement(entry: Entry, scope: Scope) -> None:
    start, end = scope.time(entry, "effective")
    dosages = dosage_details(children(entry.resource, "dosage"))
    _add(entry, scope, category="statement", table=_STATEMENT, time=start, end=end, about=dosages)


def read_medication_administration(entry: Entry, scope: Scope) -> None:
    start, end = scope.time(entry, "effective")
    given = child(entry.resource, "dosage") or {}
    rate = measure_text(given, "rate")
    dose = " at ".join(part for part in (quantity_text(child(given, "dose")), rate) if part)
    about = (
        *detail(DetailName.DOSE, dose),
        *detail(DetailName.ROUTE, concept(given, "route").text),
        *detail(DetailName.SITE, concept(given, "site").text),
        *detail(DetailName.METHOD, concept(given, "method").text),
        *detail(DetailName.INSTRUCTIONS, words(given, "text")),
    )
    _add(entry, scope, category="administration", table=_ADMINISTRATION, time=start, end=end, about=about)


def read_medication_dispense(entry: Entry, scope: Scope) -> None:
    resource = entry.resource
    about = (
        *dosage_details(children(resource, "dosageInstruction")),
        *detail(DetailName.QUANTITY, quantity_text(child(resource, "quantity"))),
    )
    handed_over = scope.date(entry, resource, "whenHandedOver")
    time = handed_over or scope.date(entry, resource, "whenPrepared")
    _add(entry, scope, category="dispense", table=_DISPENSE, time=time, about=about)


def _add(
    entry: Entry,
    scope: Scope,
    *,
    category: str,
    table: StatusTable,
    about: tuple[Detail, ...],
    time: str = "",
    end: str = "",
    negated: bool = False,
) -> None:
    resource = entry.resource
    sent = string(resource, "status")
    drug, product = _drug(entry, scope)
    if sent == "entered-in-error":
        return scope.withdrawn(entry, f"status={sent}", drug.text)
    if "medicationReference" in resource and _product_is_wrong(entry, scope):
        return scope.withdrawn(entry, "Medication.status=entered-in-error", drug.text)
    status = table.get(sent, FactStatus.UNKNOWN)
    is_denied = negated or status is FactStatus.NOT_DONE
    stated = scope.stated(entry, FactKind.MEDICATION, drug, is_denied, "medication")
    if stated is None:
        return None
    scope.add(
        ClinicalFact(
            kind=FactKind.MEDICATION,
            text=stated[0],
            codes=drug.codes,
            time=time,
            end=end,
            status=status,
            status_sent=", ".join(_said_of_status(resource, sent)),
            negated=stated[1],
            category=category,
            details=(*product, *about, *_reasons(entry, scope), *comments(resource)),
            origin=entry.origin,
        )
    )
    return scope.narrative(entry, status)


def _said_of_status(resource: Element, sent: str) -> list[str]:
    said = [f"status={sent}"] if sent else []
    intent = string(resource, "intent")
    if intent in _NOT_YET_ORDERED:
        said.append(f"intent={intent}")
    if resource.get("doNotPerform"):
        said.append("doNotPerform=true")
    return said


def _drug(entry: Entry, scope: Scope) -> tuple[Concept, tuple[Detail, ...]]:
    """The drug, and the strength and form that its Medication resource gives."""
    resource = entry.resource
    inline = concept(resource, "medicationCodeableConcept")
    reference = child(resource, "medicationReference")
    if inline.text or reference is None:
        return inline, ()
    target = scope.graph.resolve(reference, entry)
    if target is None or target.type != "Medication":
        return Concept(words(reference, "display")), ()
    product = target.resource
    ingredients = children(product, "ingredient")
    found = concept(product, "code")
    if not found.text:
        found = _of_ingredients(ingredients) if ingredients else Concept(words(reference, "display"))
    strengths = [ratio_text(child(each, "strength")) for each in ingredients]
    return found, (
        *details(DetailName.STRENGTH, strengths),
        *detail(DetailName.FORM, concept(product, "form").text),
    )


def _product_is_wrong(entry: Entry, scope: Scope) -> bool:
    """The Medication that it points to was entered in error: which drug is meant is not known."""
    reference = child(entry.resource, "medicationReference")
    target = None if reference is None else scope.graph.resolve(reference, entry)
    return target is not None and string(target.resource, "status") == "entered-in-error"


def _of_ingredients(ingredients: Sequence[Element]) -> Concept:
    named = [concept(each, "itemCodeableConcept") for each in ingredients]
    codes: list[Code] = [code for each in named for code in each.codes]
    return Concept(" + ".join(each.text for each in named if each.text), tuple(codes)) if named else NOTHING


def _bounds(entry: Entry, dosages: Sequence[Element], scope: Scope) -> tuple[str, str]:
    """Start of the first and end of the last dosage that say so."""
    spans = []
    for dosage in dosages:
        timing = child(dosage, "timing")
        repeat = child(timing, "repeat") if timing else None
        if repeat and "boundsPeriod" in repeat:
            spans.append(scope.period(entry, repeat, "boundsPeriod"))
    if not spans:
        return "", ""
    starts, ends = [start for start, _ in spans if start], [end for _, end in spans if end]
    return min(starts, default=""), max(ends, default="")


_REASONS = frozenset({"statusReason", "statusReasonCodeableConcept", "reasonCode", "reasonReference"})


def _reasons(entry: Entry, scope: Scope) -> tuple[Detail, ...]:
    resource = entry.resource
    if _REASONS.isdisjoint(resource):
        return ()
    status_reason = resource.get("statusReason")
    sent = texts_in(resource, "reasonCode") + scope.texts_of(entry, "reasonReference")
    if type(status_reason) is dict:
        sent.append(concept(resource, "statusReason").text)
    elif status_reason is not None:
        sent += texts_in(resource, "statusReason")
    sent.append(concept(resource, "statusReasonCodeableConcept").text)
    return details(DetailName.REASON, dict.fromkeys(sent))
