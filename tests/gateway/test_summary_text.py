"""A summary as plain text, and what is left out when it has to be short."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.request import Audience
from gateway.summary import REVIEW_NOTICE, Statement, SummarySection
from gateway.summary_text import HEADINGS, fitted, heading, language_cautions, one_line, summary_text

S = SummarySection


def said(section: SummarySection, text: str, *flags: str) -> Statement:
    return Statement(section=section, text=text, evidence=("x",), flags=flags)


SOME = (
    said(S.OVERVIEW, "67-year-old woman"),
    said(S.ALLERGIES, "No known drug allergies"),
    said(S.RESULTS, "CRITICAL: Potassium: 6.8", "critical"),
    *(said(S.RESULTS, f"Result {n}") for n in range(5)),
    *(said(S.NOTES, f"Note {n}") for n in range(5)),
    said(S.LIMITS, "1 item not read"),
)
STATEMENTS = st.lists(
    st.builds(
        Statement,
        section=st.sampled_from(SummarySection),
        text=st.text(st.characters(codec="utf-8"), max_size=60),
        evidence=st.just(("x",)),
        flags=st.sampled_from(((), (), ("critical",))),
    ),
    max_size=25,
)


def test_the_notice_comes_first_then_headings_with_their_lines() -> None:
    text = summary_text(
        [said(S.RESULTS, "b"), said(S.LIMITS, "z"), said(S.ALLERGIES, "a"), said(S.RESULTS, "c")]
    )
    assert text == f"{REVIEW_NOTICE}\nRESULTS\n- b\n- c\nALLERGIES\n- a\nLIMITS\n- z\n"


def test_patients_read_plain_headings() -> None:
    assert heading(S.MEDICATIONS, Audience.PATIENT) == "MEDICINES"
    assert heading(S.MEDICATIONS, Audience.CODER) == "MEDICATIONS"
    assert set(HEADINGS) == set(SummarySection)


@given(STATEMENTS)
def test_no_statement_can_forge_a_heading_or_a_second_line(statements: list[Statement]) -> None:
    lines = summary_text(statements).splitlines()
    headings = {HEADINGS[each.section][0] for each in statements}
    assert len(lines) == 1 + len(headings) + len(statements)
    assert all(line.startswith("- ") or line in headings for line in lines[1:])


def test_what_matters_least_goes_first_and_is_counted() -> None:
    long = [said(each.section, each.text.ljust(80, "."), *each.flags) for each in SOME]
    seen = []
    for length in range(len(summary_text(long)), 400, -10):
        kept = fitted(long, length).statements
        seen.append(tuple(sum(each.section is section for each in kept) for section in (S.NOTES, S.RESULTS)))
    # notes beyond the third, results beyond the third, then the rest of both
    assert list(dict.fromkeys(seen)) == [
        (5, 6), (4, 6), (3, 6), (3, 5), (3, 4), (3, 3), (2, 3), (1, 3), (0, 3), (0, 2), (0, 1),
    ]  # fmt: skip
    shorter = fitted(SOME, 260)
    assert (
        shorter.statements[-1].text == "Left out to stay within 260 characters: 4 from results, 5 from notes."
    )
    assert shorter.cautions[0].code == "shortened"
    assert len(summary_text(shorter.statements)) <= 260


def test_allergies_and_critical_findings_stay_at_any_length() -> None:
    least = fitted(SOME, 1)
    assert [each.text for each in least.statements] == [
        "No known drug allergies",
        "CRITICAL: Potassium: 6.8",
        "Left out to stay within 1 characters: 1 from overview, 1 from limits, 5 from results, 5 from notes.",
    ]
    assert [caution.code for caution in least.cautions] == ["shortened", "max-length-exceeded"]


@given(STATEMENTS, st.integers(1, 1200))
def test_the_text_fits_or_a_caution_says_that_it_does_not(statements: list[Statement], length: int) -> None:
    fit = fitted(statements, length)
    assert (len(summary_text(fit.statements)) <= length) is (
        "max-length-exceeded" not in {caution.code for caution in fit.cautions}
    )
    assert summary_text(statements, "en", length) == summary_text(fit.statements)
    protected = [each for each in statements if each.section is S.ALLERGIES or each.flags]
    assert [each for each in fit.statements if each in protected] == protected


def test_nothing_goes_that_need_not_go() -> None:
    whole = len(summary_text(SOME))
    assert fitted(SOME, whole).statements == SOME
    assert fitted(SOME, None).statements == SOME


@pytest.mark.parametrize(
    ("language", "codes"), [("en", []), ("en_US", []), ("EN", []), ("fr", ["language-not-available"]), ("end", ["language-not-available"])]
)  # fmt: skip
def test_a_language_without_headings_is_told(language: str, codes: list[str]) -> None:
    assert [caution.code for caution in language_cautions(language)] == codes


def test_one_line_keeps_a_line_to_the_byte_and_puts_several_side_by_side() -> None:
    assert one_line("6.80  mg") == "6.80  mg"
    assert one_line("No fever\r\n\r\nChest pain\u2028Edema\n") == "No fever / Chest pain / Edema"


def test_what_its_source_does_not_bear_is_marked_and_the_mark_counts() -> None:
    doubtful = replace(SOME[0], flags=("unsupported",))
    text = summary_text((doubtful, *SOME[1:]))
    assert f"{SOME[0].text} [not supported by its source]\n" in text
    assert len(summary_text(fitted((doubtful, *SOME[1:]), len(text) - 1).statements)) < len(text)
