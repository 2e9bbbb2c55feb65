"""Numbers with their units, ranges, comparators, codes, dates, times and frequencies of a statement."""

from collections.abc import Iterable, Iterator
from datetime import date

from gateway.checking.comparators import comparator
from gateway.checking.dates import Day, either_reading
from gateway.checking.evidence import Evidence, stem
from gateway.checking.evidence_figures import BARE
from gateway.checking.findings import Finding, Reason
from gateway.checking.prose import CODE, DATE, END, NUMBER, NUMBER_WORDS, PAIR, TIME, Quantity
from gateway.checking.said import Said
from gateway.checking.units import COUNTED, IMPLIED, TIME_UNITS, unit_at
from gateway.clinical import FactKind

_NUMBER = Reason.NUMBER
_ROMAN = {"ii": "2", "iii": "3", "iv": "4"}
_BEFORE_ROMAN = frozenset("type stage class grade".split())
_BEGIN_NUMERALS = frozenset(NUMBER_WORDS) | _BEFORE_ROMAN
_MOST_DAYS = 24
"""Days of the evidence between which a length of time is looked for."""
_K = FactKind
_COUNTED_KINDS: dict[str, frozenset[FactKind]] = {
    "result": frozenset({_K.RESULT}), "value": frozenset({_K.RESULT, _K.VITAL_SIGN}),
    "allergy": frozenset({_K.ALLERGY}), "allergie": frozenset({_K.ALLERGY}),
    "medication": frozenset({_K.MEDICATION}), "medicine": frozenset({_K.MEDICATION}),
    "drug": frozenset({_K.MEDICATION}), "condition": frozenset({_K.CONDITION}),
    "problem": frozenset({_K.CONDITION}), "diagnose": frozenset({_K.CONDITION}),
    "diagnosis": frozenset({_K.CONDITION}), "procedure": frozenset({_K.PROCEDURE}),
    "immunization": frozenset({_K.IMMUNIZATION}), "vaccine": frozenset({_K.IMMUNIZATION}),
    "device": frozenset({_K.DEVICE}), "order": frozenset({_K.ORDER}), "goal": frozenset({_K.GOAL}),
    "appointment": frozenset({_K.APPOINTMENT}), "sign": frozenset({_K.VITAL_SIGN}),
    "encounter": frozenset({_K.ENCOUNTER}), "assessment": frozenset({_K.ASSESSMENT}),
    "directive": frozenset({_K.DIRECTIVE}), "specimen": frozenset({_K.SPECIMEN}),
    "measurement": frozenset({_K.VITAL_SIGN}), "reading": frozenset({_K.VITAL_SIGN}),
    "plan": frozenset({_K.CARE_PLAN}), "note": frozenset(), "entry": frozenset(), "item": frozenset(),
    "entrie": frozenset(), "time": frozenset(),
}  # fmt: skip
"""What may be counted, by the facts that are counted; none: whatever is named as evidence."""
_MORE = frozenset("earlier further more other additional".split())
_DAYS = {"day": 1, "week": 7, "month": 30.44, "year": 365.25}


def numbers(said: Said) -> Iterable[Finding]:
    if not said.prose.quantities and _BEGIN_NUMERALS.isdisjoint(said.words):
        return ()
    return _numbers(said)


def _numbers(said: Said) -> Iterator[Finding]:
    for each in said.prose.quantities:
        if each.kind is NUMBER:
            reason = _number(said, each)
        elif each.kind is PAIR:
            reason = _pair(said, each)
        elif each.kind is CODE:
            reason = _code(said, each)
        else:
            continue
        if reason is not None:
            yield Finding(reason, said.span(each.at))
    yield from _numbers_in_words(said)


def _number(said: Said, each: Quantity) -> Reason | None:
    found = _stands(said, each.value, each.unit, each.sign, each.at)
    if found is None:
        return None
    words = said.words
    if each.at == 0 and said.prose.stops[0] == END and len(words) > 2:
        return None  # the number of a line in a list
    if each.unit in ("", "year") and _is_age(said, each):
        return None
    if each.unit in ("", "times") and _counts_evidence(said, each):
        return None
    if each.value == "10" and words[max(0, each.at - 2) : each.at] == ["out", "of"]:
        return None
    if _is_same_time(said, each):
        return None
    if each.value.startswith("-") and _stands(said, each.value[1:], each.unit, each.sign, each.at) is None:
        return None
    is_day = each.at > 0 and not each.unit and words[each.at - 1] == "day"  # hospital day 2
    unit = "day" if is_day else each.unit
    if unit in TIME_UNITS and _is_between_days(said, each, unit):
        return None
    if (
        not each.unit
        and len(each.value) == 4
        and each.value.isdecimal()
        and _day_stands(said, ((int(each.value), 0, 0),))
    ):
        return None
    return found


