"""Dates in the forms in which people and systems write them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from gateway.deidentify.categories import Category
from gateway.deidentify.days import MONTH_NUMBERS, MONTHS, YEAR, Hints, day_of, year_of
from gateway.deidentify.spans import Finder, Look, Narrow, Place, Span, after, before, whole

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_MONTH_WORDS = frozenset([*MONTH_NUMBERS, *(month.casefold() for month in MONTHS), "sept"])
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_MONTH_NUMBER = r"(?:0?[1-9]|1[0-2])"
_SHORT_YEAR = rf"(?:{YEAR}|['’]?\d\d)"
_WEEKDAYS = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?[.,]*\s+)?"

_NO_DATES = (
    "of ", "%", "pain", "strength", "dose", "/", "mg", "ml", "tab", "x ", "for pain", "systolic",
    "murmur", "pills", "cups", "pack", "motor", "bilateral", "throughout", "intact", "in all",
    "in the", "reflexes", "full", "strong", "pulses", "scale", "points", "score", "on exam",
    "positive", "negative", "nodes", "cores", "bottles", "sets", "criteria", "inch", "of the",
    "ppd", "cup", "tsp", "liter", "l ", "days", "hours", "meals", "wks", "weeks", "normal saline",
    "ns", "half", "cigar", "right", "left", "flexion", "extension", "grip", "minutes", "min",
    "servings", "lb", "kg", "oz", "cc", "unit", "mmhg", "and symmetric", "symmetric",
)  # fmt: skip
"""What follows a fraction or a score and never a date."""
_AFTER_SCORES = frozenset(
    "strength pain murmur grade gcs score rated was is power reflexes pulses bp ratio edema phq-9 scale"
    " apgar apgars motor vision stage approximately about ef class took takes take ate drank give gave"
    " sofa cores nodes bishop mallampati level a the moca mmse minicog mini-cog qsofa curb-65 has-bled"
    " centor wells heart nihss rass braden morse tinetti epworth ess phq gad-7 barthel fim aims slums"
    " scored scoring total asia mrc kps".split()
)


def _no_version(text: str, start: int, end: int) -> Place | None:
    """`4.2.11` of a device's software is no day."""
    if text[start:end].count(".") == 2 and text[end : end + 1] != "." and text[start - 1 : start] != ".":
        words = before(text, start).split()
        if (words and words[-1].strip("(:") in _VERSIONS) or text[start - 1 : start] in ("v", "V"):
            return None
        return start, end
    return None if text[start - 1 : start] in ("/", ".") or text[end : end + 1] == "/" else (start, end)


_VERSIONS = frozenset(
    "v version versions ver release firmware software fw sw build revision rev protocol".split()
)


def _no_fraction(text: str, start: int, end: int) -> Place | None:
    """`on 3/14`, not `on 2/3 of the days`, `5/10 pain` or a strength of `4/5`."""
    following = after(text, end, 16).lstrip()
    return None if following.startswith(_NO_DATES) else (start, end)


def _bare_day(text: str, start: int, end: int) -> Place | None:
    """`3/14` without a year: not after what scores are told with."""
    if text[start - 1 : start] in ("/", "."):
        return None
    words = before(text, start).replace(":", " ").split()
    return None if words and words[-1] in _AFTER_SCORES else _no_fraction(text, start, end)


def _month_and_day(text: str, start: int, end: int) -> Place | None:
    """`May 2`, not `may 2 tablets be given`: in small letters `may` and `mar` need a year or no verb."""
    found = text[start:end]
    word = found.lstrip("0123456789 ")[:3]
    if word == "may" and not year_of(found) and not _stands_as_a_day(text, start, end):
        return None
    if (
        word == "MAY"
        and not year_of(found)
        and found[-1].isdigit()
        and after(text, end).lstrip()[:3].isalpha()
    ):
        return None
    return start, end


def _stands_as_a_day(text: str, start: int, end: int) -> bool:
    """`may 2` in small letters: something in front says when, or nothing follows that could be counted."""
    words = before(text, start).split()
    following = after(text, end).lstrip()
    return bool(words and words[-1] in _BEFORE_DAYS) or not following or following[0] in ",;:)\n"


_BEFORE_DAYS = frozenset(
    "on since from until till by before after through of in starting seen due admitted".split()
)


def _month_alone(text: str, start: int, end: int) -> Place | None:
    """`in March`, not `in March fracture` nor `May`, which is a verb after many words."""
    return None if text[start].islower() else (start, end)


_ALONE = r"in|since|of|last|next|until|till|by|from|during|early|mid|late|this|past|before|after"
_SEEN_ON = (
    r"on|since|from|until|till|by|dated|d/c'?d|dc'?d|discharged|admitted|starting|started|through|thru|seen"
    r"|dos|between|before|after|of|performed|done|obtained|drawn|due|scheduled|visit|given|labs|ct|mri|cxr"
    r"|echo|ekg"
)
_HOLIDAYS = (
    r"christmas(?: eve| day)?|thanksgiving|new year['’]?s(?: eve| day)|halloween|easter(?: sunday)?"
    r"|(?:fourth|4th) of july|valentine['’]?s day|memorial day|labor day|independence day|boxing day"
)
_TWO_DIGITS = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d\d"
_SEEN_WORDS = frozenset(
    [*re.findall("[a-z]{2,}", _SEEN_ON), "dc", "fall", "fell", "surgery", "visit", "dos", "date"]
)
_NUMERIC = "|".join(
    rf"(?:{_MONTH_NUMBER}{sign}{_DAY}|{_DAY}{sign}{_MONTH_NUMBER}){sign}{_SHORT_YEAR}"
    for sign in (r"\s?/\s?", "-", r"\.")
)


