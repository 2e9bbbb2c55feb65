"""Numbers and times are compared only where that is safe."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.backends.extractive.quantities import in_order_of_time, plain_number, side_of_range


@pytest.mark.parametrize(
    ("value", "number"),
    [("6.80", 6.8), ("-3", -3.0), ("+2", 2.0), (" 5 ", 5.0), (">100", None), ("1:128", None), ("3,5", None),
     ("1e5", None), ("1_000", None), ("nan", None), ("inf", None), ("", None), (None, None), ("٣", None), ("5 H", None)],
)  # fmt: skip
def test_only_plain_numbers_are_numbers(value: str | None, number: float | None) -> None:
    assert plain_number(value) == number


@pytest.mark.parametrize(
    ("value", "range_", "side"),
    [
        ("5.1", "3.5-5.1", "within"), ("5.10", "3.5 - 5.1", "within"), ("5.2", "3.5-5.1", "above"), ("3.4", "3.5–5.1", "below"),
        ("4", "3.5 to 5.1", "within"), ("5", "<5.0", "above"), ("5", "<=5.0", "within"), ("5", "≤5", "within"),
        ("5", ">5", "below"), ("-1", "-2-2", "within"), ("-3", "-2 - -1", "below"), ("5", "10-3", None),
        ("5", "3-8 mmol/L", "within"), ("5", "3-8 mg/dL", None), ("5", "", None), ("5", "negative", None),
        ("5", "M: 3-8", None), ("<5", "3-8", None), ("5", "3.5-", None), ("5", "[ 4.0 - 11.0 ]", "within"),
        ("5", "( < 3 )", "above"), ("5", "[3-8", None), ("5", "x" * 5000, None), ("5", "3-8\ud800", None),
    ],
)  # fmt: skip
def test_a_value_is_put_beside_its_range_only_where_both_are_plain(
    value: str, range_: str, side: str | None
) -> None:
    assert side_of_range(value, "mmol/L", range_) == side


@given(st.text(), st.text(), st.text())
def test_no_text_breaks_a_comparison(value: str, unit: str, range_: str) -> None:
    assert side_of_range(value, unit, range_) in (None, "within", "above", "below")


@pytest.mark.parametrize(
    ("times", "order"),
    [
        (["2026-03-14", "2026-03-01"], [1, 0]),
        (["2026-03-14T10:00-06:00", "2026-03-14T15:30Z"], [1, 0]),  # 16:00 and 15:30 UTC
        (["2026-03-14T09:30", "2026-03-14T09:31"], [0, 1]),
        (["2026-03-14T09:30:15", "2026-03-14T09:30:16"], [0, 1]),
        (["2026-03-14T09:30", "2026-03-14T09:30:15"], None),
        (["2026-03-14", "2026-03-14T09:30"], None),
        (["2026-03", "2026-03-14"], None),
        (["2026-02", "2026-03-14", "2024"], [2, 0, 1]),
        (["2026-12", "2027"], [0, 1]),
        (["2026-03-14T09:30", "2026-03-14T20:30Z"], None),  # one without offset
        (["2026-03-10T09:30", "2026-03-14T09:30Z"], [0, 1]),
        (["2026-03-14", "2026-03-14"], None),
        (["", "2026-03-14"], None),
        (["soon", "2026-03-14"], None),
        (["9999", "2026"], None),
    ],
)
def test_times_are_ordered_only_where_they_are_surely_apart(
    times: list[str], order: list[int] | None
) -> None:
    assert in_order_of_time(times) == order
