"""Every sample is read as its line in samples/README.md says: what it shows, what it denies, what it takes back."""

import base64
import re
from collections import Counter

import pytest

from gateway.clinical import Certainty, ClinicalFact, FactKind, FactStatus, UnreadReason
from gateway.errors import ErrorKind, GatewayError
from gateway.messages import Wish
from gateway.request import Audience, Purpose
from tests.journeys.sample_reading import FILES, SAMPLES, opened, request

REFUSED: dict[str, tuple[ErrorKind, str]] = {
    "fhir/invalid_two_patients.json": (
        ErrorKind.SEVERAL_PATIENTS,
        "Bundle.entry[2].resource.subject, Bundle.entry[3].resource.subject",
    ),
    "fhir/invalid_unknown_purpose.json": (ErrorKind.UNKNOWN_CODE, "Parameters.parameter[1].value"),
    "hl7v2/adt_a04_wrong_charset.hl7": (ErrorKind.UNSUPPORTED_ENCODING, "MSH-18"),
    "hl7v2/oru_r01_wrong_version.hl7": (ErrorKind.UNSUPPORTED_VERSION, "MSH-12"),
    "soap/iis_two_messages.xml": (ErrorKind.TOO_LARGE, "/Envelope/Body/submitSingleMessage/hl7Message"),
    "soap/summarize_unknown_option.xml": (ErrorKind.UNKNOWN_PARAMETER, "/Envelope/Body/Summarize"),
}

ASKS_FOR_NO_SUMMARY: dict[str, Wish] = {
    "hl7v2/qbp_q15_query.hl7": Wish.RETRIEVE,
    "soap/iis_connectivity_test.xml": Wish.ECHO,
}

READ = [name for name in FILES if name not in REFUSED and name not in ASKS_FOR_NO_SUMMARY]
WITH_FACTS = {  # how many of which kind; a sample that is not here holds notes alone
    "cda/discharge_summary.xml": "allergy 2, appointment 1, condition 3, family-history 1, functional-status 1,"
    " medication 4, procedure 2, result 3, social-history 1",
    "cda/progress_note.xml": "allergy 1, condition 3, medication 3, order 1, result 3, social-history 1,"
    " vital-sign 5",
    "fhir/diagnostic_report.json": "result 3",
    "fhir/ips_document.json": "allergy 1, condition 2, device 1, medication 2, result 2",
    "fhir/parameters.json": "allergy 1, care-plan 3, condition 1, medication 1, procedure 1, result 2",
    "fhir/patient_bundle.json": "allergy 2, condition 4, family-history 1, goal 1, immunization 1, medication 4,"
    " order 1, procedure 2, result 3, social-history 1, vital-sign 3",
    "hl7v2/adt_a01_admission.hl7": "allergy 3, condition 2, vital-sign 4",
    "hl7v2/adt_a03_discharge.hl7": "allergy 4, condition 2, procedure 1, result 1, vital-sign 1",
    "hl7v2/adt_a08_update.hl7": "allergy 3, condition 2",
    "hl7v2/orm_o01_order.hl7": "order 3",
    "hl7v2/oru_r01_critical_potassium.hl7": "result 10",
    "hl7v2/oru_r01_microbiology.hl7": "result 8",
    "hl7v2/ppr_pc1_problems.hl7": "condition 5",
    "hl7v2/rde_o11_medication_order.hl7": "medication 4",
    "hl7v2/siu_s12_appointment.hl7": "appointment 1",
    "hl7v2/vxu_v04_refusal.hl7": "immunization 2",
    "soap/iis_submit_single_message.xml": "immunization 1, result 1",
}
WITH_FACTS["soap/summarize_12.xml"] = WITH_FACTS["cda/discharge_summary.xml"]
WITH_FACTS["soap/notereader_process_document.xml"] = WITH_FACTS["cda/progress_note.xml"]

NOTES_ALONE = {
    "fhir/document_reference.json": 1,
    "hl7v2/mdm_t02_discharge_summary.hl7": 1,
    "hl7v2/mdm_t02_progress_note.hl7": 1,
    "hl7v2/oru_r01_radiology_report.hl7": 3,
    "soap/summarize_11.xml": 2,
}

