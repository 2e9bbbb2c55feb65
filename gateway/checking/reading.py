"""Reads a text: its lines joined, its characters made plain, its tokens taken, its dates in words found."""

from bisect import bisect
from collections.abc import Sequence

from gateway.checking.dates import MONTHS
from gateway.checking.prose import DATE, NUMBER, TAKEN, Prose, Quantity
from gateway.checking.tokens import Tokens

_CHARACTERS = str.maketrans(
    {
        "µ": "u", "μ": "u", "–": "-", "−": "-", "‐": "-", "‑": "-", "—": " ; ", "’": "'", "‘": "'",
        "“": '"', "”": '"', "×": "x", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "=": " ", "~": " ",
        "|": " ; ", "&": " and ", "@": " at ", "#": " ", "\\": " ", "→": " to ", "•": " ; ", "*": "*",
        "½": ".5", "\r": " ", "…": " ; ",
    }
)  # fmt: skip
_MONTHS = frozenset(MONTHS)


def read(text: str) -> Prose:
    """`text` of any length; the time is linear in it."""
    prose = Prose([], [], [])
    Tokens(prose).take_all(_prepared(text).split())
    if not _MONTHS.isdisjoint(prose.words):
        _dates_in_words(prose)
    return prose


def read_apart(texts: Sequence[str]) -> tuple[Prose, list[int]]:
    """Several texts as one with `BREAK` after each, over which nothing is read, and where those stand."""
    prose = Prose([], [], [])
    reader = Tokens(prose)
    ends = []
    for text in texts:
        reader.take_all(_prepared(text).split())
        ends.append(len(prose.words))
        reader.take_break()
    if not _MONTHS.isdisjoint(prose.words):
        _dates_in_words(prose)
        prose.quantities.sort(key=lambda each: bisect(ends, each.at))
    return prose, ends


def _prepared(text: str) -> str:
    if "\n" in text:
        text = _unwrapped(text)
    if not text.isascii() or _has_special(text):
        text = text.replace(">=", "≥").replace("<=", "≤").translate(_CHARACTERS)
    return text.lower()


def _has_special(text: str) -> bool:
    """A character of ASCII that does not stay. Eight searches cost a third of one pass in Python."""
    return (
        "=" in text or "|" in text or "&" in text or "#" in text or "~" in text or "@" in text or "\\" in text
        or "\r" in text
    )  # fmt: skip


def _unwrapped(text: str) -> str:
    """A line that goes on in small letters is no new sentence."""
    first, *others = text.split("\n")
    parts = [first]
    for line in others:
        stripped = line.lstrip()
        parts += (" " if stripped[:1].islower() else " ; ", stripped)
    return "".join(parts)


_AMBIGUOUS_MONTHS = frozenset(("may", "march", "mar", "dec", "sat", "sep"))


def _dates_in_words(prose: Prose) -> None:
    """`May 2, 2026`, `2 May 2026`, `May 2026`, `in January`."""
    words = prose.words
    numbers = {each.at: each for each in prose.quantities if each.kind is NUMBER and not each.unit}
    for at, word in enumerate(words):
        month = MONTHS.get(word)
        if month is None:
            continue
        before = numbers.get(at - 1) or (numbers.get(at - 2) if words[at - 1 : at] == ["of"] else None)
        after = numbers.get(at + 1)
        day = year = None
        if after is not None and _is_year(after.value):
            year = after
        elif after is not None and _is_day(after.value):
            day = after
            following = numbers.get(at + 2)
            year = following if following is not None and _is_year(following.value) else None
        if day is None and before is not None and _is_day(before.value) and not prose.stops[before.at]:
            day = before
        if day is None and year is None and (word in _AMBIGUOUS_MONTHS or len(word) < 4):
            continue
        for taken in (day, year):
            if taken is not None:
                taken.kind = TAKEN
        made = (int(year.value) if year else 0, month, int(day.value) if day else 0)
        prose.quantities.append(Quantity(at, DATE, word, day=made))


def _is_year(value: str) -> bool:
    return len(value) == 4 and value.isdecimal() and "1880" <= value <= "2120"


def _is_day(value: str) -> bool:
    return value.isdecimal() and 1 <= int(value) <= 31
