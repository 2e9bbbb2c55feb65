"""What a small model wrote of real messages, and where the borders of the rules on allergens lie."""

from pathlib import Path

import pytest

from gateway.checking import Reason, check
from gateway.request import SummarizationRequest
from gateway.summary import SummarySection
from tests.gateway.backends.extractive.making import K, S, fact, note, request
from tests.gateway.checking.rounds import said

RECORD = request(
    [
        fact(K.ALLERGY, "Penicillin", "A1", status=S.ACTIVE, reaction="Hives"),
        fact(K.ALLERGY, "Shellfish", "A2", negated=True),
        fact(K.IMMUNIZATION, "Hepatitis B vaccine", "I1", status=S.COMPLETED),
        fact(K.MEDICATION, "Aspirin", "M1", status=S.ACTIVE),
        fact(K.RESULT, "Ampicillin", "R1", value="<=2", unit="ug/mL", flag="S"),
        fact(K.CONDITION, "Gout", "C1", status=S.ACTIVE),
    ],
    [
        note("Penicillin (hives)\nBee venom", "Allergies", origin="N1"),
        note("Takes aspirin. No known drug allergies. Latex gloves used.", "Visit", origin="N2"),
    ],
)


def reasons(text: str, *evidence: str, section: SummarySection = SummarySection.NOTES) -> set[Reason]:
    [checked] = check([said(evidence, text, section)], RECORD)
    return {finding.reason for finding in checked.findings}


@pytest.mark.parametrize(
    ("text", "evidence"),
    [
        ("Allergic to penicillin", "A1"),
        ("Severe penicillin allergy", "A1"),
        ("No allergy to shellfish", "A2"),
        ("Allergic to bee venom", "N1"),
        ("No known drug allergies", "N2"),
        ("NKDA", "N2"),
    ],
)
def test_an_allergen_stands_on_an_allergy_to_it(text: str, evidence: str) -> None:
    assert reasons(text, evidence) == set()
    assert reasons(text, evidence, section=SummarySection.ALLERGIES) == set()


@pytest.mark.parametrize(
    ("text", "evidence", "reason"),
    [
        ("Allergic to peanuts", "I1", Reason.CONDITION),
        ("Allergic to peanuts", "A1", Reason.CONDITION),
        ("Allergic to penicillin", "I1", Reason.WRONG_SOURCE),
        ("No allergy to latex (refuted)", "R1", Reason.CONDITION),
        ("Allergic to shellfish", "A2", Reason.NEGATION),
        ("No allergy to penicillin", "A1", Reason.NEGATION),
        ("Aspirin allergy", "M1", Reason.CONDITION),
        ("Allergic to aspirin", "N2", Reason.CONDITION),
        ("Allergic to latex", "N2", Reason.CONDITION),
        ("NKDA", "I1", Reason.WRONG_SOURCE),
        ("No allergies", "C1", Reason.WRONG_SOURCE),
    ],
)
def test_an_allergen_stands_on_nothing_else(text: str, evidence: str, reason: Reason) -> None:
    assert reason in reasons(text, evidence)


def test_a_line_of_the_allergies_rests_on_what_speaks_of_allergies() -> None:
    assert reasons("Gout", "C1") == set()
    assert reasons("Gout", "C1", section=SummarySection.ALLERGIES) == {Reason.WRONG_SOURCE}


def test_a_problem_stands_in_the_place_cited() -> None:
    assert reasons("Gout", "R1") == {Reason.WRONG_SOURCE}
    assert reasons("Lupus nephritis", "R1") == {Reason.CONDITION}


@pytest.mark.parametrize("text", ["Bacillus Camidicus", "Grew Bacillus camidicus", "Enterobacter species"])
def test_an_organism_that_stands_nowhere_is_invented(text: str) -> None:
    assert Reason.CONDITION in reasons(text, "R1")


@pytest.mark.parametrize(
    "text", ["Status previous unknown", "Medium sodium diet", "Patient discussed plans", "Values <5 and >3"]
)
def test_english_is_not_taken_for_latin_nor_comparators_for_placeholders(text: str) -> None:
    assert not {Reason.CONDITION, Reason.PLACEHOLDER} & reasons(text, "R1")


def test_a_form_that_was_not_filled_in_is_rejected() -> None:
    assert Reason.PLACEHOLDER in reasons("No allergy to <substance> (refuted)", "A2")
    assert Reason.PLACEHOLDER in reasons("Not given: <vaccine>, <why not>", "I1")


def test_a_placeholder_of_the_prompts_own_example_is_one() -> None:
    templates = Path(__file__).parents[3] / "gateway" / "prompt" / "templates"
    latest = max(templates.iterdir(), key=lambda each: int(each.name))
    example = (latest / "system.j2").read_text().partition("EXAMPLE")[2]
    texts = [each.partition('"')[0] for each in example.split('"text": "')[1:]]
    assert len(texts) > 4
    for text in texts:
        assert Reason.PLACEHOLDER in reasons(text, "A1"), text


def test_a_hostile_list_of_allergens_takes_no_longer_than_its_text() -> None:
    hostile: SummarizationRequest = request(
        [], [note("allergic; penicillin; " * 20_000, "Note", origin="N1")]
    )
    text = "Allergic to penicillin, aspirin and latex. " * 200
    [checked] = check([said(("N1",), text)], hostile)
    assert not checked.stands