DENIED: dict[str, set[str]] = {  # all that is negated; a sample that is not here denies nothing in its facts
    "cda/discharge_summary.xml": {"Alteplase", "Thrombectomy", "known drug allergies"},
    "cda/progress_note.xml": {"Coronary artery disease", "known drug allergies"},
    "fhir/ips_document.json": {"known allergies"},
    "fhir/parameters.json": {"known drug allergies"},
    "fhir/patient_bundle.json": {
        "Alendronate",
        "Colonoscopy",
        "Latex",
        "Pulmonary embolism",
        "Zoster recombinant",
    },
    "hl7v2/adt_a01_admission.hl7": {"known food allergies"},
    "hl7v2/adt_a03_discharge.hl7": {"known food allergies"},
    "hl7v2/ppr_pc1_problems.hl7": {"Pneumonia"},
    "hl7v2/vxu_v04_refusal.hl7": {"MMR"},
}
DENIED["soap/summarize_12.xml"] = DENIED["cda/discharge_summary.xml"]
DENIED["soap/notereader_process_document.xml"] = DENIED["cda/progress_note.xml"]

TAKEN_BACK: dict[str, list[str]] = {  # words of each entry listed as withdrawn
    "fhir/patient_bundle.json": ["Asthma", "Hemoglobin"],
    "hl7v2/adt_a03_discharge.hl7": ["Pneumonia"],
    "hl7v2/oru_r01_critical_potassium.hl7": ["Potassium", "Calcium"],
    "hl7v2/ppr_pc1_problems.hl7": ["Diabetes mellitus"],
}


def is_of_same_patient(name: str) -> bool:
    """Held against each other in test_same_patient."""
    return name.startswith("same_patient/")


def found(name: str, text: str) -> list[ClinicalFact]:
    return [fact for fact in request(name).facts if fact.text == text]


def only(name: str, text: str) -> ClinicalFact:
    (fact,) = found(name, text)
    return fact


def details(fact: ClinicalFact) -> dict[str, str]:
    return {detail.name.value: detail.text for detail in fact.details}


def unread(name: str, reason: UnreadReason) -> list[str]:
    return [each.what for each in request(name).unread if each.reason is reason]


def test_every_sample_is_expected_and_every_expected_sample_is_there() -> None:
    named = {*REFUSED, *ASKS_FOR_NO_SUMMARY, *WITH_FACTS, *NOTES_ALONE}
    assert named == {name for name in FILES if not is_of_same_patient(name)}


def test_the_page_about_the_samples_names_each() -> None:
    page = (SAMPLES / "README.md").read_text()
    assert [name for name in FILES if f"`{name}`" not in page] == []
    assert [name for name in re.findall(r"`([\w/]+\.(?:hl7|json|xml))`", page) if name not in FILES] == []


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_sample_is_refused_at_the_place_that_is_wrong(name: str) -> None:
    with pytest.raises(GatewayError) as refusal:
        opened(name)
    assert (refusal.value.kind, refusal.value.location) == REFUSED[name]


@pytest.mark.parametrize("name", ASKS_FOR_NO_SUMMARY)
def test_a_query_and_a_test_of_the_connection_ask_for_no_summary(name: str) -> None:
    message, found_request = opened(name)
    assert (message.wish, found_request) == (ASKS_FOR_NO_SUMMARY[name], None)


@pytest.mark.parametrize("name", WITH_FACTS)
def test_a_sample_gives_these_facts(name: str) -> None:
    counted = Counter(fact.kind.value for fact in request(name).facts)
    assert ", ".join(f"{kind} {count}" for kind, count in sorted(counted.items())) == WITH_FACTS[name]


@pytest.mark.parametrize("name", NOTES_ALONE)
def test_free_text_gives_notes(name: str) -> None:
    assert len(request(name).notes) == NOTES_ALONE[name]
    assert request(name).facts == ()


@pytest.mark.parametrize("name", [name for name in READ if not is_of_same_patient(name)])
def test_just_what_the_sender_denied_is_negated(name: str) -> None:
    assert {fact.text for fact in request(name).facts if fact.negated} == DENIED.get(name, set())


@pytest.mark.parametrize("name", [name for name in READ if not is_of_same_patient(name)])
def test_what_the_sender_took_back_is_listed_and_no_fact(name: str) -> None:
    listed = unread(name, UnreadReason.WITHDRAWN)
    words = TAKEN_BACK.get(name, [])
    assert len(listed) == len(words)
    assert all(word in what for word, what in zip(words, listed, strict=True))


@pytest.mark.parametrize("name", READ)
def test_nothing_in_a_good_sample_is_invalid_or_cautioned(name: str) -> None:
    assert unread(name, UnreadReason.INVALID) == []
    assert request(name).warnings == ()


AGE_BY_TODAY = {"fhir/diagnostic_report.json", "fhir/document_reference.json"}
"""A single resource has its Encounter inside it, and no encounter of its own."""


