"""What kind of line stands in a note: heading, list item, table row, label with its value, running text."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from gateway.backends.extractive.note_sections import NoteSection, of_heading

_LONGEST_LABEL = 50
_LONGEST_BARE_ENTRY = 6
"""Words of a line that can be an entry of a list without a mark."""

_BULLETS = ("- ", "* ", "• ", "– ", "— ", "· ", "▪ ", "o ", "+ ", "> ", "•", "·", "▪", "●", "○")
_HEADER_WORDS = frozenset(
    "allergen allergy substance reaction severity status date time type name code medication drug"
    " dose route frequency problem condition diagnosis onset value unit units range flag result"
    " test component vaccine procedure provider location comments comment notes start end"
    " directions instructions description plan order ordered reference interpretation measurement"
    " reading performer relation relationship item answer question quantity refills site author"
    " criticality resolved noted entered".split()
)


class Kind(Enum):
    PLAIN = "plain"
    LABEL = "label"
    """`Smoking: never`"""
    ITEM = "item"
    ROW = "row"


@dataclass(slots=True)
class Line:
    text: str
    kind: Kind
    indented: bool


def kind_of(line: str) -> Kind:
    if " | " in line:
        return Kind.ROW
    if line.startswith(_BULLETS) or (line[:1] == "-" and line[1:2].isalpha()):
        return Kind.ITEM
    mark = line[:5].split(" ", 1)[0].lstrip("(")
    if mark[-1:] in (".", ")") and (mark[:-1].isdigit() or (mark[1:] == ")" and mark[0].isalpha())):
        return Kind.ITEM
    label, colon, rest = line[: _LONGEST_LABEL + 1].partition(":")
    return (
        Kind.LABEL if colon and rest[:1] == " " and label[:1].isupper() and "." not in label else Kind.PLAIN
    )


def list_mark(line: str) -> str:
    """The style of a list item's mark: `1` for any number, `a` for any letter, else its sign."""
    first = line.lstrip("(")[:1]
    return "1" if first.isdigit() else "a" if first.isalpha() and line[:2] != "o " else first


def known_heading(line: str, after_blank: bool) -> tuple[NoteSection | None, str]:
    """The section that a line opens, and what the line says after its heading.

    A bare word among other lines ("Allergies" in a list of complaints) opens nothing.
    """
    whole = of_heading(line)
    if whole is not None and (after_blank or not line[-1].isalnum() or line.isupper()):
        return whole, ""
    label, colon, rest = line.partition(":")
    return (of_heading(label), rest.strip()) if colon and rest.strip() else (None, "")


def may_be_list(line: Line) -> bool:
    """A list item, a table, or a few words without a full stop."""
    if line.kind is not Kind.PLAIN:
        return line.kind is not Kind.LABEL
    return line.text[-1] not in ".!?" and len(line.text.split()) <= _LONGEST_BARE_ENTRY


def header_row(lines: Sequence[Line]) -> Line | None:
    """The first row of a table, when its cells name columns."""
    rows = [line for line in lines if line.kind is Kind.ROW]
    if len(rows) < 2 or any(character.isdigit() for character in rows[0].text):
        return None
    cells = rows[0].text.casefold().split(" | ")
    naming = sum(1 for cell in cells if not _HEADER_WORDS.isdisjoint(cell.replace("/", " ").split()))
    return rows[0] if naming * 2 >= len(cells) else None
