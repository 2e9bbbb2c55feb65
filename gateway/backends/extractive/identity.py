"""Keeps identity that notes and comments quote out of a summary: names, numbers, birth date, contacts.

Facts are not searched: they hold no identity by design, and "Parkinson disease" is not a patient's name.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

import re2

from gateway.clinical import Encounter, Name, Patient

_PUNCTUATION = ".,;:!?()[]{}<>\"'`*_|=+-/\\“”‘’…"
_TITLES = r"(?:mr|mrs|ms|miss|mister|master|dr|doctor|prof|baby boy|baby girl)\.?"
_FIRST_UNSPACED = "\u2e80"
"""From here on: Chinese, Japanese, Korean characters."""
_TITLES_FOLDED = ("dr", "doctor", "mr", "ms ", "ms.", "miss", "prof")
_DENYING = frozenset(
    "no not none denies denied never without negative neither nor refused refuses declined".split()
)
_MONTHS = "January February March April May June July August September October November December".split()

_TWO_LETTER_WORDS = frozenset(
    "ad ah am an as at be by do eg ex go he hi id if in is it me my no of on or pa so to up us we".split()
)
_ORDINARY_WORDS = frozenset(
    "angel april art august baker bell best bird black bond book brown bush carter case chance"
    " church cook cross day dean diamond drew faith field fields fish foot ford forest fox frank"
    " free french friday glass good grace grant gray green grey hall hand hart head heart hill"
    " hood hope hunt ice iris ivory jack joy july june kidd king knight lane law light little"
    " long love low major mark marsh may miles moon moore moss nail new noble north null park"
    " parks patience pain peak penny pope powers price ray reed rich rose salt savage sharp short"
    " silver small snow south spring star starr stern stone storm strong summer sunday sun swift"
    " tall teeth thin tooth vale violet wade walker wall ward waters weeks wells west white wild"
    " will wise wood woods young".split()
)  # fmt: skip
"""Names that are words as well: in small letters they are not taken for a name."""

_OLD_AGE: Any = re2.compile(
    r"(?i)\b(?:9\d|1[0-2]\d)[ -]?(?:years?[ -]old|year[ -]old|yrs?[ -]old|y/?o\b|yo\b|years of age)"
)
_SOCIAL_SECURITY: Any = re2.compile(r"\b\d{3}-\d{2}-\d{4}\b")
_TITLED: Any = re2.compile(
    # Capitals alone are no title without a full stop: MS Contin, MR brain, diclofenac DR tablets.
    r"\b(?:(?:Dr|Doctor|Mr|Mrs|Ms|Miss|Prof|Professor)\.?|(?:DR|MR|MRS|MS|PROF)\.)"
    r"\s+\p{Lu}[\p{L}'’-]*(?:\s+\p{Lu}\.)?(?:\s+\p{Lu}[\p{Ll}'’-]+)?"
)


class IdentityGuard:
    """Knows one patient's identity and removes it from the text of notes."""

    def __init__(self, patient: Patient, encounter: Encounter | None) -> None:
        self._patient, self._encounter = patient, encounter
        self._name_pattern: Any = None
        self._exact_pattern: Any = None

    @cached_property
    def _names(self) -> frozenset[str]:
        return _name_parts(_all_names(self._patient, self._encounter))

    @cached_property
    def _exact(self) -> dict[str, str]:
        return _exact(self._patient, self._encounter)

    def clean(self, text: str) -> str | None:
        """The text with `[name]` and the like where identity surely stands; None where it may stand.

        A word that may be a name or not ("Young", "White") is never replaced, because the word may
        be what the sentence says: such a sentence is not shown at all.
        """
        if not text.isprintable():
            text = text.encode("utf-8", "replace").decode()  # patterns refuse lone surrogates
        folded = text.casefold()
        text = _without_patterns(text, folded)
        if any(needle in folded for needle in self._exact):
            text = self._without_exact(text)
        if any(part in folded for part in self._names):
            text = self._without_names(text)
            if any(self._may_be_name(word) for word in _words(text)):
                return None
        return text

    def _without_exact(self, text: str) -> str:
        if self._exact_pattern is None:
            longest_first = sorted(self._exact, key=len, reverse=True)
            self._exact_pattern = re2.compile("(?i)" + "|".join(re2.escape(each) for each in longest_first))

        def replaced(match: Any) -> str:
            if not _stands_alone(match):
                return str(match.group())
            return self._exact.get(match.group().casefold(), "[removed]")

        return str(self._exact_pattern.sub(replaced, text))

    def _without_names(self, text: str) -> str:
        if self._name_pattern is None:
            part = (
                "(?:"
                + "|".join(re2.escape(each) for each in sorted(self._names, key=len, reverse=True))
                + ")"
            )
            initial = r"(?:[a-z]\.? )?"
            titled = rf"{_TITLES}\s+{initial}{part}(?:[ ,-]+{part})*"
            several = rf"{part}(?:,? {initial}|-){part}(?:[ ,-]+{part})*"
            self._name_pattern = re2.compile(f"(?i){titled}|{several}")

        def replaced(match: Any) -> str:
            found = match.group()
            surely = _stands_alone(match) and not any(_is_plain_word(word) for word in _words(found))
            return "[name]" if surely else found

        return str(self._name_pattern.sub(replaced, text))

    def _may_be_name(self, word: str) -> bool:
        folded = word.casefold()
        if folded not in self._names:
            return False
        if len(word) <= 2:
            return word[:1].isupper() and folded not in _TWO_LETTER_WORDS
        return not _is_plain_word(word)