@pytest.mark.parametrize("name", [name for name in READ if name not in AGE_BY_TODAY])
def test_the_age_follows_from_the_encounter_and_not_from_the_day_of_reading(name: str) -> None:
    patient, encounter = request(name).patient, request(name).encounter
    assert not patient.birth_date or (encounter is not None and encounter.start)


def test_a_critical_value_has_its_flag_range_and_earlier_value() -> None:
    potassium = found("hl7v2/oru_r01_critical_potassium.hl7", "Potassium")
    assert [(each.value, each.flag, each.reference_range, each.time[:10]) for each in potassium] == [
        ("4.9", "N", "3.5-5.1", "2025-12-04"),
        ("6.9", "HH", "3.5-5.1", "2026-02-03"),
    ]
    assert "read back" in details(potassium[1])["comment"]
    troponin = found("fhir/diagnostic_report.json", "Troponin I, high sensitivity")
    assert [(each.value, each.flag) for each in troponin] == [("14", "N"), ("186", "HH")]


@pytest.mark.parametrize(
    ("name", "text", "status"),
    [
        ("hl7v2/oru_r01_critical_potassium.hl7", "Sodium", FactStatus.FINAL),
        ("hl7v2/oru_r01_critical_potassium.hl7", "Glucose", FactStatus.PRELIMINARY),
        ("hl7v2/oru_r01_critical_potassium.hl7", "Phosphate", FactStatus.CANCELLED),
        ("hl7v2/orm_o01_order.hl7", "CT head without contrast", FactStatus.CANCELLED),
        ("hl7v2/rde_o11_medication_order.hl7", "Norepinephrine", FactStatus.ACTIVE),
        ("hl7v2/ppr_pc1_problems.hl7", "Urinary tract infectious disease", FactStatus.RESOLVED),
        ("fhir/diagnostic_report.json", "Creatine kinase", FactStatus.REGISTERED),
        ("fhir/patient_bundle.json", "Malignant neoplasm of breast", None),
        ("fhir/patient_bundle.json", "Prednisone", FactStatus.COMPLETED),
        ("cda/discharge_summary.xml", "Aspirin 81 MG Oral Tablet", FactStatus.STOPPED),
        ("cda/progress_note.xml", "Semaglutide", FactStatus.PLANNED),
    ],
)
def test_a_status_is_the_senders(name: str, text: str, status: FactStatus | None) -> None:
    if status is None:  # her own, in remission; and her mother's
        assert [(each.kind, each.status) for each in found(name, text)] == [
            (FactKind.CONDITION, FactStatus.INACTIVE),
            (FactKind.FAMILY_HISTORY, FactStatus.COMPLETED),
        ]
    else:
        assert only(name, text).status is status


def test_a_stopped_drug_is_not_an_active_one() -> None:
    metformin = only("hl7v2/rde_o11_medication_order.hl7", "Metformin hydrochloride 500 MG Oral Tablet")
    assert (metformin.status, metformin.end) == (FactStatus.STOPPED, "2026-04-19")


def test_an_order_says_dose_route_and_how_often() -> None:
    acetaminophen = only("hl7v2/rde_o11_medication_order.hl7", "Acetaminophen 325 MG Oral Tablet")
    said = details(acetaminophen)
    assert (said["dose"], said["route"]) == ("650 mg", "Oral")
    assert said["frequency"] == "every 6 hours as needed if temperature is above 38.5 Cel"


def test_a_diagnosis_is_as_certain_as_its_sender_was() -> None:
    problems = "hl7v2/ppr_pc1_problems.hl7"
    assert only("hl7v2/adt_a01_admission.hl7", "Pneumonia, unspecified organism").certainty is (
        Certainty.PROVISIONAL
    )
    assert only(problems, "Deep venous thrombosis").certainty is Certainty.PROVISIONAL
    assert only(problems, "Pneumonia").certainty is Certainty.REFUTED
    assert only(problems, "Bacterial sepsis").certainty is Certainty.CONFIRMED


def test_a_susceptibility_names_the_organism_it_was_measured_on() -> None:
    name = "hl7v2/oru_r01_microbiology.hl7"
    ceftriaxone = only(name, "Ceftriaxone")
    assert (ceftriaxone.value, ceftriaxone.unit, ceftriaxone.flag) == ("<=1", "ug/mL", "S")
    assert ceftriaxone.group == "Bacterial susceptibility panel (Escherichia coli)"
    cultures = [each.value for each in found(name, "Bacteria identified in blood by culture")]
    assert cultures == ["Escherichia coli", "No growth at 3 days"]


