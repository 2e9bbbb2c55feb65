"""Results and vital signs: critical first, compared only where that is safe, corrected and cancelled said."""

import pytest

from gateway.backends.extractive import summarize
from gateway.backends.extractive.interpretation import FLAGS, Level
from gateway.clinical import ClinicalFact, FactStatus, Identifier, Patient
from gateway.request import Audience, Purpose
from gateway.summary import Statement, SummarySection
from tests.gateway.backends.extractive.making import K, S, fact, lines_of, request

RESULTS, VITALS, LIMITS = SummarySection.RESULTS, SummarySection.VITAL_SIGNS, SummarySection.LIMITS


def lab(value: str | None, flag: str = "", range_: str = "", *, name: str = "Potassium", unit: str = "mmol/L",
        status: FactStatus = S.FINAL, **more: str) -> ClinicalFact:  # fmt: skip
    return fact(
        K.RESULT,
        name,
        more.pop("origin", ""),
        value=value,
        unit=unit,
        flag=flag,
        range_=range_,
        status=status,
        **more,
    )


def results(*given: ClinicalFact) -> list[Statement]:
    return [each for each in summarize(request(given)).statements if each.section is RESULTS]


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (lab("6.80", "HH", "3.5-5.1"), "CRITICAL: Potassium: 6.80 mmol/L (HH, critically high; range 3.5-5.1)"),
        (lab("2.0", "LL"), "CRITICAL: Potassium: 2.0 mmol/L (LL, critically low)"),
        (lab("9", "PANIC"), "CRITICAL: Potassium: 9 mmol/L (PANIC, panic value)"),
        (lab("9", "H,HH"), "CRITICAL: Potassium: 9 mmol/L (H, high; HH, critically high)"),
        (lab("5.5", "H", "3.5-5.1"), "Potassium: 5.5 mmol/L (H, high; range 3.5-5.1)"),
        (lab("5.5", "odd"), "Potassium: 5.5 mmol/L (flag odd)"),
        (lab("5.5", "", "3.5-5.1"), "Potassium: 5.5 mmol/L (above range, not flagged by the source; range 3.5-5.1)"),
        (lab("3.0", "", ">3.5 mmol/L"), "Potassium: 3.0 mmol/L (below range, not flagged by the source; range >3.5 mmol/L)"),
        (lab("5.5", "", "3.5-5.1 mg/dL"), "Potassium: 5.5 mmol/L (not flagged; range 3.5-5.1 mg/dL)"),
        (lab(">5.5", "", "3.5-5.1"), "Potassium: >5.5 mmol/L (not flagged; range 3.5-5.1)"),
        (lab("5.5", "", "M: 3-5"), "Potassium: 5.5 mmol/L (not flagged; range M: 3-5)"),
        (lab("6.8", "N", "3.5-5.1"), "Potassium: 6.8 mmol/L (flagged N, normal but above its range: check; range 3.5-5.1)"),
        (lab("Screen is out of range", "N", unit=""), "Potassium: Screen is out of range (flagged N, normal: check)"),
        (lab("4", "N", status=S.CORRECTED), "Potassium: 4 mmol/L (N, normal; corrected)"),
        (lab("6", "H", status=S.PRELIMINARY), "Potassium: 6 mmol/L (H, high; preliminary)"),
        (lab(None, status=S.CANCELLED), "Cancelled: Potassium"),
        (lab("5", "H", status=S.CANCELLED), "Cancelled: Potassium: 5 mmol/L (not to be relied on)"),
        (lab(None, status=S.REGISTERED), "Pending: Potassium (registered)"),
        (lab(None), "Potassium: no value"),
        (lab(None, status=S.NOT_DONE), "Not done: Potassium"),
        (fact(K.RESULT, "Fever", negated=True), "No Fever"),
        (fact(K.RESULT, "MRSA", value="Detected", negated=True), "Not the case: MRSA: Detected"),
        (lab("no growth\nat 5 days", name="Culture", unit=""), "Culture: no growth / at 5 days"),
        (lab("5.5", "H", specimen="Urine"), "Potassium: 5.5 mmol/L (H, high; Urine)"),
    ],
)  # fmt: skip
def test_a_result_is_told_with_what_it_means(given: ClinicalFact, line: str) -> None:
    assert [each.text for each in results(given)] == [line]


