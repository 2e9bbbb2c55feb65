"""Observations: values as sent, panels kept together, absences said."""

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
from translators.attachments import Attachments
from translators.fhir.json_guard import parse_json
from translators.fhir.to_request import Selection, read_content

INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"


def observation(name: str = "Potassium", **elements: Any) -> Json:
    return {"resourceType": "Observation", "status": "final", "code": coded(name)} | elements


def quantity(value: float, code: str = "mmol/L", **elements: Any) -> Json:
    return {"value": value, "unit": code, "system": "http://unitsofmeasure.org", "code": code} | elements


def test_a_result_with_everything() -> None:
    fact = only_fact(
        observation(
            code=coded("Potassium", "2823-3"),
            effectiveDateTime="2026-03-14T08:15:00-06:00",
            valueQuantity=quantity(6.8),
            interpretation=[{"coding": [{"system": INTERPRETATION, "code": "hh"}], "text": "panic"}],
            referenceRange=[{"low": quantity(3.5), "high": quantity(5.1)}],
            method=coded("ISE"),
            note=[{"text": "not hemolyzed"}],
        )
    )
    assert (fact.kind, fact.text, fact.value, fact.unit, fact.flag, fact.reference_range) == (
        FactKind.RESULT,
        "Potassium",
        "6.8",
        "mmol/L",
        "HH",
        "3.5-5.1",
    )
    assert (fact.time, fact.status, fact.status_sent) == (
        "2026-03-14T08:15:00-06:00",
        FactStatus.FINAL,
        "status=final",
    )
    assert details_of(fact) == [("method", "ISE"), ("comment", "not hemolyzed")]


@pytest.mark.parametrize("literal", ["6.80", "7", "0.010", "1e3", '"6.80"'])
def test_decimals_are_kept_as_they_were_sent(literal: str) -> None:
    body = (
        '{"resourceType":"Observation","code":{"text":"K"},'
        f'"valueQuantity":{{"value":{literal},"comparator":">"}}}}'
    )
    content = read_content(parse_json(body.encode()), Attachments({}), Selection())
    assert content.reading.facts[0].value == ">" + literal.strip('"')


VALUES: list[tuple[Json, str | None, str]] = [
    ({"valueQuantity": quantity(0.5, comparator="<")}, "<0.5", "mmol/L"),
    ({"valueQuantity": {"value": 3, "unit": "tablets", "code": "732936001"}}, "3", "tablets"),
    ({"valueQuantity": {"value": 7, "code": "1"}}, "7", ""),
    ({"valueCodeableConcept": coded("Detected", "260373001")}, "Detected", ""),
    ({"valueCodeableConcept": {"coding": [{"code": "POS", "display": "Positive"}]}}, "Positive", ""),
    ({"valueString": "no  growth\nafter 5 days"}, "no growth after 5 days", ""),
    ({"valueBoolean": False}, "false", ""),
    ({"valueInteger": 12}, "12", ""),
    ({"valueRange": {"low": quantity(10), "high": quantity(20)}}, "10-20", "mmol/L"),
    ({"valueRange": {"low": quantity(10)}}, ">=10", "mmol/L"),
    ({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 128}}}, "1:128", ""),
    ({"valueTime": "08:15:00"}, "08:15:00", ""),
    ({"valueDateTime": "2026-03"}, "2026-03", ""),
    ({"valuePeriod": {"start": "2026-03-01", "end": "2026-03-02"}}, "2026-03-01/2026-03-02", ""),
    ({}, None, ""),
]


@pytest.mark.parametrize(("elements", "value", "unit"), VALUES)
def test_every_type_of_value_is_read(elements: Json, value: str | None, unit: str) -> None:
    fact = only_fact(observation(**elements))
    assert (fact.value, fact.unit) == (value, unit)