_SAME_TIME = {"week": (7, "day"), "day": (24, "hour"), "year": (12, "month")}


def _is_same_time(said: Said, each: Quantity) -> bool:
    """`one week` for 7 days, `48 hours` for 2 days: exact, unlike months in days."""
    if not each.value.isdecimal():
        return False
    number = int(each.value)
    for larger, (many, smaller) in _SAME_TIME.items():
        in_smaller = str(number * many) if each.unit == larger else ""
        in_larger = str(number // many) if each.unit == smaller and number and number % many == 0 else ""
        for value, unit in ((in_smaller, smaller), (in_larger, larger)):
            if value and _stands(said, value, unit, each.sign, each.at) is None:
                return True
    return False


def _is_age(said: Said, each: Quantity) -> bool:
    words, at = said.words, each.at
    if at > 0 and words[at - 1] == "age":
        return each.value in said.index.ages | said.index.earlier_ages
    is_told = not {"old", "older"}.isdisjoint(words[at + 1 : at + 3]) or words[max(0, at - 1)] == "aged"
    return is_told and each.value in said.index.ages


def _counts_evidence(said: Said, each: Quantity) -> bool:
    """`3 results are abnormal`, where three are named; `and 2 earlier values`, where more are."""
    if not each.value.isdecimal() or each.sign or each.at + 1 >= len(said.words):
        return False
    following = said.words[each.at + 1 : each.at + 4]
    named = len(said.statement.evidence)
    number = int(each.value)
    for word in following:
        kinds = _COUNTED_KINDS.get(stem(word) if word[-3:] != "ies" else word[:-3] + "y")
        if kinds is not None:
            cited = sum(
                evidence.fact is not None and evidence.fact.kind in kinds for evidence in said.evidence
            )
            more = not _MORE.isdisjoint(following) and number < named
            return number in (named, cited or (1 if not kinds else -1)) or more
    return number < named and _has_a_count_of_all(said)


def _has_a_count_of_all(said: Said) -> bool:
    """`44 further results (panel A 10, panel B 6 ...)`: the other counts are of its parts."""
    first = next((each for each in said.prose.quantities if each.kind is NUMBER), None)
    return first is not None and first.at == 0 and first.value == str(len(said.statement.evidence))


def _stands(said: Said, value: str, unit: str, sign: str, at: int) -> Reason | None:
    """None when some evidence has the value so; else what differs."""
    said_sign, strict = comparator(said.words, sign, at)
    reason = _NUMBER
    for evidence in said.evidence:
        for known_unit, known_sign in evidence.numbers.get(value, ()):
            if not (
                _same_unit(unit, known_unit, evidence) or (not known_unit and _is_unit_of_facts(said, unit))
            ):
                reason = Reason.UNIT
                continue
            if _same_sign(said_sign, known_sign, strict=strict):
                return None
    return reason


def _is_unit_of_facts(said: Said, unit: str) -> bool:
    """A note has the number bare, and a result that is named beside it has the unit."""
    return any(evidence.fact is not None and unit in evidence.units for evidence in said.evidence)


def _same_sign(said: str, known: str, *, strict: bool) -> bool:
    return said == known or (not strict and not known)


def _same_unit(said: str, known: str, evidence: Evidence) -> bool:
    if not said or said == known:
        return True
    if known == BARE:
        return said in COUNTED
    if not known:
        if said in IMPLIED:
            return True
        # of a fact: `3.5-5.1` beside `6.8 mmol/L`
        return evidence.fact is not None and (stem(said) in evidence.words or said in evidence.units)
    amount, _, period = said.rpartition("/")
    if amount == known and period in ("day", "week", "month"):
        return f"1/{period}" in evidence.frequencies
    return known.startswith(said + "/") or (said == "/min" and known in ("bpm", "breaths/min")) or (
        known == "/min" and said in ("bpm", "breaths/min")
    ) or (said == "deg" and known in ("degc", "degf"))  # fmt: skip


def _is_between_days(said: Said, each: Quantity, unit: str) -> bool:
    """A length of time that two days of the evidence, or one and today, are apart, where the evidence itself
    tells no length in this unit."""
    value = each.value
    if unit not in _DAYS or not value.replace(".", "", 1).isdecimal():
        return False
    days = [day for evidence in said.evidence for day in evidence.exact_days][:_MOST_DAYS]
    if "old" in said.words[each.at + 1 : each.at + 3]:
        days += [said.index.born] if said.index.born else []
    elif any(unit in evidence.units for evidence in said.evidence):
        return False
    exact = [made for day in dict.fromkeys((*days, *said.index.reference_days)) if (made := _date(day))]
    wanted = float(value)
    for index, first in enumerate(exact):
        for second in exact[index + 1 :]:
            apart = abs((second - first).days)
            units = apart / _DAYS[unit]
            if unit == "day" and wanted in (apart, apart + 1):
                return True
            if unit != "day" and apart and abs(units - wanted) < 0.5 + 0.05 * wanted:
                return True
    return False


def _date(day: Day) -> date | None:
    year, month, of_month = day
    try:
        return date(year, month or 7, of_month or 1) if year else None
    except ValueError:
        return None


def _pair(said: Said, each: Quantity) -> Reason | None:
    """`120/80`, or the two of it apart: systolic and diastolic are often two results."""
    known_units = [evidence.pairs[each.value] for evidence in said.evidence if each.value in evidence.pairs]
    if known_units:
        return None if not each.unit or any(unit in ("", each.unit) for unit in known_units) else Reason.UNIT
    first, _, second = each.value.partition("/")
    if second and first.isdecimal() and second.isdecimal():
        if _day_stands(said, ((0, int(first), int(second)),)):
            return None
        apart = [evidence for evidence in said.evidence if not evidence.pairs]
        both = [
            {unit for evidence in apart for unit, _ in evidence.numbers.get(part, ())}
            for part in (first, second)
        ]
        if all(both):
            return None if not each.unit or both[0] & {"", each.unit} else Reason.UNIT
    if second == "10" and any(first in evidence.numbers for evidence in said.evidence):
        return None  # a score of ten
    if each.value == "1/2" and any("0.5" in evidence.numbers for evidence in said.evidence):
        return None
    return Reason.NUMBER


def _code(said: Said, each: Quantity) -> Reason | None:
    """`l4`, `b12`, `e11.9`: as written, or its letters and its digits."""
    code = each.value
    letters = "".join(each for each in code if each.isalpha())
    digits = "".join(each for each in code if each.isdecimal() or each == ".")
    for evidence in said.evidence:
        if code in evidence.codes or code in evidence.words:
            return None
        if any(len(known) > 2 and (code.endswith(known) or known.endswith(code)) for known in evidence.codes):
            return None
        if digits in evidence.numbers and (letters in evidence.words or f"{digits}{letters}" == code):
            return None
    return Reason.NUMBER


def _numbers_in_words(said: Said) -> Iterator[Finding]:
    """`two tablets`, `three weeks`, `stage iii`: those that measure something."""
    words = said.words
    if _BEGIN_NUMERALS.isdisjoint(words):
        return
    taken = {index for at, length, _ in said.how_often.values() for index in range(at, at + length)}
    for at, word in enumerate(words[:-1]):
        value = NUMBER_WORDS.get(word)
        is_part = word == "half" and words[at - 1 : at] == ["a"]  # two and a half years
        unit = unit_at(words, at + 1)[0] if value is not None and at not in taken and not is_part else ""
        if value is not None and unit and unit != "times":
            made = Quantity(at, NUMBER, value, unit)
            if _number(said, made) is not None and not (word == "one" and unit in COUNTED):
                yield Finding(Reason.NUMBER, said.span(at))
        roman = _ROMAN.get(words[at + 1]) if word in _BEFORE_ROMAN else None
        if roman is not None and not any(roman in evidence.numbers for evidence in said.evidence):
            yield Finding(Reason.NUMBER, said.span(at))


def dates(said: Said) -> Iterable[Finding]:
    return _dates(said) if said.prose.quantities else ()


def _dates(said: Said) -> Iterator[Finding]:
    for each in said.prose.quantities:
        if each.kind is DATE:
            readings = either_reading(each.day) if "/" in each.value else (each.day,)
            if not _day_stands(said, readings):
                yield Finding(Reason.DATE, said.span(each.at))
        elif each.kind is TIME and not _time_stands(said, each.value):
            yield Finding(Reason.DATE, said.span(each.at))


def _day_stands(said: Said, readings: tuple[Day, ...]) -> bool:
    """Nothing that the statement tells of the day is missing in the evidence or other there."""
    return any(each in evidence.days for each in readings for evidence in said.evidence)


def _time_stands(said: Said, clock: str) -> bool:
    bare = clock.replace(":", "").lstrip("0") or "0"
    return any(clock in evidence.times or bare in evidence.numbers for evidence in said.evidence)


def how_often(said: Said) -> Iterable[Finding]:
    return _how_often(said) if said.how_often else ()


def _how_often(said: Said) -> Iterator[Finding]:
    for code, (at, _, _) in said.how_often.items():
        if not any(evidence.tells_rate(code) for evidence in said.evidence):
            yield Finding(Reason.FREQUENCY, said.span(at, 2))
