"""Stable stand-ins for identifiers, and what they stood for: made for one request, kept for its answer.

`[PATIENT-NAME-1]` and `[PATIENT-NAME-1B]` are two written forms of one name: the number is whose it is.
"""

from collections.abc import Iterable
from typing import Any

import re2

from gateway.deidentify.spans import Look, Span

LABELS = (
    "PATIENT-NAME",
    "RELATIVE-NAME",
    "STAFF-NAME",
    "NAME",
    "DATE",
    "AGE",
    "PHONE",
    "EMAIL",
    "URL",
    "IP",
    "SSN",
    "RECORD-NUMBER",
    "PLAN-NUMBER",
    "ACCOUNT",
    "LICENSE",
    "VEHICLE",
    "DEVICE",
    "ID",
    "STREET",
    "PLACE",
    "ZIP",
)

_LABEL = "|".join(label.replace("-", "[-_ ]") for label in LABELS)
_NAME = rf"\s*((?:{_LABEL})[-_ ]\d{{1,7}}[a-z]{{0,2}})(?:[ ,:][^\[\]\n\\]{{0,12}})?"
_BARE = rf"\b((?:{'|'.join(label.replace('-', '[-_]') for label in LABELS)})[-_]\d{{1,7}}[a-z]{{0,2}})\b"
# Models drop brackets, hints and capitals, escape brackets for Markdown, and write `_` or a space for `-`.
_TOKEN: Any = re2.compile(rf"(?i)\\\[{_NAME}\\\]|\[{_NAME}\]|{_BARE}")
_FIRST_WORDS = tuple({label.partition("-")[0].casefold() for label in LABELS})


class Tokens:
    def __init__(self, look: Look) -> None:
        """Names that the sender's own text holds are never given out: a note cannot ask for what a token
        stands for, and comes back as it was."""
        self._reserved = {_canonical(match) for match in _tokens_in(look)}
        self._by_form: dict[tuple[str, str, str], str] = {}
        self._forms: dict[tuple[str, str], int] = {}
        """How many written forms each entity has."""
        self._numbers: dict[tuple[str, str], int] = {}
        self._last: dict[str, int] = {}
        self._surfaces: dict[str, str] = {}

    def token(self, span: Span, surface: str) -> str:
        """What stands in its place: the same for the same written form of the same identifier."""
        form = (span.label, span.entity, surface)
        name = self._by_form.get(form)
        if name is None:
            name = self._by_form[form] = self._new_name(span)
            self._surfaces[name] = surface
        return f"[{name} {span.hint}]" if span.hint else f"[{name}]"

    def restore(self, text: str) -> tuple[str, int]:
        """The text with what its tokens stood for, and the number of tokens that were never given out."""
        unknown = 0

        def surface(match: Any) -> str:
            nonlocal unknown
            name = _canonical(match)
            known = self._surfaces.get(name)
            if known is None:
                unknown += name not in self._reserved
                return str(match.group())
            return known

        look = Look(text)
        return (_TOKEN.sub(surface, text) if _may_hold_tokens(look) else text), unknown

    def _new_name(self, span: Span) -> str:
        entity = (span.label, span.entity)
        while True:
            if entity not in self._numbers or self._forms[entity] >= _MOST_FORMS:
                self._numbers[entity] = self._last[span.label] = self._last.get(span.label, 0) + 1
                self._forms[entity] = 0
            self._forms[entity] += 1
            name = f"{span.label}-{self._numbers[entity]}{_letters(self._forms[entity])}"
            if name not in self._reserved:
                return name


_MOST_FORMS = 26 + 26 * 26
"""What two letters can tell apart; more than any honest text has."""


def _letters(form: int) -> str:
    """Nothing for the first, then B, C ... Z, AA, AB ..."""
    letters = ""
    while form > 0:
        form, rest = divmod(form - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return "" if letters == "A" else letters


def _tokens_in(look: Look) -> Iterable[Any]:
    return _TOKEN.finditer(look.text) if _may_hold_tokens(look) else ()


def _may_hold_tokens(look: Look) -> bool:
    return look.has_digits and any(word in look.folded for word in _FIRST_WORDS)


def _canonical(match: Any) -> str:
    written = match.group(1) or match.group(2) or match.group(3)
    return str(written).upper().replace("_", "-").replace(" ", "-")
