"""Dates in the forms in which people and systems write them, and ages over 89."""

from typing import Any

import re2

from gateway.deidentify.categories import Category
from gateway.deidentify.spans import Finder

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_WHOLE_MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_MONTH_NUMBER = r"(?:0?[1-9]|1[0-2])"
_YEAR = r"(?:19|20)\d\d"
_ORDINAL = r"(?:st|nd|rd|th)?"


def _date(pattern: str, group: int = 0, accept: Any = None) -> Finder:
    compiled = re2.compile(pattern)
    if accept is None:
        return Finder(compiled, Category.DATE, "DATE", group=group, hint=_year)
    return Finder(compiled, Category.DATE, "DATE", group=group, accept=accept, hint=_year)


def _year(found: str) -> str:
    """The year may stay: 164.514(b)(2)(i)(C)."""
    match = _ANY_YEAR.search(found)
    if match is not None:
        return str(match.group())
    return str(found[:4]) if found[:8].isdigit() and len(found) >= 8 else ""


_ANY_YEAR: Any = re2.compile(rf"\b{_YEAR}\b")


def _is_no_fraction(text: str, start: int, end: int) -> bool:
    """`on 3/14`, not `on 2/3 of the days`, `5/10 pain` or a strength of `4/5`."""
    following = text[end : end + 12].lstrip().casefold()
    return not following.startswith(
        ("of ", "%", "pain", "strength", "dose", "/", "mg", "ml", "tablet", "x ", "for pain")
    )


DATES: tuple[Finder, ...] = (
    _date(rf"\b{_YEAR}[-/.]{_MONTH_NUMBER}[-/.]{_DAY}(?:\b|T)"),
    _date(rf"\b(?:{_MONTH_NUMBER}/{_DAY}|{_DAY}/{_MONTH_NUMBER})/(?:{_YEAR}|\d\d)\b"),
    _date(rf"\b(?:{_MONTH_NUMBER}-{_DAY}|{_DAY}-{_MONTH_NUMBER})-(?:{_YEAR}|\d\d)\b"),
    _date(rf"\b(?:{_MONTH_NUMBER}\.{_DAY}|{_DAY}\.{_MONTH_NUMBER})\.(?:{_YEAR}|\d\d)\b"),
    _date(rf"(?i)\b{_MONTH}\.?\s+{_DAY}{_ORDINAL}(?:,?\s+(?:{_YEAR}|'\d\d))?\b", accept=lambda t, s, e: _is_month_and_day(t, s, e)),
    _date(rf"(?i)\b{_DAY}{_ORDINAL}\s+(?:of\s+)?{_MONTH}\.?(?:,?\s+{_YEAR})?\b", accept=lambda t, s, e: _is_month_and_day(t, s, e)),
    _date(rf"(?i)\b{_DAY}[-/ ]?{_MONTH}[-/ ]?(?:{_YEAR}|\d\d)\b"),
    _date(rf"(?i)\b{_MONTH}[-/.,]?\s?(?:{_YEAR}|'\d\d)\b"),
    _date(rf"\b{_MONTH_NUMBER}/({_YEAR})\b"),
    _date(rf"\b(?i:in|since|of|last|next|until|by|from|during|early|mid|late|this|past)[ -]({_WHOLE_MONTH})\b", group=1),
    _date(rf"(?i)\b(?:on|since|from|until|by|dated|d/c'?d|discharged|admitted|starting|started|through|thru|seen|dos)\s*:?\s+({_MONTH_NUMBER}[/-]{_DAY})\b", group=1, accept=_is_no_fraction),
    _date(rf"\b({_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))(?:\d{{4}}(?:\d\d)?)?\b"),
    _date(r"(?i)\b(?:dob|date of birth|born|birth ?date)\s*:?\s*(?:on\s+)?(\d{6}|\d{8})\b", group=1),
    _date(r"(?i)\b(?:christmas(?: eve| day)?|thanksgiving|new year'?s(?: eve| day)|halloween|easter(?: sunday)?|(?:fourth|4th) of july|valentine'?s day|memorial day|labor day)\b"),
)  # fmt: skip


def _is_month_and_day(text: str, start: int, end: int) -> bool:
    """`May 2`, not `may 2 tablets be given`: in small letters `may` and `mar` need a year or no verb."""
    found = text[start:end]
    if found[:3] == "may" or " may" in found:
        return any(year in found for year in ("19", "20")) and found.rstrip()[-4:].isdigit()
    return True


_OVER_89 = r"(?:9\d|1[0-2]\d)"

AGES: tuple[Finder, ...] = tuple(
    Finder(re2.compile(pattern), Category.AGE, "AGE", group=1, hint=lambda found: "90+")
    for pattern in (
        rf"(?i)\b({_OVER_89})[ -]?(?:years?|yrs?)[ -]?(?:old|of age)",
        rf"(?i)\b({_OVER_89})[ -]?(?:y/?o|yo|y\.o\.|yr old)\b",
        rf"(?i)\b(?:aged?|age is|age:)\s*:?\s*({_OVER_89})\b",
        r"(?i)\b(nonagenarian|centenarian|ninety-\w+)\b",
    )
)
