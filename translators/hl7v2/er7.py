"""ER7 as text: delimiters applied lazily, segments split once, values unescaped only when asked for.

Nothing here knows what a segment means, and nothing is validated.
"""

import re
from functools import lru_cache

from gateway.clinical import Caution, Code
from translators.hl7v2.charsets import decode
from translators.hl7v2.delimiters import Delimiters
from translators.hl7v2.escapes import unescaper
from translators.hl7v2.head import Head

NULL = '""'
"""Explicit null: the sender says that there is no value. An absent value says nothing."""

ASTRAY = "line"
"""The name of what is no segment: most often the rest of a text with a line end in it."""

_LONGEST_ROW = 64
_PADDING = [[""] * count for count in range(_LONGEST_ROW + 1)]


class Syntax:
    """One message's delimiters and character set."""

    __slots__ = (
        "codec",
        "component",
        "delimiters",
        "escape",
        "field",
        "names_of_tests",
        "repetition",
        "subcomponent",
        "unescape",
    )

    def __init__(self, delimiters: Delimiters, codec: str) -> None:
        self.delimiters = delimiters
        self.codec = codec
        self.field = delimiters.field
        self.component = delimiters.component
        self.repetition = delimiters.repetition
        self.escape = delimiters.escape
        self.subcomponent = delimiters.subcomponent
        self.unescape = unescaper(delimiters, codec)
        self.names_of_tests: dict[str, tuple[str, tuple[Code, ...], bool]] = {}
        """What `elements.name_of_test` made of an OBX-3 before."""

    def text(self, raw: str) -> str:
        """A short value: escapes resolved, outer white space gone; an explicit null is empty."""
        if raw == NULL:
            return ""
        if self.escape in raw:
            raw = self.unescape(raw)
        return raw.strip()

    def folded(self, raw: str) -> str:
        """A value for one line: like `text`, with every run of white space made one space."""
        if not raw or raw == NULL:
            return ""
        if self.escape in raw:
            raw = self.unescape(raw)
        return " ".join(raw.split())

    def lines(self, raw: str) -> str:
        """A formatted text: repetitions are lines (TX, FT, NTE-3), indents stay."""
        if raw == NULL:
            return ""
        if self.repetition in raw:
            raw = raw.replace(self.repetition, "\n")
        if self.escape in raw:
            raw = self.unescape(raw)
        if "\n" in raw:
            return "\n".join([line.rstrip() for line in raw.split("\n")]).strip("\n")
        return raw.rstrip()

    def components(self, raw: str, count: int) -> list[str]:
        """At least `count` raw components."""
        parts = raw.split(self.component)
        if len(parts) < count:
            parts += _PADDING[count - len(parts)]
        return parts

    def texts(self, raw: str, count: int) -> list[str]:
        """At least `count` components as text, of each its first subcomponent."""
        parts = raw.split(self.component)
        if self.escape in raw or self.subcomponent in raw or NULL in raw:
            parts = [self.first(part) for part in parts]
        elif " " in raw:
            parts = [part.strip() for part in parts]
        if len(parts) < count:
            parts += _PADDING[count - len(parts)]
        return parts

    def repetitions(self, raw: str) -> list[str]:
        """The raw repetitions that hold anything."""
        if self.repetition not in raw:
            return [raw] if raw and raw != NULL else []
        return [each for each in raw.split(self.repetition) if each and each != NULL]

    def first(self, raw: str) -> str:
        """The first component, or subcomponent, as text."""
        if not raw:
            return ""
        if self.component in raw:
            raw = raw[: raw.index(self.component)]
        if self.subcomponent in raw:
            raw = raw[: raw.index(self.subcomponent)]
        return self.text(raw)


class Segment:
    """One segment, `row[n]` its field n as sent (`row[0]` the name), with what is bound to it.

    A field beyond those sent is empty. `place` is how the sender finds it: `OBX[3]`.
    """

    __slots__ = ("attached", "name", "notes", "nth", "order", "parent", "row")

    def __init__(self, name: str, nth: int, row: list[str]) -> None:
        self.name = name
        self.nth = nth
        self.row = row
        self.notes: list[Segment] | None = None
        """The NTE that follow it immediately."""
        self.attached: list[Segment] | None = None
        """Segments that say more of it (RXR of a drug, further lines of a text)."""
        self.order: Segment | None = None
        """The ORC that governs it."""
        self.parent: Segment | None = None
        """The OBR, TXA or RXA that an observation belongs to."""

    @property
    def place(self) -> str:
        return f"{self.name}[{self.nth}]"

    def attach(self, segment: "Segment") -> None:
        if self.attached is None:
            self.attached = [segment]
        else:
            self.attached.append(segment)

    def note(self, segment: "Segment") -> None:
        if self.notes is None:
            self.notes = [segment]
        else:
            self.notes.append(segment)

    def attached_of(self, *names: str) -> "list[Segment]":
        return [each for each in self.attached or () if each.name in names]


class Er7:
    """A whole message: its syntax and its segments in order. Cautions say how it was decoded."""

    __slots__ = ("cautions", "segments", "syntax")

    def __init__(self, syntax: Syntax, segments: list[Segment], cautions: list[Caution]) -> None:
        self.syntax = syntax
        self.segments = segments
        self.cautions = cautions


def read(payload: bytes, head: Head) -> Er7:
    """Raises `GatewayError` when delimiters or character set cannot be told."""
    delimiters = head.delimiters()
    body = payload[head.start :] if head.start else payload
    text, codec, cautions = decode(body, head.fields[18], delimiters.repetition.encode("latin-1"))
    syntax = _syntax(delimiters, codec)
    if "\n" in text:
        text = text.replace("\r\n", "\r").replace("\n", "\r")
    segments: list[Segment] = []
    counts: dict[str, int] = {}
    separator = delimiters.field
    for line in text.split("\r"):
        row = line.split(separator)
        name = row[0]
        if len(name) != 3 or not _is_name(name):
            name = name.strip().upper()  # some feeds send `pid`, or blanks before the name
            if not name and len(row) == 1:
                continue
            if len(name) != 3 or not _is_name(name):
                name = ASTRAY
        if name in _HEADERS:
            row.insert(1, separator)
        missing = _WIDTHS.get(name, _USUAL_WIDTH) - len(row)
        if missing > 0:
            row += _PADDING[missing]
        nth = counts[name] = counts.get(name, 0) + 1
        segments.append(Segment(name, nth, row))
    return Er7(syntax, segments, cautions)


_syntax = lru_cache(maxsize=64)(Syntax)


@lru_cache(maxsize=1024)
def _is_name(name: str) -> bool:
    return bool(_NAME.fullmatch(name))


_NAME = re.compile("[A-Z][A-Z0-9]{2}", re.ASCII)
_HEADERS = frozenset({"MSH", "BHS", "FHS"})
_USUAL_WIDTH = 32
_WIDTHS = {"PV1": 54, "OBR": 54, "PID": 42, "NK1": 42, "RXE": 46}
"""One more than the highest field that is asked for; a row is never shorter."""
