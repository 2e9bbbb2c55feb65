r"""Escape sequences of ER7 text (HL7 v2.8.2 section 2.7), both ways.

Read: F S T R E P, H N, X, the formatting commands of FT, and C and M (ISO 2022 switches). What is not
known stays visible as it was sent, because a wrong reading of `\Z1\` is worse than an odd one.
"""

import re
from collections.abc import Callable
from functools import lru_cache

from translators.hl7v2.delimiters import ABSENT, Delimiters

_MOST_BLANK_LINES = 10
"""`\\.sp9999\\` is 11 bytes; what they may grow to is limited."""
_MOST_SPACES = 80

_FORMATTING = {".br": "\n", ".ce": "\n", ".fi": "", ".nf": "", ".in": "", ".ti": ""}


@lru_cache(maxsize=64)
def unescaper(delimiters: Delimiters, codec: str) -> Callable[[str], str]:
    """A function that resolves the escape sequences of a value; `codec` reads the bytes of `\\X..\\`."""
    mark = re.escape(delimiters.escape)
    known = re.compile(
        rf"{mark}(?:([FSTREPHN])|X((?:[0-9A-Fa-f]{{2}}){{1,4096}})"
        rf"|(\.(?:br|sp|in|ti|fi|nf|ce|sk))([+-]?[0-9]{{0,9}})"
        rf"|([CM](?:[0-9A-Fa-f]{{4}}|[0-9A-Fa-f]{{6}}))"
        rf"|Z[^{mark}\r\n]{{0,80}}){mark}",
    )
    letters = {
        "F": delimiters.field,
        "S": delimiters.component,
        "T": delimiters.subcomponent,
        "R": delimiters.repetition,
        "E": delimiters.escape,
        "P": delimiters.truncation.replace(ABSENT, "#"),
        "H": "",
        "N": "",
    }
    letters = {letter: meant.replace(ABSENT, "") for letter, meant in letters.items()}

    def one(match: re.Match[str]) -> str:
        letter, hexadecimal, command, number, _ = match.groups()
        if letter:
            return letters[letter]
        if hexadecimal:
            return _from_hexadecimal(hexadecimal, codec) or match[0]
        if command:
            return _formatted(command, number)
        return match[0]

    line_break, escaped_mark = (f"{delimiters.escape}{each}{delimiters.escape}" for each in (".br", "E"))
    switch = re.compile(rf"{mark}(?:C28(?:42|49|4A)|M24(?:40|42|2844)){mark}", re.IGNORECASE)

    def unescape(value: str) -> str:
        if switch.search(value):
            value = _with_switches(value, switch)
        if line_break in value and escaped_mark not in value:  # by far the most frequent, in long texts
            value = value.replace(line_break, "\n")
            if delimiters.escape not in value:
                return value
        return known.sub(one, value)

    return unescape


def _formatted(command: str, number: str) -> str:
    count = abs(int(number)) if number.strip("+-") else 1
    if command == ".sp":
        return "\n" * max(1, min(count, _MOST_BLANK_LINES))
    if command == ".sk":
        return " " * min(count, _MOST_SPACES)
    return _FORMATTING[command]


def _from_hexadecimal(digits: str, codec: str) -> str | None:
    # NUL: some write a character of two bytes, `\X000D\` for a line end.
    try:
        text = bytes.fromhex(digits).replace(b"\x00", b"").decode(codec)
    except (UnicodeDecodeError, ValueError):
        return None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(each if each >= " " or each in "\n\t" else " " for each in text) or " "


def _with_switches(value: str, switch: re.Pattern[str]) -> str:
    r"""`\M2442\` stands for ESC and these bytes: what follows is in that set (ISO 2022)."""
    runs = switch.split(value)
    read = [runs[0]]
    for sequence, run in zip(switch.findall(value), runs[1:], strict=True):
        escape = b"\x1b" + bytes.fromhex(sequence[2:-1])
        try:
            read.append((escape + run.encode("ascii")).decode("iso2022_jp_ext"))
        except (UnicodeEncodeError, UnicodeDecodeError):
            read.append(sequence + run)
    return "".join(read)


@lru_cache(maxsize=64)
def escaper(delimiters: Delimiters) -> Callable[[str], str]:
    """A function that makes text safe to stand in a field; line ends become `\\.br\\`, controls spaces."""
    escape = delimiters.escape
    table: dict[int, str] = dict.fromkeys((*range(32), 0x7F), " ")
    if escape != ABSENT:
        table[ord("\n")] = f"{escape}.br{escape}"
    roles = {
        "F": delimiters.field,
        "S": delimiters.component,
        "T": delimiters.subcomponent,
        "R": delimiters.repetition,
        "E": escape,
    }
    for letter, character in roles.items():
        if character != ABSENT:
            table[ord(character)] = f"{escape}{letter}{escape}" if escape != ABSENT else " "
    return lambda text: text.replace("\r\n", "\n").translate(table)
