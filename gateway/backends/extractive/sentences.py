"""Sentences of running text, and which lines of a note are one line that was broken to fit.

Splits only where it is sure: a sentence too many in a quotation does no harm, half a sentence may.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_SHORTEST_SENTENCE = 4
"""Words. A shorter one ("Chills.") is read with the sentence before it ("Denies fever.")."""
_NARROWEST, _WIDEST = 40, 140
_CLOSING = "\"')]}”’»"

_ABBREVIATIONS = frozenset(
    "dr mr mrs ms prof st sr jr vs pt pts hx dx tx rx sx fx approx ca cf e.g i.e etc al no nos"
    " vol fig ref inc a.m p.m am pm q.d b.i.d t.i.d q.i.d p.o p.r.n h.s q.h i.v i.m s.c o.d o.s"
    " o.u w.r.t min max avg resp temp wt ht abd ext neuro cv gen mos yrs hrs mins mm dept univ"
    " hosp jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat spp sp subsp"
    " var lt rt bilat ant post inf sup lat med eval poss prob hosp u.s ph.d m.d r.n n.p p.a d.o"
    " m.s b.s".split()
)  # fmt: skip

_CANNOT_END = frozenset(
    "a an the of to in on at by for from with without and or nor but no not any denies deny"
    " denied had has have is was were are be been being as that which who if when due than per"
    " his her its their than negative absent ruled dr mr mrs ms vs into over under between about"
    " after before during until since".split()
)
"""A line that ends with one of these goes on in the next."""


@dataclass(slots=True)
class Sentence:
    text: str
    first_word: str
    """In small letters, without marks."""
    is_fragment: bool
    """Too short to stand by itself."""
    ended: bool
    """By a full stop, a question or an exclamation mark."""


def sentences_of(line: str) -> Iterator[Sentence]:
    """The sentences of one line, white space folded and nothing else changed."""
    words = line.split()
    start = 0
    last = len(words) - 1
    for index, word in enumerate(words):
        if index == last or (word[-1] in _ENDS and _ends_sentence(word, words[index + 1])):
            sentence = words[start : index + 1]
            yield Sentence(
                " ".join(sentence),
                sentence[0].strip("-*•(\"'“‘,.:").split("'")[0].split("’")[0].casefold(),
                len(sentence) < _SHORTEST_SENTENCE,
                word.rstrip(_CLOSING)[-1:] in _STOPS,
            )
            start = index + 1


_STOPS = frozenset(".!?")
_ENDS = _STOPS | frozenset(_CLOSING)


def _ends_sentence(word: str, following: str) -> bool:
    core = word.rstrip(_CLOSING)
    if core[-1:] not in _STOPS or following[0].islower():
        return False
    if core[-1] != ".":
        return True
    stem = core[:-1].lstrip("([\"'“‘").casefold()
    if stem in _ABBREVIATIONS or (len(stem) == 1 and stem.isalpha()):
        return False
    return not (
        stem.isdigit() and len(stem) <= 2
    )  # "1." opens a list entry more often than it ends a sentence


def wrap_width(lines: Sequence[str]) -> int:
    """The width at which the lines of a note were broken; 0 when they were not."""
    width = max(map(len, lines), default=0)
    if not _NARROWEST <= width <= _WIDEST:
        return 0
    nearly_full = sum(1 for line in lines if len(line) >= 0.8 * width)
    return width if nearly_full >= 2 else 0


def continues(line: str, following: str, width: int) -> bool:
    """The second line surely goes on with what the first began: it was broken only to fit a width."""
    end = line.rstrip(_CLOSING)[-1:]
    words = line.rsplit(None, 1)
    last_word = words[-1].strip("(,\"'").casefold() if words else ""
    if end == "." and last_word.rstrip(".") in ("dr", "mr", "mrs", "ms", "vs", "e.g", "i.e"):
        return True
    if end in _STOPS or end == ":":
        return False
    if end in (",", ";", "(", "/", "-", "&") or last_word in _CANNOT_END:
        return True
    if following[:1].islower() and len(line) >= _NARROWEST:
        return True
    first_word = following.split(None, 1)[0] if following else ""
    return bool(width) and len(line) + 1 + len(first_word) > width
