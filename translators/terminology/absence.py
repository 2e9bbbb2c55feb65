"""Statements that there is nothing: "no known allergies" against "no information on allergies".

The two are opposites for a reader: the first is a finding, the second is a gap. Codes are from
SNOMED CT and the IPS absent-unknown-uv-ips code system; the texts are those that feeds really send.
"""

import re
from enum import Enum

from gateway.clinical import Code, FactKind


class Absence(Enum):
    NONE_KNOWN = "none known"
    """The source says that the patient has none: a negated fact."""
    NO_INFORMATION = "no information"
    """The source says that it does not know: nothing is asserted."""


_NONE_KNOWN_CODES: dict[str, str] = {
    "716186003": "known allergies",
    "160244002": "known allergies",
    "409137002": "known drug allergies",
    "429625007": "known food allergies",
    "428607008": "known environmental allergies",
    "428197003": "known insect allergies",
    "1003774007": "known latex allergies",
    "160245001": "current problems or disability",
    "787481004": "known medications",
    "no-known-allergies": "known allergies",
    "no-known-medication-allergies": "known medication allergies",
    "no-known-environmental-allergies": "known environmental allergies",
    "no-known-food-allergies": "known food allergies",
    "no-known-problems": "known problems",
    "no-known-medications": "known medications",
    "no-known-procedures": "known procedures",
    "no-known-immunizations": "known immunizations",
    "no-known-devices": "known devices",
}

_NO_INFORMATION_CODES = frozenset(
    {
        "no-allergy-info",
        "no-problem-info",
        "no-medication-info",
        "no-procedure-info",
        "no-immunization-info",
        "no-device-info",
        "1631000175102",  # SNOMED CT US: patient not asked
    }
)

_NONE_KNOWN_TEXT = re.compile(
    r"(?:(?:patient|pt\.?) )?(?:has |reports )?(?:no|den(?:ies|ied)(?: any)?) (?:known |current |active )*"
    r"(?P<of>(?:drug |medication |food |environmental |latex |other )?allerg(?:y|ies)|(?:health )?problems"
    r"|medications|immunizations|procedures)\.?",
    re.IGNORECASE,
)

_NONE_TEXT = frozenset({"none", "none known", "no known", "nil", "nil known"})
_NO_INFORMATION_TEXT = re.compile(
    r"unknown|unk|n/a|no information|(?:information )?not (?:on file|available|recorded|asked|known"
    r"|documented|assessed|applicable)|unable to (?:assess|obtain)|none (?:on file|recorded|entered)",
    re.IGNORECASE,
)
"""Where they stand for the name of an entry, nothing is named."""

_ALLERGY_ABBREVIATIONS = {  # sent as a local code or as text
    "NKA": "known allergies",
    "NKDA": "known drug allergies",
    "NKMA": "known medication allergies",
    "NKFA": "known food allergies",
}

NONE_OF_KIND: dict[FactKind, str] = {
    FactKind.ALLERGY: "known allergies",
    FactKind.CONDITION: "known problems",
    FactKind.MEDICATION: "known medications",
    FactKind.PROCEDURE: "known procedures",
    FactKind.IMMUNIZATION: "known immunizations",
    FactKind.DEVICE: "known devices",
}
"""What is absent, for `ClinicalFact.text`, when the source says only "none" for a kind."""


def absence_of(kind: FactKind, codes: tuple[Code, ...], text: str) -> tuple[Absence, str] | None:
    """Whether a coded or written entry says that there is none of its kind, and of what.

    `("known drug allergies", NKDA)` gives `(NONE_KNOWN, "known drug allergies")`: the positive thing,
    to stand in a fact with `negated` true. None when the entry names something that is there.
    """
    plain = " ".join(text.split())
    if kind is FactKind.ALLERGY:
        for abbreviation in (*(code.code for code in codes), plain.rstrip(".")):
            if abbreviation.upper() in _ALLERGY_ABBREVIATIONS:
                return Absence.NONE_KNOWN, _ALLERGY_ABBREVIATIONS[abbreviation.upper()]
    for code in codes:
        if code.code in _NONE_KNOWN_CODES:
            return Absence.NONE_KNOWN, _NONE_KNOWN_CODES[code.code]
        if code.code in _NO_INFORMATION_CODES:
            return Absence.NO_INFORMATION, ""
    if kind in NONE_OF_KIND and plain.lower().rstrip(".") in _NONE_TEXT:
        return Absence.NONE_KNOWN, NONE_OF_KIND[kind]
    if kind in NONE_OF_KIND and _NO_INFORMATION_TEXT.fullmatch(plain.rstrip(".")):
        return Absence.NO_INFORMATION, ""
    match = _NONE_KNOWN_TEXT.fullmatch(plain)
    if match is None:
        return None
    return Absence.NONE_KNOWN, "known " + match["of"].lower().replace("allergy", "allergies")
