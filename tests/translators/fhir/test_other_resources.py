"""Procedures, immunizations, devices, plans, orders, appointments, answers, impressions, flags."""

from typing import Any

import pytest

from gateway.clinical import FactKind, FactStatus, UnreadReason
from tests.translators.fhir.exchange import (
    Json,
    coded,
    details_of,
    only_fact,
    only_unread,
    read,
    reading_of,
)

BARE: dict[str, Json] = {  # the least that makes a fact of each
    "Appointment": {"serviceType": [coded("Cardiology")]},
    "CarePlan": {"title": "Diabetes plan"},
    "ClinicalImpression": {"finding": [{"itemCodeableConcept": coded("Sepsis")}]},
    "Condition": {"code": coded("Asthma")},
    "Device": {"type": coded("Pacemaker"), "patient": {"reference": "Patient/1"}},
    "DeviceUseStatement": {"device": {"display": "Walker"}},
    "Encounter": {},
    "FamilyMemberHistory": {"condition": [{"code": coded("Asthma")}]},
    "Flag": {"code": coded("Fall risk")},
    "Goal": {"description": coded("Walk 1 km")},
    "Immunization": {"vaccineCode": coded("Influenza")},
    "Procedure": {"code": coded("Appendectomy")},
    "QuestionnaireResponse": {"item": [{"linkId": "1", "text": "Q", "answer": [{"valueInteger": 1}]}]},
    "ServiceRequest": {"code": coded("Chest X-ray")},
    "Specimen": {"type": coded("Urine")},
}
STATUS_ELEMENT = {"Goal": "lifecycleStatus", "Condition": "verificationStatus"}


def resource(kind: str, **elements: Any) -> Json:
    return {"resourceType": kind} | BARE[kind] | elements


@pytest.mark.parametrize("kind", BARE)
def test_what_was_entered_in_error_is_no_fact(kind: str) -> None:
    withdrawn = resource(kind, **{STATUS_ELEMENT.get(kind, "status"): "entered-in-error"})
    reading = reading_of(withdrawn, {"resourceType": "Encounter", "id": "now", "status": "in-progress"})
    assert not reading.facts
    assert [each.reason for each in reading.unread] == [UnreadReason.WITHDRAWN]


@pytest.mark.parametrize("kind", [kind for kind in BARE if kind != "Encounter"])
def test_nothing_is_assumed_of_a_status_that_is_not_sent(kind: str) -> None:
    fact = only_fact(resource(kind))
    assert (fact.status, fact.status_sent, fact.negated) == (FactStatus.UNKNOWN, "", False)


STATUS = {
    ("Procedure", "preparation"): (FactStatus.PLANNED, False),
    ("Procedure", "completed"): (FactStatus.COMPLETED, False),
    ("Procedure", "not-done"): (FactStatus.NOT_DONE, True),
    ("Procedure", "stopped"): (FactStatus.STOPPED, False),
    ("Immunization", "completed"): (FactStatus.COMPLETED, False),
    ("Immunization", "not-done"): (FactStatus.NOT_DONE, True),
    ("DeviceUseStatement", "active"): (FactStatus.ACTIVE, False),
    ("Device", "inactive"): (FactStatus.INACTIVE, False),
    ("CarePlan", "revoked"): (FactStatus.CANCELLED, False),
    ("CarePlan", "draft"): (FactStatus.PLANNED, False),
    ("ServiceRequest", "active"): (FactStatus.ACTIVE, False),
    ("ServiceRequest", "revoked"): (FactStatus.CANCELLED, False),
    ("Appointment", "booked"): (FactStatus.PLANNED, False),
    ("Appointment", "noshow"): (FactStatus.NOT_DONE, True),
    ("Appointment", "fulfilled"): (FactStatus.COMPLETED, False),
    ("QuestionnaireResponse", "amended"): (FactStatus.CORRECTED, False),
    ("Flag", "inactive"): (FactStatus.INACTIVE, False),
}


@pytest.mark.parametrize(("kind", "code"), STATUS)
def test_status_is_mapped_by_the_types_own_table(kind: str, code: str) -> None:
    fact = only_fact(resource(kind, status=code))
    assert (fact.status, fact.negated, fact.status_sent) == (*STATUS[kind, code], f"status={code}")


def test_a_procedure_with_everything() -> None:
    fact = only_fact(
        resource(
            "Procedure",
            status="completed",
            performedPeriod={"start": "2026-03-01T08:00:00Z", "end": "2026-03-01T09:10:00Z"},
            bodySite=[coded("abdomen")],
            reasonCode=[coded("Appendicitis")],
            outcome=coded("successful"),
            complication=[coded("bleeding")],
            followUp=[coded("remove stitches")],
        )
    )
    assert (fact.kind, fact.time, fact.end) == (
        FactKind.PROCEDURE,
        "2026-03-01T08:00:00Z",
        "2026-03-01T09:10:00Z",
    )
    assert details_of(fact) == [
        ("site", "abdomen"),
        ("reason", "Appendicitis"),
        ("outcome", "successful"),
        ("outcome", "complication: bleeding"),
        ("instructions", "remove stitches"),
    ]


