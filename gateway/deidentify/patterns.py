"""Identifiers that are known by their form, whoever they belong to. All patterns run in linear time (RE2)."""

from typing import Any

import re2

from gateway.deidentify.categories import RESTRICTED_ZIP3, Category
from gateway.deidentify.dates import AGES, DATES
from gateway.deidentify.spans import Finder
from gateway.deidentify.words import NEVER_NAMES, RELATIONS

_VALUE = r"([A-Z]{0,4}[-./ ]?\d[\w./-]*[\dA-Z]|\d)"
_SIGN = r"\s*(?:no\b\.?|number|num\b\.?|nbr\b\.?|id\b|#)?\s*(?:is|was|of)?\s*[:#=]?\s*#?"
_NAME_WORD = r"\p{Lu}(?:\p{Ll}[\p{L}'’]*|['’]\p{Lu}[\p{L}]+|\p{Lu}+)(?:-\p{Lu}[\p{L}'’]+)?"
_FULL_NAME = rf"{_NAME_WORD}(?:\s+\p{{Lu}}\.)?(?:\s+{_NAME_WORD})?"
_STATES = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|DC|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK|OR"
    "|PA|PR|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY"
)
_STREET_KINDS = (
    r"street|st|avenue|ave|lane|ln|road|rd|drive|dr|boulevard|blvd|court|ct|place|pl|circle|cir|terrace|ter|highway|hwy"
    r"|parkway|pkwy|square|trail|way|row|alley|crescent|close"
)


def _labelled(words: str, category: Category, label: str, value: str = _VALUE) -> Finder:
    return Finder(_re(rf"(?i)\b(?:{words}){_SIGN}{value}"), category, label, group=1, accept=_holds_a_digit)


def _re(pattern: str) -> Any:
    return re2.compile(pattern)


def _holds_a_digit(text: str, start: int, end: int) -> bool:
    return any(map(str.isdigit, text[start:end]))


def _is_vin(text: str, start: int, end: int) -> bool:
    """The check digit, place 9 (49 CFR 565.15)."""
    values = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ0123456789", _VIN_VALUES, strict=True))
    weights = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
    vin = text[start:end].upper()
    if vin.isdigit() or vin.isalpha():
        return False
    remainder = sum(values[each] * weight for each, weight in zip(vin, weights, strict=True)) % 11
    return vin[8] == ("X" if remainder == 10 else str(remainder))


_VIN_VALUES = (
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    1,
    2,
    3,
    4,
    5,
    7,
    9,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
)


def _is_ip(text: str, start: int, end: int) -> bool:
    return all(int(each) < 256 for each in text[start:end].split("."))


def _is_somebody(text: str, start: int, end: int) -> bool:
    """A capital letter does not make a name of what begins a sentence or denies."""
    first = text[start:end].split()[0].casefold()
    return first not in NEVER_NAMES and first not in _NOT_SOMEBODY


_NOT_SOMEBODY = frozenset(
    "has had is was will who whom with reports states denies says stated reported and or at in on to he she it they"
    " the a an this that home deceased alive present bedside dose daily po iv history contin tablets tablet brain"
    " spine knee hip chest abdomen pelvis service team clinic department group office ward unit unknown please aware"
    " notified informed agrees agreed requests patient medicine surgery cardiology nephrology neurology oncology"
    " on-call oncall to from by".split()
)


def _zip_hint(found: str) -> str:
    return "000" if found[:3] in RESTRICTED_ZIP3 else found[:3]


_MBI = r"\b([1-9][AC-HJ-NP-RT-Y][AC-HJ-NP-RT-Y0-9]\d-?[AC-HJ-NP-RT-Y][AC-HJ-NP-RT-Y0-9]\d-?[AC-HJ-NP-RT-Y]{2}\d{2})\b"

