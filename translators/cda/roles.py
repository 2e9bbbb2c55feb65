"""What a nested statement is to the one around it, told by its code, its template, or their relationship."""

from enum import Enum, auto

from translators.cda.tags import Element, template_roots


class Role(Enum):
    """What a nested statement is to the one around it."""

    STATUS = auto()
    SEVERITY = auto()
    REACTION = auto()
    CRITICALITY = auto()
    COMMENT = auto()
    INSTRUCTION = auto()
    FREE_TEXT_SIG = auto()
    REASON = auto()
    SUPPLY = auto()
    AGE_AT_ONSET = auto()
    CAUSE_OF_DEATH = auto()
    RANK = auto()
    UNITS = auto()
    NOTE = auto()
    AFTER = auto()
    """Something that this one brought about (typeCode CAUS)."""
    PART = auto()
    ASIDE = auto()
    """Coverage, preferences, references to other entries: nothing that the outer statement means."""
    OTHER = auto()


_C_CDA = "2.16.840.1.113883.10.20.22.4."
_CCD = "2.16.840.1.113883.10.20.1."

_BY_CODE: dict[str, Role] = {
    "33999-4": Role.STATUS,
    "SEV": Role.SEVERITY,
    "82606-5": Role.CRITICALITY,
    "48767-8": Role.COMMENT,
    "PINSTRUCT": Role.INSTRUCTION,
    "FINSTRUCT": Role.INSTRUCTION,
    "76662-6": Role.FREE_TEXT_SIG,
    "77301-0": Role.REASON,
    "445518008": Role.AGE_AT_ONSET,
    "397659008": Role.AGE_AT_ONSET,
    "263486008": Role.RANK,
    "246514001": Role.UNITS,
    "34109-9": Role.NOTE,
    "48768-6": Role.ASIDE,  # payment sources
    "416118004": Role.ASIDE,  # "administration", around the number of a dose
    "48766-0": Role.ASIDE,  # information source
    "225773000": Role.ASIDE,  # preference
    "SECCLASSOBS": Role.ASIDE,
    "SECCATOBS": Role.ASIDE,
    "SECCONOBS": Role.ASIDE,
    "SECINTOBS": Role.ASIDE,
}
_BY_TEMPLATE: dict[str, Role] = {
    _C_CDA + "6": Role.STATUS,
    _C_CDA + "28": Role.STATUS,
    _C_CDA + "8": Role.SEVERITY,
    _CCD + "55": Role.SEVERITY,
    _C_CDA + "9": Role.REACTION,
    _CCD + "54": Role.REACTION,
    _C_CDA + "145": Role.CRITICALITY,
    _C_CDA + "64": Role.COMMENT,
    _CCD + "40": Role.COMMENT,
    _C_CDA + "20": Role.INSTRUCTION,
    _CCD + "49": Role.INSTRUCTION,
    _C_CDA + "147": Role.FREE_TEXT_SIG,
    _C_CDA + "19": Role.REASON,
    _C_CDA + "53": Role.REASON,
    _C_CDA + "17": Role.SUPPLY,
    _C_CDA + "18": Role.SUPPLY,
    _CCD + "34": Role.SUPPLY,
    _C_CDA + "31": Role.AGE_AT_ONSET,
    _CCD + "38": Role.AGE_AT_ONSET,
    _C_CDA + "47": Role.CAUSE_OF_DEATH,
    _CCD + "42": Role.CAUSE_OF_DEATH,
    _C_CDA + "202": Role.NOTE,
    _C_CDA + "122": Role.ASIDE,
    _C_CDA + "129": Role.ASIDE,
    _C_CDA + "143": Role.ASIDE,
}
_BY_TYPE: dict[str, Role] = {
    "MFST": Role.REACTION,
    "RSON": Role.REASON,
    "CAUS": Role.AFTER,
    "COMP": Role.PART,
}


def role_of(element: Element, code: str, type_code: str) -> Role:
    """`code` is the statement's own, `type_code` that of the relationship to the one around it."""
    role = _BY_CODE.get(code)
    if role is not None:
        return role
    for root in template_roots(element):
        if root in _BY_TEMPLATE:
            return _BY_TEMPLATE[root]
    return _BY_TYPE.get(type_code, Role.OTHER)


ASSERTS_ITS_VALUE = frozenset(
    {  # codes that say only what sort of statement it is: the value is what it is about
        "ASSERTION",
        "55607006",  # problem
        "64572001",  # disease
        "404684003",  # clinical finding
        "409586006",  # complaint
        "418799008",  # symptom
        "282291009",  # diagnosis interpretation
        "248536006",  # functional performance finding
        "373930000",  # cognitive function finding
        "29308-4",  # diagnosis
        "54522-8",  # functional status
        "75275-8",  # cognitive function
        "75314-5",  # C-CDA problem types, those of a family member included
        "75315-2",
        "75317-8",
        "75318-6",
        "75319-4",
        "75321-0",
        "75322-8",
        "75323-6",
        "75324-4",
        "75325-1",
        "75326-9",
    }
)

AT_RISK = "281694009"
"""SNOMED CT finding of at risk: the disease it names is one that the patient does not have."""
