"""The plug for a recogniser from outside, which finds what neither record nor form tells: bare names.

It only adds: what it finds goes beside what was found without it.
"""

import importlib
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from gateway.deidentify.categories import Category
from gateway.deidentify.names import is_an_eponym
from gateway.deidentify.places import STATES
from gateway.deidentify.spans import SEPARATOR, Look, Span, same_letters
from gateway.deidentify.vocabulary import BEFORE_NAMES, NOT_SOMEBODY, reads_clinical
from gateway.deidentify.words import DENYING
from gateway.errors import ErrorKind, GatewayError

Recognition = tuple[int, int, Category]
"""Start and end in characters, and what it is."""

_LABELS = {
    Category.NAME: "NAME",
    Category.STREET: "STREET",
    Category.PLACE: "PLACE",
    Category.DATE: "DATE",
    Category.AGE: "AGE",
    Category.PHONE: "PHONE",
    Category.EMAIL: "EMAIL",
    Category.SOCIAL_SECURITY: "SSN",
    Category.RECORD_NUMBER: "RECORD-NUMBER",
    Category.HEALTH_PLAN: "PLAN-NUMBER",
    Category.ACCOUNT: "ACCOUNT",
    Category.LICENSE: "LICENSE",
    Category.VEHICLE: "VEHICLE",
    Category.DEVICE: "DEVICE",
    Category.URL: "URL",
    Category.IP_ADDRESS: "IP",
    Category.OTHER_NUMBER: "ID",
}


class Recogniser(Protocol):
    """Called on a thread, several at once, with all texts of one record and a line break between them."""

    def __call__(self, text: str) -> Iterable[Recognition]: ...


def load_recogniser(path: str) -> Recogniser:
    """`package.module:name` of what makes one. Raises `ValueError` that quotes nothing of what went wrong."""
    module, _, name = path.partition(":")
    try:
        make: Callable[[], Recogniser] = getattr(importlib.import_module(module), name)
        made = make()
    except Exception as error:
        raise ValueError(f"gateway.recogniser: {path} cannot be made: {type(error).__name__}") from error
    if not callable(made):
        raise ValueError(f"gateway.recogniser: {path} makes no recogniser")
    return made


class Recognised:
    """What a recogniser finds, held to our own limits: no denial, no eponym, no text's end is crossed."""

    def __init__(self, recogniser: Recogniser) -> None:
        self._recogniser = recogniser

    def find(self, look: Look) -> Iterator[Span]:
        """Raises `GatewayError` when the recogniser fails: then nothing is sent."""
        text = look.text
        try:
            found = list(self._recogniser(text.replace(SEPARATOR, "\n")))
        except Exception as error:
            raise GatewayError(
                ErrorKind.INTERNAL, f"the recogniser failed: {type(error).__name__}"
            ) from error
        for start, end, category in found:
            if not 0 <= start < end <= len(text):
                raise GatewayError(ErrorKind.INTERNAL, "the recogniser named a place outside of the text")
            words = text[start:end].casefold().split()
            if SEPARATOR in text[start:end] or not DENYING.isdisjoint(words):
                continue
            if category in (Category.NAME, Category.PLACE):
                start, end = _proper(text, start, end, category)
            if start < end and not _stays(text, start, end, category):
                yield Span(start, end, category, _LABELS[category], same_letters(text[start:end]))


def _stays(text: str, start: int, end: int, category: Category) -> bool:
    """Eponyms and states do, whoever finds them."""
    if category is Category.NAME:
        return is_an_eponym(text, start, end)
    return category is Category.PLACE and text[start:end] in STATES


def _proper(text: str, start: int, end: int, category: Category) -> tuple[int, int]:
    """What is taken for a name, without titles, figures and common words around it. Empty where nothing is
    left, or nothing but clinical words: statistics see people in `Vancomycin 1.25`."""
    words = list(_WORD.finditer(text, start, end))
    while words and _is_around(words[0].group()):
        del words[0]
    while words and (_is_around(words[-1].group()) or words[-1].group().casefold() in NOT_SOMEBODY):
        del words[-1]
    is_clinical = category is Category.NAME and all(reads_clinical(word.group()) for word in words)
    return (start, start) if is_clinical or not words else (words[0].start(), words[-1].end())


def _is_around(word: str) -> bool:
    return any(each.isdigit() for each in word) or word.casefold() in BEFORE_NAMES


_WORD = re.compile(r"[^\W_](?:[^\s,;:()]*[^\W_])?")
