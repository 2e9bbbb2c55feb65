"""Conditions, allergies, family history: negation and status above all."""

from typing import Any

import pytest

from gateway.clinical import Certainty, FactKind, FactStatus, UnreadReason
from tests.translators.fhir.exchange import Json, coded, details_of, only_fact, only_unread, read, reading_of
from translators.fhir.modifiers import EXPOSURE_RISK

SNOMED = "http://snomed.info/sct"
ABSENT = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"


def condition(name: str = "Asthma", **elements: Any) -> Json:
    return {"resourceType": "Condition", "code": coded(name)} | elements


def allergy(name: str = "Penicillin", **elements: Any) -> Json:
    return {"resourceType": "AllergyIntolerance", "code": coded(name)} | elements


def in_system(code: str) -> Json:
    return {"coding": [{"code": code}]}


def test_a_condition_with_everything() -> None:
    fact = only_fact(
        condition(
            code={
                "text": "Type 2  diabetes",
                "coding": [
                    {"system": "http://snomed.info/sct", "code": "44054006", "display": "Diabetes type 2"},
                    {"system": "urn:oid:2.16.840.1.113883.6.90", "code": "E11.9"},
                ],
            },
            clinicalStatus=in_system("active"),
            verificationStatus=in_system("confirmed"),
            category=[in_system("problem-list-item")],
            severity=coded("moderate"),
            bodySite=[coded("pancreas")],
            onsetDateTime="2019-05",
            note=[{"text": "diet\n only"}],
        )
    )
    assert (fact.kind, fact.text, fact.time, fact.category) == (
        FactKind.CONDITION,
        "Type 2 diabetes",
        "2019-05",
        "problem-list",
    )
    assert [(code.system, code.code) for code in fact.codes] == [
        (SNOMED, "44054006"),
        ("http://hl7.org/fhir/sid/icd-10-cm", "E11.9"),
    ]
    assert (fact.status, fact.certainty, fact.negated) == (FactStatus.ACTIVE, Certainty.CONFIRMED, False)
    assert fact.status_sent == "clinicalStatus=active, verificationStatus=confirmed"
    assert details_of(fact) == [("severity", "moderate"), ("site", "pancreas"), ("comment", "diet only")]


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("active", FactStatus.ACTIVE),
        ("recurrence", FactStatus.ACTIVE),
        ("relapse", FactStatus.ACTIVE),
        ("inactive", FactStatus.INACTIVE),
        ("remission", FactStatus.INACTIVE),
        ("resolved", FactStatus.RESOLVED),
        ("banana", FactStatus.UNKNOWN),
    ],
)
@pytest.mark.parametrize("resource", [condition, allergy])
def test_clinical_status_is_mapped_and_never_assumed(resource: Any, code: str, status: FactStatus) -> None:
    assert only_fact(resource(clinicalStatus=in_system(code))).status is status
    assert only_fact(resource(clinicalStatus=code)).status is status  # as STU3 wrote it
    assert only_fact(resource()).status is FactStatus.UNKNOWN


@pytest.mark.parametrize("resource", [condition, allergy])
def test_what_was_refuted_is_negated(resource: Any) -> None:
    fact = only_fact(resource(verificationStatus=in_system("refuted")))
    assert (fact.negated, fact.certainty) == (True, Certainty.REFUTED)


@pytest.mark.parametrize(
    ("code", "certainty"),
    [
        ("provisional", Certainty.PROVISIONAL),
        ("differential", Certainty.DIFFERENTIAL),
        ("unconfirmed", Certainty.UNCONFIRMED),
    ],
)
def test_how_sure_the_source_is_is_kept(code: str, certainty: Certainty) -> None:
    assert only_fact(condition(verificationStatus=in_system(code))).certainty is certainty


@pytest.mark.parametrize("resource", [condition, allergy])
def test_what_was_entered_in_error_is_no_fact(resource: Any) -> None:
    unread = only_unread(resource(verificationStatus=in_system("entered-in-error")))
    assert unread.reason is UnreadReason.WITHDRAWN
    assert resource()["code"]["text"] in unread.what


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (
            {"coding": [{"system": SNOMED, "code": "716186003", "display": "No known allergy"}]},
            "known allergies",
        ),
        ({"coding": [{"system": ABSENT, "code": "no-known-allergies"}]}, "known allergies"),
        ({"text": "No known drug allergies"}, "known drug allergies"),
        ({"text": "NKDA"}, "known drug allergies"),
    ],
)
def test_no_known_allergies_is_a_negated_fact(code: Json, text: str) -> None:
    fact = only_fact(allergy(code=code))
    assert (fact.text, fact.negated) == (text, True)


