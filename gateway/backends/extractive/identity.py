"""Keeps identity that notes and comments quote out of a summary: names, numbers, birth date, contacts.

Unlike `gateway.deidentify`, nothing is put back, so what may be a name or not costs its sentence. Facts are
not searched: they hold no identity by design, and "Parkinson disease" is not a patient's name.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

import re2

from gateway.clinical import Encounter, Name, Patient
from gateway.deidentify.days import written_dates
from gateway.deidentify.spans import FIRST_UNSPACED, QUIET, stands_alone
from gateway.deidentify.words import DENYING, NEVER_NAMES, ORDINARY, TWO_LETTER_WORDS

_PUNCTUATION = ".,;:!?()[]{}<>\"'`*_|=+-/\\“”‘’…"
_TITLES = r"(?:mr|mrs|ms|miss|mister|master|dr|doctor|prof|baby boy|baby girl)\.?"
_TITLES_FOLDED = ("dr", "doctor", "mr", "ms ", "ms.", "miss", "prof")
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
            forms = "|".join(re2.escape(each) for each in longest_first)
            self._exact_pattern = re2.compile(f"(?i){forms}", QUIET)

        def replaced(match: Any) -> str:
            if not stands_alone(match.string, *match.span()):
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
            self._name_pattern = re2.compile(f"(?i){titled}|{several}", QUIET)

        def replaced(match: Any) -> str:
            found = match.group()
            surely = stands_alone(match.string, *match.span()) and not any(
                _is_plain_word(word) for word in _words(found)
            )
            return "[name]" if surely else found

        return str(self._name_pattern.sub(replaced, text))

    def _may_be_name(self, word: str) -> bool:
        folded = word.casefold()
        if folded not in self._names:
            return False
        if len(word) <= 2:
            return word[:1].isupper() and folded not in TWO_LETTER_WORDS
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
    return "[name]" if last.casefold() not in DENYING else f"[name] {last}"


def _is_plain_word(word: str) -> bool:
    return word.islower() and (word in ORDINARY or word in TWO_LETTER_WORDS)


def _words(text: str) -> Iterator[str]:
    for chunk in text.replace("-", " ").replace("/", " ").replace("|", " ").split():
        word = chunk.strip(_PUNCTUATION)
        yield word[:-2] if word.endswith(("'s", "’s", "'S")) else word


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
    return frozenset(parts - NEVER_NAMES)


def _unspaced_names(names: Iterable[Name]) -> Iterator[str]:
    """Names in scripts that put no space between words, alone and in one, from two characters on."""
    for name in names:
        for written in (name.family, *name.given, name.text, name.family + "".join(name.given)):
            if len(written) > 1 and written >= FIRST_UNSPACED:
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
    for written in written_dates(patient.birth_date):
        found[written.casefold()] = "[birth date]"
    places = [line for address in patient.addresses for line in address.lines]
    telecoms = [*patient.telecoms, *(telecom for contact in patient.contacts for telecom in contact.telecoms)]
    for written in (*places, *telecoms):
        if len(written) >= 6:
            found[written.removeprefix("tel:").removeprefix("mailto:").casefold()] = "[contact]"
    return found
