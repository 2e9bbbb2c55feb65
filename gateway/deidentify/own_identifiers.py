"""What is known of this patient, turned into finders: names, numbers, telephones, addresses in all the
forms in which people write them. Far stronger than guessing what a name looks like."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import re2

from gateway.clinical import Address, Name
from gateway.deidentify.categories import Category
from gateway.deidentify.spans import Finder
from gateway.deidentify.words import EPONYM_NOUNS, EPONYMS, NEVER_NAMES, NICKNAMES, ORDINARY
from gateway.messages import SummarizationRequest

_TITLE = r"(?:mr|mrs|ms|miss|mx|mister|master|madam|sir|dr|doctor|prof|professor|nurse|sister|rev|fr|pt|patient)\.?"
_SEPARATOR = r"[-. /]?"
_LABELLED_NUMBER = r"(?i)\b(?:mrn|mr|medical record|record|chart|patient id|pt id|id|visit|account|acct|no|number)\.?\s*(?:no\.?|number|#)?\s*[:#]?\s*"
_SHORT_NUMBER = 4
_STREET_WORDS = {
    "street": "st", "avenue": "ave", "lane": "ln", "road": "rd", "drive": "dr", "boulevard": "blvd",
    "court": "ct", "place": "pl", "circle": "cir", "terrace": "ter", "highway": "hwy", "parkway": "pkwy",
    "square": "sq", "trail": "trl", "north": "n", "south": "s", "east": "e", "west": "w",
    "apartment": "apt", "suite": "ste", "building": "bldg", "floor": "fl", "room": "rm", "unit": "unit",
}  # fmt: skip
_LONG_STREET_WORDS = {short: long for long, short in _STREET_WORDS.items()}


def own_finders(request: SummarizationRequest) -> list[Finder]:
    patient, encounter = request.patient, request.encounter
    staff = [each.name for each in encounter.participants] if encounter else []
    numbers = [*patient.identifiers, *(encounter.visit_numbers if encounter else ())]
    contacts = patient.contacts
    addresses = [*patient.addresses, *(address for contact in contacts for address in contact.addresses)]
    telecoms = [*patient.telecoms, *(telecom for contact in contacts for telecom in contact.telecoms)]
    return [
        *_names(patient.names, "PATIENT-NAME"),
        *_names([contact.name for contact in contacts], "RELATIVE-NAME"),
        *_names(staff, "STAFF-NAME"),
        *_numbers([each.value for each in numbers]),
        *_telecoms(telecoms),
        *_addresses(addresses),
    ]


def _names(names: Sequence[Name], label: str) -> Iterator[Finder]:
    parts = _parts(names)
    if not parts:
        return
    part = "(?:" + "|".join(_flexible(each) for each in sorted(parts, key=len, reverse=True)) + ")"
    initials = "".join(sorted({each[0] for each in parts if each[0].isalpha()}))
    initial = rf"(?:[{re2.escape(initials)}]\.? ?)"
    yield Finder(
        _compiled(rf"{part}(?:(?:,|\s|-|\.|\s{initial}|,\s{initial})+{part})+|{initial}{{1,2}}\s?{part}"),
        Category.NAME,
        label,
        accept=_is_a_run_of_names,
    )
    yield Finder(_compiled(rf"\b{_TITLE}\s+({part})"), Category.NAME, label, group=1)
    yield Finder(
        re2.compile(
            rf"\b(?:Mr|Mrs|Ms|Miss|Mx|Pt|patient)\.?\s+([{re2.escape(initials.upper())}]\.(?:\s?[{re2.escape(initials.upper())}]\.)?)"
        ),
        Category.NAME,
        label,
        group=1,
    )
    yield Finder(_compiled(part), Category.NAME, label, accept=_is_a_name)
    for name in names:
        written = _dotted_initials(name)
        if written:
            yield Finder(re2.compile(written), Category.NAME, label)


def _parts(names: Iterable[Name]) -> set[str]:
    """Single words of names, case folded, with their plain spelling and the short forms of first names."""
    parts: set[str] = set()
    for name in names:
        for written in (name.family, *name.given, name.text):
            for word in written.replace(",", " ").split():
                folded = word.strip('.()"“”').casefold()
                parts |= {folded, *folded.replace("–", "-").split("-")}
        for given in name.given:
            parts |= set(NICKNAMES.get(given.casefold(), "").split())
    parts |= {_plain(each) for each in parts} | {_german(each) for each in parts}
    return {each for each in parts if len(each) > 1 and any(map(str.isalpha, each))} - NEVER_NAMES


def _plain(word: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFKD", word) if not unicodedata.combining(each))


def _german(word: str) -> str:
    return word.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("ß", "ss")


def _flexible(word: str) -> str:
    """O'Brien is also O’Brien, OBrien and O Brien."""
    pieces = word.replace("’", "'").split("'")
    return r"['’ ]?".join(re2.escape(piece) for piece in pieces if piece)


def _dotted_initials(name: Name) -> str:
    letters = [each[0].upper() for each in (*name.given, name.family) if each[:1].isalpha()]
    return r"\s?".join(rf"{re2.escape(letter)}\." for letter in letters) if len(letters) > 1 else ""


