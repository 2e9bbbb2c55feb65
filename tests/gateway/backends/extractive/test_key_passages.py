"""Which passages of the notes are shown, where, and what is said of those that are not."""

import pytest

from gateway.backends.extractive import summarize
from gateway.clinical import ClinicalNote, FactStatus
from gateway.request import Purpose
from gateway.summary import Statement, SummarySection
from tests.gateway.backends.extractive.making import K, S, fact, note, request, section_lines

A, N, P = SummarySection.ALLERGIES, SummarySection.NOTES, SummarySection.PLAN


def told(section: SummarySection, *notes: ClinicalNote, **more: object) -> list[str]:
    return section_lines(request(notes=notes, **more), section)


@pytest.mark.parametrize(
    ("given", "section"),
    [
        (note("PLAN: Follow up with cardiology in two weeks."), P),
        (note("Follow up with cardiology in two weeks.", section="8653-8"), P),
        (note("Follow up with cardiology in two weeks.", title="Discharge Instructions"), P),
        (note("HOSPITAL COURSE: She was treated for sepsis."), SummarySection.COURSE),
        (note("Impression: New pulmonary embolism on CT."), N),
        (note("He is allergic to sulfa drugs."), A),
        (note("ALLERGIES:\nSulfa\nLatex"), A),
        (note("Code status: DNR."), SummarySection.OVERVIEW),
        (note("MEDICATIONS:\n1. Aspirin 81 mg"), SummarySection.MEDICATIONS),
        (note("Asthma\nGout", section="11450-4"), SummarySection.PROBLEMS),
        (note("Family history: Mother had breast cancer at 45."), SummarySection.HISTORY),
    ],
)
def test_a_passage_goes_where_its_section_or_its_words_say(
    given: ClinicalNote, section: SummarySection
) -> None:
    assert told(section, given)


def test_all_allergies_of_a_note_are_shown_and_never_left_out() -> None:
    lines = told(A, note("ALLERGIES:\n" + "\n".join(f"- Substance {n}" for n in range(20))), max_length=200)
    assert len(lines) == 20


def test_allergies_that_facts_state_already_are_not_said_twice() -> None:
    sulfa = fact(K.ALLERGY, "Sulfa drugs", reaction="rash")
    no_latex = fact(K.ALLERGY, "Latex", negated=True)
    made = request([sulfa, no_latex], [note("ALLERGIES:\nSulfa: rash\nLatex\nIodine")])
    assert section_lines(made, A) == [
        "Sulfa drugs: reaction rash", "No allergy to Latex", "ALLERGIES: Latex", "ALLERGIES: Iodine",
    ]  # fmt: skip


def test_the_narrative_of_an_allergy_section_is_searched_for_what_its_entries_miss() -> None:
    narrative = "Substance | Reaction\nPenicillin | Hives\nLatex | Rash"
    made = request(
        [fact(K.ALLERGY, "Penicillin")],
        [note(narrative, "Allergies", "48765-2", "section[48765-2]", repeats_facts=True)],
    )
    assert section_lines(made, A) == ["Penicillin", "[Substance | Reaction] Latex | Rash"]


def test_a_narrative_that_repeats_facts_is_used_only_where_there_are_none() -> None:
    narrative = note("Asthma, mild", "Problems", "11450-4", "section[11450-4]", repeats_facts=True)
    assert told(SummarySection.PROBLEMS, narrative) == ["Asthma, mild"]
    made = request([fact(K.CONDITION, "Asthma")], [narrative])
    assert section_lines(made, SummarySection.PROBLEMS) == ["Asthma"]


def test_what_a_plan_says_beside_its_entries_is_shown() -> None:
    narrative = "Visit | Date\nNeurology visit | 2026-07-30\n\nNo driving for 4 weeks."
    made = request(
        [fact(K.APPOINTMENT, "Neurology visit", origin="section[18776-5]/entry[1]")],
        [note(narrative, "Plan", "18776-5", "section[18776-5]", repeats_facts=True)],
    )
    assert section_lines(made, P) == ["Appointment: Neurology visit", "Plan: No driving for 4 weeks."]