def test_critical_results_come_first_then_abnormal_then_words_then_unflagged_numbers() -> None:
    lines = results(
        lab("1", name="Unflagged"), lab("2", "N", name="Normal"), lab("positive", name="Words", unit=""),
        lab("3", "H", name="High"), lab("4", "LL", name="Critical"),
    )  # fmt: skip
    assert [each.text.removeprefix("CRITICAL: ").split(":")[0] for each in lines] == [
        "Critical", "High", "Words", "Unflagged", "1 further result within range or flagged normal",
    ]  # fmt: skip
    assert [each.flags for each in lines[:3]] == [("critical",), ("abnormal",), ()]


def test_normal_results_are_counted_by_panel_with_every_source() -> None:
    normal = [
        lab("4", "N", name=f"T{n}", origin=f"OBX[{n}]-5", group="CBC" if n < 5 else "BMP") for n in range(12)
    ]
    (line,) = results(*normal)
    assert line.text == "12 results within range or flagged normal (BMP 7, CBC 5)"
    assert line.evidence == tuple(f"OBX[{n}]-5" for n in range(12))


def test_a_summary_of_results_lists_normal_ones_too() -> None:
    assert lines_of(RESULTS, lab("4", "N"), purpose=Purpose.RESULTS) == ["Potassium: 4 mmol/L (N, normal)"]


def test_a_normal_result_with_a_comment_is_shown_with_it() -> None:
    (line,) = results(lab("4", "N", comment="sample of another patient"))
    assert line.text == "Potassium: 4 mmol/L (N, normal); comment: sample of another patient"


def test_a_comment_at_many_results_is_told_once() -> None:
    lines = results(*(lab("4", "N", name=f"T{n}", comment="Performed at MAIN") for n in range(5)))
    assert [each.text for each in lines] == [
        "5 results within range or flagged normal", "Comment on 5 results: Performed at MAIN",
    ]  # fmt: skip
    assert len(lines[1].evidence) == 5


def test_a_long_comment_is_not_cut() -> None:
    (line,) = results(lab("4", "H", comment="word " * 100))
    assert line.text.endswith("; has a comment that is not shown here")


def potassium(value: str, time: str, flag: str = "H", **more: str) -> ClinicalFact:
    return lab(value, flag, time=time, origin=f"{value}@{time}", loinc="2823-3", **more)


def test_an_earlier_value_of_the_same_code_is_told_as_trend() -> None:
    (line,) = results(potassium("4.1", "2026-03-01", "N"), potassium("5.9", "2026-03-14"))
    assert line.text == "Potassium: 5.9 mmol/L (H, high; 2026-03-14), up from 4.1 on 2026-03-01"
    assert line.evidence == ("5.9@2026-03-14", "4.1@2026-03-01")


def test_a_critical_earlier_value_is_always_named() -> None:
    given = [
        potassium("6.9", "2026-03-01", "HH"),
        *(potassium(f"4.{day}", f"2026-03-0{day}", "N") for day in range(2, 9)),
    ]
    (line,) = results(*given)
    assert line.text == (
        "Potassium: 4.8 mmol/L (N, normal; 2026-03-08), up from 4.7 on 2026-03-07, before that 4.6 on 2026-03-06,"
        " 4.5 on 2026-03-05, 6.9 (HH, critically high) on 2026-03-01, and 3 earlier values"
    )
    assert line.flags == ("critical",)
    assert len(line.evidence) == 8


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            potassium("4.1", "2026-03-14"),
            potassium("5.9", "2026-03-14T09:30"),
        ),  # which is earlier is not known
        (potassium("4.1", ""), potassium("5.9", "2026-03-14")),
        (potassium("4.1", "2026-03-13"), potassium("5.9", "2026-03-14", unit="mg/dL")),
        (potassium("4.1", "2026-03-13"), potassium(">5.9", "2026-03-14")),
        (potassium("4.1", "2026-03-13", specimen="Urine"), potassium("5.9", "2026-03-14")),
        (potassium("4.1", "2026-03-13", status=S.CANCELLED), potassium("5.9", "2026-03-14")),
    ],
)
def test_what_cannot_be_compared_stands_apart(one: ClinicalFact, other: ClinicalFact) -> None:
    lines = results(one, other)
    assert len(lines) == 2
    assert not any("from" in each.text for each in lines)


