"""Dates and times as people and machines write them. What is not said is 0: `2026-05` is (2026, 5, 0)."""

Day = tuple[int, int, int]
"""Year, month, day."""

_NAMES = "january february march april may june july august september october november december".split()
MONTHS: dict[str, int] = {
    **{name: number for number, name in enumerate(_NAMES, 1)},
    **{name[:3]: number for number, name in enumerate(_NAMES, 1)},
    "sept": 9,
}


def date_of(token: str) -> Day | None:
    """`2026-05-02`, `2026-05-02t09:30`, `2026-05`, `05/02/2026`, `5/2/26`, `02.05.2026`; None for all else.

    Day and month of the forms with the year last stand as in the United States unless only the other
    reading is a date.
    """
    if len(token) > 10 and token[10] == "t":
        token = token[:10]
    for sign in "-/.":
        if sign not in token:
            continue
        parts = token.split(sign)
        if not all(map(str.isdecimal, parts)):
            return None
        if len(parts) == 3:
            return _of_three(parts, sign)
        if len(parts) == 2 and sign != "." and len(parts[0]) == 4 and len(parts[1]) == 2:
            return _valid(int(parts[0]), int(parts[1]), 0)
        if len(parts) == 2 and sign == "/" and len(parts[1]) == 4:
            return _valid(int(parts[1]), int(parts[0]), 0)
        return None
    return None


def _of_three(parts: list[str], sign: str) -> Day | None:
    first, second, third = map(int, parts)
    if len(parts[0]) == 4:
        return _valid(first, second, third)
    if len(parts[2]) not in (2, 4) or max(len(parts[0]), len(parts[1])) > 2:
        return None
    year = third if len(parts[2]) == 4 else third + (2000 if third < 70 else 1900)
    if sign == ".":
        return _valid(year, second, first)
    return _valid(year, first, second) or _valid(year, second, first)


def _valid(year: int, month: int, day: int) -> Day | None:
    if 1850 <= year <= 2150 and 1 <= month <= 12 and 0 <= day <= 31:
        return year, month, day
    return None


def time_of(token: str) -> str | None:
    """`9:30`, `09:30:15`, `9:30am`, `9:30-06:00` as `09:30`; None for all else."""
    hour, colon, rest = token.partition(":")
    if not colon or not hour.isdecimal() or len(hour) > 2 or not rest[:2].isdecimal() or len(rest[:2]) != 2:
        return None
    after = rest[2:]
    if after[:1] == ":" and after[1:3].isdecimal():
        after = after[3:]
    if after[:1] == ".":
        after = after[1:].lstrip("0123456789")
    suffix = after.replace(".", "")
    is_offset = suffix in ("z", "h", "hrs") or (
        suffix[:1] in ("+", "-") and suffix[1:].replace(":", "").isdecimal()
    )
    if suffix not in ("", "am", "pm", "a", "p") and not is_offset:
        return None
    number, minutes = int(hour), int(rest[:2])
    if suffix[:1] == "p" and number < 12:
        number += 12
    elif suffix[:1] == "a" and number == 12:
        number = 0
    return f"{number:02}:{minutes:02}" if number < 25 and minutes < 60 else None


def either_reading(day: Day) -> tuple[Day, ...]:
    """A date that was written with day and month in figures, also the other way round."""
    year, month, of_month = day
    return (day, (year, of_month, month)) if 1 <= of_month <= 12 else (day,)
