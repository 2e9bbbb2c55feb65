"""CDA R2's data types as the gateway's values: codes, quantities, times, names, addresses, identifiers."""

from typing import NamedTuple

from lxml import etree

from gateway.clinical import Address, Code, Identifier, Name
from translators.cda.narrative import Narrative, is_broad, render
from translators.cda.tags import (
    CENTER,
    HIGH,
    LOW,
    NAME,
    ORIGINAL_TEXT,
    REFERENCE,
    TRANSLATION,
    Element,
    child,
    v3,
)
from translators.terminology.code_systems import canonical
from translators.terminology.timestamps import to_iso

MASKED = "MSK"


class Concept(NamedTuple):
    """A CD, CE, CV, CO or CS value."""

    names: tuple[str, ...] = ()
    """What it is called, best first: the words the source wrote for people (`originalText`, resolved),
    `displayName`, the names of translations."""
    codes: tuple[Code, ...] = ()
    null_flavor: str = ""

    @property
    def text(self) -> str:
        """Its best name, or its bare code; empty when it says nothing."""
        if self.names:
            return self.names[0]
        return self.codes[0].code if self.codes else ""


NO_CONCEPT = Concept()


def concept(element: Element | None, narrative: Narrative, named: str = "") -> Concept:
    """`named` is a name that stands beside the code, better than a translation's: a material's `name`."""
    if element is None:
        return Concept((named,)) if named else NO_CONCEPT
    names: list[str] = []
    codes: list[Code] = []
    whole_row = ""
    code = element.get("code")
    display = element.get("displayName")
    if code or display:
        display = " ".join((display or "").split())
        if code:
            codes.append(_code(element, code.strip(), display))
    translated: list[str] = []
    for each in element:
        if each.tag == ORIGINAL_TEXT:
            written, is_row = original_text(each, narrative)
            if is_row:
                whole_row = written
            elif written:
                names.append(written)
        elif each.tag == TRANSLATION:
            called = " ".join((each.get("displayName") or "").split())
            sent = (each.get("code") or "").strip()
            if sent:
                codes.append(_code(each, sent, called))
            if called:
                translated.append(called)
    names += [name for name in (display, named, *translated, whole_row) if name]
    return Concept(tuple(names), tuple(codes), element.get("nullFlavor") or "")


def _code(element: Element, code: str, display: str) -> Code:
    system = element.get("codeSystem") or element.get("codeSystemName") or ""
    return Code(code=code, system=canonical(system.strip()), display=display)


def original_text(element: Element, narrative: Narrative) -> tuple[str, bool]:
    """An ED's text, and whether it points to a whole row or list, which names more than one thing."""
    reference = child(element, REFERENCE)
    if reference is not None:
        target = narrative.find(reference.get("value") or "")
        if target is not None:
            return narrative.text(target).replace("\n", " "), is_broad(target)
    if len(element) == 0:
        return " ".join((element.text or "").split()), False
    return render(element).replace("\n", " "), False


def text_of(element: Element | None, narrative: Narrative) -> str:
    """An ED's text with its lines, a reference resolved; empty when it dangles and nothing else is said."""
    if element is None:
        return ""
    if len(element) == 0:
        return render(element)
    reference = child(element, REFERENCE)
    target = narrative.find(reference.get("value") or "") if reference is not None else None
    return render(element) if target is None else narrative.text(target)


class Quantity(NamedTuple):
    """A PQ: `500` `mg`; the number is kept as sent."""

    value: str
    unit: str = ""

    def __str__(self) -> str:
        """For people: `2 tablet` for `{tablet}`, which UCUM calls an annotation."""
        return f"{self.value} {self.unit.strip('{}')}".strip()


def quantity(element: Element | None) -> Quantity | None:
    """A PQ, INT, REAL or MO. None when it has no number.

    The unit `1` is UCUM's "no unit" and PQ's default. A number that fits no UCUM unit stands in a
    translation, its unit in words (C-CDA example "Results Unit Non-UCUM").
    """
    if element is None:
        return None
    value = (element.get("value") or "").strip()
    if value:
        unit = (element.get("unit") or element.get("currency") or "").strip()
        return Quantity(value, "" if unit == "1" else unit)
    for each in element.iterchildren(TRANSLATION):
        value = (each.get("value") or "").strip()
        if value:
            words = child(each, ORIGINAL_TEXT)
            unit = (
                (words.text or "") if words is not None else each.get("displayName") or each.get("code") or ""
            )
            return Quantity(value, " ".join(unit.split()))
    return None


def bounds(element: Element) -> tuple[str, str]:
    """An IVL_PQ as (text, unit): `80-140`, `>500`, `<=10`; a single value when it is no interval."""
    lowest, highest = child(element, LOW), child(element, HIGH)
    low, high = quantity(lowest), quantity(highest)
    if low is not None and high is not None:
        unit = low.unit or high.unit
        if low.unit and high.unit and low.unit != high.unit:
            return f"{low}-{high}", ""
        return (low.value if low.value == high.value else f"{low.value}-{high.value}"), unit
    if low is not None and lowest is not None:
        return (">" if lowest.get("inclusive") == "false" else ">=") + low.value, low.unit
    if high is not None and highest is not None:
        return ("<" if highest.get("inclusive") == "false" else "<=") + high.value, high.unit
    single = quantity(element) or quantity(child(element, CENTER))
    return (single.value, single.unit) if single is not None else ("", "")