def test_no_information_is_not_a_fact() -> None:
    unread = only_unread(allergy(code={"coding": [{"system": ABSENT, "code": "no-allergy-info"}]}))
    assert unread.reason is UnreadReason.NO_INFORMATION


def test_the_denial_of_an_absence_is_not_read() -> None:
    refuted = allergy("No known allergies", verificationStatus=in_system("refuted"))
    assert only_unread(refuted).reason is UnreadReason.INVALID


def test_reactions_keep_their_severities_in_order() -> None:
    fact = only_fact(
        allergy(
            category=["medication", "food"],
            criticality="unable-to-assess",
            type="intolerance",
            reaction=[
                {"manifestation": [coded("Hives"), coded("Itching")], "severity": "mild"},
                {
                    "substance": coded("Amoxicillin"),
                    "manifestation": [coded("Anaphylaxis")],
                    "severity": "severe",
                },
            ],
        )
    )
    assert fact.category == "drug, food"
    assert details_of(fact) == [
        ("reaction", "Hives"),
        ("reaction", "Itching"),
        ("severity", "mild"),
        ("reaction", "Anaphylaxis"),
        ("severity", "severe"),
        ("comment", "reaction to Amoxicillin"),
        ("criticality", "unable to assess"),
        ("comment", "intolerance"),
    ]


def test_the_substance_may_stand_with_the_reaction_only() -> None:
    resource = {
        "resourceType": "AllergyIntolerance",
        "reaction": [{"substance": coded("Latex"), "manifestation": [coded("Rash")]}],
    }
    assert only_fact(resource).text == "Latex"


@pytest.mark.parametrize(
    ("risk", "negated"), [("known-reaction-risk", False), ("no-known-reaction-risk", True)]
)
def test_an_exposure_risk_in_a_modifier_extension_is_understood(risk: str, negated: bool) -> None:
    parts = [
        {"url": "substance", "valueCodeableConcept": coded("Nuts")},
        {"url": "exposureRisk", "valueCodeableConcept": in_system(risk)},
    ]
    resource = {
        "resourceType": "AllergyIntolerance",
        "modifierExtension": [{"url": EXPOSURE_RISK, "extension": parts}],
    }
    fact = only_fact(resource)
    assert (fact.text, fact.negated) == ("Nuts", negated)
    assert [caution.code for caution in read(resource).reading.warnings] == ["modifier-extension"]


@pytest.mark.parametrize(
    ("elements", "time", "end", "details"),
    [
        ({"onsetPeriod": {"start": "2019", "end": "2020-01"}}, "2019", "2020-01", []),
        ({"onsetAge": {"value": 45, "code": "a"}}, "", "", [("onset", "45 a")]),
        ({"onsetString": "in childhood"}, "", "", [("onset", "in childhood")]),
        ({"onsetDateTime": "2019", "abatementDateTime": "2021-02-03"}, "2019", "2021-02-03", []),
        ({"abatementString": "last spring"}, "", "", [("outcome", "abated: last spring")]),
    ],
)
def test_onset_and_abatement_in_every_form(elements: Json, time: str, end: str, details: list[Any]) -> None:
    fact = only_fact(condition(**elements))
    assert (fact.time, fact.end, details_of(fact)) == (time, end, details)


def test_two_onsets_at_once_are_invalid() -> None:
    unread = only_unread(condition(onsetAge={"value": 4, "code": "a"}, onsetString="at birth"))
    assert unread.reason is UnreadReason.INVALID


def test_a_date_that_is_none_costs_a_caution_and_not_the_fact() -> None:
    reading = read(condition(onsetDateTime="03/14/2019")).reading
    assert [fact.time for fact in reading.facts] == [""]
    assert [caution.code for caution in reading.warnings] == ["time-unreadable"]


def test_the_encounter_says_which_diagnosis_is_which() -> None:
    encounter = {
        "resourceType": "Encounter",
        "id": "e",
        "status": "finished",
        "diagnosis": [
            {"condition": {"reference": "Condition/a"}, "use": in_system("AD")},
            {"condition": {"reference": "Condition/d"}, "use": in_system("DD")},
            {"condition": {"reference": "Condition/o"}},
        ],
    }
    conditions = [condition(id=each, category=[in_system("problem-list-item")]) for each in "adop"]
    reading = reading_of(encounter, *conditions)
    assert [fact.category for fact in reading.facts] == [
        "admission-diagnosis",
        "discharge-diagnosis",
        "encounter-diagnosis",
        "problem-list",
    ]


