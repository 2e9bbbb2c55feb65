"""One patient sent as HL7 v2, as FHIR and as C-CDA: the same facts, whichever way they came."""

import base64
import re
from collections import Counter

import pytest

from gateway.clinical import ClinicalFact, Encounter, FactKind, Patient, UnreadReason
from gateway.request import SummarizationRequest
from tests.journeys.sample_reading import SAMPLES, request

ROOT = "same_patient"
HL7V2 = tuple(f"{ROOT}/hl7v2/{path.name}" for path in sorted((SAMPLES / ROOT / "hl7v2").glob("*.hl7")))
FORMS: dict[str, tuple[str, ...]] = {
    "hl7v2": HL7V2,
    "fhir": (f"{ROOT}/fhir/bundle.json",),
    "cda": (f"{ROOT}/cda/ccd.xml",),
    "soap": (f"{ROOT}/soap/summarize.xml",),
}

HAS_NO_PLACE_FOR: dict[str, dict[FactKind, frozenset[str]]] = {
    "hl7v2": {
        FactKind.ALLERGY: frozenset({"status"}),  # AL1 has neither status nor certainty (2.5.1 section 3.4.6)
        FactKind.PROCEDURE: frozenset({"status"}),  # nor has PR1 (2.5.1 section 6.5.4)
    }
}

FACTS = {
    FactKind.ALLERGY: 3,
    FactKind.CONDITION: 5,
    FactKind.MEDICATION: 4,
    FactKind.RESULT: 8,
    FactKind.VITAL_SIGN: 5,
    FactKind.PROCEDURE: 1,
    FactKind.IMMUNIZATION: 2,
}

Said = dict[str, object]


def requests(form: str) -> list[SummarizationRequest]:
    return [request(name) for name in FORMS[form]]


def facts(form: str, kind: FactKind) -> list[ClinicalFact]:
    return [fact for each in requests(form) for fact in each.facts if fact.kind is kind]


def said(fact: ClinicalFact) -> Said:
    """All that a fact says, but for where and in which code it stood."""
    return {
        "text": fact.text,
        "negated": fact.negated,
        "codes": [(code.system, code.code) for code in fact.codes],
        "value": fact.value,
        "unit": fact.unit,
        "flag": fact.flag,
        "reference_range": fact.reference_range,
        "time": fact.time,
        "end": fact.end,
        "status": fact.status.value,
        "certainty": fact.certainty,
        "details": sorted((detail.name.value, detail.text) for detail in fact.details),
    }


def told(form: str, kind: FactKind, without: frozenset[str]) -> list[Said]:
    found = [
        {name: told for name, told in said(fact).items() if name not in without} for fact in facts(form, kind)
    ]
    return sorted(found, key=lambda each: (str(each["text"]), str(each["time"])))


@pytest.mark.parametrize("kind", FACTS)
@pytest.mark.parametrize("form", ["fhir", "cda", "soap"])
def test_the_same_facts_come_of_every_form(form: str, kind: FactKind) -> None:
    without = HAS_NO_PLACE_FOR["hl7v2"].get(kind, frozenset())
    assert told(form, kind, without) == told("hl7v2", kind, without)


@pytest.mark.parametrize("kind", FACTS)
def test_fhir_and_cda_say_the_same_of_everything(kind: FactKind) -> None:
    assert told("fhir", kind, frozenset()) == told("cda", kind, frozenset())


@pytest.mark.parametrize("form", FORMS)
def test_no_form_says_more_or_less_than_this(form: str) -> None:
    found = Counter(fact.kind for each in requests(form) for fact in each.facts)
    assert dict(found) == FACTS


@pytest.mark.parametrize("form", FORMS)
def test_what_was_denied_is_denied_in_every_form(form: str) -> None:
    denied = {fact.text for each in requests(form) for fact in each.facts if fact.negated}
    assert denied == {"known food allergies", "Pneumococcal conjugate PCV20"}


@pytest.mark.parametrize("form", FORMS)
def test_a_result_taken_back_is_a_fact_in_no_form(form: str) -> None:
    values = {fact.value for fact in facts(form, FactKind.RESULT) if fact.text == "Potassium"}
    assert values == {"6.8", "4.7"}  # 8.1 was measured in a hemolyzed specimen
    withdrawn = [
        each for one in requests(form) for each in one.unread if each.reason is UnreadReason.WITHDRAWN
    ]
    is_sent = form in ("hl7v2", "fhir")  # C-CDA's results know no status for it: it is left out there
    assert len(withdrawn) == is_sent
    assert all("Potassium" in each.what for each in withdrawn)


def identity(patient: Patient) -> tuple[object, ...]:
    return (
        [(name.family, name.given) for name in patient.names],
        patient.birth_date,
        patient.sex,
        [identifier.value for identifier in patient.identifiers],
    )


@pytest.mark.parametrize("form", FORMS)
def test_it_is_the_same_patient(form: str) -> None:
    expected = ([("Sampleford", ("Wilhelmina", "Grace"))], "1958-07-22", "female", ["SP-100417"])
    assert [identity(each.patient) for each in requests(form)] == [expected] * len(FORMS[form])


def stay(encounter: Encounter) -> tuple[object, ...]:
    return (
        [number.value for number in encounter.visit_numbers],
        encounter.encounter_class,
        encounter.start,
        encounter.end,
        encounter.location,
        [each.name.family for each in encounter.participants if each.role == "attending"],
    )


@pytest.mark.parametrize("form", FORMS)
def test_it_is_the_same_stay(form: str) -> None:
    discharge = requests(form)[0].encounter
    assert discharge is not None
    start, end = "2026-03-09T08:40:00-05:00", "2026-03-12T14:30:00-05:00"
    assert stay(discharge) == (["V26-000731"], "IMP", start, end, "4 West Nephrology", ["Fictional"])


@pytest.mark.parametrize("form", FORMS)
def test_the_note_reads_the_same_line_by_line(form: str) -> None:
    notes = [note for each in requests(form) for note in each.notes if note.section == "11506-3"]
    assert [(note.title, note.repeats_facts) for note in notes] == [("Progress note", False)]
    assert notes[0].text.split("\n") == [
        "Hospital day 2. Admitted with potassium 6.8 mmol/L and a heart rate of 48.",
        "No chest pain. Denies syncope and shortness of breath.",
        "ECG on arrival showed peaked T waves without ST elevation. No evidence of myocardial infarction.",
        "Lisinopril was stopped. Potassium fell to 4.7 mmol/L after one session of hemodialysis;"
        " no further dialysis is planned.",
        "Plan: repeat potassium and creatinine in 3 days. Do not restart lisinopril.",
    ]


def test_soap_carries_the_very_document_that_stands_beside_it() -> None:
    envelope = (SAMPLES / FORMS["soap"][0]).read_text()
    carried = re.search(r"<document[^>]*>([^<]+)</document>", envelope)
    assert carried is not None
    assert base64.b64decode(carried[1]) == (SAMPLES / FORMS["cda"][0]).read_bytes()
