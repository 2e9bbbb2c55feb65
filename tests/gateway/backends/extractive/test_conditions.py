"""Allergies and problems: nothing turned round, nothing taken for more than it is."""

import pytest

from gateway.backends.extractive import summarize
from gateway.clinical import Certainty, ClinicalFact
from gateway.request import Audience
from gateway.summary import SummarySection
from tests.gateway.backends.extractive.making import K, S, fact, lines_of, note, request

ALLERGIES, PROBLEMS, LIMITS = SummarySection.ALLERGIES, SummarySection.PROBLEMS, SummarySection.LIMITS


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (
            fact(
                K.ALLERGY, "Penicillin", reaction=["Hives", "Wheeze"], severity="severe", criticality="high"
            ),
            "Penicillin: reaction Hives, Wheeze; severity severe; criticality high",
        ),
        (fact(K.ALLERGY, "Latex", status=S.ACTIVE, category="environment"), "Latex (environment; active)"),
        (fact(K.ALLERGY, "Eggs", status=S.RESOLVED), "Resolved: Eggs"),
        (fact(K.ALLERGY, "Codeine", certainty=Certainty.UNCONFIRMED), "Unconfirmed: Codeine"),
        (fact(K.ALLERGY, "known drug allergies", negated=True), "No known drug allergies"),
        (fact(K.ALLERGY, "Sulfa", negated=True), "No allergy to Sulfa"),
        (fact(K.ALLERGY, "Sulfa", negated=True, certainty=Certainty.REFUTED), "Ruled out: allergy to Sulfa"),
        (fact(K.ALLERGY, "Sulfa", certainty=Certainty.REFUTED), "Ruled out: allergy to Sulfa"),
        (fact(K.ALLERGY, "No known allergies"), "No known allergies"),
        (
            fact(K.ALLERGY, "No known allergies", negated=True),
            "No known allergies (the source also marks this as negated: check)",
        ),
    ],
)
def test_an_allergy_says_how_it_stands_before_what_it_is(given: ClinicalFact, line: str) -> None:
    assert lines_of(ALLERGIES, given) == [line]


def test_the_gravest_allergy_comes_first_and_none_is_left_out() -> None:
    many = [fact(K.ALLERGY, f"Substance {n}") for n in range(60)]
    grave = fact(K.ALLERGY, "Peanut", criticality="high")
    lines = lines_of(ALLERGIES, fact(K.ALLERGY, "known food allergies", negated=True), *many, grave)
    assert lines[0].startswith("Peanut")
    assert lines[-1] == "No known food allergies"
    assert len(lines) == 62


def contradiction(*given: ClinicalFact, **more: object) -> list[str]:
    return [line for line in lines_of(LIMITS, *given, **more) if "contradict" in line]


NKDA = fact(K.ALLERGY, "known drug allergies", negated=True)
PENICILLIN = fact(K.ALLERGY, "Penicillin", category="drug")
PEANUT = fact(K.ALLERGY, "Peanut", category="food")


def test_no_known_drug_allergies_beside_a_drug_allergy_are_both_shown_with_a_warning() -> None:
    summary = summarize(request([NKDA, PENICILLIN], max_length=150))
    assert "- Penicillin (drug)\n- No known drug allergies\n" in summary.text
    assert contradiction(NKDA, PENICILLIN) == [
        "Allergies contradict each other: Penicillin, and a statement of none. Both are shown: check."
    ]
    assert "allergies-contradict" in {caution.code for caution in summary.warnings}


def test_a_denial_speaks_only_of_its_own_kind_of_allergy() -> None:
    assert contradiction(NKDA, PEANUT) == []
    assert contradiction(NKDA, fact(K.ALLERGY, "Iodine")) != []
    assert contradiction(NKDA, fact(K.ALLERGY, "Latex")) == []
    assert contradiction(NKDA, fact(K.ALLERGY, "Latex", category="drug")) != []
    assert contradiction(fact(K.ALLERGY, "known allergies", negated=True), PEANUT) != []
    assert contradiction(fact(K.ALLERGY, "penicillin", negated=True), PENICILLIN) != []
    assert contradiction(fact(K.ALLERGY, "Sulfa", negated=True), PENICILLIN) == []
    assert contradiction(NKDA, fact(K.ALLERGY, "Penicillin", status=S.RESOLVED)) == []


