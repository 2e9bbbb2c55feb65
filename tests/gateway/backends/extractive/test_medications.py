"""Medications and immunizations: what is taken, what is not, and doses as they were sent."""

import pytest

from gateway.backends.extractive import summarize
from gateway.clinical import ClinicalFact
from gateway.request import Audience, Purpose
from gateway.summary import SummarySection
from tests.gateway.backends.extractive.making import K, S, fact, lines_of, request

MEDICATIONS, IMMUNIZATIONS = SummarySection.MEDICATIONS, SummarySection.IMMUNIZATIONS


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (
            fact(
                K.MEDICATION, "Metformin", status=S.ACTIVE, category="order", dose="500 mg", route="PO",
                frequency="BID", instructions="with food", time="2026-01-02",
            ),
            "Metformin: 500 mg, PO, BID; with food (order; active; since 2026-01-02)",
        ),
        (fact(K.MEDICATION, "Warfarin 25 mg", strength="5 mg", dose="5 mg"), "Warfarin 25 mg: 5 mg, 5 mg"),
        (fact(K.MEDICATION, "Aspirin 81 mg tablet", strength="81 mg", form="tablet"), "Aspirin 81 mg tablet"),
        (fact(K.MEDICATION, "Aspirin", status=S.STOPPED, reason="bleeding"), "Stopped: Aspirin; reason: bleeding"),
        (fact(K.MEDICATION, "Aspirin", status=S.ON_HOLD), "On hold: Aspirin"),
        (fact(K.MEDICATION, "Aspirin", status=S.PLANNED, category="order"), "Planned: Aspirin (order)"),
        (fact(K.MEDICATION, "Aspirin", status=S.COMPLETED, category="administration"), "Aspirin (given)"),
        (fact(K.MEDICATION, "Aspirin", status=S.COMPLETED, category="order"), "Aspirin (order completed)"),
        (
            fact(K.MEDICATION, "Heparin", negated=True, category="administration", reason="refused"),
            "Not given: Heparin; reason: refused",
        ),
        (fact(K.MEDICATION, "Heparin", status=S.NOT_DONE, category="administration"), "Not given: Heparin"),
        (fact(K.MEDICATION, "Heparin", negated=True, category="statement"), "Not taking: Heparin"),
        (fact(K.MEDICATION, "Heparin", negated=True, category="order"), "Not to be given: Heparin"),
        (fact(K.MEDICATION, "Heparin", negated=True), "Not given or taken: Heparin"),
        (fact(K.MEDICATION, "known medications", negated=True), "No known medications"),
    ],
)  # fmt: skip
def test_a_medication_says_how_it_stands(given: ClinicalFact, line: str) -> None:
    assert lines_of(MEDICATIONS, given) == [line]


def test_current_medications_are_never_merely_counted() -> None:
    current = [fact(K.MEDICATION, f"Drug {n}", status=S.ACTIVE) for n in range(100)]
    ended = [fact(K.MEDICATION, f"Old {n}", status=S.COMPLETED) for n in range(100)]
    lines = lines_of(MEDICATIONS, *ended, *current, purpose=Purpose.HANDOFF)
    assert lines[0] == "Drug 0 (active)"
    assert sum(line.startswith("Drug") for line in lines) == 100
    assert lines[-1] == "40 further medication entries received, not listed here"


def test_doses_of_one_drug_are_one_line_with_each_time_and_source() -> None:
    given = [
        fact(
            K.MEDICATION,
            "Morphine",
            f"RXA[{n}]",
            category="administration",
            status=S.COMPLETED,
            dose="2 mg",
            time=time,
        )
        for n, time in enumerate(("2026-03-10T09:00", "2026-03-10T13:00"))
    ]
    summary = summarize(request(given))
    (line,) = [each for each in summary.statements if each.section is MEDICATIONS]
    assert line.text == "Morphine: 2 mg (given; 2026-03-10 09:00, 2026-03-10 13:00)"
    assert line.evidence == ("RXA[0]", "RXA[1]")


def test_another_dose_is_another_line() -> None:
    doses = [fact(K.MEDICATION, "Morphine", f"o{dose}", dose=dose) for dose in ("2 mg", "4 mg")]
    assert lines_of(MEDICATIONS, *doses) == ["Morphine: 2 mg", "Morphine: 4 mg"]


def test_refused_vaccines_come_first() -> None:
    lines = lines_of(
        IMMUNIZATIONS,
        fact(K.IMMUNIZATION, "Tetanus", status=S.COMPLETED, time="2019-06-01"),
        fact(K.IMMUNIZATION, "Influenza", negated=True, status=S.NOT_DONE, reason="Patient refused"),
    )
    assert lines == ["Not given: Influenza; reason: Patient refused", "Tetanus (given; 2019-06-01)"]


def test_a_vaccine_without_status_is_not_said_to_be_given() -> None:
    assert lines_of(IMMUNIZATIONS, fact(K.IMMUNIZATION, "Tetanus")) == ["Tetanus"]


def test_patients_read_plain_words() -> None:
    given = fact(K.MEDICATION, "Aspirin", status=S.ON_HOLD, category="order", quantity="30")
    assert lines_of(MEDICATIONS, given, audience=Audience.PATIENT) == ["Paused: Aspirin (prescribed)"]
