"""Medications: ordered, stated, given, dispensed, and not."""

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

TYPES = ("MedicationRequest", "MedicationStatement", "MedicationAdministration", "MedicationDispense")
CATEGORY = dict(zip(TYPES, ("order", "statement", "administration", "dispense"), strict=True))


def medication(kind: str = "MedicationRequest", **elements: Any) -> Json:
    return {"resourceType": kind, "medicationCodeableConcept": coded("Amoxicillin 500 mg")} | elements


STATUS = {
    ("MedicationRequest", "active"): (FactStatus.ACTIVE, False),
    ("MedicationRequest", "on-hold"): (FactStatus.ON_HOLD, False),
    ("MedicationRequest", "cancelled"): (FactStatus.CANCELLED, False),
    ("MedicationRequest", "completed"): (FactStatus.COMPLETED, False),
    ("MedicationRequest", "stopped"): (FactStatus.STOPPED, False),
    ("MedicationRequest", "draft"): (FactStatus.PLANNED, False),
    ("MedicationRequest", "unknown"): (FactStatus.UNKNOWN, False),
    ("MedicationStatement", "active"): (FactStatus.ACTIVE, False),
    ("MedicationStatement", "intended"): (FactStatus.PLANNED, False),
    ("MedicationStatement", "not-taken"): (FactStatus.NOT_DONE, True),
    ("MedicationAdministration", "completed"): (FactStatus.COMPLETED, False),
    ("MedicationAdministration", "not-done"): (FactStatus.NOT_DONE, True),
    ("MedicationDispense", "completed"): (FactStatus.COMPLETED, False),
    ("MedicationDispense", "declined"): (FactStatus.NOT_DONE, True),
    ("MedicationDispense", "nonsense"): (FactStatus.UNKNOWN, False),
}


@pytest.mark.parametrize(("kind", "code"), STATUS)
def test_status_says_whether_it_is_taken(kind: str, code: str) -> None:
    fact = only_fact(medication(kind, status=code))
    assert (fact.status, fact.negated) == STATUS[kind, code]
    assert (fact.kind, fact.category, fact.status_sent) == (
        FactKind.MEDICATION,
        CATEGORY[kind],
        f"status={code}",
    )


@pytest.mark.parametrize("kind", TYPES)
def test_what_was_entered_in_error_is_no_fact(kind: str) -> None:
    unread = only_unread(medication(kind, status="entered-in-error"))
    assert (unread.reason, "Amoxicillin" in unread.what) == (UnreadReason.WITHDRAWN, True)


@pytest.mark.parametrize("intent", ["proposal", "plan"])
def test_a_proposal_is_planned_even_when_it_is_active(intent: str) -> None:
    fact = only_fact(medication(status="active", intent=intent))
    assert (fact.status, fact.status_sent) == (FactStatus.PLANNED, f"status=active, intent={intent}")


def test_an_order_not_to_give_is_negated() -> None:
    fact = only_fact(medication(status="active", doNotPerform=True))
    assert (fact.negated, fact.status_sent) == (True, "status=active, doNotPerform=true")


def test_an_order_in_full() -> None:
    fact = only_fact(
        medication(
            status="active",
            intent="order",
            priority="urgent",
            authoredOn="2026-03-01",
            dosageInstruction=[
                {
                    "text": "1 capsule three times a day with food",
                    "timing": {
                        "repeat": {
                            "frequency": 3,
                            "period": 1,
                            "periodUnit": "d",
                            "when": ["C"],
                            "boundsPeriod": {"start": "2026-03-02", "end": "2026-03-09"},
                        }
                    },
                    "route": coded("oral"),
                    "asNeededCodeableConcept": coded("pain"),
                    "doseAndRate": [{"doseQuantity": {"value": 500, "unit": "milligram", "code": "mg"}}],
                    "maxDosePerPeriod": {
                        "numerator": {"value": 4, "code": "g"},
                        "denominator": {"value": 24, "code": "h"},
                    },
                }
            ],
            dispenseRequest={"quantity": {"value": 21, "code": "{capsule}"}},
            reasonCode=[coded("Otitis media")],
            note=[{"text": "check renal function"}],
        )
    )
    assert (fact.time, fact.end) == ("2026-03-02", "2026-03-09")
    assert details_of(fact) == [
        ("dose", "500 mg"),
        ("route", "oral"),
        ("frequency", "3 times a day with meals as needed for pain"),
        ("instructions", "1 capsule three times a day with food"),
        ("instructions", "maximum 4 g in 24 h"),
        ("quantity", "21 capsule"),
        ("priority", "urgent"),
        ("reason", "Otitis media"),
        ("comment", "check renal function"),
    ]


