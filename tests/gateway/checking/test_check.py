"""What each rule finds, and what it leaves alone."""

from dataclasses import replace

import pytest

from gateway.checking import Reason, check
from gateway.request import SummarizationRequest
from gateway.summary import Statement, SummarySection
from tests.gateway.backends.extractive.making import K, S, fact, note, request
from tests.gateway.checking.patients import PATIENTS
from tests.gateway.checking.rounds import said

REQUEST = request(
    [
        fact(
            K.RESULT,
            "Potassium",
            "F1",
            value="6.80",
            unit="mmol/L",
            range_="3.5-5.1",
            time="2026-05-02T09:30",
        ),
        fact(K.RESULT, "Sodium", "F2", value="139", unit="mmol/L", range_="135-145", time="2026-05-02T09:30"),
        fact(K.RESULT, "Platelets", "F3", value=">1,000", unit="10*3/uL"),
        fact(K.MEDICATION, "Furosemide", "F4", status=S.ACTIVE, dose="40 mg", frequency="BID"),
        fact(K.MEDICATION, "Metoprolol tartrate", "F5", status=S.ACTIVE, dose="25 mg", frequency="Q6H PRN"),
        fact(K.ALLERGY, "known allergies", "F6", negated=True),
    ],
    [note("Weight 80 kg. Pain for two weeks. Seen 3/4/26.", origin="N1")],
)


def reasons(text: str, *evidence: str, of: SummarizationRequest = REQUEST) -> set[Reason]:
    [checked] = check([said(evidence, text)], of)
    return {finding.reason for finding in checked.findings}


@pytest.mark.parametrize(
    "text",
    [
        "Potassium 6.8 mmol/L",
        "Potassium 6.80 millimoles/L (3.5 to 5.1)",
        "Potassium was 6.8 on May 2, 2026 at 9:30 AM",
        "On 05/02/2026 the potassium was 6.8",
        "On 2 May 2026 at 09:30 potassium was 6.8",
        "In May 2026 potassium was 6.8",
    ],
)
def test_the_same_figure_may_be_written_in_many_ways(text: str) -> None:
    assert reasons(text, "F1") == set()


@pytest.mark.parametrize(
    ("text", "evidence", "reason"),
    [
        ("Potassium 68 mmol/L", "F1", Reason.NUMBER),
        ("Potassium 6.8 mg/dL", "F1", Reason.UNIT),
        ("Potassium 6.8--68 mmol/L", "F1", Reason.NUMBER),
        ("Potassium 6.8--3/4/26", "F1", Reason.DATE),
        ("Furosemide 40--80 mg twice daily", "F4", Reason.NUMBER),
        ("Potassium 6.8 on May 3, 2026", "F1", Reason.DATE),
        ("Potassium 6.8 at 9:30 PM", "F1", Reason.DATE),
        ("Potassium >6.8", "F1", Reason.NUMBER),
        ("Platelets 1000", "F3", Reason.NUMBER),
        ("Platelets below 1000", "F3", Reason.NUMBER),
        ("Weight 80 lb", "N1", Reason.UNIT),
        ("Pain for three weeks", "N1", Reason.NUMBER),
        ("Furosemide 40 mg three times a day", "F4", Reason.FREQUENCY),
        ("Metoprolol 25 mg every 6 hours, 40 mg of it", "F5", Reason.NUMBER),
    ],
)
def test_another_figure_is_found(text: str, evidence: str, reason: Reason) -> None:
    assert reason in reasons(text, evidence)


@pytest.mark.parametrize(
    ("text", "evidence"),
    [
        ("Platelets greater than 1000 K/uL", "F3"),
        ("Platelets >1000 x10^9/L", "F3"),
        ("Furosemide 40 milligrams twice daily", "F4"),
        ("Lasix 40mg q12h", "F4"),
        ("Metoprolol 25 mg every six hours as needed", "F5"),
        ("Weight was 80 kilograms, with pain for 14 days", "N1"),
        ("Seen on March 4, 2026", "N1"),
    ],
)
def test_another_wording_is_not(text: str, evidence: str) -> None:
    assert reasons(text, evidence) == set()


def test_a_number_belongs_to_what_it_was_measured_of() -> None:
    assert reasons("Potassium 6.8 and sodium 139 mmol/L", "F1", "F2") == set()
    assert reasons("Sodium and potassium were 139 and 6.8, respectively", "F1", "F2") == set()
    assert reasons("He takes 40 mg of furosemide and 25 mg of metoprolol", "F4", "F5") == set()
    assert reasons("Potassium 139 and sodium 6.8 mmol/L", "F1", "F2") == {Reason.NUMBER}
    assert reasons("Furosemide 25 mg and metoprolol 40 mg", "F4", "F5") == {Reason.NUMBER}


def test_evidence_must_exist() -> None:
    assert reasons("Potassium 6.8", "F9") == {Reason.SOURCE}
    assert reasons("Potassium 6.8") == {Reason.SOURCE}
    limits = Statement(section=SummarySection.LIMITS, text="Left out: 3 results.", evidence=())
    assert check([limits], REQUEST)[0].stands


def test_a_drug_of_another_line_of_the_record_does_not_count() -> None:
    assert reasons("Furosemide 25 mg", "F5") == {Reason.DRUG}
    assert reasons("Zanubrutinib 40 mg", "F4") == {Reason.DRUG}
    assert reasons("Metoprolol succinate 25 mg", "F5") == {Reason.DRUG}


def test_no_known_allergies_of_one_who_has_some() -> None:
    assert reasons("No known drug allergies", "F6") == set()
    assert Reason.NEGATION in reasons("No known drug allergies", "F4", of=PATIENTS["heart"])


def test_in_another_language_figures_and_drugs_are_checked_and_words_are_not() -> None:
    french = replace(REQUEST, task=replace(REQUEST.task, language="fr"))
    assert reasons("Potassium 6,8 mmol/L, pas d'allergie connue", "F1", of=french) == set()
    assert reasons("Potassium 8,6 mmol/L", "F1", of=french) == {Reason.NUMBER}
    assert reasons("Torasemide 40 mg", "F4", of=french) == {Reason.DRUG}
    assert reasons("No furosemide", "F4", of=french) == set()


def test_the_words_at_fault_are_told_to_operators_and_stay_out_of_logs() -> None:
    [checked] = check([said(("F1",), "Potassium 68 mmol/L")], REQUEST)
    assert "68" in checked.findings[0].span
    assert "68" not in repr(checked)
