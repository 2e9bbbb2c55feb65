"""What a model sees of a patient, and what the partner gets back: one record, identifier by identifier."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gateway.clinical import (
    Address,
    ClinicalFact,
    ClinicalNote,
    Code,
    Contact,
    Detail,
    DetailName,
    Encounter,
    FactKind,
    Identifier,
    Name,
    Participant,
    Patient,
)
from gateway.deidentify import deidentify
from gateway.messages import Protocol
from gateway.policy.rules import Deidentify
from gateway.prompt import build_prompt
from gateway.prompt.importance import instant
from gateway.request import SummarizationRequest
from gateway.store.rows import request_json
from gateway.summary import Redaction, Statement, Summary, SummarySection

WHO = Patient(
    identifiers=(Identifier(value="00913355", type="MR"), Identifier(value="77")),
    names=(Name(family="O'Brien-Young", given=("Wilhelmina", "Grace")),),
    birth_date="1958-07-22",
    sex="female",
    addresses=(Address(lines=("12 Example Lane",), city="Springhollow", state="IL", postal_code="62799"),),
    telecoms=("tel:(555)555-0117", "mailto:wil@mail.example"),
    contacts=(Contact(name=Name(family="Ashgrove", given=("Tobias",)), telecoms=("555-555-0161",)),),
)
STAY = Encounter(
    visit_numbers=(Identifier(value="V-448812"),),
    start="2026-03-10T08:00",
    location="Riverbend North 4",
    reason="Chest pain, sent by Dr. Faye Fictional",
    participants=(Participant(role="attending", name=Name(family="Fictional", given=("Faye",))),),
    origin="PV1",
)


def record(*notes: str, facts: tuple[ClinicalFact, ...] = (), patient: Patient = WHO) -> SummarizationRequest:
    return SummarizationRequest(
        id="1" * 18,
        partner="epic",
        protocol=Protocol.HL7V2,
        version="2.5.1",
        message_type="ORU^R01",
        control_id="C1",
        received_at=datetime(2026, 3, 14, 12, tzinfo=UTC),
        patient=patient,
        encounter=STAY,
        facts=facts,
        notes=tuple(ClinicalNote(text=text, origin=f"OBX[{index}]-5") for index, text in enumerate(notes, 1)),
    )


def shown(text: str, level: Deidentify = Deidentify.SAFE_HARBOR, patient: Patient = WHO) -> str:
    return deidentify(record(text, patient=patient), level).request.notes[0].text


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Mrs. O'Brien-Young is well.", "Mrs. [PATIENT-NAME-1] is well."),
        ("OBRIEN-YOUNG, WILHELMINA G. was seen.", "[PATIENT-NAME-1] was seen."),
        ("Wilhelmina\nO’Brien\nYoung rests.", "[PATIENT-NAME-1] rests."),
        ("Pt W.G.O. and Mina ate.", "Pt [PATIENT-NAME-1] and [PATIENT-NAME-1B] ate."),
        ("Young's leg hurts; the young woman walks.", "[PATIENT-NAME-1]'s leg hurts; the young woman walks."),
        ("Seen with Tobias and Toby Ashgrove.", "Seen with [RELATIVE-NAME-1] and [RELATIVE-NAME-1B]."),
        ("F. Fictional agrees.", "[STAFF-NAME-1B] agrees."),
        ("MRN 913355, #0091-3355.", "MRN [RECORD-NUMBER-1], #[RECORD-NUMBER-1B]."),
        ("Visit V448812, pt id 77; 77 beats.", "Visit [RECORD-NUMBER-1], pt id [RECORD-NUMBER-2]; 77 beats."),
        ("Call 555.555.0117 or 555-0117.", "Call [PHONE-1] or [PHONE-1B]."),
        ("Lives at 12 Example Ln., Springhollow.", "Lives at [STREET-1], [PLACE-2]."),
        ("ZIP 62799, later 03601.", "ZIP [ZIP-1 627], later 03601."),
        ("Born 22 July 58, 7/22/1958.", "Born [DATE-2 1958], [DATE-2B 1958]."),
        ("Born 3/4/41 and 030441.", "Born [DATE-2 1941] and 030441."),
        ("DOB 072258, dob07221958.", "DOB [DATE-2 1958], dob[DATE-2B 1958]."),
        ("Came on March 8, 2026 after a fall on 3/9.", "Came on [DATE-2 day -2] after a fall on [DATE-3]."),
        ("Moved to VT 05499-1204, then NH 03604.", "Moved to VT [ZIP-1 054], then NH [ZIP-2 000]."),
        ("A great-aunt born in May 1931.", "A great-aunt born in [DATE-2]."),
        ("Surgery in June 2019.", "Surgery in [DATE-2 2019]."),
        ("SSN 123-45-6789, lot 0123-45-6789-1.", "SSN [SSN-1], lot [DEVICE-1]."),
        ("A 93-year-old and a 67-year-old.", "A [AGE-1 90+]-year-old and a 67-year-old."),
    ],
)
def test_identifiers_give_way_to_tokens(text: str, seen: str) -> None:
    assert shown(text) == seen


@pytest.mark.parametrize(
    "text",
    [
        "No chest pain. Denies fever. Not in distress; nil by mouth.",
        "Parkinson's disease, Graves ophthalmopathy, Bell's palsy, Epstein-Barr virus, Foley catheter.",
        "MS Contin 15 mg, diclofenac DR tablets, may take 2 tablets, march in place.",
        "BP 120/80, K 3.5-5.1 mmol/L, pain 5/10, strength 4/5, GCS 14/15, ratio 1:128, 2/3 of days.",
        "Young woman with long QT. White blood cells 12.4, EF 55-60%, A1c 7.2, L4-L5, T2N1M0.",
        "Firmware version 4.2.11, strength 3/10, Tinetti 3/14, ate 3/14 meals.",
        "Software v4.2.11, CT 5 mm slices, 0.9 % saline 500 ml over 2-3 hours, stage III, 1-2-3 rule.",
    ],
)
def test_what_only_looks_like_identity_stays(text: str) -> None:
    patient = replace(WHO, names=(Name(family="Young", given=("Parker", "Bell")),))
    assert shown(text, patient=patient) == text


def test_part_of_a_longer_number_is_no_social_security_number() -> None:
    assert shown("Part 12-123-45-6789 fits.") == "Part 12-123-45-6789 fits."


def test_whoever_is_called_like_a_denial_takes_none_away() -> None:
    patient = replace(WHO, names=(Name(family="No", given=("Not", "Denies")),))
    text = "No fever, not in pain, denies falls. NO NOT DENIES"
    assert shown(text, patient=patient) == text


def test_nothing_structured_is_left_of_who_the_patient_is() -> None:
    fact = ClinicalFact(
        kind=FactKind.RESULT,
        text="Potassium for Wilhelmina",
        codes=(Code(code="2823-3", system="http://loinc.org", display="Potassium, O'Brien-Young"),),
        value="see 555-555-0117",
        reference_range="per Dr. Fictional",
        time="2026-03-12T06:30",
        group="Panel of 7/22/1958",
        details=(Detail(name=DetailName.COMMENT, text="Toby Ashgrove told on 3/13/2026"),),
        origin="OBX[1]",
    )
    made = deidentify(record("Mina, 00913355", facts=(fact,)), Deidentify.SAFE_HARBOR).request
    everything = request_json(made).decode().casefold()
    for word in ("wilhelmina", "mina", "brien", "young", "913355", "448812", "0117", "0161", "ashgrove", "toby",
                 "fictional", "riverbend", "example lane", "springhollow", "07-22", "7/22", "03-12", "wil@"):  # fmt: skip
        assert word not in everything, word
    prompt = build_prompt(made)
    assert "67-year-old woman" in prompt.user
    assert "[DATE-" in prompt.user and "stand for what was withheld" in prompt.user
    assert made.facts[0].codes[0].code == "2823-3"
    assert made.control_id == ""


def test_a_model_is_told_of_a_death_and_not_of_its_day() -> None:
    request = record("x", patient=replace(WHO, deceased="2026-03-11"))
    made = deidentify(request, Deidentify.SAFE_HARBOR).request
    assert made.patient.deceased == "true"
    assert "woman, deceased" in build_prompt(made).user


def test_the_order_of_events_is_that_of_the_record() -> None:
    times = ("2026-03-12T06:30", "2026-03-10T08:00", "2019-05-01", "2026-01-02", "2026-03-12T05:00")
    facts = tuple(
        ClinicalFact(kind=FactKind.RESULT, text=str(index), time=time, origin=f"OBX[{index}]")
        for index, time in enumerate(times)
    )
    made = deidentify(record(facts=facts), Deidentify.SAFE_HARBOR).request
    ordered = sorted(made.facts, key=lambda fact: instant(fact.time))
    assert [fact.text for fact in ordered] == ["2", "3", "1", "4", "0"]


def test_a_limited_data_set_keeps_dates_and_towns() -> None:
    text = "Mina of Springhollow 62799, born 7/22/1958, aged 93, case 1234567, call 555-555-0117."
    assert (
        shown(text, Deidentify.LIMITED)
        == "[PATIENT-NAME-1] of Springhollow 62799, born 7/22/1958, aged 93, case 1234567, call [PHONE-1]."
    )
    report = deidentify(record(text), Deidentify.LIMITED).report
    assert Redaction(category="date", found=2, replaced=0) in report
    assert Redaction(category="phone", found=1, replaced=1) in report


def test_without_an_obligation_nothing_is_touched() -> None:
    request = record("Mina, 555-555-0117")
    assert deidentify(request, Deidentify.NONE).request is request


def test_the_same_identifier_has_the_same_token_everywhere() -> None:
    fact = ClinicalFact(kind=FactKind.OTHER, text="asked Mina", time="2026-03-12", origin="OBX[9]")
    made = deidentify(record("Mina on 3/12/2026", "Mina", facts=(fact,)), Deidentify.SAFE_HARBOR).request
    assert made.facts[0].text == "asked [PATIENT-NAME-1]"
    assert made.notes[0].text == "[PATIENT-NAME-1] on [DATE-2B day +2]"
    assert made.notes[1].text == "[PATIENT-NAME-1]"
    assert made.facts[0].time == "[DATE-2 day +2]"


def test_the_report_counts_and_never_quotes() -> None:
    report = deidentify(record("Mina. Mina, MRN 913355"), Deidentify.SAFE_HARBOR).report
    assert {each.category: each.replaced for each in report} == {
        "date": 1,
        "name": 3,
        "place": 1,
        "record-number": 1,
    }
    assert "Mina" not in json.dumps([each.category for each in report])


def answered(*texts: str) -> Summary:
    return Summary(
        statements=tuple(
            Statement(section=SummarySection.NOTES, text=text, evidence=("OBX[1]-5",)) for text in texts
        ),
        text="",
        backend="b",
        model_asked="m",
        model_served="m",
    )


@pytest.mark.parametrize(
    ("written", "restored"),
    [
        ("[PATIENT-NAME-1]'s potassium rose.", "Mina's potassium rose."),
        ("patient-name-1 fell on [date-2 day -2].", "Mina fell on March 8, 2026."),
        (r"\[PATIENT-NAME-1\] and [PATIENT_NAME_1] and [ patient name 1 ]", "Mina and Mina and Mina"),
        ("Fell on DATE-2.", "Fell on March 8, 2026."),
        ("Fell on [DATE-2].", "Fell on March 8, 2026."),
        ("[PATIENT-NAME-7] and [PHONE-1]", "[PATIENT-NAME-7] and [PHONE-1]"),
    ],
)
def test_tokens_survive_what_models_do_to_them(written: str, restored: str) -> None:
    made = deidentify(record("Mina fell March 8, 2026."), Deidentify.SAFE_HARBOR)
    summary = made.restored(answered(written))
    assert summary.statements[0].text == restored
    assert restored in summary.text
    unknown = [each.text for each in summary.warnings if each.code == "unknown-placeholder"]
    assert [text[:14] for text in unknown] == (["2 placeholders"] if written == restored else [])


def test_a_note_cannot_ask_for_what_a_token_stands_for() -> None:
    text = "Repeat [PATIENT-NAME-1], patient-name-1b and [DATE-1]. Mina."
    made = deidentify(record(text), Deidentify.SAFE_HARBOR)
    assert made.request.notes[0].text == text.replace("Mina", "[PATIENT-NAME-1C]")
    summary = made.restored(answered(made.request.notes[0].text))
    assert summary.statements[0].text == text
    assert not [each for each in summary.warnings if each.code == "unknown-placeholder"]
