"""A note in parts that can be left out without turning round what stays.

A part is a paragraph with its heading; a long one is parted where a sentence or line surely ends. What
refers back ("This was ruled out."), opens with a denial, or is an item of a list stays with what stands
before it. What refers back is known in English only. Allergies are known in some twenty languages and
denials in some fifteen, by stems that rather keep too much.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import re2

from gateway.prompt.quoting import visible

_LONG_PARAGRAPH = 600
_PART = 300
"""Characters. A paragraph longer than the first is parted when a part has reached the second."""


class Weight(IntEnum):
    """In the order in which parts are left out."""

    ORDINARY = 0
    DECISIVE = 1
    """Assessment, plan, changes of treatment, what is pending; the beginning of the note."""
    DENYING = 2
    """After every suspicion that it may deny."""
    ALWAYS = 3
    """Allergies, directives on resuscitation, critical findings: never left out."""


@dataclass(slots=True)
class Part:
    text: str
    weight: Weight


_ALLERGY_STEMS = (
    "allerg|alergi|alérgi|uczuleni|overgevoelig|überempfindlich|unverträglichkeit|аллерг|алерг|αλλεργ"
    "|过敏|過敏|アレルギー|알레르기|حساسية|एलर्जी|แพ้|dị ứng|alerji|אלרגי"
)
_ALLERGY: Any = re2.compile(f"(?i){_ALLERGY_STEMS}")
_ALWAYS: Any = re2.compile(
    f"(?i){_ALLERGY_STEMS}"
    r"|\b(anaphyla\w+|anafila\w+|intoleran\w+|adverse reactions?|nkd?a|nkma|code status|full code"
    r"|do not (attempt )?(resuscitate|intubate)|polst|molst|advance directives?|critical\w*|panic value"
    r"|patientenverf\w*|reanimation|reanimaci\w+)\b|réanimation"
    r"|(?-i:\b(DNR|DNI|DNAR)\b)"  # "dni" are days in Polish
)
_DENYING: Any = re2.compile(
    r"(?i)\b(no|not|non|none|nor|never|without|w/o|deny|denies|denied|denying|negative|absent|absence|refus\w+"
    r"|declin\w+|ruled out|exclude[sd]?|unlikely|resolved|stopped|discontinued|held"
    r"|kein|keine[nrms]?|nicht|ohne|verneint|ausgeschlossen|negativ|unauffällig"
    r"|sin|niega|negativo|ningun[ao]?|ningún|nunca|pas|sans|aucune?|nie|négati\w+|ni"
    r"|senza|nega|não|sem|nenhuma?|geen|niet|zonder|bez|brak|nie)\b|n['’]t\b"
    r"|(?:^|\s)(не|нет|без|отрица\w*)|[无無否没未]|なし|なかった|ない|없|لا |بدون|नहीं|ไม่|không"
)
_DECISIVE: Any = re2.compile(
    r"(?i)\b(assessment|impression|diagnos\w+|plan|conclusions?|recommend\w*|follow[- ]?up|pending|await\w*"
    r"|discharge\w*|start(ed)?|stop|discontinue|hold|chang\w+|increas\w+|decreas\w+|return (to|if)|if)\b"
)
_CLINGS: Any = re2.compile(
    r"(?i)^\W*(this|that|these|those|it|its|he|she|they|which|who|however|but|although|though|yet|also|both"
    r"|neither|no|not|none|nor|without|denie[sd]|negative|ruled|resolved|otherwise|therefore|thus|such"
    r"|the (same|latter|former|above))\b"
)
_ITEM: Any = re2.compile(r"^\s*([-*•+]|\d{1,2}[.)]|[a-z][.)])\s")
# Three small letters before the full stop: no "Dr.", "b.i.d." or "1.".
_SENTENCE_END: Any = re2.compile(r"\p{Ll}{3}[.!?][\"')\]”’]*\s+(\p{Lu})|[。！？।۔؟]\s*([^\s。！？।۔؟])")
_OPEN_ENDS = frozenset(":,;(/-&")
_LONGEST_HEADING = 60


def parts_of(text: str) -> list[Part]:
    """All of the text, in order, but for blank lines and what nobody sees."""
    text = text.encode("utf-8", "replace").decode()  # patterns refuse lone surrogates
    parts: list[Part] = []
    section = Weight.ORDINARY
    for paragraph in _paragraphs([visible(line) for line in text.splitlines()]):
        heading = _weight(paragraph[0].partition(":")[0][:_LONGEST_HEADING])
        if _leads_in(paragraph[0]):
            section = heading  # of the paragraphs that follow too, until the next heading
        elif ":" in paragraph[0][:_LONGEST_HEADING]:
            section = Weight.ORDINARY
        for part in _divided(paragraph):
            least = Weight.ORDINARY if parts else Weight.DECISIVE
            parts.append(Part(part, max(_weight(part), heading, section, least)))
    return parts


def names_allergies(text: str) -> bool:
    return bool(_ALLERGY.search(text.encode("utf-8", "replace").decode()))


def _weight(text: str) -> Weight:
    if _ALWAYS.search(text):
        return Weight.ALWAYS
    if _DENYING.search(text):
        return Weight.DENYING
    return Weight.DECISIVE if _DECISIVE.search(text) else Weight.ORDINARY


def _paragraphs(lines: list[str]) -> Iterator[list[str]]:
    """Lines between blank ones; a heading or lead-in stays with the paragraph that follows it, and what
    refers back with the one before."""
    paragraph: list[str] = []
    is_after_blank = False
    for line in lines:
        if not line.strip():
            is_after_blank = True
            continue
        if is_after_blank and paragraph and not _leads_in(paragraph[-1]) and not _belongs_to_before(line):
            yield paragraph
            paragraph = []
        paragraph.append(line)
        is_after_blank = False
    if paragraph:
        yield paragraph


def _leads_in(line: str) -> bool:
    line = line.strip()
    return line.endswith(":") or (len(line) < _LONGEST_HEADING and line.isupper())


def _belongs_to_before(line: str) -> bool:
    return bool(_CLINGS.search(line[:40]) or _ITEM.search(line[:10]))


def _divided(paragraph: list[str]) -> Iterator[str]:
    if sum(map(len, paragraph)) <= _LONG_PARAGRAPH:
        yield "\n".join(paragraph)
        return
    part: list[str] = []
    size = 0
    last = ""
    for piece, begins_line in _pieces(paragraph):
        if size >= _PART and _may_part(last, piece, begins_line):
            yield "".join(part).strip()
            part, size = [], 0
        part.append(f"\n{piece}" if begins_line else piece)
        size += len(piece)
        last = piece
    yield "".join(part).strip()


def _pieces(paragraph: list[str]) -> Iterator[tuple[str, bool]]:
    """Lines, the long ones as sentences, and whether each begins a line."""
    for line in paragraph:
        if len(line) <= _PART:
            yield line, True
            continue
        start = 0
        for match in _SENTENCE_END.finditer(line):
            end = max(match.start(1), match.start(2))
            yield line[start:end], start == 0
            start = end
        yield line[start:], start == 0


def _may_part(before: str, after: str, begins_line: bool) -> bool:
    before = before.rstrip()
    if _belongs_to_before(after):
        return False
    return not begins_line or (
        before[-1:] not in _OPEN_ENDS and not after[:1].islower() and not _leads_in(before)
    )
