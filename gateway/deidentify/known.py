"""What a record knows of its patient by number, telephone and address, in the forms that people write.

Far stronger than guessing from a form: `913355`, `0091-3355` and `#00913355` are all the one record number.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date

import re2

from gateway.clinical import Address, ClinicalFact, ClinicalNote
from gateway.deidentify.categories import RESTRICTED_ZIP3, Category
from gateway.deidentify.names import People
from gateway.deidentify.spans import Finder, Finds, Look, Place, Span
from gateway.request import SummarizationRequest

_LABELLED = (
    r"(?i)\b(?:mrn|mr|medical record|record|chart|patient id|pt id|id|visit|encounter|account|acct|no|number"
    r"|#)\.?\s*(?:no\.?|number|#)?\s*[:#]?\s*"
)
_SHORT_NUMBER = 4
"""Up to so many characters it could be any number of the text, unless it is called one."""
_STREET_WORDS = {
    "street": "st", "avenue": "ave", "lane": "ln", "road": "rd", "drive": "dr", "boulevard": "blvd",
    "court": "ct", "place": "pl", "circle": "cir", "terrace": "ter", "highway": "hwy", "parkway": "pkwy",
    "square": "sq", "trail": "trl", "north": "n", "south": "s", "east": "e", "west": "w", "mount": "mt",
    "saint": "st", "apartment": "apt", "suite": "ste", "building": "bldg", "floor": "fl", "room": "rm",
}  # fmt: skip
_LONG_STREET_WORDS = {short: long for long, short in _STREET_WORDS.items()}
_KINDS = frozenset(_STREET_WORDS) | frozenset(_LONG_STREET_WORDS)
NO_PLACES = frozenset(
    "unknown none other homeless confidential test data any city town withheld declined n/a".split()
)
"""What addresses say when they say nothing."""
_UNITS = frozenset("apt apartment unit suite ste # room rm floor fl".split())


def known_finders(request: SummarizationRequest) -> list[Finds]:
    patient, encounter = request.patient, request.encounter
    contacts = patient.contacts
    numbers = [*patient.identifiers, *(encounter.visit_numbers if encounter else ())]
    telecoms = [*patient.telecoms, *(telecom for contact in contacts for telecom in contact.telecoms)]
    addresses = [*patient.addresses, *(address for contact in contacts for address in contact.addresses)]
    return [
        People(patient.names, "PATIENT-NAME"),
        People([contact.name for contact in contacts], "RELATIVE-NAME"),
        People([each.name for each in encounter.participants] if encounter else [], "STAFF-NAME"),
        *_numbers([each.value for each in numbers]),
        *_telecoms(telecoms),
        *_addresses(addresses),
        *_facilities(request),
    ]


def known_days(request: SummarizationRequest) -> frozenset[tuple[int, int]]:
    """(month, day) of every date of the record."""
    times = [request.patient.birth_date, request.patient.deceased, request.received_at.date().isoformat()]
    if request.encounter is not None:
        times += [request.encounter.start, request.encounter.end]
    each: ClinicalFact | ClinicalNote
    for each in request.facts:
        times += [each.time, each.end]
    for each in request.notes:
        times.append(each.time)
    return frozenset(
        (day.month, day.day) for time in dict.fromkeys(times) if (day := day_told(time)) is not None
    )


def day_told(time: str) -> date | None:
    try:
        return date.fromisoformat(time[:10])
    except ValueError:
        return None


def compact(number: str) -> str:
    """The letters and digits alone, without leading zeros: what is equal for all written forms."""
    kept = "".join(each for each in number.casefold() if each.isalnum())
    return kept.lstrip("0") or kept


class _Crowd:
    """Very many numbers, found in one pass over what looks like one: without spaces within."""

    def __init__(self, numbers: set[str]) -> None:
        self._numbers = numbers

    def find(self, look: Look) -> Iterator[Span]:
        for match in _LIKE_NUMBERS.finditer(look.text):
            if compact(match.group()) in self._numbers:
                yield Span(*match.span(), Category.RECORD_NUMBER, "RECORD-NUMBER", compact(match.group()))


_LIKE_NUMBERS = re.compile(r"(?<!\w)[^\W_]+(?:[-.][^\W_]+)*")
_MOST_NUMBERS = 100


def _numbers(values: Iterable[str]) -> Iterator[Finds]:
    whole: set[str] = set()
    parts: set[str] = set()
    for value in values:
        bare = compact(value)
        if any(map(str.isdigit, bare)):
            (whole if len(bare) > _SHORT_NUMBER else parts).add(bare)
        # `MRN7788` is `7788` to those who say MRN
        digits = bare.lstrip("abcdefghijklmnopqrstuvwxyz").lstrip("0")
        if digits != bare and digits.isdigit():
            (whole if len(digits) > _SHORT_NUMBER + 1 else parts).add(digits)
    if len(whole) + len(parts) > _MOST_NUMBERS:
        yield _Crowd(whole)
        return
    for found, front in ((whole, "(?i)"), (parts, _LABELLED)):
        if found:
            forms = "|".join(_grouped(each) for each in sorted(found, key=len, reverse=True))
            yield Finder(
                f"{front}({forms})",
                Category.RECORD_NUMBER,
                "RECORD-NUMBER",
                group=1,
                needs_compact=found,
                after_letters=True,
                entity=compact,
            )


def _grouped(number: str) -> str:
    """With and without leading zeros, and grouped as people group it."""
    zeros = "(?:0[-. ]?)*" if number[0].isdigit() else ""
    return zeros + r"[-. /]?".join(re2.escape(each) for each in number)


def _telecoms(telecoms: Iterable[str]) -> Iterator[Finder]:
    phones: set[str] = set()
    others: set[str] = set()
    for telecom in telecoms:
        written = telecom.partition(":")[2] if telecom.startswith(("tel:", "mailto:", "fax:")) else telecom
        digits = "".join(filter(str.isdigit, written))
        if "@" in written or "://" in written:
            others.add(written.strip().casefold())
        elif len(digits) >= 7:
            phones.add(digits[-10:])
    for few in _batches(phones):
        yield Finder(
            "|".join(map(_phone, few)),
            Category.PHONE,
            "PHONE",
            needs_compact=[each[-7:] for each in few],
            after_letters=True,
            entity=phone_line,
        )
    for few in _batches(others):
        yield Finder(f"(?i){_any_of(few)}", Category.EMAIL, "EMAIL", needs_part=few)


def _batches(forms: Iterable[str]) -> Iterator[list[str]]:
    """The longest first, so many as one pattern holds."""
    left = sorted(forms, key=len, reverse=True)
    for at in range(0, len(left), _IN_ONE_PATTERN):
        yield left[at : at + _IN_ONE_PATTERN]


_IN_ONE_PATTERN = 40


def _any_of(texts: Iterable[str]) -> str:
    return "(?:" + "|".join(map(re2.escape, texts)) + ")"


def phone_line(written: str) -> str:
    """The same for a number with and without its area code."""
    return "".join(filter(str.isdigit, written.casefold().partition("x")[0]))[-7:]


def _phone(digits: str) -> str:
    """Whole in any grouping; or without the area code, with its mark in the middle."""
    whole = r"[-. ()/]{0,3}".join(digits)
    prefix = r"(?:\+?1[-. ]{0,2})?\(?" if len(digits) == 10 else r"\+?"
    return rf"{prefix}{whole}|{digits[-7:-4]}[-. ]{digits[-4:]}"


def _addresses(addresses: Iterable[Address]) -> Iterator[Finder]:
    streets: dict[str, str] = {}
    towns: dict[str, str] = {}
    codes: set[str] = set()
    for address in addresses:
        for line in address.lines:
            streets |= _street(line)
        codes |= {code for code in (address.postal_code[:10], address.postal_code[:5]) if len(code) >= 5}
        if len(address.city) > 2 and address.city.casefold() not in NO_PLACES:
            words = address.city.split()
            towns[r"\s+".join(re2.escape(word) for word in words)] = words[0].casefold()
    for forms, category, label in (
        (streets, Category.STREET, "STREET"),
        (towns, Category.PLACE, "PLACE"),
    ):
        for few in _batches(forms):
            written = "|".join(few)
            needed = [forms[each] for each in few]
            yield Finder(rf"(?i)(?:{written})", category, label, needs_part=needed, narrow=_capital)
    for few in _batches(codes):
        yield Finder(
            f"(?i){_any_of(few)}",
            Category.PLACE,
            "ZIP",
            needs_digits=True,
            needs_part=[code[:5].casefold() for code in few],
            hint=zip_hint,
        )


def zip_hint(found: str) -> str:
    """The first three digits, where more than 20,000 people share them."""
    return "000" if found[:3] in RESTRICTED_ZIP3 else found[:3] if found[:3].isdigit() else ""


def _capital(text: str, start: int, end: int) -> Place | None:
    """A town called Reading or Orange, and not what one does or eats."""
    found = text[start:end]
    return None if found.islower() and (len(found) < 6 or found in _WORDS_AND_TOWNS) else (start, end)


_WORDS_AND_TOWNS = frozenset(
    "reading orange mobile buffalo surprise enterprise independence normal commerce industry liberty union"
    " defiance concord providence superior aurora bath battle blue canton clinton converse corona creole"
    " crystal eagle eureka fountain grand granite harmony heritage holland lancet lead luck marble medical"
    " metro monitor mountain ordinary peculiar pioneer pleasant progress prospect republic riverside rolling"
    " sandy security springfield summit sunset superior temple trinity truth union unity valley victor"
    " village vision community hospital emergency outpatient inpatient clinic".split()
)


def _street(line: str) -> dict[str, str]:
    """Pattern -> what must be in the text: with and without house number and unit, the kind of street in its
    long and short words."""
    words = line.replace(",", " ").replace(".", " ").replace("#", " # ").casefold().split()
    forms: dict[str, str] = {}
    if " ".join(words) in NO_PLACES or not (len(words) > 1 or any(map(str.isdigit, line))):
        return forms
    shorter = next((words[:at] for at, word in enumerate(words) if at > 1 and word in _UNITS), words)
    for written in (words, shorter):
        needed = max((word for word in written if word not in _KINDS), key=len, default=written[0])
        pattern = r"[\s,.]*".join(_street_word(word) + r"(?:[\s,.]|\b)" for word in written)
        forms[pattern.removesuffix(r"(?:[\s,.]|\b)")] = needed
        if len(written) > 2 and written[0].isdigit():
            named = r"[\s,.]+".join(_street_word(word) for word in written[1:])
            forms[named] = needed
    return forms


def _street_word(word: str) -> str:
    other = _STREET_WORDS.get(word) or _LONG_STREET_WORDS.get(word)
    return rf"(?:{re2.escape(word)}|{re2.escape(other)}\.?)" if other else re2.escape(word)


def _facilities(request: SummarizationRequest) -> Iterator[Finder]:
    """Where the encounter takes place and who sends, as the record calls them, when that is a name and no
    ward's number."""
    encounter = request.encounter
    for written in (encounter.location if encounter else "", request.facility):
        words = written.split()
        letters = sum(map(str.isalpha, written))
        if letters < _SHORTEST_FACILITY or written.casefold() in NO_PLACES:
            continue
        pattern = r"\s+".join(re2.escape(word) for word in words)
        yield Finder(
            f"(?i){pattern}", Category.PLACE, "PLACE", needs_part=[words[0].casefold()], narrow=_capital
        )


_SHORTEST_FACILITY = 6
