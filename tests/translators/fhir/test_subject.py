"""Whose content it is. Two people are never mixed."""

from typing import Any

import pytest

from gateway.clinical import UnreadReason
from gateway.errors import ErrorKind, GatewayError
from tests.translators.fhir.exchange import Json, bundle_of, coded, read

HERE = "http://a.example/fhir"


def patient(family: str, **elements: Any) -> Json:
    return {"resourceType": "Patient", "name": [{"family": family}]} | elements


def observation(subject: str | Json | None = None, **elements: Any) -> Json:
    made = {"resourceType": "Observation", "code": coded("K"), "valueInteger": 1} | elements
    if subject is not None:
        made["subject"] = {"reference": subject} if isinstance(subject, str) else subject
    return made


def family_of(*resources: Json) -> list[str]:
    return [name.family or name.text for name in read(bundle_of(*resources)).reading.patient.names]


def refusal(bundle: Json) -> GatewayError:
    with pytest.raises(GatewayError) as raised:
        read(bundle)
    assert raised.value.kind is ErrorKind.SEVERAL_PATIENTS
    return raised.value


def test_the_patient_is_the_one_the_entries_refer_to() -> None:
    assert family_of(patient("Shaw", id="1"), observation("Patient/1"), observation()) == ["Shaw"]


def test_the_only_patient_of_the_bundle_is_the_patient() -> None:
    assert family_of(patient("Shaw", id="1"), observation()) == ["Shaw"]


def test_entries_about_two_patients_are_refused_by_their_places() -> None:
    error = refusal(
        bundle_of(
            patient("Shaw", id="1"),
            patient("Doe", id="2"),
            observation("Patient/1"),
            observation("Patient/2"),
        )
    )
    assert error.location == "Bundle.entry[2].resource.subject, Bundle.entry[3].resource.subject"


@pytest.mark.parametrize(
    "other", ["Patient/2", f"{HERE}/Patient/2", "urn:uuid:11111111-1111-4111-8111-111111111111"]
)
def test_a_patient_who_was_not_sent_is_another_patient_too(other: str) -> None:
    refusal(bundle_of(patient("Shaw", id="1"), observation("Patient/1"), observation(other)))


def test_content_that_several_patients_may_own_is_refused() -> None:
    error = refusal(bundle_of(patient("Shaw", id="1"), patient("Doe", id="2"), observation()))
    assert error.location == "Bundle.entry[0].resource, Bundle.entry[1].resource"


def test_an_extra_patient_whom_no_entry_is_about_is_no_harm() -> None:
    relative = {"resourceType": "RelatedPerson", "patient": {"reference": "Patient/1"}}
    people = [patient("Shaw", id="1"), patient("Mother", id="2"), relative]
    assert family_of(*people, observation("Patient/1")) == ["Shaw"]


def test_linked_records_of_one_person_are_one_patient() -> None:
    old = patient("Old", id="1", link=[{"other": {"reference": "Patient/2"}, "type": "replaced-by"}])
    new = patient("New", id="2", link=[{"other": {"reference": "Patient/1"}, "type": "replaces"}])
    assert family_of(old, new, observation("Patient/1"), observation("Patient/2")) == ["New"]
    assert family_of(old, new, observation()) == ["New"]


@pytest.mark.parametrize(
    "subject",
    [
        "Patient/1",
        f"{HERE}/Patient/1",
        "Patient/1/_history/7",
        "Patient?identifier=urn:mrn|4711",
        {"identifier": {"system": "urn:mrn", "value": "4711"}},
    ],
)
def test_one_patient_may_be_referred_to_in_many_ways(subject: str | Json) -> None:
    bundle = bundle_of(observation("Patient/1"), observation(subject))
    shaw = patient("Shaw", id="1", identifier=[{"system": "urn:mrn", "value": "4711"}])
    bundle["entry"].append({"fullUrl": f"{HERE}/Patient/1", "resource": shaw})
    assert [name.family for name in read(bundle).reading.patient.names] == ["Shaw"]


def test_a_patient_without_any_address_is_whom_the_entries_mean() -> None:
    assert family_of(patient("Shaw"), observation("Patient/9")) == ["Shaw"]


def test_a_patient_who_is_somebody_else_gives_no_identity() -> None:
    content = read(
        bundle_of(patient("Doe", id="5"), observation({"reference": "Patient/1", "display": "A Shaw"}))
    )
    assert [name.text for name in content.reading.patient.names] == ["A Shaw"]
    assert [caution.code for caution in content.reading.warnings] == ["patient-not-sent"]


def test_a_single_resource_shows_whom_it_is_about() -> None:
    resource = observation({"reference": "Patient/1", "display": "Amy Shaw", "identifier": {"value": "4711"}})
    found = read(resource).reading.patient
    assert ([name.text for name in found.names], [each.value for each in found.identifiers]) == (
        ["Amy Shaw"],
        ["4711"],
    )