def test_a_refused_vaccine_is_negated_with_its_reason() -> None:
    fact = only_fact(resource("Immunization", status="not-done", statusReason=coded("patient objection")))
    assert (fact.negated, fact.status) == (True, FactStatus.NOT_DONE)
    assert details_of(fact) == [("reason", "patient objection")]


def test_an_immunization_with_everything() -> None:
    fact = only_fact(
        resource(
            "Immunization",
            status="completed",
            occurrenceDateTime="2025-10-01",
            doseQuantity={"value": 0.5, "code": "mL"},
            route=coded("IM"),
            site=coded("left arm"),
            lotNumber="AB12",
            manufacturer={"display": "Acme"},
            isSubpotent=True,
            subpotentReason=[coded("partial dose")],
            protocolApplied=[{"doseNumberPositiveInt": 2, "seriesDosesPositiveInt": 3}],
        )
    )
    assert (fact.kind, fact.time) == (FactKind.IMMUNIZATION, "2025-10-01")
    assert details_of(fact) == [
        ("dose", "0.5 mL"),
        ("route", "IM"),
        ("site", "left arm"),
        ("lot", "AB12"),
        ("manufacturer", "Acme"),
        ("comment", "dose 2 of 3"),
        ("comment", "sub-potent dose: partial dose"),
    ]


def test_an_immunization_whose_date_is_an_extension_only_is_read() -> None:
    absent = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason"}]}
    assert only_fact(resource("Immunization", _occurrenceDateTime=absent)).time == ""


def test_a_device_used_by_the_patient_is_one_fact() -> None:
    device = resource("Device", id="d", manufacturer="Acme", serialNumber="SN-1")
    use = resource("DeviceUseStatement", id="u", status="active", device={"reference": "Device/d"})
    reading = reading_of(device, use, {"resourceType": "Patient", "id": "1"})
    assert [(fact.text, details_of(fact)) for fact in reading.facts] == [
        ("Pacemaker", [("manufacturer", "Acme")])
    ]
    assert "SN-1" not in repr(reading)


def test_a_device_without_a_patient_is_somebodys_equipment() -> None:
    assert not read({"resourceType": "Device", "type": coded("CT scanner")}).reading.facts


def test_no_known_devices_is_a_negated_fact() -> None:
    none = {"resourceType": "Device", "id": "d", "type": coded("", "no-known-devices")}
    use = resource("DeviceUseStatement", device={"reference": "#d"}, contained=[none])
    fact = only_fact(use)
    assert (fact.text, fact.negated) == ("known devices", True)


def test_the_activities_of_a_plan_are_facts_of_the_plan() -> None:
    plan = resource(
        "CarePlan",
        status="active",
        period={"start": "2026-01-01"},
        addresses=[{"display": "Diabetes"}],
        activity=[
            {"detail": {"code": coded("Diet"), "status": "in-progress", "description": "1800 kcal"}},
            {"detail": {"description": "Smoking", "status": "not-started", "doNotPerform": True}},
            {"detail": {"code": coded("Insulin"), "status": "entered-in-error"}},
            {"reference": {"reference": "ServiceRequest/1"}},
        ],
    )
    reading = read(plan).reading
    assert [(fact.text, fact.group, fact.status, fact.negated) for fact in reading.facts] == [
        ("Diabetes plan", "", FactStatus.ACTIVE, False),
        ("Diet", "Diabetes plan", FactStatus.IN_PROGRESS, False),
        ("Smoking", "Diabetes plan", FactStatus.PLANNED, True),
    ]
    assert details_of(reading.facts[0]) == [("reason", "Diabetes")]
    assert [(each.origin, each.reason) for each in reading.unread] == [
        ("CarePlan.activity[2]", UnreadReason.WITHDRAWN)
    ]


def test_a_goal_has_its_target() -> None:
    fact = only_fact(
        resource(
            "Goal",
            lifecycleStatus="active",
            achievementStatus=coded("in progress"),
            target=[
                {
                    "measure": coded("HbA1c"),
                    "detailQuantity": {"value": 7.0, "code": "%"},
                    "dueDate": "2026-09-01",
                }
            ],
        )
    )
    assert (fact.value, fact.unit, fact.end) == ("7.0", "%", "2026-09-01")
    assert details_of(fact) == [("method", "HbA1c"), ("outcome", "in progress")]


def test_several_targets_of_a_goal_are_told_apart() -> None:
    targets = [
        {"measure": coded("Weight"), "detailRange": {"high": {"value": 80, "code": "kg"}}},
        {"measure": coded("HbA1c"), "detailString": "below 7", "dueDate": "2026-09-01"},
    ]
    fact = only_fact(resource("Goal", target=targets))
    assert details_of(fact) == [
        ("instructions", "target: Weight <=80 kg"),
        ("instructions", "target: HbA1c below 7 by 2026-09-01"),
    ]


