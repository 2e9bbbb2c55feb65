"""Numbers that are known by their form or by what they are called, whoever they belong to."""

import re
from collections.abc import Iterable

from gateway.deidentify.categories import Category
from gateway.deidentify.known import compact
from gateway.deidentify.spans import Finder, Narrow, Place, after

_SIGN = r"\s*(?:no\b\.?|number|num\b\.?|nbr\b\.?|id\b|#)?\s*(?:is|was|of)?\s*[:#=]?\s*#?"
_MBI = (
    r"\b[1-9][AC-HJ-NP-RT-Y][AC-HJ-NP-RT-Y0-9]\d-?[AC-HJ-NP-RT-Y][AC-HJ-NP-RT-Y0-9]\d"
    r"-?[AC-HJ-NP-RT-Y]{2}\d{2}\b"
)
"""Medicare's number: CMS, "Understanding the MBI"."""


def _holds_a_digit(text: str, start: int, end: int) -> Place | None:
    return (start, end) if any(map(str.isdigit, text[start:end])) else None


def _holds_digits(fewest: int) -> Narrow:
    def narrow(text: str, start: int, end: int) -> Place | None:
        found = text[start:end]
        if sum(map(str.isdigit, found)) < fewest or after(text, end).lstrip().startswith(_UNITS):
            return None
        return start, end

    return narrow


_UNITS = (
    "mg",
    "ml",
    "mcg",
    "%",
    "units",
    "mm",
    "cm",
    "kg",
    "/day",
    "days",
    "weeks",
    "hours",
    "years",
    "tablets",
)


def _called(
    phrases: str,
    category: Category,
    label: str,
    value: str,
    narrow: Narrow = _holds_a_digit,
    behind: str = "",
) -> Finder:
    """What follows one of the phrases, perhaps with `number`, `#` or a colon between."""
    words = "|".join(_pattern_of(phrase) for phrase in phrases.split(", "))
    return Finder(
        rf"(?i)\b(?:{words}){behind}{_SIGN}({value})",
        category,
        label,
        group=1,
        needs=[_longest_word(phrase) for phrase in phrases.split(", ")],
        needs_digits=True,
        # `mrn0091` and `ssn123`, and not the lens SN60WF
        after_letters=category in (Category.RECORD_NUMBER, Category.SOCIAL_SECURITY),
        narrow=narrow,
        entity=compact,
    )


def _pattern_of(phrase: str) -> str:
    written = r"\s+".join(map(re.escape, phrase.split()))
    return written if phrase.endswith(".") else rf"{written}\.?"


def _longest_word(phrase: str) -> str:
    words: list[str] = re.findall(r"[a-z]+", phrase)
    return max(words, key=len)


def _formed(
    pattern: str, category: Category, label: str, signs: Iterable[str] = (), narrow: Narrow = _holds_a_digit
) -> Finder:
    return Finder(
        pattern, category, label, needs_exact=signs, needs_digits=True, narrow=narrow, entity=compact
    )


def _vin(text: str, start: int, end: int) -> Place | None:
    """The check digit, place 9 (49 CFR 565.15)."""
    vin = text[start:end].upper()
    if vin.isdigit() or vin.isalpha():
        return None
    remainder = sum(_VIN_VALUES[each] * weight for each, weight in zip(vin, _VIN_WEIGHTS, strict=True)) % 11
    return (start, end) if vin[8] == ("X" if remainder == 10 else str(remainder)) else None


_VIN_VALUES = {
    **{letter: number for number, letter in enumerate("ABCDEFGH", 1)},
    **{letter: number for number, letter in enumerate("JKLMN", 1)},
    "P": 7,
    "R": 9,
    **{letter: number for number, letter in enumerate("STUVWXYZ", 2)},
    **{str(digit): digit for digit in range(10)},
}
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def _plate(text: str, start: int, end: int) -> Place | None:
    found = text[start:end]
    is_one = any(map(str.isdigit, found)) and any(map(str.isalpha, found)) and found.upper() == found
    return (start, end) if is_one else None


def _social_security(text: str, start: int, end: int) -> Place | None:
    """Never of a longer number."""
    is_part = text[start - 1 : start] == "-" or text[end : end + 1] == "-"
    return None if is_part else (start, end)