_NUMBERS: tuple[Finder, ...] = (
    Finder(_re(r"\b\d{3}-\d{2}-\d{4}\b"), Category.SOCIAL_SECURITY, "SSN"),
    _labelled(r"ssn|social security", Category.SOCIAL_SECURITY, "SSN", r"(\d{3}[- ]?\d{2}[- ]?\d{4})"),
    _labelled(r"ssn (?:ending|last four|last 4)|last (?:four|4) (?:of )?(?:ssn|social)", Category.SOCIAL_SECURITY, "SSN", r"(?:in )?(\d{4})"),
    _labelled(r"mrn|mr#|medical record|chart|patient id|pt id|hospital number|unit number", Category.RECORD_NUMBER, "RECORD-NUMBER"),
    _labelled(r"visit|encounter|csn|fin|har|case|accession|specimen id|requisition|order", Category.OTHER_NUMBER, "ID", r"(?:no\.?|number|id|#)\s*[:#]?\s*([A-Z]{0,5}[-./]?\d[\w./-]*[\dA-Z])"),
    _labelled(r"account|acct\.?|guarantor|invoice|billing", Category.ACCOUNT, "ACCOUNT"),
    _labelled(r"(?:member|subscriber|policy|group|beneficiary|insurance|plan|medicare|medicaid|mbi|hicn)(?: id| no| number)?", Category.HEALTH_PLAN, "PLAN-NUMBER", r"([A-Z]{0,4}-?\d[\w-]{4,})"),
    Finder(_re(_MBI), Category.HEALTH_PLAN, "PLAN-NUMBER", group=1),
    _labelled(r"licen[sc]e|dea|npi|certificate|certification|cert\.?|driver'?s licen[sc]e|dl|passport", Category.LICENSE, "LICENSE", r"([A-Z]{0,3}-?\d[\w-]{4,}|[A-Z]\d{6,})"),
    Finder(_re(r"(?i)\b[A-HJ-NPR-Z0-9]{17}\b"), Category.VEHICLE, "VEHICLE", accept=_is_vin),
    Finder(_re(r"(?i)\b(?:license plate|plate|licence plate|tag)\s*(?:no\.?|number|#)?\s*[:#]?\s*([A-Z0-9]{1,4}[- ]?[A-Z0-9]{2,5})"), Category.VEHICLE, "VEHICLE", group=1, accept=_holds_a_digit),
    _labelled(r"serial|s/n|sn|device id(?:entifier)?|udi|implant id", Category.DEVICE, "DEVICE", r"([A-Z]{0,5}[-./]?\d[\w./-]{3,}|[A-Z]{2,}[-]?\d[\w-]+)"),
    Finder(_re(r"\(01\)\d{14}(?:\(\d\d\)[A-Za-z0-9-]+)*"), Category.DEVICE, "DEVICE"),
)  # fmt: skip

