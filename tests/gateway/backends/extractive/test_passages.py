"""Notes cut into passages: what is quoted alone means what it meant among its neighbours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.backends.extractive import summarize
from gateway.backends.extractive.note_sections import OTHER
from gateway.backends.extractive.passages import passages
from gateway.backends.extractive.sentences import sentences_of
from tests.gateway.backends.extractive.making import NOTE_TEXTS, note, request
from tests.timing import cpu_seconds


def quotes(text: str) -> list[str]:
    return [each.quote for each in passages(text, OTHER)]


@pytest.mark.parametrize(
    ("line", "sentences"),
    [
        ("He is well. He went home.", ["He is well.", "He went home."]),
        ("Seen by Dr. Jones today. Hgb was 8.2 g/dL.", ["Seen by Dr. Jones today.", "Hgb was 8.2 g/dL."]),
        ("Aspirin 81 mg p.o. daily. No bleeding.", ["Aspirin 81 mg p.o. daily.", "No bleeding."]),
        ("E. coli grew. Given i.v. Cefazolin now.", ["E. coli grew.", "Given i.v. Cefazolin now."]),
        ("Hgb was 8. Transfused two units.", ["Hgb was 8. Transfused two units."]),
        ("1. Aspirin 81 mg daily. 2. Rest.", ["1. Aspirin 81 mg daily.", "2. Rest."]),
        ('He said "I am fine." Then he left.', ['He said "I am fine."', "Then he left."]),
        ("Is it sepsis? Cultures were sent!", ["Is it sepsis?", "Cultures were sent!"]),
        ("fever.chills and no cough", ["fever.chills and no cough"]),
        ("Était fébrile. Étude négative.", ["Était fébrile.", "Étude négative."]),
        ("Allergic to penicillin, e.g. Amoxicillin.", ["Allergic to penicillin, e.g. Amoxicillin."]),
    ],
)
def test_sentences_end_where_they_surely_end(line: str, sentences: list[str]) -> None:
    assert [each.text for each in sentences_of(line)] == sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # a line broken to fit goes on in the next
        ("There is no evidence of\nMetastatic disease.", ["There is no evidence of Metastatic disease."]),
        ("He denies fever, chills,\nNausea or cough.", ["He denies fever, chills, Nausea or cough."]),
        ("The patient was admitted to the ward without any\nknown allergy to drugs.",
         ["The patient was admitted to the ward without any known allergy to drugs."]),
        # a sentence that takes back the one before it stays with it
        ("CT raised concern for embolism. This was ruled out.", ["CT raised concern for embolism. This was ruled out."]),
        ("CT raised concern for embolism.\n\nThis was ruled out later.",
         ["CT raised concern for embolism. / This was ruled out later."]),
        ("Started on heparin. However it was stopped.", ["Started on heparin. However it was stopped."]),
        # a few words are read with the sentence before them
        ("Denies fever. Chills. Night sweats.", ["Denies fever. Chills. Night sweats."]),
        ("Denies fever.\nChills.\nNausea.", ["Denies fever. / Chills. / Nausea."]),
        ("Denies fever.\n\nChills\n\nNausea", ["Denies fever. / Chills / Nausea"]),
        ("Asthma", ["Asthma"]),
        # a relative is not the patient
        ("Mother had breast cancer. She died at 45 of it.", ["Mother had breast cancer. She died at 45 of it."]),
        ("His brother drinks daily.\nHe was jaundiced on admission.",
         ["His brother drinks daily. / He was jaundiced on admission."]),
        ("The patient drinks daily. He was jaundiced on admission.",
         ["The patient drinks daily.", "He was jaundiced on admission."]),
        # a word among other lines is no heading
        ("Asthma\nAllergies\nHypertension", ["Asthma", "Allergies", "Hypertension"]),
        ("Asthma\nALLERGIES\nSulfa", ["Asthma", "ALLERGIES: Sulfa"]),
        # lines under a heading or a lead-in keep it
        ("Denies:\n- fever\n- cough", ["Denies: - fever", "Denies: - cough"]),
        ("The patient denies the following\n- fever\n- cough",
         ["The patient denies the following", "The patient denies the following: - fever",
          "The patient denies the following: - cough"]),
        ("Denies the following\n\n- fever\n\n- cough",
         ["Denies the following", "Denies the following: - fever", "Denies the following: - cough"]),
        ("ROS\nNegative for:\n- fever", ["ROS: Negative for: - fever"]),
        ("PLAN: Rest at home.\n\nFluids.", ["PLAN: Rest at home. / Fluids."]),
        # a heading ends where another one begins, a lead-in where its list ends
        ("Denies:\n- fever\n\nThe patient was given heparin.", ["Denies: - fever", "The patient was given heparin."]),
        ("Denies:\n- fever\n\nNo cough\nChest pain", ["Denies: - fever", "No cough / Chest pain"]),
        ("Plan:\n- rest\nAssessment:\nStable angina today.", ["Plan: - rest", "Assessment: Stable angina today."]),
        ("Medications: aspirin\n\nThe patient was admitted with chest pain today.",
         ["Medications: aspirin", "The patient was admitted with chest pain today."]),
        # where a denial stands among lines without full stops, nobody knows what it denies
        ("No fever\nChest pain on exertion\nEdema", ["No fever / Chest pain on exertion / Edema"]),
        ("Chest pain\nDyspnea\nNone of it present", ["Chest pain / Dyspnea / None of it present"]),
        ("Denies: chest pain\nShortness of breath", ["Denies: chest pain / Shortness of breath"]),
        ("Denies:\nChest pain\nThe patient has fever.", ["Denies: Chest pain / The patient has fever."]),
        ("Fever\nCough", ["Fever", "Cough"]),
        ("- fever\n- cough\nAll denied.", ["- fever / - cough / All denied."]),
        ("- No known\n  Penicillin allergy", ["- No known / Penicillin allergy"]),
        # a list within a list stays whole: its end is not known
        ("Return for:\n1. any of these:\n2. chest pain\n3. bleeding",
         ["Return for: 1. any of these: / 2. chest pain / 3. bleeding"]),
        ("PLAN:\n1. CHF:\n- continue lasix\n- daily weights\n2. Rest and sleep",
         ["PLAN: 1. CHF: - continue lasix", "PLAN: 1. CHF: - daily weights", "PLAN: 2. Rest and sleep"]),
        # a table row keeps the names of its columns
        ("Drug | Reaction | Status\nSulfa | rash | refuted", ["[Drug | Reaction | Status] Sulfa | rash | refuted"]),
        ("Sulfa | rash | refuted\nLatex | hives | active", ["Sulfa | rash | refuted", "Latex | hives | active"]),
        ("\n \n", []),
    ],
)  # fmt: skip
def test_a_passage_keeps_what_its_meaning_hangs_on(text: str, expected: list[str]) -> None:
    assert quotes(text) == expected


def test_a_sentence_that_refers_to_nothing_is_not_quoted() -> None:
    assert [each.depends for each in passages("This was ruled out by CT.", OTHER)] == [True]
    assert [each.depends for each in passages("Denies:\n- fever\n\nChills", OTHER)] == [False, True]


def test_a_passage_too_long_to_quote_is_not_cut() -> None:
    text = f"No {'very ' * 200}severe disease."
    assert [each.fits for each in passages(text, OTHER)] == [False]
    said = summarize(request(notes=[note(text)])).text
    assert "severe disease" not in said
    assert "Notes: 0 of 1 passage quoted (1 too long to quote whole)" in said


@given(NOTE_TEXTS)
def test_every_word_of_a_note_stands_in_a_passage_or_before_it_in_its_order(text: str) -> None:
    folded = " ".join(text.split())
    for passage in passages(text, OTHER):
        for piece in passage.text.split(" / "):
            assert piece in folded
    quoted = " ".join(each.quote for each in passages(text, OTHER))
    assert all(
        word.rstrip(":") in quoted
        for word in text.split()
        if passages(text, OTHER) and word.isalpha() and len(word) > 9
    )


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    passages(text, OTHER)


SHAPES = {
    "prose": "The patient denies chest pain and was given aspirin 81 mg p.o. daily by Dr. Jones. ",
    "short lines": "no fever\n",
    "paragraphs of references": "This was it\n\n",
    "rows": "a | b | 1\n",
    "umlauts": "Patient é denies fever ü. ",
}


def seconds_for(text: str) -> float:
    return cpu_seconds(lambda: summarize(request(notes=[note(text)])), repeats=2)


@pytest.mark.parametrize("shape", SHAPES)
def test_long_notes_take_linear_time(shape: str) -> None:
    text = SHAPES[shape] * (400_000 // len(SHAPES[shape]))
    assert seconds_for(text) < 6 * seconds_for(text[: len(text) // 4]) + 0.1


def test_a_megabyte_of_notes_takes_a_second() -> None:
    assert seconds_for(SHAPES["prose"] * 12_000) < 1.5


@pytest.mark.parametrize("text", ["ALLERGIES:\nNone", "ALLERGIES: None known."])
def test_none_right_beneath_a_heading_answers_it(text: str) -> None:
    [passage] = passages(text, OTHER)
    assert not passage.depends
    assert passage.quote.startswith("ALLERGIES: None")
    assert any(each.depends for each in passages("He had two wounds.\n\nPLAN:\nNone of these heal.", OTHER))