NUMBERS: tuple[Finder, ...] = (
    _formed(r"\b\d{3}-\d{2}-\d{4}\b", Category.SOCIAL_SECURITY, "SSN", "-", _social_security),
    _formed(r"\b[Xx*]{3}-[Xx*]{2}-\d{4}\b", Category.SOCIAL_SECURITY, "SSN", ("x-", "X-", "*-")),
    _called(
        "ssn, social security, soc sec, soc, ss",
        Category.SOCIAL_SECURITY,
        "SSN",
        r"\d{3}[-. ]?\d{2}[-. ]?\d{4}",
    ),
    _called(
        "ssn, social security, social",
        Category.SOCIAL_SECURITY,
        "SSN",
        r"\d{4}",
        behind=r"(?: number)?,? ?\(?(?:ending(?: in)?|last (?:four|4))(?: digits)?",
    ),
    _called(
        "last four, last 4",
        Category.SOCIAL_SECURITY,
        "SSN",
        r"\d{4}",
        behind=r"(?: digits)? (?:of )?(?:the |her |his )?(?:ssn|social(?: security)?)",
    ),
    _called(
        "mrn, m.r.n., mr#, mr no, medical record, med rec, chart, patient id, pt id, hospital number"
        ", hospital no, unit number, unit no, patient number, record, emr id, epic id",
        Category.RECORD_NUMBER,
        "RECORD-NUMBER",
        r"[A-Z]{0,4}[-./]?\d[\w-]{2,}(?:[ ./]\d[\d-]*){0,3}",
        _holds_digits(4),
    ),
    _called(
        "visit, encounter, csn, fin, har, case, accession, acc, specimen, requisition, confirmation"
        ", reference, ref, claim, authorization, auth, rx, prescription, tracking",
        Category.OTHER_NUMBER,
        "ID",
        r"[A-Z]{0,5}[-./]?\d[\w-]{4,}",
        _holds_digits(5),
    ),
    _called(
        "account, acct, a/c, guarantor, invoice, billing, bank, routing, iban, card",
        Category.ACCOUNT,
        "ACCOUNT",
        r"[A-Z]{0,4}[- ]?\d[\w-]{3,}(?: [\d-]{3,}){0,3}",
        _holds_digits(5),
    ),
    _called(
        "member, subscriber, policy, group, beneficiary, insurance, ins, plan, medicare, medicaid, mbi, hicn"
        ", aetna, cigna, humana, bcbs, payer, rxbin, rxgrp, health plan, coverage",
        Category.HEALTH_PLAN,
        "PLAN-NUMBER",
        r"[A-Z]{0,4}-?\d[\w-]{4,}",
        _holds_digits(5),
        behind=r"(?: id| no\.?| number| identifier| policy)?",
    ),
    _formed(_MBI, Category.HEALTH_PLAN, "PLAN-NUMBER"),
    _called(
        "license, licence, lic, dea, npi, certificate, certification, cert, dl, passport, badge",
        Category.LICENSE,
        "LICENSE",
        r"[A-Z]{0,3}-?\d[\w-]{4,}|[A-Z]\d{6,}",
        _holds_digits(5),
    ),
    _formed(r"(?i)\b[A-HJ-NPR-Z0-9]{17}\b", Category.VEHICLE, "VEHICLE", narrow=_vin),
    _called(
        "license plate, licence plate, plate, license tag, tag, registration",
        Category.VEHICLE,
        "VEHICLE",
        r"[A-Z0-9]{1,4}[- ]?[A-Z0-9]{2,5}",
        _plate,
    ),
    _called("vin, vehicle id", Category.VEHICLE, "VEHICLE", r"[A-HJ-NPR-Z0-9]{11,17}"),
    _called(
        "serial, s/n, sn, ser, device id, device identifier, udi, implant id, lot, model/serial, imei",
        Category.DEVICE,
        "DEVICE",
        r"[A-Z]{0,5}[-./]?\d[\w./-]+\w|[A-Z]{2,}[-]?\d[\w-]+",
    ),
    _formed(r"\(01\)\d{14}(?:\(\d\d\)[A-Za-z0-9-]+)*", Category.DEVICE, "DEVICE", ["(01)"]),
)