def _without_patterns(text: str, folded: str) -> str:
    """Numbers and titled names that are known by their form, whoever they belong to."""
    if " old" in folded or "age" in folded or "yo" in folded or "y/o" in folded:
        text = _OLD_AGE.sub("[aged 90 or older]", text)
    if text.count("-") > 1:
        text = _SOCIAL_SECURITY.sub("[number]", text)
    if any(title in folded for title in _TITLES_FOLDED):
        text = _TITLED.sub(_titled_name_replaced, text)
    return text


def _titled_name_replaced(match: Any) -> str:
    """A word that denies is never taken for the second part of a name."""
    found: str = match.group()
    *_, last = found.split()
    return "[name]" if last.casefold() not in _DENYING else f"[name] {last}"


def _is_plain_word(word: str) -> bool:
    return word.islower() and (word in _ORDINARY_WORDS or word in _TWO_LETTER_WORDS)


def _words(text: str) -> Iterator[str]:
    for chunk in text.replace("-", " ").replace("/", " ").replace("|", " ").split():
        word = chunk.strip(_PUNCTUATION)
        yield word[:-2] if word.endswith(("'s", "’s", "'S")) else word


def _stands_alone(match: Any) -> bool:
    text, (start, end) = match.string, match.span()
    if match.group() >= _FIRST_UNSPACED:
        return True
    return not (start and text[start - 1].isalnum()) and not (end < len(text) and text[end].isalnum())


def _all_names(patient: Patient, encounter: Encounter | None) -> Iterator[Name]:
    yield from patient.names
    for contact in patient.contacts:
        yield contact.name
    for participant in encounter.participants if encounter else ():
        yield participant.name


def _name_parts(names: Iterable[Name]) -> frozenset[str]:
    """Single words of names, case folded; initials and numerals are not enough to know anybody by."""
    parts: set[str] = set()
    for name in names:
        for written in (name.family, *name.given, name.text):
            parts.update(word.casefold() for word in _words(written) if len(word) > 1 and word.isalpha())
    return frozenset(parts - _NOT_NAMES - _DENYING)


_NOT_NAMES = frozenset(
    "mr mrs ms miss dr md do rn np pa phd jr sr ii iii iv van von de la el del der den the of".split()
)


def _unspaced_names(names: Iterable[Name]) -> Iterator[str]:
    """Names in scripts that put no space between words, alone and in one, from two characters on."""
    for name in names:
        for written in (name.family, *name.given, name.text, name.family + "".join(name.given)):
            if len(written) > 1 and written >= _FIRST_UNSPACED:
                yield written


def _exact(patient: Patient, encounter: Encounter | None) -> dict[str, str]:
    """What is replaced wherever it stands alone: written form, case folded -> what stands there instead."""
    found: dict[str, str] = {}
    numbers = (*patient.identifiers, *(encounter.visit_numbers if encounter else ()))
    for identifier in numbers:
        if len(identifier.value) >= 5 and any(character.isdigit() for character in identifier.value):
            found[identifier.value.casefold()] = "[number]"
    for written in _unspaced_names(_all_names(patient, encounter)):
        found[written.casefold()] = "[name]"
    for written in _written_dates(patient.birth_date):
        found[written.casefold()] = "[birth date]"
    places = [line for address in patient.addresses for line in address.lines]
    telecoms = [*patient.telecoms, *(telecom for contact in patient.contacts for telecom in contact.telecoms)]
    for written in (*places, *telecoms):
        if len(written) >= 6:
            found[written.removeprefix("tel:").removeprefix("mailto:").casefold()] = "[contact]"
    return found


def _written_dates(birth_date: str) -> tuple[str, ...]:
    """The forms in which people write one full date: `1958-03-14`, `3/14/1958`, `March 14, 1958` ..."""
    parts = birth_date[:10].split("-")
    if len(parts) != 3 or not all(part.isdigit() for part in parts) or not 1 <= int(parts[1]) <= 12:
        return ()
    year, month, day = parts
    m, d, name = str(int(month)), str(int(day)), _MONTHS[int(month) - 1]
    numeric = {
        f"{one}{sign}{other}{sign}{whole}"
        for one, other in ((month, day), (day, month), (m, d), (d, m))
        for sign in "/-."
        for whole in (year, year[2:])
    }
    worded = {
        form
        for written in (name, name[:3], name[:3] + ".")
        for form in (
            f"{written} {d}, {year}",
            f"{written} {d} {year}",
            f"{d} {written} {year}",
            f"{day} {written} {year}",
        )
    }
    return (
        f"{year}-{month}-{day}",
        f"{year}/{month}/{day}",
        f"{year}{month}{day}",
        *sorted(numeric),
        *sorted(worded),
    )
