"""Which encounter a message is about, and what is said of it."""

from typing import Any

import pytest

from gateway.clinical import FactKind, FactStatus, UnreadReason
from tests.translators.fhir.exchange import Json, coded, details_of, read, reading_of


def encounter(name: str, status: str | None = "finished", start: str = "2026-01-01", **elements: Any) -> Json:
    made = {"resourceType": "Encounter", "id": name, "type": [coded(name)], "period": {"start": start}}
    return made | ({"status": status} if status else {}) | elements


CHOSEN = {
    "the one in progress": (
        [encounter("a"), encounter("b", "in-progress"), encounter("c", start="2027")],
        "b",
    ),
    "arrived counts as in progress": ([encounter("a"), encounter("b", "arrived")], "b"),
    "the latest": ([encounter("a", start="2026-02-01"), encounter("b", start="2026-01-01")], "a"),
    "not a planned one": ([encounter("a"), encounter("b", "planned", start="2030")], "a"),
    "not a cancelled one": ([encounter("a"), encounter("b", "cancelled", start="2030")], "a"),
    "a planned one if there is no other": ([encounter("a", "planned")], "a"),
    "without status": ([encounter("a", None), encounter("b", "planned")], "a"),
    "not one entered in error": ([encounter("a"), encounter("b", "entered-in-error", start="2030")], "a"),
}


@pytest.mark.parametrize("case", CHOSEN)
def test_the_encounter_is(case: str) -> None:
    encounters, chosen = CHOSEN[case]
    found = reading_of(*encounters).encounter
    assert found and found.type == chosen


def test_the_encounter_of_the_composition_comes_first() -> None:
    document = {"resourceType": "Composition", "encounter": {"reference": "Encounter/a"}}
    found = reading_of(document, encounter("a"), encounter("b", "in-progress")).encounter
    assert found and found.type == "a"


def test_all_others_are_facts() -> None:
    past = encounter(
        "Check-up", start="2020-05-01", reasonCode=[coded("annual")], **{"class": {"code": "AMB"}}
    )
    reading = reading_of(past, encounter("now"))
    (fact,) = reading.facts
    assert (fact.kind, fact.text, fact.time, fact.status, fact.category) == (
        FactKind.ENCOUNTER,
        "Check-up",
        "2020-05-01",
        FactStatus.COMPLETED,
        "AMB",
    )
    assert details_of(fact) == [("reason", "annual")]


def test_an_encounter_with_everything() -> None:
    doctor = {"resourceType": "Practitioner", "id": "d", "name": [{"family": "Bone", "given": ["Ronald"]}]}
    ward = {"resourceType": "Location", "id": "w", "name": "Ward 5"}
    stay = encounter(
        "Inpatient stay",
        "in-progress",
        "2026-03-10T08:00:00Z",
        identifier=[{"system": "urn:visits", "value": "V1"}],
        serviceType=coded("Cardiology"),
        reasonCode=[coded("chest pain")],
        reasonReference=[{"reference": "Condition/c"}],
        hospitalization={"dischargeDisposition": coded("home")},
        location=[
            {"location": {"display": "ER"}, "status": "completed"},
            {"location": {"reference": "Location/w"}, "status": "active"},
        ],
        participant=[
            {"type": [{"coding": [{"code": "ATND"}]}], "individual": {"reference": "Practitioner/d"}},
            {"individual": {"display": "Nurse Joy"}},
            {"type": [coded("translator")], "individual": {"display": "A Person"}},
        ],
        **{"class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"}},
    )
    cause = {"resourceType": "Condition", "id": "c", "code": coded("angina")}
    found = reading_of(stay, doctor, ward, cause).encounter
    assert found is not None
    assert (found.encounter_class, found.type, found.status, found.start) == (
        "IMP",
        "Inpatient stay",
        "in-progress",
        "2026-03-10T08:00:00Z",
    )
    assert (found.service, found.reason, found.disposition, found.location) == (
        "Cardiology",
        "chest pain, angina",
        "home",
        "Ward 5",
    )
    assert [each.value for each in found.visit_numbers] == ["V1"]
    assert [(each.role, each.name.family or each.name.text) for each in found.participants] == [
        ("attending", "Bone"),
        ("participant", "Nurse Joy"),
        ("translator", "A Person"),
    ]
    assert found.origin == "Bundle.entry[0].resource"


def test_a_single_encounter_is_content_enough() -> None:
    assert not read(encounter("a")).reading.is_empty()


def test_the_class_of_r5_is_another_version() -> None:
    reading = read(encounter("a", **{"class": [coded("inpatient")]})).reading
    assert reading.encounter is None
    assert [each.reason for each in reading.unread] == [UnreadReason.INVALID]