@pytest.mark.parametrize(
    "elements",
    [
        {"valueSampledData": {"origin": {"value": 0}, "period": 10, "dimensions": 1}},
        {"valueReference": {"reference": "Patient/1"}},
        {"valueString": "a", "valueInteger": 1},
        {"valueQuantity": "6.8"},
        {"valueQuantity": {"value": "about six"}},
        {"component": [{"code": coded("x"), "valueString": 3}]},
        {"status": ["final"]},
        {"code": "2823-3"},
    ],
)
def test_what_is_not_as_fhir_has_it_is_listed_as_invalid(elements: Json) -> None:
    unread = only_unread(observation(**elements))
    assert (unread.origin, unread.reason) == ("Observation", UnreadReason.INVALID)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("registered", FactStatus.REGISTERED),
        ("preliminary", FactStatus.PRELIMINARY),
        ("final", FactStatus.FINAL),
        ("amended", FactStatus.CORRECTED),
        ("corrected", FactStatus.CORRECTED),
        ("cancelled", FactStatus.CANCELLED),
        ("unknown", FactStatus.UNKNOWN),
        ("done", FactStatus.UNKNOWN),
        (None, FactStatus.UNKNOWN),
    ],
)
def test_nothing_becomes_final_that_was_not_sent_as_final(code: str | None, status: FactStatus) -> None:
    assert only_fact(observation(status=code)).status is status


def test_what_was_entered_in_error_is_no_fact() -> None:
    unread = only_unread(observation(status="entered-in-error", valueInteger=9))
    assert (unread.reason, unread.what) == (
        UnreadReason.WITHDRAWN,
        "Observation Potassium (status=entered-in-error)",
    )


PRESSURE = observation(
    "Blood pressure",
    code=coded("Blood pressure", "85354-9"),
    category=[{"coding": [{"code": "vital-signs"}]}],
    component=[
        {"code": coded("Systolic", "8480-6"), "valueQuantity": quantity(142, "mm[Hg]")},
        {
            "code": coded("Diastolic", "8462-4"),
            "dataAbsentReason": {"coding": [{"code": "unknown", "display": "Unknown"}]},
        },
    ],
)


def test_each_component_is_a_fact_of_its_panel_and_the_panel_is_none() -> None:
    reading = read(PRESSURE).reading
    assert [(fact.kind, fact.text, fact.value, fact.group, fact.origin) for fact in reading.facts] == [
        (FactKind.VITAL_SIGN, "Systolic", "142", "Blood pressure", "Observation.component[0]")
    ]
    assert [(each.origin, each.reason, each.what) for each in reading.unread] == [
        ("Observation.component[1]", UnreadReason.NO_INFORMATION, "Diastolic: unknown")
    ]


@pytest.mark.parametrize(
    ("reason", "unread"),
    [
        ("unknown", UnreadReason.NO_INFORMATION),
        ("asked-declined", UnreadReason.NO_INFORMATION),
        ("masked", UnreadReason.MASKED),
    ],
)
def test_an_absent_value_is_listed_with_its_reason(reason: str, unread: UnreadReason) -> None:
    absent = observation(dataAbsentReason={"coding": [{"code": reason}]})
    assert (only_unread(absent).reason, only_unread(absent).what) == (unread, f"Potassium: {reason}")


def test_a_test_that_was_not_performed_is_negated() -> None:
    fact = only_fact(observation(dataAbsentReason={"coding": [{"code": "not-performed"}]}))
    assert (fact.negated, fact.status, fact.value) == (True, FactStatus.NOT_DONE, None)


def test_a_value_without_a_name_is_invalid() -> None:
    assert only_unread(observation(code={}, valueInteger=4)).reason is UnreadReason.INVALID


def test_members_belong_to_their_panel_and_are_read_once() -> None:
    panel = observation(
        "CBC", id="p", hasMember=[{"reference": "Observation/a"}, {"reference": "Observation/gone"}]
    )
    reading = reading_of(panel, observation("Hemoglobin", id="a", valueInteger=12))
    assert [(fact.text, fact.group) for fact in reading.facts] == [("Hemoglobin", "CBC")]
    assert [(each.reason, each.what) for each in reading.unread] == [
        (UnreadReason.EXTERNAL, "1 members of CBC, which were not sent")
    ]


def test_contained_members_are_read() -> None:
    panel = observation("CBC", hasMember=[{"reference": "#a"}])
    panel["contained"] = [observation("Hemoglobin", id="a", valueInteger=12)]
    fact = only_fact(panel)
    assert (fact.text, fact.group, fact.origin) == ("Hemoglobin", "CBC", "Observation.contained[0]")


def test_the_nearest_panel_gives_the_group() -> None:
    report = {
        "resourceType": "DiagnosticReport",
        "id": "r",
        "code": coded("Morning labs"),
        "result": [
            {"reference": "Observation/p"},
            {"reference": "Observation/a"},
            {"reference": "Observation/b"},
        ],
    }
    panel = observation("CBC", id="p", hasMember=[{"reference": "Observation/a"}])
    results = [observation(each, id=each, valueInteger=1) for each in "ab"]
    reading = reading_of(report, panel, *results)
    assert [(fact.text, fact.group) for fact in reading.facts] == [("a", "CBC"), ("b", "Morning labs")]


