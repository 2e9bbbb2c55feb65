"""Which section is which: LOINC codes, template roots and titles of the sections that are read.

Every other section is read too: its narrative, and its entries by what they themselves say they are.
"""

from enum import Enum
from typing import NamedTuple

import re2


class SectionKind(Enum):
    """What the entries of a section are about, where they do not say it themselves."""

    ALLERGIES = "allergies"
    PROBLEMS = "problems"
    MEDICATIONS = "medications"
    RESULTS = "results"
    VITAL_SIGNS = "vital signs"
    PROCEDURES = "procedures"
    IMMUNIZATIONS = "immunizations"
    ENCOUNTERS = "encounters"
    PLAN = "plan"
    GOALS = "goals"
    HEALTH_CONCERNS = "health concerns"
    INSTRUCTIONS = "instructions"
    SOCIAL_HISTORY = "social history"
    FAMILY_HISTORY = "family history"
    FUNCTIONAL_STATUS = "functional status"
    DEVICES = "devices"
    DIRECTIVES = "advance directives"
    PAYERS = "payers"
    CARE_TEAM = "care team"
    MEASURES = "quality measures"
    OTHER = "other"


class KnownSection(NamedTuple):
    kind: SectionKind
    category: str = ""
    """Of the facts read from it, where the kind has categories (`ClinicalFact.category`)."""


_K = SectionKind
_C_CDA = "2.16.840.1.113883.10.20.22.2."
_CCD = "2.16.840.1.113883.10.20.1."
_HITSP = "2.16.840.1.113883.3.88.11.83."

# LOINC, what its entries are about, their category, and the template's last arc in C-CDA, CCD R1, HITSP C83
_SECTIONS: tuple[tuple[str, SectionKind, str, str, str, str], ...] = (
    ("48765-2", _K.ALLERGIES, "", "6", "2", "102"),
    ("11450-4", _K.PROBLEMS, "problem-list", "5", "11", "103"),
    ("11348-0", _K.PROBLEMS, "past-history", "20", "", "104"),
    ("11329-0", _K.PROBLEMS, "past-history", "39", "", ""),
    ("46241-6", _K.PROBLEMS, "admission-diagnosis", "43", "", "110"),
    ("42347-5", _K.PROBLEMS, "admission-diagnosis", "", "", ""),
    ("11535-2", _K.PROBLEMS, "discharge-diagnosis", "24", "", "111"),
    ("78375-3", _K.PROBLEMS, "discharge-diagnosis", "", "", ""),
    ("C-CDAV2-DDN", _K.PROBLEMS, "discharge-diagnosis", "", "", ""),
    ("10219-4", _K.PROBLEMS, "preoperative-diagnosis", "34", "", ""),
    ("10218-6", _K.PROBLEMS, "postoperative-diagnosis", "35", "", ""),
    ("59769-0", _K.PROBLEMS, "postprocedure-diagnosis", "36", "", ""),
    ("55109-3", _K.PROBLEMS, "complication", "37", "", ""),
    ("10160-0", _K.MEDICATIONS, "statement", "1", "8", "112"),
    ("10183-2", _K.MEDICATIONS, "statement", "11", "", "114"),
    ("75311-1", _K.MEDICATIONS, "statement", "", "", ""),
    ("42346-7", _K.MEDICATIONS, "statement", "44", "", "113"),
    ("29549-3", _K.MEDICATIONS, "administration", "38", "", "115"),
    ("30954-2", _K.RESULTS, "", "3", "14", "122"),
    ("8716-3", _K.VITAL_SIGNS, "", "4", "16", "119"),
    ("47519-4", _K.PROCEDURES, "", "7", "12", "108"),
    ("11369-6", _K.IMMUNIZATIONS, "", "2", "6", "117"),
    ("46240-8", _K.ENCOUNTERS, "encounter-diagnosis", "22", "3", "127"),
    ("18776-5", _K.PLAN, "", "10", "10", "124"),
    ("51847-2", _K.PLAN, "", "9", "", "123"),
    ("59772-4", _K.PLAN, "", "30", "", ""),
    ("62387-6", _K.PLAN, "", "", "", ""),
    ("61146-7", _K.GOALS, "", "60", "", ""),
    ("75310-3", _K.HEALTH_CONCERNS, "health-concern", "58", "", ""),
    ("69730-0", _K.INSTRUCTIONS, "", "45", "", ""),
    ("29762-2", _K.SOCIAL_HISTORY, "", "17", "15", "126"),
    ("10157-6", _K.FAMILY_HISTORY, "", "15", "4", "125"),
    ("47420-5", _K.FUNCTIONAL_STATUS, "", "14", "5", "109"),
    ("10190-7", _K.FUNCTIONAL_STATUS, "", "56", "", ""),
    ("46264-8", _K.DEVICES, "", "23", "7", "128"),
    ("42348-3", _K.DIRECTIVES, "", "21", "1", "116"),
    ("48768-6", _K.PAYERS, "", "18", "9", "101"),
    ("55186-1", _K.MEASURES, "", "", "", ""),
    ("85847-2", _K.CARE_TEAM, "", "500", "", ""),
)