def test_an_order_with_everything() -> None:
    fact = only_fact(
        resource(
            "ServiceRequest",
            status="active",
            intent="order",
            priority="stat",
            authoredOn="2026-03-14",
            occurrenceDateTime="2026-03-15",
            orderDetail=[coded("portable")],
            bodySite=[coded("chest")],
            reasonCode=[coded("cough")],
            patientInstruction="fast from midnight",
        )
    )
    assert (fact.kind, fact.time, fact.category) == (FactKind.ORDER, "2026-03-15", "order")
    assert details_of(fact) == [
        ("priority", "stat"),
        ("instructions", "portable"),
        ("instructions", "fast from midnight"),
        ("site", "chest"),
        ("reason", "cough"),
    ]


@pytest.mark.parametrize("intent", ["plan", "proposal"])
def test_a_plan_is_not_an_order_yet(intent: str) -> None:
    assert only_fact(resource("ServiceRequest", status="active", intent=intent)).status is FactStatus.PLANNED


def test_a_forbidden_service_is_negated() -> None:
    fact = only_fact(resource("ServiceRequest", status="active", doNotPerform=True))
    assert (fact.negated, fact.status_sent) == (True, "status=active, doNotPerform=true")


@pytest.mark.parametrize("text", ["Do not resuscitate", "No CPR: Do Not Attempt Resuscitation"])
def test_a_forbidden_denial_is_not_guessed_at(text: str) -> None:
    order = resource("ServiceRequest", code=coded(text))
    assert not only_fact(order).negated
    assert only_unread(order | {"doNotPerform": True}).reason is UnreadReason.INVALID


def test_a_portable_medical_order_is_a_directive() -> None:
    order = resource("ServiceRequest", category=[{"coding": [{"code": "PMO"}]}])
    assert only_fact(order).kind is FactKind.DIRECTIVE


def test_an_appointment_says_when_and_where() -> None:
    fact = only_fact(
        resource(
            "Appointment",
            status="booked",
            start="2026-04-01T09:00:00Z",
            end="2026-04-01T09:30:00Z",
            participant=[
                {"actor": {"reference": "Patient/1"}},
                {"actor": {"reference": "Location/3", "display": "Clinic B"}},
            ],
            reasonCode=[coded("follow-up")],
        )
    )
    assert (fact.time, fact.end) == ("2026-04-01T09:00:00Z", "2026-04-01T09:30:00Z")
    assert details_of(fact) == [("location", "Clinic B"), ("reason", "follow-up")]


def test_every_answered_question_is_a_fact() -> None:
    response = resource(
        "QuestionnaireResponse",
        authored="2026-03-01",
        _questionnaire={
            "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/display", "valueString": "PHQ-9"}]
        },
        item=[
            {"linkId": "1", "text": "Sleep", "answer": [{"valueCoding": {"code": "a", "display": "poor"}}]},
            {
                "linkId": "2",
                "text": "Symptoms",
                "item": [
                    {"linkId": "2.1", "text": "Pain", "answer": [{"valueBoolean": True}]},
                    {"linkId": "2.2", "text": "Fever"},
                ],
            },
            {
                "linkId": "3",
                "text": "Smokes",
                "answer": [
                    {
                        "valueBoolean": True,
                        "item": [
                            {"linkId": "3.1", "text": "Packs", "answer": [{"valueQuantity": {"value": 1.5}}]}
                        ],
                    }
                ],
            },
            {"linkId": "4", "answer": [{"valueString": "A"}, {"valueString": "B"}]},
        ],
    )
    facts = read(response).reading.facts
    assert [
        (fact.text, fact.value, fact.group, fact.origin.removeprefix("QuestionnaireResponse."))
        for fact in facts
    ] == [
        ("Sleep", "poor", "PHQ-9", "item[0]"),
        ("Pain", "true", "Symptoms", "item[1].item[0]"),
        ("Smokes", "true", "PHQ-9", "item[2]"),
        ("Packs", "1.5", "PHQ-9", "item[2].answer[0].item[0]"),
        ("4", "A; B", "PHQ-9", "item[3]"),
    ]
    assert {fact.time for fact in facts} == {"2026-03-01"}


def test_a_clinical_impression_is_notes_and_findings() -> None:
    impression = {
        "resourceType": "ClinicalImpression",
        "status": "completed",
        "date": "2026-03-14",
        "summary": "Likely sepsis.",
        "finding": [{"itemCodeableConcept": coded("Sepsis"), "basis": "lactate 4"}],
        "prognosisCodeableConcept": [coded("guarded")],
        "note": [{"text": "Reassess at noon."}],
    }
    reading = read(impression).reading
    assert [(note.text, note.origin) for note in reading.notes] == [
        ("Likely sepsis.", "ClinicalImpression.summary"),
        ("Reassess at noon.", "ClinicalImpression.note[0]"),
    ]
    assert [(fact.text, fact.category, details_of(fact)) for fact in reading.facts] == [
        ("Sepsis", "finding", [("reason", "lactate 4")]),
        ("guarded", "prognosis", []),
    ]


def test_a_flag_is_an_alert() -> None:
    fact = only_fact(resource("Flag", status="active", period={"start": "2026-03-01"}))
    assert (fact.kind, fact.category, fact.time) == (FactKind.OTHER, "alert", "2026-03-01")
