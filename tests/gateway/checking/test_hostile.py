"""Whatever stands in statements and sources, a check ends, and in time that grows with them only."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.checking import check
from gateway.checking.reading import read
from gateway.summary import Statement, SummarySection
from tests.gateway.backends.extractive.making import K, fact, note, request

_PIECES = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        "1,000 6.80 -2.5 >100 120/80 2026-05-02 5/2/26 9:30pm q4-6h q6 twice daily May 2 1:128 ½ ² 5² ٣ mg"
        " 10*3/uL ( ) ; : , . no denies was stopped not L4-L5 x3 3x /day -- // e11. T12 every 4 to hours 5--day 5-- 3---week"
        " 99999999999999999999 0/0 00:99 13/45/99 2026-99-99 1..2 ,5 5, .".split()
    ),
)
TEXTS = st.lists(_PIECES, max_size=14).map(" ".join)


@given(TEXTS, TEXTS, TEXTS, TEXTS)
@settings(max_examples=150, deadline=None)
def test_no_text_makes_it_fail(said: str, name: str, value: str, written: str) -> None:
    facts = [fact(K.RESULT, name, "F", value=value, unit=written, range_=value, time=written, flag=said)]
    asked = request([*facts, fact(K.MEDICATION, name, "M", dose=value, frequency=written)], [note(written)])
    statement = Statement(section=SummarySection.RESULTS, text=said, evidence=("F", "M", "OBX[9]-5"))
    [checked] = check([statement], asked)
    assert checked.statement is statement


@pytest.mark.parametrize("text", ["5--day course, twice daily", "5-- twice daily", "1.5---week daily"])
def test_two_hyphens_after_a_number_are_no_word(text: str) -> None:
    written = [note(text), note("Bacillus camidicus grew", origin="N")]
    asked = request([], written)
    for said in (text, "Bacillus camidicus grew"):
        check([Statement(section=SummarySection.NOTES, text=said, evidence=("OBX[9]-5", "N"))], asked)
    assert "" not in read(text).words


@given(TEXTS)
@settings(max_examples=100, deadline=None)
def test_what_is_copied_to_the_letter_stands(text: str) -> None:
    asked = request([], [note(text)])
    [checked] = check([Statement(section=SummarySection.NOTES, text=text, evidence=("OBX[9]-5",))], asked)
    assert checked.stands, checked.findings


def _seconds(size: int) -> float:
    text = "no fever, 1,000 mg every 6 hours and chest pain; " * size
    asked = request([], [note(text)])
    statement = Statement(section=SummarySection.NOTES, text=text, evidence=("OBX[9]-5",))
    begun = time.process_time()
    check([statement], asked)
    return time.process_time() - begun


def test_the_time_is_linear_in_the_text() -> None:
    small = min(_seconds(100) for _ in range(3))
    assert min(_seconds(1000) for _ in range(2)) < 30 * small


def test_a_note_of_nothing_but_numbers_costs_each_statement_little() -> None:
    written = " ".join(
        f"{number} kg 1 kg 2026-01-{number % 28 + 1:02} {number}itis" for number in range(8000)
    )
    asked = request([], [note(written)])
    text = "1 mg, 2025-12-30, bronchitis and 17.5 lb; " * 150
    begun = time.process_time()
    check([Statement(section=SummarySection.NOTES, text=text, evidence=("OBX[9]-5",))], asked)
    assert time.process_time() - begun < 3
