"""HL7 v2 data types as the gateway's values: coded elements, names, identifiers, addresses, times.

Component numbers are those of the 2.8.2 types (chapter 2A); the older types (CE, CN, PN, CK) hold
the same things in the same places.
"""

from functools import lru_cache

from gateway.clinical import Address, Code, Identifier, Name
from translators.hl7v2.er7 import NULL, Syntax
from translators.terminology.code_systems import canonical
from translators.terminology.timestamps import time_to_iso, to_iso
from translators.terminology.vital_signs import is_vital_sign

_system = lru_cache(maxsize=512)(canonical)

Coded = tuple[str, tuple[Code, ...]]
"""The text for people, folded, and every coding as sent."""

NOTHING: Coded = ("", ())


def coded(syntax: Syntax, raw: str) -> Coded:
    """CE, CWE, CNE, CF, IS, ID. Text is the first of CWE.9, CWE.2, CWE.5, CWE.11 and the bare code."""
    if not raw or raw == NULL:
        return NOTHING
    if syntax.component not in raw:
        code = syntax.folded(raw)
        return (code, (Code(code=code),)) if code else NOTHING
    parts = raw.split(syntax.component)
    if syntax.escape in raw or NULL in raw:
        parts = [syntax.folded(part) for part in parts]
    elif " " in raw or "\t" in raw:
        parts = [" ".join(part.split()) for part in parts]
    count = len(parts)
    if count == 3 and parts[0]:  # nearly all
        code, display, system = parts
        return display or code, (Code(code=code, system=_system(system), display=display),)
    parts += _TWELVE[count:]
    codes = tuple(
        [
            Code(code=parts[at], system=_system(parts[at + 2]), display=parts[at + 1])
            for at in (0, 3, 9)
            if parts[at]
        ]
    )
    text = parts[8] or parts[1] or parts[4] or parts[10]
    return text or (codes[0].code if codes else ""), codes


_TWELVE = [""] * 12


def name_of_test(syntax: Syntax, raw: str) -> tuple[str, tuple[Code, ...], bool]:
    """`coded` for OBX-3, and whether it names a vital sign.

    Remembered, for a laboratory sends the same few hundred all day; they hold nothing of a patient.
    """
    found = syntax.names_of_tests.get(raw)
    if found is None:
        text, codes = coded(syntax, raw)
        found = (text, codes, is_vital_sign(codes))
        if len(syntax.names_of_tests) >= _MOST_NAMES:
            syntax.names_of_tests.clear()
        if len(raw) <= _LONGEST_NAME:
            syntax.names_of_tests[raw] = found
    return found


_MOST_NAMES = 4096
_LONGEST_NAME = 250


def coded_text(syntax: Syntax, raw: str) -> str:
    """The text of a coded element, or of a plain one."""
    if not raw:
        return ""
    return coded(syntax, raw)[0] if syntax.component in raw else syntax.folded(raw)


def first_code(syntax: Syntax, raw: str) -> str:
    """The code of a coded field, upper case, for comparison with a table."""
    return syntax.first(raw).upper()


@lru_cache(maxsize=4096)
def _iso(timestamp: str) -> str | None:
    return to_iso(timestamp)


_LONGEST_TIMESTAMP = 32


def iso(syntax: Syntax, raw: str) -> str | None:
    """DT, TS, DTM as ISO 8601; empty when there is none, None when it is not a timestamp."""
    if not raw:
        return ""
    if len(raw) <= _LONGEST_TIMESTAMP:
        found = _iso(raw)
        if found is not None:
            return found
    timestamp = syntax.first(raw)  # TS.2 is a degree of precision
    if not timestamp:
        return ""
    return _iso(timestamp) if len(timestamp) <= _LONGEST_TIMESTAMP else None


def iso_time(syntax: Syntax, raw: str) -> str | None:
    """TM; empty when there is none, None when it is not a time."""
    time = syntax.first(raw)
    return time_to_iso(time) if time else ""


