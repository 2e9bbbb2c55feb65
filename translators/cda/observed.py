"""An observation's value as text and unit, whatever its xsi:type (CDA R2 data types)."""

from collections.abc import Callable
from typing import NamedTuple

from translators.cda.datatypes import (
    NO_CONCEPT,
    Concept,
    bounds,
    concept,
    identifier,
    period,
    quantity,
    telecom,
    text_of,
)
from translators.cda.narrative import Narrative, render
from translators.cda.tags import DENOMINATOR, HIGH, LOW, NUMERATOR, Element, child, xsi_type
from translators.terminology.timestamps import to_iso


class Observed(NamedTuple):
    text: str = ""
    unit: str = ""
    concept: Concept = NO_CONCEPT
    """Of a coded value, so that an observation that only asserts it can be about it."""


def observed(element: Element, narrative: Narrative) -> Observed:
    """Empty when the value is null or says nothing. A value without xsi:type is read by what it holds."""
    kind = xsi_type(element) or _kind_by_content(element)
    return _READERS.get(kind, _words)(element, narrative)


def _kind_by_content(element: Element) -> str:
    if element.get("code") or element.get("displayName"):
        return "CD"
    if child(element, LOW) is not None or child(element, HIGH) is not None:
        return "IVL_PQ"
    if element.get("value"):
        return "PQ"
    return "ED"


def _quantity(element: Element, narrative: Narrative) -> Observed:
    read = quantity(element)
    if read is None:
        return _words(element, narrative)
    return Observed(read.value, read.unit)


def _interval(element: Element, narrative: Narrative) -> Observed:
    text, unit = bounds(element)
    return Observed(text, unit)


def _coded(element: Element, narrative: Narrative) -> Observed:
    read = concept(element, narrative)
    # CO may carry its number beside its code; a code without name is its text
    return Observed(read.text or (element.get("value") or "").strip(), concept=read)


def _words(element: Element, narrative: Narrative) -> Observed:
    return Observed(text_of(element, narrative))


def _string(element: Element, narrative: Narrative) -> Observed:
    # ST has no reference by its type, but senders put one into it
    return Observed(text_of(element, narrative) or (element.get("value") or "").strip())


_BOOLEANS = {"true": "true", "1": "true", "false": "false", "0": "false"}


def _boolean(element: Element, narrative: Narrative) -> Observed:
    return Observed(
        {"true": "true", "1": "true", "false": "false", "0": "false"}.get(element.get("value") or "", "")
    )


def _point_in_time(element: Element, narrative: Narrative) -> Observed:
    sent = element.get("value") or ""
    return Observed((to_iso(sent) or sent) if sent else "")


def _span_of_time(element: Element, narrative: Narrative) -> Observed:
    when = period(element)
    return Observed(when.start if not when.end else f"{when.start}/{when.end}")


def _ratio(element: Element, narrative: Narrative) -> Observed:
    """`1:128`, or `500 mg/5 mL` where the numbers have units."""
    upper, lower = quantity(child(element, NUMERATOR)), quantity(child(element, DENOMINATOR))
    if upper is None or lower is None:
        return Observed(str(upper) if upper is not None else "")
    return Observed(f"{upper}{'/' if upper.unit or lower.unit else ':'}{lower}")


def _identifier(element: Element, narrative: Narrative) -> Observed:
    read = identifier(element)
    return Observed(read.value if read is not None else "")


def _telecom(element: Element, narrative: Narrative) -> Observed:
    return Observed(telecom(element))


def _list_of_numbers(element: Element, narrative: Narrative) -> Observed:
    return Observed(render(element))


_READERS: dict[str, Callable[[Element, Narrative], Observed]] = {
    "PQ": _quantity,
    "INT": _quantity,
    "REAL": _quantity,
    "MO": _quantity,
    "PQR": _quantity,
    "IVL_PQ": _interval,
    "IVL_INT": _interval,
    "IVL_REAL": _interval,
    "IVL_MO": _interval,
    "CD": _coded,
    "CE": _coded,
    "CV": _coded,
    "CO": _coded,
    "CS": _coded,
    "SC": _words,
    "ST": _string,
    "ED": _words,
    "BL": _boolean,
    "BN": _boolean,
    "TS": _point_in_time,
    "IVL_TS": _span_of_time,
    "RTO": _ratio,
    "RTO_PQ_PQ": _ratio,
    "RTO_QTY_QTY": _ratio,
    "RTO_MO_PQ": _ratio,
    "II": _identifier,
    "TEL": _telecom,
    "SLIST_PQ": _list_of_numbers,
    "GLIST_PQ": _list_of_numbers,
}