class Period(NamedTuple):
    """A TS or IVL_TS, ISO 8601."""

    start: str = ""
    end: str = ""
    end_null: str = ""
    """The nullFlavor of `high`: `UNK` may mean that it ended and nobody knows when, or nothing at all."""
    unreadable: bool = False
    """A time was sent that is none."""


def period(element: Element | None) -> Period:
    if element is None:
        return Period()
    sent = element.get("value")
    is_single = len(element) == 0
    low, high = (None, None) if is_single else (child(element, LOW), child(element, HIGH))
    if low is None and high is None:
        sent = sent or _attribute(child(element, CENTER), "value")
        start = to_iso(sent) if sent else ""
        return Period(start or "", unreadable=start is None)
    starts = _attribute(low, "value") or sent or ""
    ends = _attribute(high, "value")
    start = to_iso(starts) if starts else ""
    end = to_iso(ends) if ends else ""
    return Period(
        start or "", end or "", _attribute(high, "nullFlavor"), unreadable=start is None or end is None
    )


def _attribute(element: Element | None, name: str) -> str:
    return "" if element is None else element.get(name) or ""


_SOCIAL_SECURITY = "2.16.840.1.113883.4.1"


def identifier(element: Element, kind: str = "") -> Identifier | None:
    """An II: the extension under its root, or a root that identifies by itself. None for a nullFlavor."""
    root, extension = (element.get("root") or "").strip(), (element.get("extension") or "").strip()
    if not root and not extension:
        return None
    if root == _SOCIAL_SECURITY:
        kind = "SS"
    return Identifier(value=extension or root, system=root if extension else "", type=kind)


_FAMILY, _GIVEN, _PREFIX, _SUFFIX = v3("family"), v3("given"), v3("prefix"), v3("suffix")


def person_name(element: Element | None) -> Name | None:
    """A PN in parts, or as one text when it has none. None when it says nothing."""
    if element is None:
        return None
    sent: dict[str, list[str]] = {}
    for each in element:
        text = folded(each)
        if text:
            sent.setdefault(str(each.tag), []).append(text)
    if not sent:
        text = folded(element)
        return Name(text=text) if text else None
    return Name(
        family=" ".join(sent.get(_FAMILY, ())),
        given=tuple(sent.get(_GIVEN, ())),
        prefix=" ".join(sent.get(_PREFIX, ())),
        suffix=" ".join(sent.get(_SUFFIX, ())),
    )


_STREET_LINES = tuple(
    map(v3, ("streetAddressLine", "additionalLocator", "houseNumber", "streetName", "unitID"))
)
_CITY, _STATE, _POSTAL_CODE, _COUNTRY = map(v3, ("city", "state", "postalCode", "country"))


def address(element: Element) -> Address | None:
    """An AD in parts, or as one line when it has none. None when it says nothing."""
    sent: dict[str, list[str]] = {}
    for each in element:
        text = folded(each)
        if text:
            sent.setdefault(str(each.tag), []).append(text)
    if not sent:
        text = folded(element)
        return Address(lines=(text,)) if text else None
    return Address(
        lines=tuple(line for name in _STREET_LINES for line in sent.get(name, ())),
        city=" ".join(sent.get(_CITY, ())),
        state=" ".join(sent.get(_STATE, ())),
        postal_code=" ".join(sent.get(_POSTAL_CODE, ())),
        country=" ".join(sent.get(_COUNTRY, ())),
    )


def telecom(element: Element) -> str:
    """A TEL without its `tel:` or `mailto:`; other schemes are kept, because they tell a fax from a phone."""
    sent = (element.get("value") or "").strip()
    for scheme in ("tel:", "mailto:"):
        if sent.lower().startswith(scheme):
            return sent[len(scheme) :].strip()
    return sent


def entity_name(element: Element | None) -> str:
    """An ON, EN or TN as one line: the name of an organization, a place or a product."""
    found = child(element, NAME) if element is not None else None
    return folded(found) if found is not None else ""


def code_of(element: Element | None) -> str:
    """The bare code of a statement's `code` or of a CS."""
    if element is None:
        return ""
    return (element.get("code") or "").strip()


def codes_of(element: Element | None) -> list[str]:
    """The bare codes of a coded element and its translations."""
    if element is None:
        return []
    coded = [element, *element.iterchildren(TRANSLATION)]
    return [code for each in coded if (code := code_of(each))]


_STRING = etree.XPath("string()", smart_strings=False)


def folded(element: Element) -> str:
    """All of its text on one line; comments are none of it."""
    if len(element) == 0:
        return " ".join((element.text or "").split())
    return " ".join(str(_STRING(element)).split())