def test_the_weightiest_sentences_are_shown_in_the_order_of_the_note() -> None:
    filler = [f"The weather on day {n} was pleasant and mild outside." for n in range(30)]
    text = "\n".join(
        ["Impression:", "Sepsis due to pneumonia was diagnosed.", *filler, "She was intubated for respiratory failure.",
         "Electronically signed by A. Writer."]
    )  # fmt: skip
    lines = told(N, note(text), purpose=Purpose.PATIENT_LETTER)
    assert len(lines) == 3
    assert lines[0] == "Impression: Sepsis due to pneumonia was diagnosed."
    assert lines[-1] == "Impression: She was intubated for respiratory failure."


def statements(*notes: ClinicalNote) -> list[Statement]:
    return [each for each in summarize(request(notes=notes)).statements if each.section is N]


def test_a_sentence_copied_from_note_to_note_is_told_once_with_both_sources() -> None:
    (line,) = statements(
        note("Sepsis was diagnosed today.", origin="a"), note("Sepsis was diagnosed today.", origin="b")
    )
    assert line.evidence == ("a", "b")


def test_nearly_the_same_sentence_is_passed_over_unless_it_denies() -> None:
    near = note(
        "Severe sepsis due to pneumonia was diagnosed.\nSepsis due to severe pneumonia was diagnosed today."
    )
    assert len(statements(near)) == 1
    denied = note(
        "Severe sepsis due to pneumonia was diagnosed.\nSevere sepsis due to pneumonia was not diagnosed."
    )
    assert len(statements(denied)) == 2


def test_a_suspicion_is_not_shown_without_what_settles_it() -> None:
    strong = [f"Sepsis number{n} with shock{n} was diagnosed." for n in range(20)]
    suspected = "Impression: Suspected critical aortic dissection, admitted for emergency surgery."
    lines = told(
        N,
        note("\n".join([suspected, *strong, "No dissection of the aortic arch."])),
        purpose=Purpose.PATIENT_LETTER,
    )
    assert len(lines) == 4
    assert (lines[0], lines[-1]) == (suspected, "Impression: No dissection of the aortic arch.")


def test_each_passage_says_which_note_of_several_it_is_from() -> None:
    notes = (
        note("Ejection fraction was 55 percent, improved.", "Echo report", origin="a", time="2026-01-01"),
        note("Ejection fraction was 30 percent, worsened.", "Echo report", origin="b", time="2026-03-01",
             status=FactStatus.PRELIMINARY),
    )  # fmt: skip
    assert told(N, *notes) == [
        "Echo report, 2026-01-01: Ejection fraction was 55 percent, improved.",
        "Echo report, 2026-03-01, preliminary: Ejection fraction was 30 percent, worsened.",
    ]


def test_insurance_and_signatures_are_never_quoted() -> None:
    text = "INSURANCE:\nMember 123-45-6789 of a critical plan\n\nElectronically signed by A. Writer, critical care"
    assert told(N, note(text)) == []


def test_how_much_of_the_notes_is_quoted_is_said() -> None:
    text = "\n".join(f"Finding number{n} was diagnosed as stable disease{n}." for n in range(40))
    (said,) = [line for line in told(SummarySection.LIMITS, note(text)) if line.startswith("Notes:")]
    assert said == "Notes: 12 of 40 passages quoted; the rest stands in the source."


def test_an_allergy_that_cannot_be_shown_is_said_to_be_there() -> None:
    text = f"ALLERGIES: {'very ' * 200}long story about penicillin"
    (said,) = [line for line in told(SummarySection.LIMITS, note(text), max_length=50) if "allergies" in line]
    assert said == "1 passage of the notes on allergies cannot be shown here: read the notes."


def test_allergies_beyond_what_can_be_shown_are_said_to_be_there() -> None:
    text = "ALLERGIES:\n" + "\n".join(f"- Substance {n}" for n in range(43))
    assert "3 passages of the notes on allergies cannot be shown here: read the notes." in told(
        SummarySection.LIMITS, note(text)
    )


def test_lists_of_a_note_that_facts_cover_are_weighed_like_any_sentence() -> None:
    text = "MEDICATIONS:\n" + "\n".join(f"{n}. Drug{n} 5 mg daily" for n in range(1, 40))
    made = request([fact(K.MEDICATION, "Aspirin", status=S.ACTIVE)], [note(text)])
    assert section_lines(made, SummarySection.MEDICATIONS) == ["Aspirin (active)"]
