"""FHIR's compound data types as the text that a fact holds: quantities, ranges, ages, timings, dosages."""

from collections.abc import Collection, Sequence

from gateway.clinical import Detail, DetailName
from translators.fhir.elements import (
    boolean,
    child,
    children,
    choice,
    concept,
    number,
    string,
    strings,
    texts_in,
    words,
)
from translators.fhir.json_guard import Element


def unit_of(quantity: Element) -> str:
    """The unit's code, else its words; the words too where the code is a number (SNOMED CT's tablets).

    The code `1` is UCUM's "no unit".
    """
    code = string(quantity, "code")
    unit = words(quantity, "unit")
    if unit and (not code or code.isdigit()):
        return unit
    return "" if code == "1" else code


def amount_of(quantity: Element) -> str:
    """The value as sent, with its comparator in front: `6.80`, `>100`."""
    value = number(quantity, "value")
    return string(quantity, "comparator") + value if value and "comparator" in quantity else value


def quantity_text(quantity: Element | None) -> str:
    """`500 mg`, and `2 tablet` for `{tablet}`, which UCUM calls an annotation; empty without a value."""
    amount = "" if quantity is None else amount_of(quantity)
    if quantity is None or not amount:
        return ""
    return f"{amount} {unit_of(quantity).strip('{}')}".strip()


def bounds_of(interval: Element) -> tuple[str, str]:
    """The text of a low and high that may stand alone, and the unit both share: `("10-20", "mg")`.

    FHIR's bounds are inclusive, so one alone is `>=10` or `<=20`.
    """
    low, high = child(interval, "low") or {}, child(interval, "high") or {}
    low_value, high_value = amount_of(low), amount_of(high)
    low_unit, high_unit = unit_of(low), unit_of(high)
    unit = high_unit or low_unit
    if low_value and low_unit and low_unit != unit:
        low_value = f"{low_value} {low_unit}"
    if low_value and high_value:
        return f"{low_value}-{high_value}", unit
    if low_value:
        return f">={low_value}", unit
    return (f"<={high_value}", unit) if high_value else ("", unit)


def range_text(interval: Element | None) -> str:
    if interval is None:
        return ""
    bounds, unit = bounds_of(interval)
    return f"{bounds} {unit.strip('{}')}".strip() if bounds else ""


def ratio_text(ratio: Element | None) -> str:
    """`1:128` without units, `500 mg/5 mL` with them."""
    if ratio is None:
        return ""
    over, under = child(ratio, "numerator"), child(ratio, "denominator")
    numerator, denominator = quantity_text(over), quantity_text(under)
    if not numerator or not denominator:
        return numerator or denominator
    joint = "/" if (over and unit_of(over)) or (under and unit_of(under)) else ":"
    return f"{numerator}{joint}{denominator}"


def measure_text(parent: Element, stem: str) -> str:
    """The text of a choice among Quantity, Range, Ratio, Age, CodeableConcept and the primitives."""
    name = choice(parent, stem)
    if not name:
        return ""
    kind = name[len(stem) :]
    if kind in ("Quantity", "Age", "Duration", "SimpleQuantity"):
        return quantity_text(child(parent, name))
    if kind == "Range":
        return range_text(child(parent, name))
    if kind == "Ratio":
        return ratio_text(child(parent, name))
    if kind == "CodeableConcept":
        return concept(parent, name).text
    if kind in ("String", "DateTime", "Date", "Time"):
        return words(parent, name)
    if kind in ("Integer", "Decimal"):
        return number(parent, name)
    if kind == "Boolean":
        return {True: "true", False: "false", None: ""}[boolean(parent, name)]
    if kind == "Period":
        period = child(parent, name) or {}
        return "/".join(end for end in (string(period, "start"), string(period, "end")) if end)
    return ""


_UNITS = {
    "s": "second", "min": "minute", "h": "hour", "d": "day", "wk": "week", "mo": "month", "a": "year",
}  # fmt: skip

_EVENTS = {  # event-timing and v3-TimingEvent
    "MORN": "in the morning",
    "MORN.early": "in the early morning",
    "MORN.late": "in the late morning",
    "NOON": "at noon",
    "AFT": "in the afternoon",
    "AFT.early": "in the early afternoon",
    "AFT.late": "in the late afternoon",
    "EVE": "in the evening",
    "EVE.early": "in the early evening",
    "EVE.late": "in the late evening",
    "NIGHT": "at night",
    "PHS": "after going to sleep",
    "HS": "at bedtime",
    "WAKE": "on waking",
    "C": "with meals",
    "CM": "with breakfast",
    "CD": "with lunch",
    "CV": "with dinner",
    "AC": "before meals",
    "ACM": "before breakfast",
    "ACD": "before lunch",
    "ACV": "before dinner",
    "PC": "after meals",
    "PCM": "after breakfast",
    "PCD": "after lunch",
    "PCV": "after dinner",
}


_BESIDE_ITS_RATE = frozenset({"when", "dayOfWeek", "timeOfDay", "count", "countMax", "boundsDuration"})