def test_a_refusal_and_a_dose_not_given_have_their_reason() -> None:
    refused = only("hl7v2/vxu_v04_refusal.hl7", "MMR")
    assert (refused.status, details(refused)["reason"]) == (FactStatus.NOT_DONE, "Parental decision")
    alteplase = only("cda/discharge_summary.xml", "Alteplase")
    assert (alteplase.status, details(alteplase)["reason"]) == (
        FactStatus.NOT_DONE,
        "Arrived outside the time window",
    )


def test_a_name_outside_ascii_is_read_in_the_character_set_that_is_declared() -> None:
    assert request("hl7v2/adt_a08_update.hl7").patient.names[0].given == ("René", "Paul")
    assert request("hl7v2/mdm_t02_discharge_summary.hl7").patient.names[0].given == ("Noëmi", "L")


@pytest.mark.parametrize(
    ("name", "sentences"),
    [
        ("hl7v2/mdm_t02_progress_note.hl7", ["Denies chest pain, dyspnea", "Do not give NSAIDs"]),
        ("hl7v2/mdm_t02_discharge_summary.hl7", ["No deep vein thrombosis", "Ibuprofen must not be taken"]),
        ("hl7v2/oru_r01_radiology_report.hl7", ["No pneumothorax", "No evidence of pneumonia."]),
        ("fhir/document_reference.json", ["No known drug allergies.", "No anticoagulation at present."]),
        ("fhir/ips_document.json", ["No cardioversion is planned."]),
        ("cda/discharge_summary.xml", ["no intracranial hemorrhage", "No driving for 4 weeks"]),
        ("cda/progress_note.xml", ["No hypoglycemia.", "lisinopril is not increased today"]),
        ("soap/summarize_11.xml", ["no known drug allergies", "Not intubated."]),
    ],
)
def test_a_note_keeps_its_negations_word_by_word(name: str, sentences: list[str]) -> None:
    text = "\n".join(note.text for note in request(name).notes)
    assert [each for each in sentences if each not in text] == []


@pytest.mark.parametrize(
    ("name", "reason", "word"),
    [
        ("hl7v2/oru_r01_radiology_report.hl7", UnreadReason.BINARY, "PDF"),
        ("hl7v2/oru_r01_radiology_report.hl7", UnreadReason.EXTERNAL, "pointer"),
        ("hl7v2/adt_a08_update.hl7", UnreadReason.LOCAL, "ZPD"),
        ("fhir/ips_document.json", UnreadReason.NO_INFORMATION, "immunizations"),
        ("fhir/patient_bundle.json", UnreadReason.NO_INFORMATION, "Body weight"),
    ],
)
def test_what_cannot_be_read_is_said(name: str, reason: UnreadReason, word: str) -> None:
    (what,) = unread(name, reason)
    assert word in what


def test_the_options_of_a_call_become_the_task() -> None:
    task = request("fhir/parameters.json").task
    assert (task.purpose, task.audience, task.language) == (Purpose.DISCHARGE, Audience.CLINICIAN, "en-US")
    assert (task.max_length, task.purpose_of_use) == (1500, ("TREAT",))
    assert request("soap/summarize_11.xml").task.purpose is Purpose.HANDOFF
    assert request("hl7v2/adt_a03_discharge.hl7").task.purpose is Purpose.DISCHARGE


def test_a_restricted_document_keeps_its_label() -> None:
    assert request("fhir/document_reference.json").labels.confidentiality == "R"


def test_the_query_asks_for_the_patient_of_the_admission() -> None:
    admission = request("hl7v2/adt_a01_admission.hl7")
    assert admission.encounter is not None
    asked = (SAMPLES / "hl7v2/qbp_q15_query.hl7").read_text()
    for number in (*admission.patient.identifiers, *admission.encounter.visit_numbers):
        if number.type in ("MR", "VN"):
            assert f"|{number.value}^^^" in asked


@pytest.mark.parametrize(
    ("envelope", "document"),
    [
        ("soap/summarize_12.xml", "cda/discharge_summary.xml"),
        ("soap/notereader_process_document.xml", "cda/progress_note.xml"),
    ],
)
def test_soap_carries_the_very_document_that_stands_beside_it(envelope: str, document: str) -> None:
    carried = re.search(r"<[Dd]ocument[^>]*>([^<]+)</[Dd]ocument>", (SAMPLES / envelope).read_text())
    assert carried is not None
    assert base64.b64decode(carried[1]) == (SAMPLES / document).read_bytes()
