"""The narrative block as text, element by element, and the `#id` references into it.

Rows become lines with cells kept apart by ` | `, because text taken with `itertext` glues the cells of
real documents into one word. Styles and links are dropped; nothing is fetched.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import count
from typing import cast

from lxml import etree

from translators.cda.tags import Element

_BREAK = "\x1e"  # no XML 1.0 document can hold this character, so it is never the source's own
# These keep a hostile document from growing while it is read: real ones come nowhere near.
_MOST_SPANNED = 50
_MOST_COLUMNS_REPEATED = 4
_LONGEST_CELL_REPEATED = 60
_MOST_CHARACTERS_POINTED_TO = 5_000_000
_IDENTIFIED = etree.XPath("descendant-or-self::*/@ID/..")  # a fifth of the time of `*[@ID]`
_BROAD_TARGETS = frozenset("tr table tbody thead list text".split())


def render(element: Element) -> str:
    """The text of a narrative element or one part of it, lines ended by LF, white space folded.

    A line break inside a table cell becomes `; `, so that a row stays one line. `rowspan` repeats its
    cell in the rows below and `colspan` leaves empty cells, so that columns keep their headings.
    """
    if len(element) == 0 and _writer_of(str(element.tag)) in _PLAIN:
        return " ".join((element.text or "").split())
    out: list[str] = []
    _write(element, out)
    return "\n".join(_lines(out))


def is_broad(element: Element) -> bool:
    """It holds more than one thing (a row, a list), so that its text names none of them."""
    return _local(str(element.tag)) in _BROAD_TARGETS


class Anchors:
    """The narrative elements of a document that entries point to by `#id`."""

    def __init__(self, root: Element) -> None:
        self._root = root
        self._everywhere: dict[str, Element] | None = None
        self._rendered: dict[Element, str] = {}
        self._characters_left = _MOST_CHARACTERS_POINTED_TO

    def find(self, identifier: str) -> Element | None:
        if self._everywhere is None:
            self._everywhere = _identified(self._root)
        return self._everywhere.get(identifier)

    def text(self, target: Element) -> str:
        """Its text as `render` gives it; empty once a document has pointed to far more than it can hold."""
        if target not in self._rendered:
            self._rendered[target] = render(target)
        text = self._rendered[target]
        self._characters_left -= len(text)
        return text if self._characters_left > 0 else ""


class Narrative:
    """The narrative of one section, looked through first: merged documents hold the same ID twice."""

    def __init__(self, text: Element | None, anchors: Anchors) -> None:
        self._text = text
        self._anchors = anchors
        self._here: dict[str, Element] | None = None

    def find(self, reference: str) -> Element | None:
        """The element that `#id` points to; None when it dangles or points outside the document."""
        identifier = reference.strip().removeprefix("#")
        if not identifier:
            return None
        if self._here is None:
            self._here = {} if self._text is None else _identified(self._text)
        found = self._here.get(identifier)
        return found if found is not None else self._anchors.find(identifier)

    def text(self, target: Element) -> str:
        return self._anchors.text(target)


def _identified(element: Element) -> dict[str, Element]:
    found: dict[str, Element] = {}
    for each in cast(list[Element], _IDENTIFIED(element)):
        found.setdefault(str(each.get("ID")), each)
    return found


def _lines(out: list[str]) -> list[str]:
    lines = (line.split() for line in "".join(out).split(_BREAK))
    return [" ".join(words) for words in lines if words]


def _write(element: Element, out: list[str]) -> None:
    _writer_of(str(element.tag))(element, out)


def _inline(element: Element, out: list[str]) -> None:
    if element.text:
        out.append(element.text)
    after_inline = False
    for each in element:
        write = _writer_of(str(each.tag))
        if after_inline and write is _content:
            out.append(" ")  # two elements without anything between are two statements, not one word
        write(each, out)
        if each.tail:
            out.append(each.tail)
        after_inline = not each.tail and write is _content


def _content(element: Element, out: list[str]) -> None:
    if element.get("revised") == "delete":  # CDA R2 4.3.5.1: shown struck through, no longer said
        return
    _inline(element, out)


def _block(element: Element, out: list[str]) -> None:
    out.append(_BREAK)
    _inline(element, out)
    out.append(_BREAK)


def _break(element: Element, out: list[str]) -> None:
    out.append(_BREAK)
    _inline(element, out)


def _superscript(element: Element, out: list[str]) -> None:
    raised: list[str] = []
    _inline(element, raised)
    before = out[-1][-1:] if out else ""
    if before.isalnum() and raised and raised[0][:1] in tuple("0123456789+-"):
        out.append("^")  # 10<sup>9</sup>/L is not 109/L
    out += raised


def _footnote(element: Element, out: list[str]) -> None:
    out.append(" [footnote: ")
    _inline(element, out)
    out.append("] ")


def _media(element: Element, out: list[str]) -> None:
    out.append(" [media] ")
    _inline(element, out)


def _list(element: Element, out: list[str]) -> None:
    numbers = count(1) if element.get("listType") == "ordered" else None
    for each in element:
        if _local(str(each.tag)) not in ("item", "li"):
            _write(each, out)
            continue
        inside: list[str] = []
        _inline(each, inside)
        lines = _lines(inside)
        if lines:
            mark = f"{next(numbers)}." if numbers else "-"
            out.append(f"{_BREAK}{mark} {_BREAK.join(lines)}{_BREAK}")


def _table(element: Element, out: list[str]) -> None:
    out.append(_BREAK)
    spanning: dict[int, tuple[int, str]] = {}
    for each in _table_parts(element):
        if _local(str(each.tag)) == "tr":
            _write_row(_cells(each, spanning), out)
        else:
            _write(each, out)
    out.append(_BREAK)


def _table_parts(element: Element) -> Iterator[Element]:
    """The rows, wherever they are grouped, and whatever else the table holds, in their order."""
    for each in element:
        if _local(str(each.tag)) in ("thead", "tbody", "tfoot"):
            yield from _table_parts(each)
        else:
            yield each


def _row(element: Element, out: list[str]) -> None:
    _write_row(_cells(element, {}), out)


def _write_row(cells: list[str], out: list[str]) -> None:
    while cells and not cells[-1]:
        cells.pop()
    if cells:
        out.append(f"{_BREAK}{' | '.join(cells)}{_BREAK}")


def _cells(row: Element, spanning: dict[int, tuple[int, str]]) -> list[str]:
    """The row's texts by column; `spanning` holds the cells that reach down from above: (rows left, text)."""
    cells: list[str] = []
    for each in row:
        if spanning:
            _take_spanning(cells, spanning)
        if len(each):
            inside: list[str] = []
            _inline(each, inside)
            text = "; ".join(_lines(inside))
        else:
            text = " ".join((each.text or "").split())
        rows = _span(each, "rowspan") if len(text) <= _LONGEST_CELL_REPEATED else 1
        columns = _span(each, "colspan")
        if rows == columns == 1:
            cells.append(text)
        else:
            for offset in range(columns):
                shown = "" if offset else text
                if rows > 1 and len(cells) < _MOST_COLUMNS_REPEATED:
                    spanning[len(cells)] = (rows - 1, shown)
                cells.append(shown)
        tail = each.tail
        if tail and tail.strip():
            cells.append(" ".join(tail.split()))
    _take_spanning(cells, spanning)
    return cells


