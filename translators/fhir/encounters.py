"""Encounter resources: the one that the message is about, and the others as facts."""

from collections.abc import Sequence
from contextlib import suppress

from gateway.clinical import (
    ClinicalFact,
    DetailName,
    Encounter,
    FactKind,
    FactStatus,
    Participant,
)
from gateway.errors import GatewayError
from translators.fhir.bundle import Entry, Graph
from translators.fhir.datatypes import details
from translators.fhir.elements import (
    Concept,
    as_concept,
    child,
    children,
    coding,
    concept,
    concepts,
    string,
    texts_in,
)
from translators.fhir.json_guard import Element
from translators.fhir.patient import name_of, read_identifiers
from translators.fhir.scope import Scope

_STATUS = {
    "planned": ("planned", FactStatus.PLANNED),
    "arrived": ("in-progress", FactStatus.IN_PROGRESS),
    "triaged": ("in-progress", FactStatus.IN_PROGRESS),
    "in-progress": ("in-progress", FactStatus.IN_PROGRESS),
    "onleave": ("in-progress", FactStatus.ON_HOLD),
    "finished": ("finished", FactStatus.COMPLETED),
    "cancelled": ("cancelled", FactStatus.CANCELLED),
}
_UNKNOWN = ("", FactStatus.UNKNOWN)

_ROLES = {  # v3-ParticipationType; anything else as it is displayed
    "ATND": "attending",
    "REF": "referring",
    "CON": "consulting",
    "ADM": "admitting",
    "DIS": "discharging",
    "PPRF": "performer",
    "SPRF": "performer",
    "PART": "participant",
}


def choose_encounter(graph: Graph) -> Entry | None:
    """The Composition's encounter, else one in progress, else the latest that took place."""
    sent = [
        entry for entry in graph.entries if entry.type == "Encounter" and _code(entry) != "entered-in-error"
    ]
    for entry in graph.entries:
        named = _named_by(entry, graph) if entry.type == "Composition" else None
        if named in sent:
            return named
    for wanted in ("in-progress", "finished", "", "planned", "cancelled"):
        fitting = [entry for entry in sent if _STATUS.get(_code(entry), _UNKNOWN)[0] == wanted]
        if fitting:
            return max(fitting, key=_start)
    return None


def _named_by(composition: Entry, graph: Graph) -> Entry | None:
    try:
        return graph.resolve(child(composition.resource, "encounter"), composition)
    except GatewayError:
        return None  # the Composition's own reader says what is wrong with it


def read_encounter(entry: Entry, scope: Scope) -> None:
    resource = entry.resource
    if entry is not scope.encounter:
        return _as_fact(entry, scope)
    start, end = scope.period(entry, resource, "period")
    stay = child(resource, "hospitalization") or {}
    scope.reading.encounter = Encounter(
        visit_numbers=tuple(read_identifiers(resource)),
        encounter_class=_class(resource),
        type=_type(resource),
        status=_STATUS.get(string(resource, "status"), _UNKNOWN)[0],
        start=start,
        end=end,
        location=_location(entry, scope),
        service=concept(resource, "serviceType").text,
        reason=", ".join(_reasons(entry, scope)),
        disposition=concept(stay, "dischargeDisposition").text,
        participants=tuple(_participants(entry, scope)),
        origin=entry.origin,
    )
    scope.narrative(entry, FactStatus.UNKNOWN)
    return None


_USES = {  # diagnosis-role
    "AD": "admission-diagnosis",
    "DD": "discharge-diagnosis",
    "CC": "chief-complaint",
}


def diagnosis_uses(graph: Graph) -> dict[str, str]:
    """The category of each Condition that an Encounter names as a diagnosis, by the Condition's origin."""
    found: dict[str, str] = {}
    for entry in graph.entries:
        if entry.type == "Encounter" and "diagnosis" in entry.resource:
            with suppress(GatewayError):  # the Encounter's own reader says what is wrong with it
                _gather_diagnoses(entry, graph, found)
    return found


def _gather_diagnoses(encounter: Entry, graph: Graph, found: dict[str, str]) -> None:
    for each in children(encounter.resource, "diagnosis"):
        condition = graph.resolve(child(each, "condition"), encounter)
        if condition and condition.type == "Condition":
            uses = [_USES[code.code] for code in concept(each, "use").codes if code.code in _USES]
            found[condition.origin] = uses[0] if uses else "encounter-diagnosis"


def _as_fact(entry: Entry, scope: Scope) -> None:
    resource = entry.resource
    sent = string(resource, "status")
    kind = concepts(resource, "type")
    text = _type(resource) or coding(resource, "class").text
    if sent == "entered-in-error":
        return scope.withdrawn(entry, f"status={sent}", text)
    found = Concept(text or "Encounter", kind[0].codes if kind else ())
    start, end = scope.period(entry, resource, "period")
    scope.add(
        ClinicalFact(
            kind=FactKind.ENCOUNTER,
            text=found.text,
            codes=found.codes,
            time=start,
            end=end,
            status=_STATUS.get(sent, _UNKNOWN)[1],
            status_sent=f"status={sent}" if sent else "",
            category=_class(resource),
            details=(
                *details(DetailName.REASON, _reasons(entry, scope)),
                *details(DetailName.LOCATION, [_location(entry, scope)]),
            ),
            origin=entry.origin,
        )
    )
    return scope.narrative(entry, FactStatus.UNKNOWN)


def _code(entry: Entry) -> str:
    status = entry.resource.get("status")
    return status if type(status) is str else ""


def _start(entry: Entry) -> str:
    period = entry.resource.get("period")
    start = period.get("start") if type(period) is dict else None
    return start if type(start) is str else ""


def _class(resource: Element) -> str:
    """R4 has a Coding here; R5's list of CodeableConcepts is not read, its shape says another version."""
    found = coding(resource, "class")
    return found.codes[0].code if found.codes else found.text


def _type(resource: Element) -> str:
    return next((each.text for each in concepts(resource, "type") if each.text), "")


def _location(entry: Entry, scope: Scope) -> str:
    """Where the patient is or was last: the active location, else the last one listed."""
    listed = children(entry.resource, "location")
    active = [each for each in listed if string(each, "status") == "active"] or listed
    place = child(active[-1], "location") if active else None
    return scope.text_of(place, entry) if place else ""


def _reasons(entry: Entry, scope: Scope) -> list[str]:
    texts = texts_in(entry.resource, "reasonCode")
    texts += scope.texts_of(entry, "reasonReference")
    return list(dict.fromkeys(text for text in texts if text))


def _participants(entry: Entry, scope: Scope) -> Sequence[Participant]:
    found = []
    for each in children(entry.resource, "participant"):
        person = child(each, "individual")
        if person is None:
            continue
        types = [as_concept(kind) for kind in children(each, "type")]
        codes = [code.code for kind in types for code in kind.codes]
        role = next((_ROLES[code] for code in codes if code in _ROLES), types[0].text if types else "")
        found.append(Participant(role=role or "participant", name=name_of(person, entry, scope.graph)))
    return found
