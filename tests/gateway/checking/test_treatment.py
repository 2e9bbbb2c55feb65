"""What policy makes of statements that do not stand in their evidence."""

from dataclasses import replace

import pytest

from gateway.backends.failure import BackendFailure, Cause
from gateway.checking import treated
from gateway.policy.rules import Treatment
from gateway.request import SummarizationRequest
from gateway.summary import Statement, Summary, SummarySection
from gateway.summary_text import UNSUPPORTED_MARK, summary_text
from tests.gateway.backends.extractive.making import K, fact, request

S = SummarySection
REQUEST = request([fact(K.ALLERGY, "Penicillin", "AL1[1]"), fact(K.CONDITION, "Asthma", "PRB[1]")])
RIGHT = Statement(section=S.ALLERGIES, text="Allergic to penicillin.", evidence=("AL1[1]",))
WRONG = Statement(section=S.PROBLEMS, text="Asthma.", evidence=("PRB[7]",))


def summary(*statements: Statement) -> Summary:
    return Summary(
        statements=statements,
        text=summary_text(statements),
        backend="ward",
        model_asked="m",
        model_served="m",
    )


def made(treatment: Treatment, *statements: Statement, of: SummarizationRequest = REQUEST) -> Summary:
    return treated(summary(*statements), of, treatment)


@pytest.mark.parametrize("treatment", Treatment)
def test_what_stands_is_left_as_it_is(treatment: Treatment) -> None:
    assert made(treatment, RIGHT) == summary(RIGHT)


def test_marked_it_stays_and_text_and_caution_say_so() -> None:
    marked = made(Treatment.MARK, RIGHT, WRONG)
    assert [each.flags for each in marked.statements] == [(), ("unsupported",)]
    assert f"- Asthma. {UNSUPPORTED_MARK}\n" in marked.text
    assert [each.code for each in marked.warnings] == ["unsupported"]
    assert "1 statement" in marked.warnings[0].text
    assert "Asthma" not in marked.warnings[0].text


def test_dropped_it_is_gone_and_counted() -> None:
    dropped = made(Treatment.DROP, RIGHT, WRONG)
    assert dropped.statements == (RIGHT,)
    assert "Asthma" not in dropped.text
    assert "left out" in dropped.warnings[0].text


def test_dropped_to_nothing_it_is_no_answer() -> None:
    with pytest.raises(BackendFailure) as failure:
        made(Treatment.DROP, WRONG)
    assert failure.value.cause is Cause.UNSUPPORTED


def test_replaced_the_next_backend_answers_and_the_call_is_counted() -> None:
    with pytest.raises(BackendFailure) as failure:
        made(Treatment.REPLACE, RIGHT, WRONG)
    assert failure.value.cause is Cause.UNSUPPORTED
    assert not failure.value.may_have_been_paid
    assert "Asthma" not in str(failure.value.detail)


def test_the_text_stays_within_its_length() -> None:
    short = replace(REQUEST, task=replace(REQUEST.task, max_length=len(summary(RIGHT, WRONG).text)))
    marked = made(Treatment.MARK, RIGHT, WRONG, of=short)
    assert "shortened" in {each.code for each in marked.warnings}
    assert marked.statements[0] == RIGHT


def test_in_another_language_the_reader_is_told_what_was_not_checked() -> None:
    french = replace(REQUEST, task=replace(REQUEST.task, language="fr"))
    assert [each.code for each in made(Treatment.MARK, RIGHT, of=french).warnings] == ["checked-in-part"]