def person(syntax: Syntax, raw: str) -> Name:
    """XPN, PN: family name, given, further given, suffix, prefix, degree."""
    return _name(syntax.texts(raw, 6))


def staff(syntax: Syntax, raw: str) -> Name:
    """XCN, CN: an id, then a name as in XPN. An id alone is the text of the name."""
    parts = syntax.texts(raw, 7)
    if parts[1] or parts[2]:
        return _name(parts[1:])
    return Name(text=parts[0])


def _name(parts: list[str]) -> Name:
    family, given, further, suffix, prefix, degree = parts[:6]
    return Name(
        family=family,
        given=(given, further) if given and further else (given or further,) if given or further else (),
        prefix=prefix,
        suffix=f"{suffix} {degree}".strip() if degree else suffix,
    )


def identifier(syntax: Syntax, raw: str, type_code: str = "") -> Identifier | None:
    """CX, CK, ID: value, assigning authority, type. None when there is no value."""
    if syntax.component not in raw:
        value = syntax.first(raw)
        return Identifier(value=value, type=type_code) if value else None
    parts = syntax.texts(raw, 5)
    if not parts[0]:
        return None
    system = parts[3]
    if syntax.subcomponent in raw:
        system = _authority(syntax, syntax.components(raw, 5)[3])
    return Identifier(value=parts[0], system=system, type=parts[4] or type_code)


def _authority(syntax: Syntax, raw: str) -> str:
    """HD inside a component: the universal id where there is one, for it is unique, else the namespace."""
    if syntax.subcomponent not in raw:
        return syntax.text(raw)
    namespace, universal = raw.split(syntax.subcomponent)[:2]
    return syntax.text(universal) or syntax.text(namespace)


def address(syntax: Syntax, raw: str) -> Address | None:
    """XAD, AD. None when nothing in it says where."""
    street, other, city, state, postal_code, country = syntax.texts(raw, 6)[:6]
    if not (street or other or city or state or postal_code or country):
        return None
    return Address(
        lines=tuple([line for line in (street, other) if line]),
        city=city,
        state=state,
        postal_code=postal_code,
        country=country,
    )


def telecom(syntax: Syntax, raw: str) -> str:
    """XTN, TN: the number as sent, or put together of its parts, or the address of electronic mail."""
    if syntax.component not in raw:
        return syntax.text(raw)
    parts = syntax.texts(raw, 12)
    if parts[0] or parts[11]:
        return parts[0] or parts[11]
    country, area, local, extension = parts[4:8]
    if not local:
        return parts[3]
    number = "-".join([part for part in (country, area, local) if part])
    return f"{number} x{extension}" if extension else number


def location(syntax: Syntax, raw: str) -> str:
    """PL: its description, else point of care, room and bed, and the facility."""
    if not raw:
        return ""
    parts = syntax.texts(raw, 9)
    if parts[8]:
        return parts[8]
    unit = " ".join([part for part in parts[:3] if part])
    return f"{unit}, {parts[3]}" if unit and parts[3] else unit or parts[3]


def quantity(syntax: Syntax, amount: str, unit: str) -> str:
    """`500 mg`; empty without an amount. The unit is the code of a coded element, else its text."""
    number = syntax.folded(amount)
    return f"{number} {for_people(unit_of(syntax, unit))}".strip() if number else ""


def for_people(unit: str) -> str:
    """`tablet` for `{tablet}`, which UCUM calls an annotation; any other unit as it is."""
    is_annotation = unit.startswith("{") and unit.find("}") == len(unit) - 1
    return unit[1:-1] if is_annotation else unit


def unit_of(syntax: Syntax, raw: str) -> str:
    """The code of a unit where there is one, else its text."""
    if syntax.component not in raw:
        return syntax.text(raw)
    parts = syntax.components(raw, 2)
    return syntax.text(parts[0]) or syntax.text(parts[1]) or coded_text(syntax, raw)
