"""Stable stand-ins for identifiers, and what they stood for: made for one request, kept for its answer."""

from typing import Any

import re2

from gateway.deidentify.spans import Span

# Models drop a hint, add one, or write the brackets apart; the name with its number is what counts.
_TOKEN: Any = re2.compile(r"\[\s*([A-Z]+(?:-[A-Z]+)?-\d+)(?:\s[\d+]{1,4})?\s*\]")


class Tokens:
    def __init__(self) -> None:
        self._by_surface: dict[tuple[str, str], str] = {}
        self._surfaces: dict[str, str] = {}
        self._numbers: dict[str, int] = {}

    def replace(self, text: str, spans: list[Span]) -> str:
        """`text` with a token in the place of each span. What looks like a token already is made none, or a
        sender's note could ask for another's identifier."""
        pieces: list[str] = []
        at = 0
        for span in spans:
            pieces += [without_tokens(text[at : span.start]), self._token(span, text[span.start : span.end])]
            at = span.end
        pieces.append(without_tokens(text[at:]))
        return "".join(pieces)

    def restore(self, text: str) -> tuple[str, int]:
        """The text with what its tokens stood for, and the number of tokens that were never given out."""
        unknown = 0

        def surface(match: Any) -> str:
            nonlocal unknown
            known = self._surfaces.get(match.group(1))
            if known is None:
                unknown += 1
                return str(match.group())
            return known

        return (_TOKEN.sub(surface, text) if "[" in text else text), unknown

    def _token(self, span: Span, surface: str) -> str:
        key = (span.label, surface)
        name = self._by_surface.get(key)
        if name is None:
            number = self._numbers[span.label] = self._numbers.get(span.label, 0) + 1
            name = self._by_surface[key] = f"{span.label}-{number}"
            self._surfaces[name] = surface
        return f"[{name} {span.hint}]" if span.hint else f"[{name}]"


def without_tokens(text: str) -> str:
    return _TOKEN.sub(lambda match: f"({match.group()[1:-1]})", text) if "[" in text else text
