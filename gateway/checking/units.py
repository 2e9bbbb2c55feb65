"""Spellings of units: which of them are the same unit. Nothing is converted: 1 g is not 1000 mg here.

Counted powers of ten of cells are the exception: `K/uL`, `10*3/uL` and `10^9/L` are one number.
"""

from gateway.checking.tables import entries


def _table() -> dict[str, str]:
    found: dict[str, str] = {}
    for unit, spellings in entries("units"):
        for each in (unit, *spellings):
            found[each.replace("_", " ")] = unit
            found[each] = unit  # some standards write the line: in_i, MDC_DIM_MMHG
    return found


_UNITS = _table()
_LONGEST = 3
_BEGIN_SEVERAL = frozenset(spelling.split()[0] for spelling in _UNITS if " " in spelling)
"""First words of the units that take several."""
_BEGIN = _BEGIN_SEVERAL.union(_UNITS)
_TOO_SHORT_ALONE = frozenset("a m c f s y in x t b p".split())
"""Words or abbreviations of other things unless they are glued to the number (`12h`)."""

TIME_UNITS = frozenset(("min", "hour", "day", "week", "month", "year"))
COUNTED = frozenset(
    "tablet capsule puff drop patch spray dose vial ampule suppository teaspoon tablespoon packet"
    " lozenge refill pack times".split()
)
IMPLIED = frozenset(("mmhg", "bpm", "breaths/min", "/min", "%", "degc", "degf"))
"""Conventional for the one measure that can carry them, so that a source often leaves them out."""


def unit_of(spelling: str, *, glued: bool = True) -> str:
    """The unit's one name; empty for what is not known as a unit. `spelling` is in small letters."""
    if not glued and spelling in _TOO_SHORT_ALONE:
        return ""
    known = _UNITS.get(spelling)
    if known is not None:
        return known
    if "/" not in spelling or len(spelling) > 40:
        return ""
    parts = [_UNITS.get(part.strip("{}")) for part in spelling.split("/")]
    if parts[0] is None and spelling[0] == "/":
        parts[0] = ""
    if any(part is None for part in parts):
        return ""
    joined = "/".join(part or "" for part in parts)
    return _UNITS.get(joined, joined)


def unit_of_field(sent: str) -> str:
    """The unit of a field that holds nothing else: one that is not known is itself."""
    spelling = sent.strip().lower().replace("µ", "u").replace("μ", "u")
    return unit_of(spelling) or unit_of("".join(spelling.split())) or spelling


def unit_at(words: list[str], at: int) -> tuple[str, int]:
    """The unit that begins at `words[at]` and how many words it takes; (`""`, 0) where there is none."""
    first = words[at]
    if first not in _BEGIN and "/" not in first:
        return "", 0
    if first in _BEGIN_SEVERAL:
        for length in range(min(_LONGEST, len(words) - at), 1, -1):
            joined = " ".join(words[at : at + length])
            if joined in _UNITS:
                return _UNITS[joined], length
    unit = unit_of(first, glued=False)
    if not unit:
        return "", 0
    if at + 2 < len(words) and words[at + 1] == "per":
        below = unit_of(words[at + 2])
        if below:
            compound = f"{unit}/{below}"
            return _UNITS.get(compound, compound), 3
    return unit, 1