def _is_a_run_of_names(text: str, start: int, end: int) -> bool:
    """Several in a row are a name in any spelling, but for words that are ordinary one by one ("long
    white"), and for an eponym ("Graves disease")."""
    words = text[start:end].replace(",", " ").replace(".", " ").replace("-", " ").split()
    if all(word.islower() and (word in ORDINARY or len(word) < 3) for word in words):
        return False
    return not _is_an_eponym(text, start, end)


def _is_a_name(text: str, start: int, end: int) -> bool:
    word = text[start:end]
    folded = word.casefold()
    if word.islower() and (folded in ORDINARY or folded in EPONYMS or len(word) < 4):
        return False
    if len(word) == 2 and (not word[0].isupper() or folded in _TWO_LETTER_WORDS):
        return False
    return not _is_an_eponym(text, start, end)


_TWO_LETTER_WORDS = frozenset(
    "ad ah am an as at be by do eg ex go he hi id if in is it me my no of on or pa so to up us we".split()
)


def _is_an_eponym(text: str, start: int, end: int) -> bool:
    """`Parkinson's disease`, `Graves thyroiditis` say nothing of a patient called so."""
    folded = text[start:end].casefold()
    if not any(word in EPONYMS for word in folded.replace("-", " ").split()):
        return False
    following = text[end : end + 24].casefold().removeprefix("'s").removeprefix("’s").removeprefix("'")
    words = following.replace("-", " ").replace("/", " ").split()
    return bool(words) and words[0].strip(".,;:()") in EPONYM_NOUNS


def _numbers(values: Iterable[str]) -> Iterator[Finder]:
    long, short = set(), set()
    for value in values:
        kept = "".join(each for each in value if each.isalnum())
        if any(map(str.isdigit, kept)):
            (long if len(kept) > _SHORT_NUMBER else short).add(kept)
    if long:
        forms = "|".join(_number(each) for each in sorted(long, key=len, reverse=True))
        yield Finder(_compiled(f"(?:{forms})"), Category.RECORD_NUMBER, "RECORD-NUMBER")
    if short:  # alone it would be any number of the text
        forms = "|".join(_number(each) for each in sorted(short, key=len, reverse=True))
        yield Finder(
            _compiled(f"{_LABELLED_NUMBER}({forms})"), Category.RECORD_NUMBER, "RECORD-NUMBER", group=1
        )


def _number(value: str) -> str:
    """With and without leading zeros, and grouped as people group it."""
    stripped = value.lstrip("0") or value
    zeros = "0*" if stripped[0].isdigit() else ""
    return zeros + _SEPARATOR.join(re2.escape(each) for each in stripped)


def _telecoms(telecoms: Iterable[str]) -> Iterator[Finder]:
    phones, others = set(), set()
    for telecom in telecoms:
        written = telecom.removeprefix("tel:").removeprefix("mailto:").removeprefix("fax:").strip()
        digits = "".join(filter(str.isdigit, written))
        if "@" in written or "://" in written:
            others.add(written.casefold())
        elif len(digits) >= 7:
            phones.add(digits[-10:])
    if phones:
        forms = "|".join(_phone(each) for each in sorted(phones, key=len, reverse=True))
        yield Finder(re2.compile(rf"(?:{forms})"), Category.PHONE, "PHONE")
    if others:
        forms = "|".join(re2.escape(each) for each in sorted(others, key=len, reverse=True))
        yield Finder(_compiled(f"(?:{forms})"), Category.EMAIL, "EMAIL")


def _phone(digits: str) -> str:
    """Whole in any grouping; or without the area code, with its mark in the middle."""
    whole = r"[-. ()]{0,2}".join(digits)
    prefix = r"(?:\+?1[-. ]{0,2})?\(?" if len(digits) == 10 else r"\+?"
    return rf"{prefix}{whole}|{digits[-7:-4]}[-. ]{digits[-4:]}"


def _addresses(addresses: Iterable[Address]) -> Iterator[Finder]:
    streets, places = set(), set()
    for address in addresses:
        streets |= {form for line in address.lines for form in _street(line)}
        places |= {
            re2.escape(each) for each in (address.postal_code[:10], address.postal_code[:5]) if len(each) >= 4
        }
        if len(address.city) > 2:
            places.add(r"\s+".join(re2.escape(word) for word in address.city.split()))
    if streets:
        yield Finder(
            _compiled("(?:" + "|".join(sorted(streets, key=len, reverse=True)) + ")"),
            Category.STREET,
            "STREET",
        )
    if places:
        yield Finder(
            _compiled("(?:" + "|".join(sorted(places, key=len, reverse=True)) + ")"),
            Category.PLACE,
            "PLACE",
            accept=lambda text, start, end: not text[start:end].islower(),
        )


def _street(line: str) -> Iterator[str]:
    """With and without the house number, long and short words for the kind of street."""
    words = line.replace(",", " ").replace(".", " ").casefold().split()
    if not words:
        return
    flexible = [_street_word(word) for word in words]
    yield r"[\s,.]+".join(flexible)
    if len(words) > 2 and words[0].isdigit():
        yield r"[\s,.]+".join(flexible[1:])


def _street_word(word: str) -> str:
    other = _STREET_WORDS.get(word) or _LONG_STREET_WORDS.get(word)
    return rf"(?:{re2.escape(word)}|{re2.escape(other)}\.?)" if other else re2.escape(word)


def _compiled(pattern: str) -> Any:
    return re2.compile(pattern if pattern.startswith("(?i)") else f"(?i){pattern}")
