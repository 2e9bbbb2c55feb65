"""Identifiers found in a text, as places in it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from gateway.deidentify.categories import Category
from gateway.values import carrier


@carrier
class Span:
    start: int
    end: int
    category: Category
    label: str
    """What stands in its place: `PATIENT-NAME`, `DATE`."""
    hint: str = ""
    """What may be kept of it: a year, the first three digits of a ZIP code, `90+`."""


Accept = Callable[[str, int, int], bool]
"""(text, start, end) -> whether this match is meant. What RE2's patterns cannot look behind or ahead for."""


@carrier
class Finder:
    """One pattern, and which of its groups is the identifier."""

    pattern: Any
    category: Category
    label: str
    group: int = 0
    accept: Accept = lambda text, start, end: True
    hint: Callable[[str], str] = lambda found: ""

    def find(self, text: str) -> Iterator[Span]:
        for match in self.pattern.finditer(text):
            start, end = match.span(self.group)
            if start < end and stands_alone(text, start, end) and self.accept(text, start, end):
                yield Span(start, end, self.category, self.label, self.hint(text[start:end]))


_FIRST_UNSPACED = "\u2e80"
"""From here on: scripts that put no space between words."""


def stands_alone(text: str, start: int, end: int) -> bool:
    """It is no part of a longer word or number."""
    if text[start] >= _FIRST_UNSPACED:
        return True
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    return not (before.isalnum() and text[start].isalnum()) and not (
        after.isalnum() and text[end - 1].isalnum()
    )


def found_in(text: str, finders: Sequence[Finder], taken: frozenset[Category]) -> list[Span]:
    """In order, none over another: the earlier begins first, of two at one place the longer is kept."""
    spans = [span for finder in finders if finder.category in taken for span in finder.find(text)]
    spans.sort(key=lambda span: (span.start, -span.end))
    return list(_apart(spans))


def _apart(spans: Iterable[Span]) -> Iterator[Span]:
    end = 0
    for span in spans:
        if span.start >= end:
            yield span
            end = span.end