def _finder(
    pattern: str,
    needs: Iterable[str] = (),
    signs: Iterable[str] = "",
    *,
    group: int = 0,
    needs_digits: bool = True,
    is_bounded: bool = False,
    narrow: Narrow = whole,
) -> Finder:
    return Finder(
        pattern,
        Category.DATE,
        "DATE",
        group=group,
        needs=needs,
        needs_exact=signs,
        needs_digits=needs_digits,
        is_bounded=is_bounded,
        narrow=narrow,
        entity=day_of,
    )


_MONTH_FIRST = rf"{_WEEKDAYS}{_MONTH}\.?\s+(?:the\s+)?{_DAY}(?:st|nd|rd|th)?(?:(?:,\s*|\s+){_SHORT_YEAR})?"
_DAY_FIRST = rf"{_DAY}(?:st|nd|rd|th)?\s+(?:of\s+|day of\s+)?{_MONTH}\.?(?:,?\s+{_SHORT_YEAR})?"
_GLUED = rf"{_DAY}[-/ ]?{_MONTH}[-/ ]?{_SHORT_YEAR}"
_MONTH_AND_YEAR = rf"{_MONTH}[-/.,]?\s?(?:of\s+)?(?:{YEAR}|['’]\d\d)|{_MONTH}-\d\d"
_HOLIDAY_WORDS = (
    "christmas thanksgiving new halloween easter july valentine memorial labor independence boxing".split()
)

_DATES: tuple[Finder, ...] = (
    _finder(rf"\b({YEAR}[-/.]{_MONTH_NUMBER}[-/.]{_DAY})(?:\b|T)", signs="-/.", group=1, is_bounded=True),
    _finder(rf"\b(?:{_NUMERIC})\b", signs="-/.", narrow=_no_version),
    _finder(
        rf"(?i)\b(?:{_MONTH_FIRST}|{_GLUED}|{_DAY_FIRST}|{_MONTH_AND_YEAR})\b",
        _MONTH_WORDS,
        narrow=_month_and_day,
    ),
    _finder(rf"\b{_MONTH_NUMBER}/{YEAR}\b", signs="/"),
    _finder(
        rf"\b(?i:{_ALONE})[ -]({'|'.join(MONTHS)}|{'|'.join(MONTHS).upper()})\b",
        _MONTH_WORDS,
        group=1,
        needs_digits=False,
        narrow=_month_alone,
    ),
    _finder(
        rf"(?i)\b(?:{_SEEN_ON})\s*:?\s+(?:the\s+)?({_MONTH_NUMBER}[/-]{_DAY})\b",
        signs="/-",
        group=1,
        narrow=_no_fraction,
    ),
    _finder(
        rf"\b({YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))(?:\d{{4}}(?:\d\d)?)?\b",
        signs=("19", "20"),
        group=1,
        is_bounded=True,
    ),
    _finder(
        r"(?i)\b(?:dob|d\.o\.b\.|date of birth|born|birth ?date)\s*[:=]?\s*(?:on\s+)?(\d{6}|\d{8})\b",
        ("dob", "d", "birth", "birthdate", "born"),
        group=1,
        is_bounded=True,
    ),
    _finder(
        rf"(?i)\b(?:{_SEEN_ON}|fall|fell|surgery|visit|dos|date)\s*:?\s+({_TWO_DIGITS})\b",
        group=1,
        needs=_SEEN_WORDS,
    ),
    _finder(rf"(?i)\b(?:{_HOLIDAYS})\b", _HOLIDAY_WORDS, needs_digits=False),
)
_DAY_WITHOUT_YEAR = _finder(rf"\b{_MONTH_NUMBER}/{_DAY}\b", signs="/", narrow=_bare_day)


def _is_no_score(day: str) -> bool:
    """Few scales go up to 13 or more, and those are told with their names (`_AFTER_SCORES`)."""
    return int(day.rpartition("-")[2]) > _HIGHEST_SCORE


_HIGHEST_SCORE = 12


class Dates:
    """Finds dates. What of each may be told follows from the day that the request is about."""

    def __init__(self, hints: Hints, known_days: frozenset[tuple[int, int]]) -> None:
        """`known_days`: (month, day) of the dates that the record holds; `3/14` may be one of them."""
        self._hints = hints
        self._known_days = {f"0-{month}-{day}" for month, day in known_days}

    def find(self, look: Look) -> Iterator[Span]:
        for finder in _DATES:
            for span in finder.find(look):
                yield self._hinted(span, look.text)
        for span in _DAY_WITHOUT_YEAR.find(look):
            if span.entity in self._known_days or _is_no_score(span.entity):
                yield self._hinted(span, look.text)

    def _hinted(self, span: Span, text: str) -> Span:
        return replace(span, hint=self._hints(text[span.start : span.end]))