def _take_spanning(cells: list[str], spanning: dict[int, tuple[int, str]]) -> None:
    while spanning and len(cells) in spanning:
        column = len(cells)
        left, text = spanning.pop(column)
        if left > 1:
            spanning[column] = (left - 1, text)
        cells.append(text)


def _span(cell: Element, attribute: str) -> int:
    sent = cell.get(attribute)
    return min(int(sent), _MOST_SPANNED) if sent and sent.isdecimal() and sent != "0" else 1


def _nothing(element: Element, out: list[str]) -> None:
    pass


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


_Writer = Callable[[Element, list[str]], None]

# CDA R2 NarrativeBlock.xsd, and the XHTML that vendors write in its place.
_WRITERS: dict[str, _Writer] = {
    "content": _content,
    "linkHtml": _content,
    "span": _content,
    "a": _content,
    "paragraph": _block,
    "caption": _block,
    "text": _block,
    "item": _block,
    "p": _block,
    "div": _block,
    "li": _block,
    "pre": _block,
    "h1": _block,
    "h2": _block,
    "h3": _block,
    "h4": _block,
    "br": _break,
    "hr": _break,
    "list": _list,
    "ul": _list,
    "ol": _list,
    "table": _table,
    "tbody": _table,
    "thead": _table,
    "tr": _row,
    "sup": _superscript,
    "footnote": _footnote,
    "footnoteRef": _nothing,
    "renderMultiMedia": _media,
    "col": _nothing,
    "colgroup": _nothing,
}

_PLAIN = frozenset({_inline, _block, _break})
"""Writers under which an element without children is its words."""


@lru_cache(maxsize=256)
def _writer_of(tag: str) -> _Writer:
    return _WRITERS.get(_local(tag), _inline)