_CONTACTS: tuple[Finder, ...] = (
    Finder(_re(r"(?i)[a-z0-9][a-z0-9._%+-]*@[a-z0-9][a-z0-9.-]*\.[a-z]{2,}"), Category.EMAIL, "EMAIL"),
    Finder(_re(r"(?i)\b(?:https?|ftp)://[^\s<>\"]+[^\s<>\".,;:)]"), Category.URL, "URL"),
    Finder(_re(r"(?i)\b(?:www\.[^\s<>\"]+[^\s<>\".,;:)]|[a-z0-9-]+\.(?:com|org|net|gov|edu|info|health)(?:/[^\s<>\".,;]*)?)\b"), Category.URL, "URL"),
    Finder(_re(r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b"), Category.IP_ADDRESS, "IP", accept=_is_ip),
    Finder(_re(r"(?i)\b(?:[0-9a-f]{1,4}:){4,7}:?[0-9a-f]{1,4}\b"), Category.IP_ADDRESS, "IP"),
    Finder(_re(r"(?i)(?:\+?1[-. ])?(?:\(\d{3}\)\s?|\b\d{3}[-. /])\d{3}[-. ]\d{4}(?:\s?(?:x|ext\.?|extension)\s?\d{1,6})?"), Category.PHONE, "PHONE"),
    Finder(_re(r"\+\d{1,3}[ .-]?(?:\(?\d{1,4}\)?[ .-]?){2,5}\d{2,4}"), Category.PHONE, "PHONE"),
    Finder(_re(r"(?i)\b(?:phone|telephone|tel|cell|mobile|fax|pager|beeper|call|callback|contact|reached|home|work)\b\.?\s*(?:phone|number|no\.?|#)?\s*(?:is|at|on)?\s*[:#]?\s*((?:\d{3}[-. ]?)?\d{3}[-. ]?\d{4}(?:\s?(?:x|ext\.?)\s?\d{1,6})?)"), Category.PHONE, "PHONE", group=1),
    Finder(_re(r"(?i)\b(?:pager|beeper|ext|extension)\b\.?\s*(?:number|no\.?|#)?\s*(?:is|at)?\s*[:#]?\s*(\d{3,6})\b"), Category.PHONE, "PHONE", group=1),
)  # fmt: skip

_PLACES: tuple[Finder, ...] = (
    Finder(_re(rf"(?i)\b\d{{1,6}}[A-Z]?\s+(?:[NSEW]\.?\s+|north\s+|south\s+|east\s+|west\s+)?(?:[\p{{L}}'’]+\s+|\d+(?:st|nd|rd|th)\s+){{1,3}}(?:{_STREET_KINDS})\b\.?(?:,?\s*(?:apt|apartment|unit|suite|ste|#)\.?\s*\w+)?"), Category.STREET, "STREET", accept=lambda text, start, end: _reads_as_street(text, start, end)),
    Finder(_re(r"(?i)\bp\.?\s?o\.?\s+box\s+\d+"), Category.STREET, "STREET"),
    Finder(_re(rf"\b(?:{_STATES})[,.]?\s+(\d{{5}}(?:-\d{{4}})?)\b"), Category.PLACE, "ZIP", group=1, hint=_zip_hint),
    Finder(_re(r"(?i)\bzip(?: code)?\s*:?\s*(\d{5}(?:-\d{4})?)\b"), Category.PLACE, "ZIP", group=1, hint=_zip_hint),
    Finder(_re(rf"({_NAME_WORD}(?:\s+{_NAME_WORD})?),\s*(?:{_STATES})\b"), Category.PLACE, "PLACE", group=1, accept=_is_somebody),
    Finder(_re(r"((?:\p{Lu}[\p{L}.'’]+\s+){1,4}(?:Hospital|Medical Center|Medical Centre|Clinic|Infirmary|Hospice|Nursing Home|Care Center|Rehabilitation Center|Health System|Healthcare|Elementary|High School|University|Church))\b"), Category.PLACE, "PLACE", group=1, accept=_is_somebody),
)  # fmt: skip

_PEOPLE: tuple[Finder, ...] = (
    # Capitals alone are no title without a full stop: MS Contin, MR brain, diclofenac DR tablets.
    Finder(_re(rf"\b(?:(?:Dr|Doctor|Mr|Mrs|Ms|Miss|Mx|Prof|Professor|Nurse)\.?|(?:DR|MR|MRS|MS|PROF)\.)\s+({_FULL_NAME})"), Category.NAME, "NAME", group=1, accept=_is_somebody),
    Finder(_re(rf"\b(?i:{'|'.join(RELATIONS)})(?:,|\s+named|\s+is)?\s+({_FULL_NAME})"), Category.NAME, "RELATIVE-NAME", group=1, accept=_is_somebody),
    Finder(_re(rf"\b(?i:signed by|dictated by|seen by|discussed with|spoke with|per|attending|pcp|surgeon|provider|referred by|cc)\s*:?\s+({_NAME_WORD}\s+(?:\p{{Lu}}\.\s+)?{_NAME_WORD})"), Category.NAME, "NAME", group=1, accept=_is_somebody),
    Finder(_re(rf"({_NAME_WORD}\s+(?:\p{{Lu}}\.?\s+)?{_NAME_WORD}),?\s+(?:MD|M\.D\.|DO|D\.O\.|RN|NP|APRN|PA-C|PhD|DPM|PharmD|LPN|CRNA|DDS|MBBS|LCSW)\b"), Category.NAME, "STAFF-NAME", group=1, accept=_is_somebody),
)  # fmt: skip


def _reads_as_street(text: str, start: int, end: int) -> bool:
    """`12 Example Lane`, not `2 liters per drive`: a word of the name begins with a capital, or all is big."""
    words = text[start:end].split()
    return any(word[:1].isupper() or word[:1].isdigit() for word in words[1:-1])


ANYBODYS: tuple[Finder, ...] = (*_NUMBERS, *_CONTACTS, *_PLACES, *_PEOPLE, *DATES, *AGES)