KINDS = [
    ({"category": [{"coding": [{"code": "laboratory"}]}]}, FactKind.RESULT),
    ({"category": [{"coding": [{"code": "vital-signs"}]}]}, FactKind.VITAL_SIGN),
    ({"category": [{"coding": [{"code": "social-history"}]}]}, FactKind.SOCIAL_HISTORY),
    ({"category": [{"coding": [{"code": "survey"}]}]}, FactKind.ASSESSMENT),
    ({"category": [{"coding": [{"code": "functional-status"}]}]}, FactKind.FUNCTIONAL_STATUS),
    ({"code": coded("Weight", "29463-7")}, FactKind.VITAL_SIGN),
    ({}, FactKind.RESULT),
]


@pytest.mark.parametrize(("elements", "kind"), KINDS)
def test_the_kind_follows_category_and_code(elements: Json, kind: FactKind) -> None:
    assert only_fact(observation(valueInteger=1, **elements)).kind is kind


RANGES: list[tuple[list[Json], str]] = [
    ([{"text": "3.5 - 5.1 mmol/L"}], "3.5 - 5.1 mmol/L"),
    ([{"low": quantity(3.5), "high": quantity(5.1)}], "3.5-5.1"),
    ([{"high": quantity(5)}], "<=5"),
    ([{"low": quantity(3.5, "g/L"), "high": quantity(5.1, "g/L")}], "3.5-5.1 g/L"),
    (
        [
            {"type": coded("critical"), "low": quantity(2), "high": quantity(7)},
            {"type": {"coding": [{"code": "normal"}]}, "low": quantity(3.5), "high": quantity(5.1)},
        ],
        "3.5-5.1; critical: 2-7",
    ),
    ([{"appliesTo": [coded("adult")]}], ""),
]


@pytest.mark.parametrize(("ranges", "text"), RANGES)
def test_reference_ranges_as_text(ranges: list[Json], text: str) -> None:
    assert only_fact(observation(valueQuantity=quantity(4), referenceRange=ranges)).reference_range == text


def test_several_interpretations_are_joined() -> None:
    codes = [{"coding": [{"code": "L"}, {"system": INTERPRETATION, "code": "LL"}]}, {"text": "delta"}]
    assert only_fact(observation(valueInteger=1, interpretation=codes)).flag == "LL,DELTA"


def test_the_condition_of_the_specimen_is_told() -> None:
    specimen = {
        "resourceType": "Specimen",
        "id": "s",
        "type": coded("Serum"),
        "condition": [coded("hemolyzed")],
    }
    reading = reading_of(observation(valueInteger=6, specimen={"reference": "Specimen/s"}, id="o"), specimen)
    assert [details_of(fact) for fact in reading.facts] == [[("specimen", "Serum (hemolyzed)")]]


def test_an_observation_of_somebody_else_is_not_the_patients() -> None:
    fetus = observation("Fetal heart rate", focus=[{"reference": "Patient/fetus"}], valueInteger=140)
    assert only_unread(fetus).reason is UnreadReason.UNSUPPORTED


@pytest.mark.parametrize("subject", ["Group/1", "Device/9", "Location/ward", "http://x.example/fhir/Group/1"])
def test_an_observation_of_no_patient_is_not_read(subject: str) -> None:
    unread = only_unread(observation(subject={"reference": subject}, valueInteger=1))
    assert unread.reason is UnreadReason.UNSUPPORTED


def test_a_finding_stated_by_its_code_alone_is_a_fact() -> None:
    fact = only_fact(observation("Chest pain"))
    assert (fact.text, fact.value) == ("Chest pain", None)


def test_a_value_that_the_source_also_calls_absent_is_told_with_that_doubt() -> None:
    absent = {"coding": [{"code": "error"}]}
    fact = only_fact(observation(valueQuantity=quantity(5.1), dataAbsentReason=absent))
    assert fact.value == "5.1"
    assert details_of(fact) == [("comment", "the source also says that there is no value: error")]


def test_of_several_ranges_those_of_other_people_are_named() -> None:
    ranges = [{"text": "<3", "appliesTo": [coded("Pregnant")]}, {"low": quantity(1), "high": quantity(9)}]
    fact = only_fact(observation(valueQuantity=quantity(5), referenceRange=ranges))
    assert fact.reference_range == "1-9; Pregnant: <3"
