"""How often and for how long a medication is taken: GTS (IVL_TS, PIVL_TS, EIVL_TS, SXPR_TS) in words."""

from collections.abc import Iterable
from typing import NamedTuple

from translators.cda.datatypes import Period, Quantity, period, quantity
from translators.cda.tags import (
    COMP,
    EVENT,
    HIGH,
    LOW,
    OFFSET,
    PERIOD,
    WIDTH,
    Element,
    child,
    v3,
    xsi_type,
)

_FREQUENCY, _NUMERATOR, _DENOMINATOR = v3("frequency"), v3("numerator"), v3("denominator")

_UNIT_WORDS = {
    "s": "second",
    "min": "minute",
    "h": "hour",
    "d": "day",
    "wk": "week",
    "mo": "month",
    "a": "year",
}
_EVENT_WORDS = {  # v3-TimingEvent
    "HS": "at bedtime",
    "WAKE": "on waking",
    "AC": "before meals",
    "ACM": "before breakfast",
    "ACD": "before lunch",
    "ACV": "before dinner",
    "IC": "between meals",
    "ICM": "between breakfast and lunch",
    "ICD": "between lunch and dinner",
    "ICV": "between dinner and bedtime",
    "PC": "after meals",
    "PCM": "after breakfast",
    "PCD": "after lunch",
    "PCV": "after dinner",
    "C": "with meals",
    "CM": "with breakfast",
    "CD": "with lunch",
    "CV": "with dinner",
}


class Timing(NamedTuple):
    when: Period = Period()
    """The therapy's start and end."""
    frequency: str = ""


def timing(times: Iterable[Element]) -> Timing:
    """Of all effectiveTimes of one substanceAdministration."""
    when = Period()
    frequencies: dict[str, None] = {}
    for each in _flattened(times):
        said = _FREQUENCIES.get(xsi_type(each) or _kind_by_content(each))
        if said is None:
            read = period(each)
            if not when.start and not when.end:
                when = read._replace(unreadable=read.unreadable or when.unreadable)
            continue
        frequencies[said(each)] = None
    return Timing(when, ", ".join(words for words in frequencies if words))


def _flattened(times: Iterable[Element]) -> Iterable[Element]:
    """A parenthesised set expression (SXPR_TS) as its parts."""
    for each in times:
        if xsi_type(each) == "SXPR_TS":
            yield from _flattened(each.iterchildren(COMP))
        else:
            yield each


def _kind_by_content(element: Element) -> str:
    if child(element, PERIOD) is not None or child(element, _FREQUENCY) is not None:
        return "PIVL_TS"
    return "EIVL_TS" if child(element, EVENT) is not None else "IVL_TS"


def _periodic(element: Element) -> str:
    """`every 6 hours`, `every 4-6 hours`; `2 times a day` where the hours are the institution's to choose."""
    every = child(element, PERIOD)
    if every is None:
        return _counted(child(element, _FREQUENCY))
    low, high = quantity(child(every, LOW)), quantity(child(every, HIGH))
    if low is not None and high is not None:
        return f"every {low.value}-{high.value} {_unit(low, plural=True)}"
    exact = quantity(every) or low or high
    if exact is None:
        return ""
    if element.get("institutionSpecified") == "true":
        times = _times_a_day(exact)
        if times:
            return times
    if exact.value == "1":
        return "once an hour" if exact.unit == "h" else f"once a {_unit(exact, plural=False)}"
    return f"every {exact.value} {_unit(exact, plural=True)}"


def _times_a_day(every: Quantity) -> str:
    hours = {"h": 1, "d": 24}.get(every.unit)
    if hours is None or not every.value.isdecimal() or not int(every.value):
        return ""
    times, rest = divmod(24, int(every.value) * hours)
    if rest or not times:
        return ""
    return "once a day" if times == 1 else f"{times} times a day"


def _counted(frequency: Element | None) -> str:
    """PIVL_TS of release 2: `3 times in 1 day`."""
    if frequency is None:
        return ""
    times, within = quantity(child(frequency, _NUMERATOR)), quantity(child(frequency, _DENOMINATOR))
    if times is None or within is None:
        return ""
    return f"{times.value} times in {within.value} {_unit(within, plural=within.value != '1')}"


def _by_event(element: Element) -> str:
    """`before breakfast`, `30 minutes before meals`."""
    event = child(element, EVENT)
    code = (event.get("code") or "") if event is not None else ""
    words = _EVENT_WORDS.get(code.upper()) or (event.get("displayName") if event is not None else "") or code
    offset = child(element, OFFSET)
    if offset is None or not words:
        return words
    before = quantity(offset) or quantity(child(offset, LOW)) or quantity(child(offset, WIDTH))
    if before is None:
        return words
    return f"{before.value.lstrip('-')} {_unit(before, plural=before.value.lstrip('-') != '1')} {words}"


def _unit(amount: Quantity, *, plural: bool) -> str:
    word = _UNIT_WORDS.get(amount.unit)
    if word is None:
        return amount.unit
    return word + "s" if plural else word


_FREQUENCIES = {"PIVL_TS": _periodic, "EIVL_TS": _by_event}
