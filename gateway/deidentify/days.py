"""One date in all the ways in which it is written, and what may be told of it."""

import re
from datetime import date

MONTHS = "January February March April May June July August September October November December".split()
MONTH_NUMBERS = {month[:3].casefold(): number for number, month in enumerate(MONTHS, 1)}
YEAR = r"(?:19|20)\d\d"

# Of a date that was found, a few characters long: there `re` is right, and ten times as fast.
_ANY_YEAR = re.compile(rf"(?:^|\D)({YEAR})(?:\D|$)")
_FIGURES = re.compile(r"\d+")
_LETTERS = re.compile(r"[a-z]{3}")
_LATEST_SHORT_YEAR = 30
"""`30` is 2030 and `31` is 1931."""


def year_of(found: str) -> str:
    """The year may stay: 164.514(b)(2)(i)(C)."""
    match = _ANY_YEAR.search(found)
    if match is not None:
        return str(match.group(1))
    return found[:4] if len(found) >= 8 and found[:8].isdigit() else ""


def day_of(found: str) -> str:
    """One form for one date whichever way it is written, `2026-3-14`, as far as it is told."""
    folded = found.casefold()
    figures = [int(each) for each in _FIGURES.findall(folded)]
    word = next((each for each in _LETTERS.findall(folded) if each in MONTH_NUMBERS), "")
    if word:
        year = next((each for each in figures if each > 31), 0)
        days = [each for each in figures if each <= 31]
        if not year and len(days) > 1:
            year = days.pop()
        return _day(year, MONTH_NUMBERS[word], days[0] if days else 0)
    if found.isdigit() and len(found) == 8 and "1900" < found[:4] < "2100":
        return _day(int(found[:4]), int(found[4:6]), int(found[6:]))
    if found.isdigit() and len(found) in (6, 8):
        return _day(int(found[4:]), int(found[:2]), int(found[2:4]))
    if len(figures) == 2:
        return _day(figures[1], figures[0], 0) if figures[1] > 31 else _day(0, figures[0], figures[1])
    if len(figures) != 3:
        return folded
    first, second, third = figures
    if first > 31:
        return _day(first, second, third)
    if first > 12 or ("." in found and second <= 12):
        first, second = second, first
    return _day(third, first, second)


def _day(year: int, month: int, day: int) -> str:
    if 0 < year < 100:
        year += 2000 if year <= _LATEST_SHORT_YEAR else 1900
    return f"{year}-{month}-{day}"


class Hints:
    """What may be said of a date: days from the day that the request is about, or the year.

    A number of days is no element of a date; it keeps the order of events, which a summary lives from.
    """

    def __init__(self, anchor: date) -> None:
        self._anchor = anchor

    def __call__(self, found: str) -> str:
        told = day_of(found).split("-")
        if len(told) == 3 and all(map(str.isdigit, told)) and "0" not in told:
            try:
                days = (date(*map(int, told)) - self._anchor).days
            except ValueError:
                return ""
            if abs(days) <= _LONGEST_TOLD:
                return f"day {days:+d}" if days else "day 0"
        year = told[0] if len(told) == 3 and len(told[0]) == 4 else year_of(found)
        return year if year and self._anchor.year - int(year) < _OLDEST_YEAR else ""


_LONGEST_TOLD = 400
_OLDEST_YEAR = 90
"""An earlier year would tell that somebody is older than an age that may be told."""


def written_dates(birth_date: str) -> tuple[str, ...]:
    """The forms in which people write one full date: `1958-03-14`, `3/14/1958`, `March 14, 1958` ..."""
    parts = birth_date[:10].split("-")
    if len(parts) != 3 or not all(part.isdigit() for part in parts) or not 1 <= int(parts[1]) <= 12:
        return ()
    year, month, day = parts
    m, d, name = str(int(month)), str(int(day)), MONTHS[int(month) - 1]
    numeric = {
        f"{one}{sign}{other}{sign}{whole}"
        for one, other in ((month, day), (day, month), (m, d), (d, m))
        for sign in "/-."
        for whole in (year, year[2:])
    }
    worded = {
        form
        for written in (name, name[:3], name[:3] + ".")
        for form in (
            f"{written} {d}, {year}",
            f"{written} {d} {year}",
            f"{d} {written} {year}",
            f"{day} {written} {year}",
        )
    }
    return (
        f"{year}-{month}-{day}",
        f"{year}/{month}/{day}",
        f"{year}{month}{day}",
        *sorted(numeric),
        *sorted(worded),
    )