def test_a_great_change_within_the_range_is_shown() -> None:
    (line,) = results(potassium("0.6", "2026-03-01", "N"), potassium("1.1", "2026-03-14", "N"))
    assert "up from 0.6" in line.text
    (line,) = results(potassium("4.0", "2026-03-01", "N"), potassium("4.2", "2026-03-14", "N"))
    assert line.text.startswith("2 results within range")


def test_a_correction_takes_the_place_of_what_it_corrects() -> None:
    (line,) = results(
        lab("6.8", "HH", time="2026-03-14", origin="a"), lab("4.8", "N", time="2026-03-14", origin="b", status=S.CORRECTED)
    )  # fmt: skip
    assert line.text == "Potassium: 4.8 mmol/L (N, normal; corrected; 2026-03-14), first reported as 6.8"
    assert line.evidence == ("b", "a")


def test_of_three_results_without_times_nobody_knows_which_was_corrected() -> None:
    given = [lab(value, "H", origin=value) for value in ("5.5", "5.8")]
    corrected = lab("4.8", "N", origin="c", status=S.CORRECTED)
    assert not any("first reported" in each.text for each in results(*given, corrected))
    assert "first reported as 5.5" in results(given[0], corrected)[0].text


def test_a_result_sent_twice_is_told_once() -> None:
    (line,) = results(lab("6", "H", origin="a"), lab("6", "H", origin="b"))
    assert line.evidence == ("a", "b")


def test_answers_in_words_to_one_question_stand_in_one_line() -> None:
    given = [
        lab(value, name="Organism", unit="", origin=value) for value in ("E. coli", "Klebsiella", "E. coli")
    ]
    (line,) = results(*given, lab("none", name="Organism", unit="", origin="other", time="2026-03-01"))[1:]
    assert (line.text, line.evidence) == ("Organism: E. coli; Klebsiella", ("E. coli", "Klebsiella"))
    (flagged, other) = results(given[0], lab("Klebsiella", "A", name="Organism", unit="", origin="k"))
    assert (flagged.text, other.text) == ("Organism: Klebsiella (A, abnormal)", "Organism: E. coli")


def test_the_birth_date_as_a_value_is_not_told() -> None:
    born = Patient(birth_date="1958-03-14", identifiers=(Identifier(value="7788123"),))
    given = [lab(value, name=f"T{n}", unit=unit) for n, (value, unit) in enumerate(
        (("1958-03-14", ""), ("1958-03-14T10:00", ""), ("7788123", ""), ("7788123", "/uL")))]  # fmt: skip
    assert [line.split(" (")[0] for line in lines_of(RESULTS, *given, patient=born)] == [
        "T0: [birth date]", "T1: [birth date]T10:00", "T2: [number]", "T3: 7788123 /uL",
    ]  # fmt: skip


def test_the_latest_results_of_one_level_come_first() -> None:
    given = [lab("positive", name=f"T{year}", unit="", time=str(year)) for year in (2020, 2024, 2022)]
    assert [line.split(":")[0] for line in lines_of(RESULTS, *given)] == ["T2024", "T2022", "T2020"]


def test_a_result_in_words_flagged_normal_is_counted_only_when_its_words_agree() -> None:
    words = ("Negative", "Not detected", "No growth", "In range", "Yellow", "none seen")
    given = [lab(value, "N", name=f"T{n}", unit="") for n, value in enumerate(words)]
    assert lines_of(RESULTS, *given) == ["6 results within range or flagged normal"]
    assert len(lines_of(RESULTS, *given, lab("POSITIVE", "N", name="X", unit=""))) == 2


