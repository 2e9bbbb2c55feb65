"""What holds of every summary, whatever the request; and the summary of one whole patient."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.backends.extractive import ExtractiveBackend, summarize
from gateway.backends.extractive.wording import is_negative
from gateway.clinical import Encounter, Patient
from gateway.errors import ErrorKind, GatewayError
from gateway.interfaces import Backend
from gateway.request import Audience, Purpose, SummarizationRequest
from gateway.summary import REVIEW_NOTICE, Summary, SummarySection
from tests.gateway.backends.extractive.making import MARGARET, REQUESTS, K, S, fact, margaret, note, request
from tests.on_reactor import on_reactor

GOLDEN = Path(__file__).parent / "golden"
DENIAL = re2.compile(r"(?i)\b(no|not|none|ruled out|negated)\b")

WHOLE_PATIENT = [
    (Purpose.DISCHARGE, Audience.CLINICIAN),
    (Purpose.HANDOFF, Audience.CLINICIAN),
    (Purpose.RESULTS, Audience.CLINICIAN),
    (Purpose.REFERRAL, Audience.CODER),
    (Purpose.LONGITUDINAL, Audience.CAREGIVER),
    (Purpose.PATIENT_LETTER, Audience.PATIENT),
]


def text_of(made: SummarizationRequest) -> str:
    return summarize(made).text


@pytest.mark.parametrize(("purpose", "audience"), WHOLE_PATIENT)
def test_the_summary_of_a_whole_patient_is_the_one_on_file(purpose: Purpose, audience: Audience) -> None:
    summary = summarize(margaret(purpose, audience))
    with_evidence = "\n".join(f"{each.text}  <- {', '.join(each.evidence)}" for each in summary.statements)
    expected = (GOLDEN / f"{purpose}-{audience}.txt").read_text()
    assert f"{summary.text}\n{with_evidence}\n" == expected


def all_origins(made: SummarizationRequest) -> set[str]:
    origins = {each.origin for each in (*made.facts, *made.notes)}
    return origins | ({made.encounter.origin} if made.encounter else set())


@settings(max_examples=60)
@given(REQUESTS)
def test_every_statement_has_its_source_in_the_request(made: SummarizationRequest) -> None:
    for statement in summarize(made).statements:
        assert set(statement.evidence) <= all_origins(made)
        assert statement.evidence or statement.section is SummarySection.LIMITS


@settings(max_examples=60)
@given(REQUESTS)
def test_every_fact_is_the_evidence_of_something(made: SummarizationRequest) -> None:
    told = {origin for statement in summarize(made).statements for origin in statement.evidence}
    assert {each.origin for each in made.facts} <= told


@settings(max_examples=60)
@given(REQUESTS)
def test_a_denied_fact_never_stands_without_its_denial(made: SummarizationRequest) -> None:
    for each in made.facts:
        if not is_negative(each):
            continue
        for statement in summarize(made).statements:
            if each.text in statement.text:
                before, _, _ = statement.text.partition(each.text)
                assert DENIAL.search(before), statement


@settings(max_examples=60)
@given(REQUESTS)
def test_the_same_request_gives_the_same_summary(made: SummarizationRequest) -> None:
    assert summarize(made) == summarize(made)


@settings(max_examples=60)
@given(REQUESTS)
def test_nobody_is_named(made: SummarizationRequest) -> None:
    text = text_of(made).casefold()
    for identity in ("ashgrove", "margaret", "okonkwo", "mrn7788123", "v5550001", "1958-03-14", "03/14/1958"):
        assert identity not in text


@settings(max_examples=60)
@given(REQUESTS)
def test_each_statement_is_one_line_of_the_text(made: SummarizationRequest) -> None:
    summary = summarize(made)
    lines = summary.text.split("\n")
    assert lines[0] == REVIEW_NOTICE
    assert lines[-1] == ""
    assert [line for line in lines if line.startswith("- ")] == [
        "- " + each.text for each in summary.statements
    ]


def never_left_out(summary: Summary) -> list[str]:
    return [
        each.text
        for each in summary.statements
        if each.section is SummarySection.ALLERGIES or "critical" in each.flags
    ]


@settings(max_examples=60)
@given(REQUESTS, st.integers(1, 1500))
def test_the_text_is_no_longer_than_asked_or_says_why(made: SummarizationRequest, length: int) -> None:
    shorter = summarize(replace(made, task=replace(made.task, max_length=length)))
    codes = {caution.code for caution in shorter.warnings}
    assert len(shorter.text) <= length or "max-length-exceeded" in codes
    assert never_left_out(shorter) == never_left_out(summarize(made))
    whole = {each.text for each in summarize(made).statements}
    left = [each.text for each in shorter.statements if not each.text.startswith("Left out to stay within")]
    assert set(left) <= whole  # statements go whole or stay whole


@settings(max_examples=60)
@given(REQUESTS)
def test_values_and_units_are_copied_to_the_byte(made: SummarizationRequest) -> None:
    summary = summarize(made)
    for each in made.facts:
        critical = each.kind is K.RESULT and "HH" in each.flag and each.status is S.FINAL
        if critical and not is_negative(each) and each.value == "6.80":
            shown = f"{each.value} {each.unit}".strip()
            assert any(each.origin in one.evidence and shown in one.text for one in summary.statements)


def test_the_order_of_a_hash_is_not_the_order_of_a_summary() -> None:
    program = (
        "from tests.gateway.backends.extractive.making import margaret\n"
        "from gateway.backends.extractive import summarize\n"
        "from gateway.request import Purpose\n"
        "print(summarize(margaret(Purpose.DISCHARGE)))"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed},
            cwd=Path(__file__).parents[4],
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1


def test_nothing_to_summarize_is_an_error() -> None:
    with pytest.raises(GatewayError) as raised:
        summarize(request(patient=Patient(sex="female")))
    assert raised.value.kind is ErrorKind.NO_CLINICAL_CONTENT


def test_a_note_without_a_word_and_an_empty_encounter_still_give_a_summary() -> None:
    assert "not stated" in text_of(request(notes=[note(" \n")]))
    assert "Encounter" in text_of(request(encounter=Encounter(origin="PV1[1]")))
    assert "it is not shown" in text_of(request(encounter=Encounter(reason="x")))


@pytest.mark.parametrize(
    ("language", "told"), [("en", False), ("en-GB", False), ("", False), ("es", True), ("de-CH", True)]
)
def test_a_language_without_headings_is_told_and_not_faked(language: str, told: bool) -> None:
    summary = summarize(request([fact(K.CONDITION, "Asthma")], language=language))
    assert ("language-not-available" in {caution.code for caution in summary.warnings}) is told
    assert ("The language that was asked for is not available" in summary.text) is told
    assert summary.language == "en"


def test_any_character_may_stand_in_what_is_summarized() -> None:
    strange = "\ud800 \u202e ﷽ 👩‍⚕️ Störung 東 \x00 old"
    fever = fact(K.CONDITION, strange, negated=True, comment=strange)
    result = fact(K.RESULT, strange, value=strange, flag="N", range_=strange, time=strange)
    text = text_of(
        request([fever, result], [note(f"PLAN: No {strange} today or tomorrow.")], patient=MARGARET)
    )
    assert f"No {strange}" in text


def test_what_a_message_is_about_is_shown_in_depth_at_any_purpose() -> None:
    vaccines = [fact(K.IMMUNIZATION, f"Vaccine {n}", status=S.COMPLETED) for n in range(20)]
    assert "not listed here" not in text_of(request(vaccines, purpose=Purpose.HANDOFF))
    others = [fact(K.CONDITION, f"Problem {n}", status=S.ACTIVE) for n in range(30)]
    shown = text_of(request([*vaccines, *others], purpose=Purpose.HANDOFF))
    assert "- 15 further immunizations received, not listed here" in shown


@on_reactor
async def test_the_backend_answers_for_itself() -> None:
    backend: Backend = ExtractiveBackend("house")
    summary = await backend.summarize(request([fact(K.CONDITION, "Asthma")]), "clinical@2", 1.0)
    assert backend.repeatable
    assert (summary.backend, summary.model_asked, summary.finish) == ("house", "clinical@2", "stop")
    assert summary.model_served.startswith("extractive-")
    assert summary.usage.output_tokens == 0
