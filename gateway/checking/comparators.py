"""Signs and words that compare: `>100`, `greater than 100`, `above 100`."""

from collections.abc import Sequence

_SIGNS = {"≤": "<", "≥": ">"}
_ABOVE = frozenset("above over exceeding exceeds exceeded".split())
_BELOW = frozenset("below under".split())
_MORE = frozenset(("greater", "more", "higher"))
_LESS = frozenset(("less", "lower", "fewer"))
_LOOSE_PAIRS = {("at", "least"): ">", ("up", "to"): "<", ("at", "most"): "<"}

_BEFORE = _ABOVE | _BELOW | {"than"} | {last for _, last in _LOOSE_PAIRS}
"""What stands before a number that is compared."""


def comparator(words: Sequence[str], sign: str, at: int) -> tuple[str, bool]:
    """The comparison of the number at `words[at]` as `<` or `>`, and whether it belongs to the value itself.

    `above 5.1` can also be said of a value beside a limit, `>5.1` and `greater than 5.1` cannot.
    """
    if sign:
        return _SIGNS.get(sign, sign), True
    if not at:
        return "", True
    last = words[at - 1]
    if last not in _BEFORE:
        return "", False
    if last in _ABOVE:
        return ">", False
    if last in _BELOW:
        return "<", False
    before = words[at - 2] if at > 1 else ""
    if last == "than" and before in _MORE:
        return ">", before != "higher"
    if last == "than" and before in _LESS:
        return "<", before != "lower"
    return _LOOSE_PAIRS.get((before, last), ""), False
