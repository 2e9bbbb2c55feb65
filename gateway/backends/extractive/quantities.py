"""Numbers and times as sources write them: is a value within its range, is it earlier than another.

Nothing is compared that is not plainly comparable: the answer is then None, never a guess.
"""

import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import re2

_NUMBER = r"[+-]?\d{1,15}(?:\.\d{1,15})?"
_INTERVAL: Any = re2.compile(rf"({_NUMBER})\s*(?:-|–|to)\s*({_NUMBER})(?:\s*([^\s\d].*))?")
_BOUND: Any = re2.compile(rf"(<=|>=|=<|=>|<|>|≤|≥)\s*({_NUMBER})(?:\s*([^\s\d].*))?")

_LONGEST_RANGE = 60
_WIDEST_OFFSET = timedelta(hours=14)


def plain_number(value: str | None) -> float | None:
    """`6.80` as 6.8; None for `>100`, `1:128`, `3,5` and words."""
    if value is None or not value.isascii():
        return None
    value = value.strip()
    try:
        number = float(value)  # cheaper than the pattern, but it accepts `1e5`, `1_000`, `nan` as well
    except ValueError:
        return None
    return number if _is_plain(value) else None


def _is_plain(value: str) -> bool:
    digits = value.lstrip("+-").replace(".", "", 1)
    return digits.isdigit() and len(digits) <= 15


def side_of_range(value: str | None, unit: str, reference_range: str) -> str | None:
    """`within`, `above` or `below`; None where value and range cannot safely be compared.

    A range that names another unit than the value, or anything beside two numbers or one bound
    ("M: 13-17", "negative"), is not compared.
    """
    number = plain_number(value)
    if number is None or not reference_range or len(reference_range) > _LONGEST_RANGE:
        return None
    bounds = _bounds(_without_brackets(reference_range.strip()))
    if bounds is None:
        return None
    low, low_included, high, high_included, range_unit = bounds
    if range_unit and range_unit != unit:
        return None
    if number < low or (number == low and not low_included):
        return "below"
    if number > high or (number == high and not high_included):
        return "above"
    return "within"


def _without_brackets(reference_range: str) -> str:
    """`[ 4.0 - 11.0 ]` as `4.0 - 11.0`."""
    enclosed = (reference_range[:1], reference_range[-1:]) in (("[", "]"), ("(", ")"))
    return reference_range[1:-1].strip() if enclosed else reference_range


_INFINITY = float("inf")


@lru_cache(maxsize=512)
def _bounds(reference_range: str) -> tuple[float, bool, float, bool, str] | None:
    """Low, whether it is included, high, whether it is included, unit."""
    if not reference_range.isprintable():
        return None
    interval = _INTERVAL.fullmatch(reference_range)
    if interval is not None:
        low, high = float(interval[1]), float(interval[2])
        return (low, True, high, True, interval[3] or "") if low <= high else None
    bound = _BOUND.fullmatch(reference_range)
    if bound is None:
        return None
    sign, limit = bound[1], float(bound[2])
    included = sign not in ("<", ">")
    if sign in ("<", "<=", "=<", "≤"):
        return -_INFINITY, True, limit, included, bound[3] or ""
    return limit, included, _INFINITY, True, bound[3] or ""


def in_order_of_time(times: Sequence[str]) -> list[int] | None:
    """Indices of the times, earliest first; None unless every two of them are surely apart.

    A date and an hour of the same day, two equal times, or a time with and one without offset within a
    day of each other cannot be told apart.
    """
    spans = []
    for time in times:
        span = _span(time)
        if span is None:
            return None
        spans.append(span)
    mixed = len({aware for _, _, aware in spans}) > 1
    slack = _WIDEST_OFFSET if mixed else timedelta()
    order = sorted(range(len(spans)), key=lambda index: spans[index][:2])
    for earlier, later in itertools.pairwise(order):
        if spans[earlier][1] + slack > spans[later][0] - slack:
            return None
    return order


def _span(time: str) -> tuple[datetime, datetime, bool] | None:
    """First and last instant that a time of its precision can mean (UTC where it has an offset)."""
    try:
        if len(time) <= 10:
            return _day_span(time)
        start = datetime.fromisoformat(time)
        width = timedelta(seconds=1) if time.count(":", 0, 19) > 1 else timedelta(minutes=1)
        offset = start.utcoffset()
        if offset is None:
            return start, start + width, False
        start = start.replace(tzinfo=None) - offset
        return start, start + width, True
    except (ValueError, OverflowError):
        return None


def _day_span(time: str) -> tuple[datetime, datetime, bool]:
    if len(time) == 4:
        return datetime(int(time), 1, 1), datetime(int(time) + 1, 1, 1), False
    if len(time) == 7:
        year, month = int(time[:4]), int(time[5:])
        following = datetime(year + month // 12, month % 12 + 1, 1)
        return datetime(year, month, 1), following, False
    start = datetime.fromisoformat(time)
    return start, start + timedelta(days=1), False