def test_contained_patients_are_compared_by_what_they_say() -> None:
    shaw, doe = patient("Shaw", id="p"), patient("Doe", id="p")
    same = bundle_of(observation("#p", contained=[shaw]), observation("#p", contained=[shaw]))
    assert [name.family for name in read(same).reading.patient.names] == ["Shaw"]
    refusal(bundle_of(observation("#p", contained=[shaw]), observation("#p", contained=[doe])))


def test_other_names_for_the_subject_count_too() -> None:
    allergy = {
        "resourceType": "AllergyIntolerance",
        "code": coded("Nuts"),
        "patient": {"reference": "Patient/2"},
    }
    refusal(bundle_of(observation("Patient/1"), allergy))
    appointment = {
        "resourceType": "Appointment",
        "participant": [{"actor": {"reference": "Location/1"}}, {"actor": {"reference": "Patient/2"}}],
    }
    refusal(bundle_of(observation("Patient/1"), appointment))


def test_a_patient_that_cannot_be_read_costs_only_the_identity() -> None:
    bundle = bundle_of(patient("Shaw", id="1", birthDate=1970), observation("Patient/1"))
    reading = read(bundle).reading
    assert len(reading.facts) == 1
    assert not reading.patient.names
    assert [each.origin for each in reading.unread] == ["Bundle.entry[0].resource"]


def test_everything_that_is_said_of_the_patient() -> None:
    shaw = {
        "resourceType": "Patient",
        "identifier": [
            {
                "system": "urn:mrn",
                "value": "4711",
                "type": {
                    "coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]
                },
            },
            {"use": "old", "value": "1"},
        ],
        "name": [
            {"use": "old", "family": "Baxter"},
            {"use": "official", "family": "Shaw", "given": ["Amy", None, "V."], "prefix": ["Ms"]},
        ],
        "gender": "female",
        "birthDate": "1987-02-20",
        "deceasedDateTime": "2026-01-01",
        "address": [{"line": ["49 Meadow St"], "city": "Mounds", "state": "OK", "postalCode": "74047"}],
        "telecom": [{"system": "phone", "value": "tel:555-555"}, {"system": "email"}],
        "contact": [{"name": {"family": "Shaw"}, "relationship": [coded("husband")]}],
        "communication": [
            {"language": {"coding": [{"code": "es"}]}},
            {"language": {"coding": [{"code": "en-US"}]}, "preferred": True},
        ],
    }
    found = read(shaw).reading.patient
    assert [(each.value, each.system, each.type) for each in found.identifiers] == [("4711", "urn:mrn", "MR")]
    assert [(name.family, name.given, name.prefix) for name in found.names] == [
        ("Shaw", ("Amy", "V."), "Ms"),
        ("Baxter", (), ""),
    ]
    assert (found.sex, found.birth_date, found.deceased, found.language) == (
        "female",
        "1987-02-20",
        "2026-01-01",
        "en-US",
    )
    assert (found.telecoms, found.addresses[0].city, found.contacts[0].relationship) == (
        ("555-555",),
        "Mounds",
        "husband",
    )


def test_many_patients_and_entries_are_compared_in_time() -> None:
    people = [
        patient("Shaw", id=str(number), link=[{"other": {"reference": "Patient/0"}}])
        for number in range(2000)
    ]
    entries = [observation(f"Patient/{number}") for number in range(2000)]
    assert family_of(*people, *entries) == ["Shaw"]


def test_among_several_patients_what_names_none_is_given_to_none() -> None:
    people = (patient("Shaw", id="1"), patient("Doe", id="2"))
    nobody = observation({"display": "Doe"}, code=coded("HIV"))
    reading = read(bundle_of(*people, observation("Patient/1"), observation(), nobody)).reading
    assert [fact.origin for fact in reading.facts] == ["Bundle.entry[2].resource"]
    assert [(each.origin, each.reason) for each in reading.unread] == [
        ("Bundle.entry[3].resource", UnreadReason.INVALID),
        ("Bundle.entry[4].resource", UnreadReason.INVALID),
    ]


def test_among_several_patients_a_result_belongs_to_the_patient_of_its_report() -> None:
    report = {
        "resourceType": "DiagnosticReport",
        "status": "final",
        "code": coded("Panel"),
        "subject": {"reference": "Patient/1"},
        "result": [{"reference": "Observation/o"}],
    }
    bundle = bundle_of(patient("Shaw", id="1"), patient("Doe", id="2"), report, observation(id="o"))
    assert [fact.text for fact in read(bundle).reading.facts] == ["K"]
