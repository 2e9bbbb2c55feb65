"""Identifiers found in a text, as places in it."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, Protocol

import re2

from gateway.deidentify.categories import Category
from gateway.values import carrier

SEPARATOR = "\x01"
"""Stands between the texts of one request, which are searched as one. Neither to RE2 nor to `str` is it space
or word, so that nothing is found across it."""

FIRST_UNSPACED = "\u2e80"
"""From here on: scripts that put no space between words."""

_LETTERS = re.compile(r"[^\W\d_]+")
_COMPACTING = str.maketrans("", "", "-. /()\n\t")


class Look:
    """A text with what cheap tests ask of it, before any pattern runs."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def searched(self) -> str | bytes:
        """What patterns run over: of ASCII the bytes, whose places are those of the text. RE2's binding
        encodes a `str` anew for every pattern and counts its way back to characters."""
        return self.text.encode() if self.text.isascii() else self.text

    @cached_property
    def folded(self) -> str:
        return self.text.casefold()

    @cached_property
    def words(self) -> frozenset[str]:
        """Runs of letters, case folded. What one pattern costs, all of them cost together."""
        return frozenset(_LETTERS.findall(self.folded))

    @cached_property
    def lowered(self) -> str:
        """Small letters at the same places."""
        lowered = self.text.lower()
        if len(lowered) == len(self.text):
            return lowered
        return "".join(small if len(small := each.lower()) == 1 else each for each in self.text)

    @cached_property
    def has_titles(self) -> bool:
        return not self.words.isdisjoint(("mr", "mrs", "ms", "miss", "mx", "pt", "patient"))

    @cached_property
    def compact(self) -> str:
        """Without what people group numbers with."""
        return self.folded.translate(_COMPACTING)

    @cached_property
    def has_digits(self) -> bool:
        return any(digit in self.text for digit in "0123456789")


@carrier
class Span:
    start: int
    end: int
    category: Category
    label: str
    """What stands in its place: `PATIENT-NAME`, `DATE`."""
    entity: str
    """Equal for the written forms of one identifier: they share a number."""
    hint: str = ""
    """What may be kept of it: a year, the first three digits of a ZIP code, `90+`."""


Place = tuple[int, int]

Narrow = Callable[[str, int, int], Place | None]
"""(text, start, end) -> the part of this match that is meant; what RE2 cannot look behind or ahead for."""


def whole(text: str, start: int, end: int) -> Place | None:
    return start, end


def same_letters(found: str) -> str:
    return " ".join(found.casefold().split())


def nothing(found: str) -> str:
    return ""


# RE2 writes a pattern that it cannot compile to the error stream, and ours hold identifiers.
QUIET = re2.Options()
QUIET.log_errors = False


class Finder:
    """One pattern, which of its groups is the identifier, and when it is worth running."""

    def __init__(
        self,
        pattern: str,
        category: Category,
        label: str,
        *,
        group: int = 0,
        needs: Iterable[str] = (),
        needs_part: Iterable[str] = (),
        needs_exact: Iterable[str] = (),
        needs_digits: bool = False,
        needs_compact: Iterable[str] = (),
        is_bounded: bool = False,
        after_letters: bool = False,
        narrow: Narrow = whole,
        entity: Callable[[str], str] = same_letters,
        hint: Callable[[str], str] = nothing,
    ) -> None:
        """Cheap tests come first. A text cannot match that has none of the words `needs` (case folded), of
        the pieces `needs_part` (case folded) or `needs_exact`, no digit although one is needed, or none of
        `needs_compact` without its spaces and hyphens. `is_bounded`: the pattern itself says where the
        identifier may end within a word. `after_letters`: it may follow them without a space, as in
        `mrn00913355`."""
        self.category = category
        self.label = label
        self._pattern = pattern
        self._group = group
        self._needs = frozenset(needs)
        self._needs_part = tuple(needs_part)
        self._needs_exact = tuple(needs_exact)
        self._needs_digits = needs_digits
        self._needs_compact = tuple(needs_compact)
        self._is_bounded = is_bounded
        self._after_letters = after_letters
        self._narrow = narrow
        self._entity = entity
        self._hint = hint

    @cached_property
    def _compiled(self) -> Any:
        return re2.compile(self._pattern, QUIET)

    def find(self, look: Look) -> Iterator[Span]:
        if not self._may_match(look):
            return
        text = look.text
        for match in self._compiled.finditer(look.searched):
            start, end = match.span(self._group)
            if start >= end or not (self._is_bounded or stands_alone(text, start, end, self._after_letters)):
                continue
            place = self._narrow(text, start, end)
            if place is not None:
                found = text[place[0] : place[1]]
                yield Span(*place, self.category, self.label, self._entity(found), self._hint(found))

    def _may_match(self, look: Look) -> bool:
        if self._needs_digits and not look.has_digits:
            return False
        if self._needs and self._needs.isdisjoint(look.words):
            return False
        return (
            _holds(look.text, self._needs_exact)
            and _holds(look.folded, self._needs_part)
            and _holds(look.compact, self._needs_compact)
        )