def test_a_denial_in_a_note_contradicts_an_allergy_among_the_facts() -> None:
    assert contradiction(PENICILLIN, notes=[note("ALLERGIES: NKDA")]) != []
    assert contradiction(PENICILLIN, notes=[note("ALLERGIES: Penicillin")]) == []


def test_allergies_that_nobody_stated_are_said_to_be_so() -> None:
    said = "Allergies: not stated in what was received."
    assert said in lines_of(LIMITS, fact(K.CONDITION, "Asthma"))
    assert said not in lines_of(LIMITS, NKDA)
    assert said not in lines_of(LIMITS, notes=[note("He is allergic to sulfa drugs.")])


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (fact(K.CONDITION, "Asthma", status=S.ACTIVE, time="2010-05"), "Asthma (active; since 2010-05)"),
        (fact(K.CONDITION, "Asthma"), "Asthma"),
        (
            fact(K.CONDITION, "Gout", status=S.RESOLVED, time="2010", end="2012"),
            "Resolved: Gout (2010 to 2012)",
        ),
        (fact(K.CONDITION, "Gout", status=S.INACTIVE), "Inactive: Gout"),
        (fact(K.CONDITION, "Lupus", certainty=Certainty.PROVISIONAL), "Provisional: Lupus"),
        (fact(K.CONDITION, "Lupus", certainty=Certainty.DIFFERENTIAL), "Differential diagnosis: Lupus"),
        (fact(K.CONDITION, "Stroke", negated=True, certainty=Certainty.REFUTED), "Ruled out: Stroke"),
        (fact(K.CONDITION, "diabetes", negated=True), "No diabetes"),
        (fact(K.CONDITION, "known problems", negated=True), "No known problems"),
        (fact(K.CONDITION, "Cancer", stage="T2N0", laterality="left"), "Cancer, left, stage T2N0"),
        (fact(K.CONDITION, "Asthma", category="past-history"), "Asthma (past history)"),
    ],
)
def test_a_problem_says_how_it_stands(given: ClinicalFact, line: str) -> None:
    assert lines_of(PROBLEMS, given) == [line]


def test_active_problems_come_before_suspected_past_and_absent_ones() -> None:
    lines = lines_of(
        PROBLEMS,
        fact(K.CONDITION, "A", negated=True),
        fact(K.CONDITION, "B", status=S.RESOLVED),
        fact(K.CONDITION, "C", certainty=Certainty.UNCONFIRMED),
        fact(K.CONDITION, "D"),
        fact(K.CONDITION, "E", rank="1"),
    )
    assert [line[-1] for line in lines] == ["E", "D", "C", "B", "A"]


def test_one_problem_in_two_lists_is_one_line_with_both_sources() -> None:
    summary = summarize(
        request(
            [
                fact(K.CONDITION, "Asthma", "PRB[1]", status=S.ACTIVE, category="problem-list"),
                fact(K.CONDITION, "asthma", "DG1[1]", category="admission-diagnosis"),
            ]
        )
    )
    (line,) = [each for each in summary.statements if each.section is PROBLEMS]
    assert (line.text, line.evidence) == ("Asthma (active; admission diagnosis)", ("PRB[1]", "DG1[1]"))


def test_a_problem_that_is_there_and_not_there_is_shown_both_ways_with_a_warning() -> None:
    both = fact(K.CONDITION, "Asthma", "a"), fact(K.CONDITION, "Asthma", "b", negated=True)
    assert lines_of(PROBLEMS, *both) == ["Asthma", "No Asthma"]
    assert "Stated both as there and as not there: asthma. Both are shown: check." in lines_of(LIMITS, *both)


def test_coders_see_codes_and_patients_see_plain_words() -> None:
    asthma = fact(K.CONDITION, "Asthma", icd_10_cm="J45.909", certainty=Certainty.PROVISIONAL)
    assert lines_of(PROBLEMS, asthma, audience=Audience.CODER) == ["Provisional: Asthma [ICD-10-CM J45.909]"]
    assert lines_of(PROBLEMS, asthma, audience=Audience.PATIENT) == ["Suspected, not confirmed: Asthma"]