_OTHER = KnownSection(SectionKind.OTHER)
_BY_CODE = {loinc: KnownSection(kind, category) for loinc, kind, category, *_ in _SECTIONS}
_BY_TEMPLATE = {
    root: loinc
    for loinc, _, _, c_cda, ccd, hitsp in _SECTIONS
    for root in (
        c_cda and _C_CDA + c_cda,
        c_cda and f"{_C_CDA}{c_cda}.1",  # "entries required" is a template of its own
        ccd and _CCD + ccd,
        hitsp and _HITSP + hitsp,
    )
    if root
} | {"2.16.840.1.113883.10.20.21.2.3": "62387-6"}

# First match wins, so that "admission medications" is not an admission diagnosis.
_BY_TITLE = tuple(
    (re2.compile("(?i)" + pattern), code)
    for pattern, code in (
        (r"family\b.*history", "10157-6"),
        (r"social\b.*history", "29762-2"),
        (r"allerg|adverse reaction", "48765-2"),
        (r"admi\w+ medication", "42346-7"),
        (r"medications? administered", "29549-3"),
        (r"discharge medication", "10183-2"),
        (r"medication", "10160-0"),
        (r"immuni[sz]ation|vaccination", "11369-6"),
        (r"admission diagnos[ie]s", "46241-6"),
        (r"discharge diagnos[ie]s", "11535-2"),
        (r"health concern", "75310-3"),
        (r"past (?:medical )?(?:history|illness)", "11348-0"),
        (r"problem", "11450-4"),
        (r"vital sign", "8716-3"),
        (r"procedures?$|surgical history", "47519-4"),
        (r"encounters?$", "46240-8"),
        (r"goals?\b", "61146-7"),
        (r"plan of (?:care|treatment)|care plan|treatment plan|interventions?\b", "18776-5"),
        (r"functional|mental status|cognitive", "47420-5"),
        (r"advance directive", "42348-3"),
        (r"medical equipment|implants?$", "46264-8"),
        (r"^(?:lab(?:oratory)? |diagnostic )?results", "30954-2"),
        (r"insurance|payer", "48768-6"),
        (r"care team", "85847-2"),
    )
)


def recognise(codes: list[str], roots: list[str], title: str) -> tuple[str, KnownSection]:
    """The section's LOINC code and what it is: by its code, a translation, a template, then its title.

    `codes` holds the section's own code first. A section that is not known keeps that code.
    """
    for code in codes:
        if code in _BY_CODE:
            return code, _BY_CODE[code]
    for root in roots:
        if root in _BY_TEMPLATE:
            code = _BY_TEMPLATE[root]
            return code, _BY_CODE[code]
    own = codes[0] if codes else ""
    if _is_loinc(own):
        return own, _OTHER  # a LOINC code that is not in the table means another section
    for pattern, code in _BY_TITLE:
        if pattern.search(title):
            return code, _BY_CODE[code]
    return own, _OTHER


_LOINC = re2.compile(r"\d{1,5}-\d")


def _is_loinc(code: str) -> bool:
    return _LOINC.fullmatch(code) is not None
