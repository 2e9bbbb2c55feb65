"""OBX-5 by its type (OBX-2): the value as text, decimals and comparators as sent."""

from collections.abc import Callable

from translators.hl7v2 import elements
from translators.hl7v2.er7 import Syntax

TEXT = frozenset({"TX", "FT", "ST", ""})
ENCAPSULATED = frozenset({"ED", "RP"})
IDENTITY = frozenset({"XPN", "PN", "PPN", "XCN", "CN", "XAD", "AD", "XTN", "TN", "CX", "CK", "DLN"})
"""Persons, addresses, numbers: identity stands in the patient and nowhere else."""


def value_of(syntax: Syntax, kind: str, raw: str) -> str:
    """The text of a value, its repetitions joined by a comma; empty when there is none.

    What does not follow its type stays as it was sent.
    """
    read = _READERS.get(kind, _plain)
    if syntax.repetition not in raw:
        return read(syntax, raw)
    return ", ".join([text for each in syntax.repetitions(raw) if (text := read(syntax, each))])


def _plain(syntax: Syntax, raw: str) -> str:
    return syntax.folded(raw)


def _structured_numeric(syntax: Syntax, raw: str) -> str:
    """SN: comparator, number, separator or suffix, number. `>^100`, `^1^:^128`, `^10^-^20`, `^2^+`."""
    parts = [syntax.text(part) for part in syntax.components(raw, 4)]
    comparator = "" if parts[0] == "=" else parts[0]
    return comparator + "".join(parts[1:4])


def _moment(syntax: Syntax, raw: str) -> str:
    return elements.iso(syntax, raw) or syntax.folded(raw)


def _time(syntax: Syntax, raw: str) -> str:
    return elements.iso_time(syntax, raw) or syntax.folded(raw)


def _period(syntax: Syntax, raw: str) -> str:
    start, end = syntax.components(raw, 2)[:2]
    return "/".join([_moment(syntax, start), _moment(syntax, end)])


def _numeric_range(syntax: Syntax, raw: str) -> str:
    low, high = [syntax.text(part) for part in syntax.components(raw, 2)[:2]]
    return "-".join([number for number in (low, high) if number])


def _numeric_array(syntax: Syntax, raw: str) -> str:
    return " ".join([text for part in syntax.components(raw, 1) if (text := syntax.text(part))])


def _money(syntax: Syntax, raw: str) -> str:
    return " ".join([text for part in syntax.components(raw, 2)[:2] if (text := syntax.text(part))])


def _composite_quantity(syntax: Syntax, raw: str) -> str:
    amount, unit = syntax.components(raw, 2)[:2]
    return elements.quantity(syntax, amount, unit.replace(syntax.subcomponent, syntax.component))


def _organization(syntax: Syntax, raw: str) -> str:
    return syntax.first(raw)


_READERS: dict[str, Callable[[Syntax, str], str]] = {
    "NM": _plain,
    "SI": _plain,
    "SN": _structured_numeric,
    "CE": elements.coded_text,
    "CWE": elements.coded_text,
    "CNE": elements.coded_text,
    "CF": elements.coded_text,
    "IS": elements.coded_text,
    "ID": elements.coded_text,
    "DT": _moment,
    "TS": _moment,
    "DTM": _moment,
    "TM": _time,
    "DR": _period,
    "NR": _numeric_range,
    "NA": _numeric_array,
    "MA": _numeric_array,
    "MO": _money,
    "CP": _money,
    "CQ": _composite_quantity,
    "XON": _organization,
    "EI": _organization,
    "HD": _organization,
    "PL": elements.location,
}