def timing_text(timing: Element | None) -> str:
    """How often: the words of its code (`BID`), else its repeat spelled out (`2 times a day`)."""
    if timing is None:
        return ""
    repeat = child(timing, "repeat") or {}
    times, period, unit = _span(repeat, "frequency"), _span(repeat, "period"), string(repeat, "periodUnit")
    is_whole = bool(period and unit)
    half = "" if is_whole or not (times or period or unit) else _half_rate(repeat, times, period, unit)
    said = concept(timing, "code").text or half or (_rate(times or "1", period, unit) if is_whole else "")
    if "event" not in timing and _BESIDE_ITS_RATE.isdisjoint(repeat):
        return said
    parts = [
        said,
        ", ".join([_EVENTS.get(code, code) for code in strings(repeat, "when")]),
        _listed("on", strings(repeat, "dayOfWeek")),
        _listed("at", [time.removesuffix(":00") for time in strings(repeat, "timeOfDay")]),
        _listed("on", strings(timing, "event")),
        "" if half else _limit(repeat),
    ]
    return " ".join([part for part in parts if part])


def _rate(times: str, period: str, unit: str) -> str:
    name = _UNITS.get(unit, unit)
    if period != "1":
        return f"every {period} {name}s" if times == "1" else f"{times} times in {period} {name}s"
    article = "an" if name == "hour" else "a"
    return f"once {article} {name}" if times == "1" else f"{times} times {article} {name}"


def _half_rate(repeat: Element, times: str, period: str, unit: str) -> str:
    """A rate of which half is missing, as it was sent: any wording would be a guess."""
    sent = {"frequency": times, "period": period, "period unit": unit, "count": _span(repeat, "count")}
    return ", ".join(f"{name} {value}" for name, value in sent.items() if value)


def _span(repeat: Element, name: str) -> str:
    least, most = number(repeat, name), number(repeat, f"{name}Max")
    return f"{least}-{most}" if least and most else least


def _limit(repeat: Element) -> str:
    count = _span(repeat, "count")
    if count:
        return f"{count} {'time' if count == '1' else 'times'} in all"
    duration = child(repeat, "boundsDuration")
    return f"for {quantity_text(duration)}" if duration else ""


def _listed(word: str, items: Sequence[str]) -> str:
    return f"{word} {', '.join(items)}" if items else ""


def detail(name: DetailName, text: str) -> tuple[Detail, ...]:
    """One detail, or none when there is nothing to say."""
    return (Detail(name=name, text=text),) if text else ()


def details(name: DetailName, texts: Collection[str]) -> tuple[Detail, ...]:
    if not texts:
        return ()
    return tuple([Detail(name=name, text=text) for text in texts if text])


def dosage_details(dosages: Sequence[Element]) -> tuple[Detail, ...]:
    """One dosage field by field; several (a taper) as one instruction each, so that none is mixed up."""
    if len(dosages) == 1:
        return _one_dosage(dosages[0])
    found: list[Detail] = []
    for dosage in dosages:
        words_of_it = string(dosage, "text").strip()
        parts = [each.text for each in _one_dosage(dosage) if not words_of_it or each.text != words_of_it]
        whole = words_of_it or ", ".join(parts)
        found += detail(DetailName.INSTRUCTIONS, " ".join(whole.split()))
    return tuple(found)


def _one_dosage(dosage: Element) -> tuple[Detail, ...]:
    measured = children(dosage, "doseAndRate")
    dose = measure_text(measured[0], "dose") if measured else ""
    rate = measure_text(measured[0], "rate") if measured else ""
    says_more = not _SAID_SELDOM.isdisjoint(dosage)
    maximum = _maximum(dosage) if says_more else ""
    return (
        *detail(DetailName.DOSE, f"{dose} at {rate}" if dose and rate else dose or rate),
        *detail(DetailName.ROUTE, concept(dosage, "route").text),
        *detail(DetailName.FREQUENCY, _frequency(dosage)),
        *(_where_and_how(dosage) if says_more else ()),
        *detail(DetailName.INSTRUCTIONS, words(dosage, "text")),
        *(_further_instructions(dosage, maximum) if says_more else ()),
    )


_SAID_SELDOM = frozenset(
    {"site", "method", "additionalInstruction", "patientInstruction", "maxDosePerPeriod"}
)


def _maximum(dosage: Element) -> str:
    most = child(dosage, "maxDosePerPeriod") or {}
    amount, span = quantity_text(child(most, "numerator")), quantity_text(child(most, "denominator"))
    return f"maximum {amount} in {span}" if amount and span else ""


def _where_and_how(dosage: Element) -> tuple[Detail, ...]:
    return (
        *detail(DetailName.SITE, concept(dosage, "site").text),
        *detail(DetailName.METHOD, concept(dosage, "method").text),
    )


def _further_instructions(dosage: Element, maximum: str) -> tuple[Detail, ...]:
    return (
        *details(DetailName.INSTRUCTIONS, texts_in(dosage, "additionalInstruction")),
        *detail(DetailName.INSTRUCTIONS, words(dosage, "patientInstruction")),
        *detail(DetailName.INSTRUCTIONS, maximum),
    )


def _frequency(dosage: Element) -> str:
    often = timing_text(child(dosage, "timing"))
    reason = concept(dosage, "asNeededCodeableConcept").text
    if reason:
        return f"{often} as needed for {reason}".strip()
    return f"{often} as needed".strip() if boolean(dosage, "asNeededBoolean") else often


def comments(parent: Element) -> tuple[Detail, ...]:
    """The annotations bound to an entry."""
    return details(DetailName.COMMENT, [words(note, "text") for note in children(parent, "note")])
