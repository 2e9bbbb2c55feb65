"""ServiceRequest and Appointment: what was ordered, forbidden or booked."""

from gateway.clinical import ClinicalFact, DetailName, FactKind, FactStatus
from gateway.errors import ErrorKind, GatewayError
from translators.fhir.bundle import Entry
from translators.fhir.datatypes import comments, detail, details, measure_text, timing_text
from translators.fhir.elements import (
    NOTHING,
    Concept,
    boolean,
    child,
    children,
    codes_in,
    concept,
    concepts,
    string,
    texts_in,
    words,
)
from translators.fhir.json_guard import Element
from translators.fhir.scope import Scope

REQUEST_STATUS = {  # request-status
    "draft": FactStatus.PLANNED,
    "active": FactStatus.ACTIVE,
    "on-hold": FactStatus.ON_HOLD,
    "revoked": FactStatus.CANCELLED,
    "completed": FactStatus.COMPLETED,
}

_APPOINTMENT = {  # appointmentstatus
    "proposed": FactStatus.PLANNED,
    "pending": FactStatus.PLANNED,
    "booked": FactStatus.PLANNED,
    "waitlist": FactStatus.PLANNED,
    "arrived": FactStatus.IN_PROGRESS,
    "checked-in": FactStatus.IN_PROGRESS,
    "fulfilled": FactStatus.COMPLETED,
    "cancelled": FactStatus.CANCELLED,
    "noshow": FactStatus.NOT_DONE,
}

_NOT_YET_ORDERED = frozenset({"proposal", "plan"})
_DIRECTIVES = frozenset({"PMO", "42348-3", "100822-6"})
"""Categories of portable medical orders and advance directives."""
_DENIALS = ("no ", "not ", "do not ", "don't ", "without ", "never ")


def read_service_request(entry: Entry, scope: Scope) -> None:
    resource = entry.resource
    code = concept(resource, "code")
    if not code.text:
        code = next((each for each in concepts(resource, "orderDetail") if each.text), NOTHING)
    sent = string(resource, "status")
    if sent == "entered-in-error":
        return scope.withdrawn(entry, f"status={sent}", code.text)
    if scope.stated(entry, FactKind.ORDER, code, False) is None:
        return None
    negated = is_forbidden(resource, code.text)
    status = REQUEST_STATUS.get(sent, FactStatus.UNKNOWN)
    if status is FactStatus.ACTIVE and string(resource, "intent") in _NOT_YET_ORDERED:
        status = FactStatus.PLANNED
    start, end = scope.time(entry, "occurrence")
    is_directive = _DIRECTIVES.intersection(codes_in(resource, "category"))
    ordered = [each.text for each in concepts(resource, "orderDetail") if each.text != code.text]
    reasons = texts_in(resource, "reasonCode")
    scope.add(
        ClinicalFact(
            kind=FactKind.DIRECTIVE if is_directive else FactKind.ORDER,
            text=code.text,
            codes=code.codes,
            time=start or scope.date(entry, resource, "authoredOn"),
            end=end,
            status=status,
            status_sent=status_said(sent, negated),
            negated=negated,
            category="order",
            details=(
                *detail(DetailName.PRIORITY, string(resource, "priority")),
                *details(DetailName.INSTRUCTIONS, ordered),
                *detail(DetailName.INSTRUCTIONS, words(resource, "patientInstruction")),
                *detail(DetailName.QUANTITY, measure_text(resource, "quantity")),
                *detail(DetailName.FREQUENCY, timing_text(child(resource, "occurrenceTiming"))),
                *details(DetailName.SITE, texts_in(resource, "bodySite")),
                *details(
                    DetailName.REASON, dict.fromkeys([*reasons, *scope.texts_of(entry, "reasonReference")])
                ),
                *comments(resource),
            ),
            origin=entry.origin,
        )
    )
    return scope.narrative(entry, status)


def read_appointment(entry: Entry, scope: Scope) -> None:
    resource = entry.resource
    service = next((each for each in concepts(resource, "serviceType") if each.text), NOTHING)
    kind = concept(resource, "appointmentType")
    found = service if service.text else kind
    if not found.text:
        found = Concept(words(resource, "description") or "Appointment")
    sent = string(resource, "status")
    if sent == "entered-in-error":
        return scope.withdrawn(entry, f"status={sent}", found.text)
    status = _APPOINTMENT.get(sent, FactStatus.UNKNOWN)
    actors = [child(each, "actor") or {} for each in children(resource, "participant")]
    places = [scope.text_of(each, entry) for each in actors if "Location/" in string(each, "reference")]
    reasons = texts_in(resource, "reasonCode")
    described = words(resource, "description")
    scope.add(
        ClinicalFact(
            kind=FactKind.APPOINTMENT,
            text=found.text,
            codes=found.codes,
            time=scope.date(entry, resource, "start"),
            end=scope.date(entry, resource, "end"),
            status=status,
            status_sent=f"status={sent}" if sent else "",
            negated=status is FactStatus.NOT_DONE,
            details=(
                *details(DetailName.LOCATION, places),
                *details(
                    DetailName.REASON, dict.fromkeys([*reasons, *scope.texts_of(entry, "reasonReference")])
                ),
                *detail(DetailName.REASON, concept(resource, "cancelationReason").text),
                *detail(DetailName.INSTRUCTIONS, words(resource, "patientInstruction")),
                *detail(DetailName.COMMENT, described if described != found.text else ""),
                *detail(DetailName.COMMENT, words(resource, "comment")),
            ),
            origin=entry.origin,
        )
    )
    return scope.narrative(entry, status)


def is_forbidden(resource: Element, text: str) -> bool:
    """`doNotPerform`. Raises `GatewayError` where it forbids what its own words already deny."""
    if not boolean(resource, "doNotPerform"):
        return False
    if text.lower().startswith(_DENIALS):
        public = "doNotPerform stands with words that deny it already"
        raise GatewayError(ErrorKind.INVALID_VALUE, public=public)
    return True


def status_said(sent: str, negated: bool) -> str:
    return ", ".join([*([f"status={sent}"] if sent else []), *(["doNotPerform=true"] if negated else [])])
