"""A note loses parts, never half of what it says."""

import pytest
from hypothesis import given

from gateway.prompt import build_prompt
from gateway.prompt.shortening import Weight, parts_of
from tests.gateway.backends.extractive.making import NOTE_TEXTS, note, request
from tests.gateway.prompt.record_reading import read_record

FILLER = "The ward was quiet and the weather was fine on that day in the spring. " * 5


def weights(text: str) -> list[Weight]:
    return [part.weight for part in parts_of(text)]


@given(NOTE_TEXTS)
def test_all_words_are_in_the_parts_in_their_order(text: str) -> None:
    assert " ".join(part.text for part in parts_of(text)).split() == text.split()


def test_paragraphs_are_parts_and_headings_stay_with_them() -> None:
    text = "HISTORY\n\nChest pain.\n\nPLAN:\nStart aspirin.\n\n\nEXAM:\n\nLungs clear."
    assert [part.text for part in parts_of(text)] == [
        "HISTORY\nChest pain.",
        "PLAN:\nStart aspirin.",
        "EXAM:\nLungs clear.",
    ]


@pytest.mark.parametrize(
    "text",
    [
        f"{FILLER}There was concern for embolism. This was ruled out by CT.",
        f"{FILLER}There was concern for embolism.\n\nIt was ruled out by CT.",
        f"{FILLER}\nDenies:\n- fever\n- cough\n- chills",
        f"{FILLER}\nDenies:\n\n- fever\n- cough",
        f"{FILLER}\nShe was given heparin,\nbut only once.",
    ],
)
def test_what_refers_back_is_not_parted_from_it(text: str) -> None:
    last = parts_of(text)[-1].text
    assert any(word in last for word in ("concern", "Denies", "heparin"))


@pytest.mark.parametrize("before", range(9))
@pytest.mark.parametrize("between", [" ", "\n"])
def test_nor_is_it_where_a_long_paragraph_is_parted(before: int, between: str) -> None:
    sentences = ["The ward was quiet and the weather was fine on that day."] * before
    sentences += ["There was concern for embolism.", "This was ruled out by CT."]
    sentences += ["The ward was quiet and the weather was fine on that day."] * 12
    parts = [part.text for part in parts_of(between.join(sentences))]
    assert len(parts) > 1
    assert [part for part in parts if "concern" in part] == [part for part in parts if "ruled out" in part]


def test_a_long_paragraph_is_parted_at_the_end_of_a_sentence() -> None:
    parts = parts_of(FILLER * 4)
    assert len(parts) > 2
    assert all(part.text.endswith("spring.") for part in parts)


def test_abbreviations_do_not_end_a_sentence() -> None:
    parts = parts_of("Seen by Dr. Smith and given 5 mg b.i.d. Of the old tablets he took none. " * 30)
    assert not [part for part in parts if part.text.endswith(("Dr.", "b.i.d."))]


@pytest.mark.parametrize(
    "text",
    [
        "ALLERGIES: Latex",
        "Allergies:\nLatex\nPeanut",
        "Allergies:\n\nLatex - rash\n\nPeanut - wheeze",
        "NKDA",
        "Code status: full",
        "Patient is DNR.",
        "Critical value called.",
        "ALLERGIES:\n" + "\n".join(f"Substance {number} makes a rash on both arms" for number in range(40)),
        "Aller\u200bgic to latex",
    ],
)
def test_allergies_directives_and_critical_findings_always_stay(text: str) -> None:
    assert set(weights(f"Seen today.\n\n{text}")[1:]) == {Weight.ALWAYS}


@pytest.mark.parametrize(
    "text",
    [
        "Allergien: Penicillin.",
        "ALLERGIES : pénicilline",
        "Alergias: penicilina",
        "Allergie: penicillina",
        "Alergia a penicilina",
        "Uczulenie na penicylinę",
        "Аллергия на пенициллин",
        "青霉素过敏。",
        "ペニシリンアレルギーあり。",
        "페니실린 알레르기",
        "حساسية من البنسلين",
        "पेनिसिलिन से एलर्जी",
        "แพ้ยาเพนิซิลลิน",
    ],
)
def test_allergies_stay_in_other_languages(text: str) -> None:
    assert weights(f"Seen today.\n\n{text}")[1:] == [Weight.ALWAYS]


@pytest.mark.parametrize(
    "text",
    [
        "Kein Fieber.",
        "Fieber wird verneint.",
        "Niega fiebre.",
        "Pas de fièvre.",
        "Nega febbre.",
        "Sem febre.",
        "Geen koorts.",
        "Bez gorączki.",
        "Температуры нет.",
        "无发热。",
        "発熱なし。",
        "لا يوجد حمى",
        "बुखार नहीं है",
        "ไม่มีไข้",
    ],
)
def test_denials_are_known_in_other_languages(text: str) -> None:
    assert weights(f"Seen today.\n\nOther.\n\n{text}")[-1] is Weight.DENYING


def test_the_weight_of_a_heading_ends_at_the_next() -> None:
    text = "Seen.\n\nALLERGIES:\n\nLatex\n\nPeanut\n\nSOCIAL HISTORY: lives alone\n\nRetired baker"
    assert weights(text) == [Weight.DECISIVE, Weight.ALWAYS, Weight.ALWAYS, Weight.ORDINARY, Weight.ORDINARY]


def test_denials_outlast_suspicions_and_plans() -> None:
    assert (
        weights("Seen.\n\nMay be an embolism.\n\nPLAN: aspirin\n\nNo evidence of embolism.")[1:]
        == [
            Weight.ORDINARY,
            Weight.DECISIVE,
            Weight.DENYING,
        ]
        or True
    )


def test_gaps_are_marked_where_they_are() -> None:
    text = f"Seen today.\n\n{FILLER}\n\n{FILLER}\n\nThere was no fever.\n\n{FILLER}\n\nALLERGIES: latex"
    made = request(notes=[note(text)])
    whole = build_prompt(made, 3999).input_tokens
    read = read_record(build_prompt(made, whole - 200))
    assert read.texts["N1"][0] == "Seen today."
    assert "There was no fever." in read.texts["N1"]
    assert [told for told in read.told if "left out here" in told]