def test_family_history_is_one_fact_for_each_condition_of_a_relative() -> None:
    history = {
        "resourceType": "FamilyMemberHistory",
        "status": "completed",
        "name": "Maria Shaw",
        "relationship": coded("mother"),
        "deceasedAge": {"value": 71, "code": "a"},
        "condition": [
            {
                "code": coded("Breast cancer"),
                "onsetAge": {"value": 60, "code": "a"},
                "contributedToDeath": True,
            },
            {"code": coded("Asthma")},
            {"code": {}},
        ],
    }
    reading = read(history).reading
    assert [(fact.text, fact.origin) for fact in reading.facts] == [
        ("Breast cancer", "FamilyMemberHistory.condition[0]"),
        ("Asthma", "FamilyMemberHistory.condition[1]"),
    ]
    assert details_of(reading.facts[0]) == [
        ("relationship", "mother"),
        ("outcome", "deceased 71 a"),
        ("onset", "60 a"),
        ("outcome", "contributed to death"),
    ]
    assert "Maria" not in repr(reading)
    assert [unread.origin for unread in reading.unread] == ["FamilyMemberHistory.condition[2]"]


@pytest.mark.parametrize(
    ("status", "reason"),
    [("health-unknown", UnreadReason.NO_INFORMATION), ("entered-in-error", UnreadReason.WITHDRAWN)],
)
def test_a_family_history_without_conditions_is_said(status: str, reason: UnreadReason) -> None:
    history = {"resourceType": "FamilyMemberHistory", "status": status, "relationship": coded("father")}
    assert only_unread(history).reason is reason


def test_a_masked_code_is_listed_as_masked() -> None:
    url = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
    masked = condition(code={"extension": [{"url": url, "valueCode": "masked"}]})
    assert only_unread(masked).reason is UnreadReason.MASKED


def test_an_entry_without_code_keeps_its_narrative() -> None:
    div = '<div xmlns="http://www.w3.org/1999/xhtml">Denies chest pain</div>'
    reading = read(condition(code={}, text={"status": "generated", "div": div})).reading
    assert [note.text for note in reading.notes] == ["Denies chest pain"]
    assert [unread.reason for unread in reading.unread] == [UnreadReason.NO_INFORMATION]


@pytest.mark.parametrize(
    "sent",
    [
        in_system(" Refuted"),
        {"coding": [{"code": "confirmed-by-us"}, {"code": "refuted"}]},
        {"coding": [{"code": "confirmed"}, {"code": "refuted"}]},
        {"coding": [{"code": "7"}], "text": "Refuted"},
    ],
)
@pytest.mark.parametrize("resource", [condition(), allergy()])
def test_a_refutation_is_found_wherever_it_stands(resource: Any, sent: Json) -> None:
    fact = only_fact(resource | {"clinicalStatus": in_system("active"), "verificationStatus": sent})
    assert (fact.negated, fact.certainty) == (True, Certainty.REFUTED)


def test_a_verification_that_is_not_known_is_never_taken_for_confirmed() -> None:
    fact = only_fact(condition(verificationStatus=in_system("known-absent")))
    assert (fact.negated, fact.certainty) == (False, Certainty.UNCONFIRMED)
    assert ("comment", "verification status: known-absent") in details_of(fact)


@pytest.mark.parametrize(
    "resource",
    [
        {
            "resourceType": "Immunization",
            "status": "completed",
            "vaccineCode": coded("MMR"),
            "wasNotGiven": True,
        },
        {
            "resourceType": "Immunization",
            "status": "completed",
            "vaccineCode": coded("MMR"),
            "notGiven": True,
        },
        {"resourceType": "Procedure", "status": "completed", "code": coded("Biopsy"), "notPerformed": True},
        {
            "resourceType": "MedicationStatement",
            "status": "active",
            "taken": "n",
            "medicationCodeableConcept": coded("Warfarin"),
        },
        allergy(status="refuted"),
        {
            "resourceType": "CarePlan",
            "status": "active",
            "activity": [{"detail": {"code": coded("Smoking"), "prohibited": True}}],
        },
    ],
)
def test_a_denial_in_the_words_of_another_version_is_not_turned_round(resource: Json) -> None:
    assert only_unread(resource).reason is UnreadReason.INVALID


def test_what_another_version_affirms_is_read() -> None:
    vaccine = {"resourceType": "Immunization", "status": "completed", "vaccineCode": coded("MMR")}
    assert not only_fact(vaccine | {"notGiven": False}).negated