TIMINGS: list[tuple[Json, str]] = [
    ({"code": {"text": "BID"}}, "BID"),
    ({"code": {"coding": [{"code": "QD"}]}}, "QD"),
    ({"repeat": {"period": 8, "periodUnit": "h"}}, "every 8 hours"),
    ({"repeat": {"frequency": 1, "period": 4, "periodMax": 6, "periodUnit": "h"}}, "every 4-6 hours"),
    ({"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}, "once a day"),
    ({"repeat": {"frequency": 1, "period": 1, "periodUnit": "h"}}, "once an hour"),
    ({"repeat": {"frequency": 2, "frequencyMax": 4, "period": 1, "periodUnit": "d"}}, "2-4 times a day"),
    ({"repeat": {"frequency": 2, "period": 3, "periodUnit": "wk"}}, "2 times in 3 weeks"),
    ({"repeat": {"when": ["HS"]}}, "at bedtime"),
    ({"repeat": {"timeOfDay": ["08:00:00", "20:30:00"]}}, "at 08:00, 20:30"),
    (
        {"repeat": {"period": 1, "periodUnit": "d", "frequency": 1, "dayOfWeek": ["mon", "wed"]}},
        "once a day on mon, wed",
    ),
    ({"repeat": {"count": 1}}, "1 time in all"),
    (
        {"repeat": {"period": 1, "periodUnit": "d", "boundsDuration": {"value": 7, "code": "d"}}},
        "once a day for 7 d",
    ),
    ({"repeat": {"count": 1, "periodUnit": "d"}}, "period unit d, count 1"),
    ({"event": ["2026-03-01"]}, "on 2026-03-01"),
]


@pytest.mark.parametrize(("timing", "text"), TIMINGS)
def test_timings_in_words(timing: Json, text: str) -> None:
    fact = only_fact(medication(dosageInstruction=[{"timing": timing}]))
    assert details_of(fact) == [("frequency", text)]


def test_the_steps_of_a_taper_are_not_mixed_up() -> None:
    steps = [
        {"sequence": 1, "text": "40 mg a day for 3 days"},
        {
            "sequence": 2,
            "doseAndRate": [{"doseQuantity": {"value": 20, "code": "mg"}}],
            "route": coded("oral"),
            "timing": {"code": {"text": "QD"}},
        },
    ]
    fact = only_fact(medication(dosageInstruction=steps))
    assert details_of(fact) == [
        ("instructions", "40 mg a day for 3 days"),
        ("instructions", "20 mg, oral, QD"),
    ]


@pytest.mark.parametrize(
    ("dose", "text"),
    [
        ({"doseRange": {"low": {"value": 1}, "high": {"value": 2, "unit": "tablet"}}}, "1-2 tablet"),
        ({"doseQuantity": {"value": 1, "unit": "Tablet", "code": "732936001"}}, "1 Tablet"),
        (
            {
                "rateRatio": {
                    "numerator": {"value": 100, "code": "mL"},
                    "denominator": {"value": 1, "code": "h"},
                }
            },
            "100 mL/1 h",
        ),
        (
            {"doseQuantity": {"value": 1, "code": "L"}, "rateQuantity": {"value": 100, "code": "mL/h"}},
            "1 L at 100 mL/h",
        ),
    ],
)
def test_doses_and_rates(dose: Json, text: str) -> None:
    assert details_of(only_fact(medication(dosageInstruction=[{"doseAndRate": [dose]}]))) == [("dose", text)]


def test_decimals_of_a_dose_are_kept() -> None:
    administered = medication("MedicationAdministration", status="completed", effectiveDateTime="2026-03-01")
    administered["dosage"] = {"dose": {"value": 0.5, "code": "mg"}, "route": coded("IV")}
    assert details_of(only_fact(administered)) == [("dose", "0.5 mg"), ("route", "IV")]


PRODUCT = {
    "resourceType": "Medication",
    "id": "m",
    "code": coded("Metformin", "6809", "http://www.nlm.nih.gov/research/umls/rxnorm"),
    "form": coded("tablet"),
    "ingredient": [
        {
            "itemCodeableConcept": coded("Metformin hydrochloride"),
            "strength": {
                "numerator": {"value": 850, "code": "mg"},
                "denominator": {"value": 1, "code": "{tbl}"},
            },
        }
    ],
}


def by_reference(reference: str, **elements: Any) -> Json:
    return {"resourceType": "MedicationStatement", "medicationReference": {"reference": reference}} | elements


def test_a_contained_medication_is_the_drug() -> None:
    reading = read(by_reference("#m", contained=[PRODUCT])).reading
    assert [(fact.text, fact.codes[0].code) for fact in reading.facts] == [("Metformin", "6809")]
    assert details_of(reading.facts[0]) == [("strength", "850 mg/1 tbl"), ("form", "tablet")]


def test_a_medication_of_the_bundle_is_the_drug() -> None:
    reading = reading_of(by_reference("Medication/m"), PRODUCT)
    assert [fact.text for fact in reading.facts] == ["Metformin"]
    assert not reading.unread


def test_a_medication_without_code_is_its_ingredients() -> None:
    product = {key: value for key, value in PRODUCT.items() if key != "code"}
    assert only_fact(by_reference("#m", contained=[product])).text == "Metformin hydrochloride"


def test_a_medication_that_was_not_sent_is_what_the_reference_shows() -> None:
    statement = by_reference("Medication/elsewhere")
    statement["medicationReference"]["display"] = "Warfarin"
    assert only_fact(statement).text == "Warfarin"
    assert only_unread(by_reference("Medication/elsewhere")).reason is UnreadReason.NO_INFORMATION


def test_a_reason_that_is_a_condition_of_the_bundle_is_named() -> None:
    reason = {"resourceType": "Condition", "id": "c", "code": coded("Hypertension")}
    order = medication(id="r", reasonReference=[{"reference": "Condition/c"}])
    assert ("reason", "Hypertension") in details_of(reading_of(order, reason).facts[0])


def test_no_known_medications_is_a_negated_fact() -> None:
    fact = only_fact(
        medication("MedicationStatement", medicationCodeableConcept=coded("", "no-known-medications"))
    )
    assert (fact.text, fact.negated) == ("known medications", True)


def test_the_reason_why_it_was_not_given_is_kept() -> None:
    fact = only_fact(
        medication("MedicationAdministration", status="not-done", statusReason=[coded("patient refused")])
    )
    assert (fact.negated, details_of(fact)) == (True, [("reason", "patient refused")])


def test_an_order_of_a_medication_that_was_entered_in_error_is_withdrawn() -> None:
    product = PRODUCT | {"status": "entered-in-error"}
    assert only_unread(by_reference("#m", contained=[product])).reason is UnreadReason.WITHDRAWN
