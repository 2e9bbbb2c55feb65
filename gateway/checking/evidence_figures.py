"""The figures of one place of the request: numbers with their units, days and times, frequencies."""

from collections.abc import Iterable, Iterator

from gateway.checking.comparators import comparator
from gateway.checking.dates import Day, date_of, either_reading, time_of
from gateway.checking.frequencies import frequencies
from gateway.checking.prose import (
    CODE,
    DATE,
    NUMBER,
    NUMBER_WORDS,
    PAIR,
    TAKEN,
    TIME,
    Prose,
    Quantity,
    plain_number,
)
from gateway.checking.units import unit_at

BARE = "#"
"""The unit of a number that counts or orders things and measures nothing: `three ports`, the 2 of March 2."""
_PERIODS = frozenset(("day", "week", "month"))
_TIMES = frozenset("once twice thrice times time".split())
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5"}
_BEFORE_ROMAN = frozenset(("type", "stage", "class", "grade", "factor"))
_NUMERALS = frozenset((*NUMBER_WORDS, *_ROMAN))
_MOST_DAYS = 24


class Numbers:
    """Numbers, pairs and codes."""

    def __init__(self, prose: Prose, unit: str, until: int) -> None:
        """`unit`: of the numbers before the word `until` that have none of their own."""
        self.by_value: dict[str, set[tuple[str, str]]] = {}
        self.pairs: dict[str, str] = {}
        self.codes: set[str] = set()
        for each in prose.quantities:
            lent = unit if each.at < until else ""
            if each.kind is NUMBER or each.kind is TAKEN:
                sign, strict = comparator(prose.words, each.sign, each.at)
                self.add(each.value, each.unit or each.range_unit or lent, sign)
                if sign and not strict:
                    self.add(each.value, each.unit or each.range_unit or lent)
            elif each.kind is DATE:
                for figure in filter(None, each.day):
                    self.add(str(figure), BARE)
            elif each.kind is PAIR:
                self.pairs[each.value] = each.unit or lent
                for part in each.value.split("/"):
                    self.add(part, each.unit or lent)
            elif each.kind is CODE:
                self._add_code(each.value)
        if not _NUMERALS.isdisjoint(prose.words):
            self._add_numerals(prose.words)

    def add(self, value: str, unit: str, sign: str = "") -> None:
        known = self.by_value.get(value)
        if known is None:
            self.by_value[value] = {(unit, sign)}
        else:
            known.add((unit, sign))

    def _add_code(self, code: str) -> None:
        self.codes.add(code)
        digits = "".join(each if each.isdecimal() or each == "." else " " for each in code).split()
        for part in digits:
            self.add(plain_number(part.strip(".") or "0"), "")

    def _add_numerals(self, words: list[str]) -> None:
        for at, word in enumerate(words):
            if word in NUMBER_WORDS:
                unit_after = unit_at(words, at + 1)[0] if at + 1 < len(words) else ""
                self.add(NUMBER_WORDS[word], unit_after or BARE)
            elif word in _ROMAN and at and words[at - 1] in _BEFORE_ROMAN:
                self.add(_ROMAN[word], BARE)


class Days:
    """Days, of texts and of times as fields have them."""

    def __init__(self, prose: Prose, times: Iterable[str]) -> None:
        """`times`: ISO 8601, of any precision."""
        self.told: set[Day] = set()
        self.exact: list[Day] = []
        for each in prose.quantities:
            if each.kind is NUMBER or each.kind is TAKEN:
                if len(each.value) == 4 and each.value.isdecimal() and "1880" <= each.value <= "2120":
                    self._add((int(each.value), 0, 0))
            elif each.kind is DATE:
                for day in either_reading(each.day) if "/" in each.value else (each.day,):
                    self._add(day)
            elif each.kind is PAIR:
                self._add_pair(each)
        for time in filter(None, times):
            made = date_of(time.lower()) if len(time) > 4 else (int(time), 0, 0) if time.isdecimal() else None
            if made is not None:
                self._add(made)

    def _add(self, day: Day) -> None:
        year, month, of_month = day
        self.told.update((day, (year, month, 0), (year, 0, 0), (0, month, of_month), (0, month, 0)))
        if len(self.exact) < _MOST_DAYS:
            self.exact.append(day)

    def _add_pair(self, each: Quantity) -> None:
        """`3/12` may be one."""
        parts = each.value.split("/")
        if all(part.isdecimal() for part in parts) and 0 < int(parts[0]) < 13 and 0 < int(parts[1]) < 32:
            self._add((0, int(parts[0]), int(parts[1])))


def times_in(prose: Prose, times: Iterable[str]) -> set[str]:
    """Times of day."""
    found = {each.value for each in prose.quantities if each.kind is TIME}
    return found.union(filter(None, [time_of(time.lower()[11:]) for time in times if len(time) > 10]))


def rates_told(prose: Prose) -> set[str]:
    """How often, in words."""
    told = frequencies(prose)
    return set(told).union(*[implied for _, _, implied in told.values()])


def rates_by_unit(prose: Prose, spans: Iterable[tuple[int, int]], unit: str, until: int) -> set[str]:
    """How often by the unit of a number, of which `unit` and `until` tell as above, and by `a week`.

    `spans`: where each text of several that were read as one begins and ends.
    """
    found: set[str] = set()
    for each in prose.quantities:
        if each.kind is NUMBER or each.kind is TAKEN:
            _, slash, period = (each.unit or (unit if each.at < until else "")).rpartition("/")
            if slash and period in _PERIODS:
                found.add(f"1/{period}")
    if "a" in prose.words:
        for start, end in spans:
            found.update(_rates_with_article(prose.words[start:end]))
    return found


def _rates_with_article(words: list[str]) -> Iterator[str]:
    """`2 glasses a week`"""
    for at, word in enumerate(words[:-1]):
        following = words[at + 1]
        if word == "a" and following in _PERIODS and words[at - 1] not in _TIMES:
            yield f"1/{following}"