def test_one_name_in_two_panels_is_told_with_the_panel() -> None:
    glucose = [
        lab("1", "H", name="Glucose", group=group, origin=group) for group in ("Serum panel", "Urinalysis")
    ]
    assert [each.text for each in results(*glucose)] == [
        "Glucose: 1 mmol/L (H, high; Serum panel)", "Glucose: 1 mmol/L (H, high; Urinalysis)",
    ]  # fmt: skip


def test_a_susceptibility_is_told_with_the_organism() -> None:
    panel = "Susceptibility panel (Escherichia coli)"
    (line,) = results(lab("2", "R", name="Ciprofloxacin", unit="ug/mL", group=panel))
    assert line.text == f"Ciprofloxacin: 2 ug/mL (R, resistant; {panel})"


def test_a_long_report_is_quoted_by_its_key_sentences() -> None:
    report = (
        "The heart is enlarged. " + "The lungs are clear. " * 12 + "Impression: new left pleural effusion."
    )
    made = request([lab(report, "A", name="Chest X-ray", unit="", origin="OBX[1]-5")])
    assert f"Chest X-ray: text of {len(report)} characters" in summarize(made).text
    assert "Chest X-ray: Impression: new left pleural effusion." in summarize(made).text


def test_results_whose_status_is_not_stated_are_not_taken_for_final() -> None:
    assert "Whether 2 results are final is not stated." in lines_of(
        LIMITS, lab("4", status=S.UNKNOWN, origin="a"), lab("5", status=S.UNKNOWN, origin="b")
    )
    assert not any("is final" in line for line in lines_of(LIMITS, lab("4")))


def vital(
    text: str, value: str, loinc: str, flag: str = "", time: str = "2026-03-14T09:00", unit: str = "mm[Hg]"
) -> ClinicalFact:
    return fact(
        K.VITAL_SIGN, text, f"{loinc}@{time}", value=value, unit=unit, flag=flag, loinc=loinc, time=time
    )


def test_two_pressures_of_one_reading_are_one_line() -> None:
    given = (
        vital("Systolic blood pressure", "182", "8480-6", "H"),
        vital("Diastolic blood pressure", "88", "8462-4"),
    )
    (line,) = [each for each in summarize(request(given)).statements if each.section is VITALS]
    assert line.text == "Blood pressure: 182/88 mm[Hg] (systolic H, high; 2026-03-14 09:00)"
    assert line.evidence == ("8480-6@2026-03-14T09:00", "8462-4@2026-03-14T09:00")
    assert line.flags == ("abnormal",)


def test_pressures_of_two_readings_are_not_put_together() -> None:
    given = vital("Systolic", "182", "8480-6"), vital("Diastolic", "88", "8462-4", time="2026-03-14T10:00")
    assert lines_of(VITALS, *given) == [
        "Systolic: 182 mm[Hg] (2026-03-14 09:00)", "Diastolic: 88 mm[Hg] (2026-03-14 10:00)",
    ]  # fmt: skip


def test_of_each_vital_sign_the_latest_leads() -> None:
    rates = [vital("Heart rate", value, "8867-4", time=time, unit="/min") for value, time in
             (("88", "2026-03-14T09:00"), ("120", "2026-03-14T10:00"))]  # fmt: skip
    assert lines_of(VITALS, *rates) == [
        "Heart rate: 120 /min (2026-03-14 10:00), up from 88 on 2026-03-14 09:00"
    ]


def test_critical_values_are_never_merely_counted() -> None:
    given = [vital(f"Sign {n}", "9", f"{n}-1", "HH") for n in range(30)]
    lines = lines_of(
        VITALS, *given, lab("1"), *(lab("1", name=f"T{n}") for n in range(40)), purpose=Purpose.PATIENT_LETTER
    )
    assert len(lines) == 30


@pytest.mark.parametrize("code", [code for code, meaning in FLAGS.items() if meaning.level is Level.CRITICAL])
def test_patients_read_critical_flags_in_words(code: str) -> None:
    (line,) = lines_of(RESULTS, lab("9", code), audience=Audience.PATIENT)
    assert line == f"CRITICAL: Potassium: 9 mmol/L ({FLAGS[code].words})"
