"""Reads a text: its lines joined, its characters made plain, its tokens taken, its dates in words found."""

from gateway.checking.dates import MONTHS
from gateway.checking.prose import Kind, Prose, Quantity
from gateway.checking.tokens import Tokens

_CHARACTERS = str.maketrans(
    {
        "µ": "u", "μ": "u", "–": "-", "−": "-", "‐": "-", "‑": "-", "—": " ; ", "’": "'", "‘": "'",
        "“": '"', "”": '"', "×": "x", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "=": " ", "~": " ",
        "|": " ; ", "&": " and ", "@": " at ", "#": " ", "\\": " ", "→": " to ", "•": " ; ", "*": "*",
        "½": ".5", "\r": " ", "…": " ; ",
    }
)  # fmt: skip
_SPECIAL = frozenset("=~|&@#\\\r")


def read(text: str) -> Prose:
    """`text` of any length; the time is linear in it."""
    prose = Prose()
    reader = Tokens(prose)
    words, stops = prose.words, prose.stops
    for token in _prepared(text).split():
        if token.isalpha():
            words.append(token)
            stops.append(0)
        else:
            reader.take(token)
    if prose.quantities:
        reader.finish()
    if not MONTHS.keys().isdisjoint(words):
        _dates_in_words(prose)
    return prose


def _prepared(text: str) -> str:
    if "\n" in text:
        text = _unwrapped(text)
    if not text.isascii() or not _SPECIAL.isdisjoint(text):
        text = text.replace(">=", "≥").replace("<=", "≤").translate(_CHARACTERS)
    return text.lower()


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
    numbers = {each.at: each for each in prose.quantities if each.kind is Kind.NUMBER and not each.unit}
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
                taken.kind = Kind.TAKEN
        made = (int(year.value) if year else 0, month, int(day.value) if day else 0)
        prose.quantities.append(Quantity(at, Kind.DATE, word, day=made))


def _is_year(value: str) -> bool:
    return len(value) == 4 and value.isdecimal() and "1880" <= value <= "2120"


def _is_day(value: str) -> bool:
    return value.isdecimal() and 1 <= int(value) <= 31
