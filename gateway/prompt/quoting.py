"""Text of other systems, made fit to stand in a prompt as data.

What is held here, and tested: nothing in such a text can end the record, begin an entry, or reach a
model as one of the control tokens of its chat format; nothing in it is invisible. What cannot be held
by any form of writing: a model may still do what a plain sentence in a note tells it. The instructions
forbid it, the answer may only be statements with evidence, and `gateway.checking` holds each against
its source; a summary remains unreviewed until a clinician reads it.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from itertools import count
from typing import Any

import re2

LINE = "| "
"""Before every line of a note. No entry, no mark and no line of ours starts so."""

_LOOK_ALIKES = {
    "＜": "<",
    "﹤": "<",
    "＞": ">",
    "﹥": ">",
    "｜": "|",
    "￨": "|",
    "［": "[",
    "］": "]",
    "＂": '"',
}
"""Models and their tokenizers fold these, so they are folded before anything is searched for."""
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2065\u2800\u3164\uffa0") | {
    *map(chr, range(0xFFF0, 0xFFF9))
}
"""Letters, marks and reserved places that are not shown."""


class _Visible(dict[int, str]):
    """Character -> what stands for it: itself, a space, or nothing. Filled as characters are met."""

    def __missing__(self, code: int) -> str:
        shown = _shown(chr(code))
        if code < 0x10000:  # a hostile note must not fill the memory with characters met once
            self[code] = shown
        return shown


def _shown(character: str) -> str:
    if character in _LOOK_ALIKES:
        return _LOOK_ALIKES[character]
    category = unicodedata.category(character)
    if category in ("Cc", "Zs", "Zl", "Zp"):
        return " "
    # Cf: zero-width, bidirectional, tags. Variation selectors can smuggle whole texts.
    if category == "Cf" or character in _INVISIBLE or _is_variation_selector(ord(character)):
        return ""
    if category in ("Cs", "Co") or ord(character) & 0xFFFE == 0xFFFE:
        return "\ufffd"
    return character


def _is_variation_selector(code: int) -> bool:
    return 0xFE00 <= code <= 0xFE0F or 0xE0000 <= code <= 0xE0FFF or 0x180B <= code <= 0x180F


_VISIBLE = _Visible()

_AFTER_A_COMPARISON = frozenset("0123456789 =.-+")
_BRACKETED = frozenset(
    "inst sys system think img audio args call_id prefix middle suffix bos eos cls sep pad unk mask"
    " gmask smask eop sop ref".split()
)
_LONGEST_BRACKETED = 32
_SHORTENED = " -=_*.#~>"
_RUNS: Any = re2.compile("|".join(f"{re2.escape(sign)}{{4,}}" for sign in _SHORTENED))
_RUN_BEGINNINGS = tuple(sign * 4 for sign in _SHORTENED)


def visible(text: str) -> str:
    """Without control, zero-width, bidirectional and other unseen characters; one line."""
    if text.isascii() and text.isprintable():
        return text
    return text.translate(_VISIBLE)


def tame(text: str) -> str:
    """One visible line in which no control token of a chat format is whole.

    A space goes between the parts of `<|im_start|>`, `</s>`, `<start_of_turn>`, `[INST]`: people read
    the same. `<5`, `< 0.4`, `<=2` and units such as `mm[Hg]` stay as they are.
    """
    text = visible(text)
    if "<" in text:
        text = "".join(_parted(text))
    if "[" in text:
        text = "".join(_bracketed(text))
    return text


def _bracketed(text: str) -> Iterator[str]:
    first, *rest = text.split("[")
    yield first
    for part in rest:
        end = part.find("]", 0, _LONGEST_BRACKETED)
        is_token = end > 0 and _is_bracket_token(part[:end])
        yield f"[ {part[:end]} {part[end:]}" if is_token else f"[{part}"


def _is_bracket_token(word: str) -> bool:
    """Of Llama, Mistral, GLM and BERT. UCUM's `[in_i]`, `[LB_AV]` and `mm[Hg]` are none of them."""
    if word[0] == "/" or word.lower() in _BRACKETED or word.startswith("control_"):
        return True
    before, _, after = word.partition("_")
    return word.isupper() and len(before) > 2 and len(after) > 2


def _parted(text: str) -> Iterator[str]:
    first, *rest = text.split("<")
    yield first
    last = len(rest) - 1
    for index, part in enumerate(rest):
        is_comparison = part[:1] in _AFTER_A_COMPARISON if part else index == last
        yield "<" if is_comparison and not part.startswith("0x") else "< "
        yield part


def quoted(text: str) -> str:
    """`"Potassium"`: in double quotes as JSON writes it, lines side by side with ` / `."""
    if not text.isprintable() and len(lines := text.splitlines()) > 1:
        text = " / ".join(line for line in lines if line.strip())
    text = tame(text)
    if "  " in text or text[:1] == " " or text[-1:] == " ":  # no other white space is left
        text = " ".join(text.split())
    if "\\" in text or '"' in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


_BARE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:+-*/%^")
_LONGEST_BARE = 32


def bare(text: str) -> str:
    """Codes, dates and flags as they are; anything that is more than one short plain word, quoted."""
    return text if len(text) <= _LONGEST_BARE and _BARE.issuperset(text) else quoted(text)


def block(text: str) -> list[str]:
    """The lines of a note, each behind `LINE`; blank lines and long runs of one sign are shortened."""
    made: list[str] = []
    was_blank = True
    for line in text.splitlines():
        line = tame(line).rstrip()
        if not line:
            if not was_blank:
                made.append("|")
            was_blank = True
            continue
        was_blank = False
        if any(run in line for run in _RUN_BEGINNINGS):  # cheaper than the pattern, which seldom finds one
            line = _RUNS.sub(_first_three, line)
        made.append(LINE + line)
    return made[:-1] if was_blank and made else made


def _first_three(match: Any) -> str:
    return str(match.group())[:3]


def mark_for(request_id: str, record: str) -> str:
    """Eight hexadecimal digits that stand nowhere in the record.

    They follow from the request's id, which no author of a note knows, and from the record itself, so
    that the same request makes the same prompt.
    """
    return first_unused(_marks(request_id, record), record)


def _marks(request_id: str, record: str) -> Iterator[str]:
    content, key = record.encode("utf-8", "replace"), request_id.encode("utf-8", "replace")[:64]
    for attempt in count():
        yield blake2b(content, digest_size=4, salt=attempt.to_bytes(8), key=key).hexdigest()


def first_unused(marks: Iterable[str], record: str) -> str:
    return next(mark for mark in marks if mark not in record)