def _holds(text: str, needs: tuple[str, ...]) -> bool:
    return not needs or any(each in text for each in needs)


def stands_alone(text: str, start: int, end: int, after_letters: bool = False) -> bool:
    """It is no part of a longer word or number; `after_letters`: of a number alone."""
    if text[start] >= FIRST_UNSPACED:
        return True
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    is_glued = before.isdigit() if after_letters and text[start].isdigit() else before.isalnum()
    return not (is_glued and text[start].isalnum()) and not (after.isalnum() and text[end - 1].isalnum())


def after(text: str, end: int, length: int = 40) -> str:
    """What follows within the same text, case folded."""
    return text[end : end + length].partition(SEPARATOR)[0].casefold()


def before(text: str, start: int, length: int = 40) -> str:
    """What stands in front within the same text, case folded."""
    return text[max(0, start - length) : start].rpartition(SEPARATOR)[2].casefold()


class Finds(Protocol):
    """One way to find identifiers."""

    def find(self, look: Look) -> Iterator[Span]: ...


def found_in(
    look: Look, finders: Sequence[Finds], taken: frozenset[Category], others: Sequence[Finds] = ()
) -> tuple[list[Span], list[Span]]:
    """Those to replace, in order and none over another, and those that this level leaves.

    The earlier begins first; of two at one place the longer is kept, of equals that of the earlier finder.
    What `others` find only adds to it: of theirs goes what lies beside ours.
    """
    gone, left = _found(look, finders, taken)
    if others:
        more, more_left = _found(look, others, taken)
        gone = sorted((*gone, *_beside(look.text, more, gone)), key=lambda span: span.start)
        left = sorted((*left, *_beside(look.text, more_left, (*gone, *left))), key=lambda span: span.start)
    return gone, left


def _found(look: Look, finders: Sequence[Finds], taken: frozenset[Category]) -> tuple[list[Span], list[Span]]:
    spans = [span for finder in finders for span in finder.find(look)]
    spans.sort(key=lambda span: (span.start, -span.end))
    gone = list(_apart(span for span in spans if span.category in taken))
    left = list(_apart(span for span in spans if span.category not in taken))
    return gone, left


def _beside(text: str, spans: Iterable[Span], ours: Sequence[Span]) -> Iterator[Span]:
    """Those of `spans` that none of `ours` touches, and of the others the words that none covers."""
    ours = sorted(ours, key=lambda span: span.start)
    first = 0
    for span in spans:
        while first < len(ours) and ours[first].end <= span.start:
            first += 1
        edges, over = [span.start], first
        while over < len(ours) and ours[over].start < span.end:
            edges += (ours[over].start, ours[over].end)
            over += 1
        if over == first:
            yield span
            continue
        edges.append(span.end)
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            piece = _WORDS_OF.search(text, start, end) if start < end else None
            if piece is not None:
                yield replace(span, start=piece.start(), end=piece.end(), entity=same_letters(piece.group()))


_WORDS_OF = re.compile(r"[^\W_].*[^\W_]", re.DOTALL)  # one letter is a possessive's


def _apart(spans: Iterable[Span]) -> Iterator[Span]:
    end = 0
    for span in spans:
        if span.start >= end:
            yield span
            end = span.end
