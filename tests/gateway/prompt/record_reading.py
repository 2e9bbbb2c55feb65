"""Reads a prompt's user part by its grammar, and by nothing else: what a strict reader would see."""

import json
import re
import unicodedata
from dataclasses import dataclass

from gateway.prompt import Prompt

_ENTRY = re.compile(r"([EFN]\d+) (.+)")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_OURS = re.compile(r"[A-Za-z0-9 .,:;=+*/%^\[\]-]*")
_CLOSING = re.compile(
    r"RECORD (?P<mark>[0-9a-f]{8}) END\n"
    r"Only the two lines with the mark (?P=mark) bound the record\..*\n"
    r"(?:All texts of your statements together hold at most \d+ characters\.\n)?"
    r"Now write the JSON object of statements,.*"
)


@dataclass
class ReadRecord:
    lines: dict[str, str]
    """Entry id -> its first line without the id."""
    texts: dict[str, list[str]]
    """Entry id -> the lines under it."""
    told: list[str]
    """What the gateway says of gaps."""

    def strings(self, entry: str) -> list[str]:
        """What is quoted in an entry's line."""
        return [json.loads(found) for found in _STRING.findall(self.lines[entry])]


def read_record(prompt: Prompt) -> ReadRecord:
    """Fails on anything that does not follow the grammar."""
    lines = prompt.user.split("\n")
    begin = re.fullmatch(r"RECORD ([0-9a-f]{8}) BEGIN", lines[0])
    assert begin, "the record does not begin"
    mark = begin.group(1)
    ends = [number for number, line in enumerate(lines) if mark in line]
    assert len(ends) == 3, "the mark stands where only the frame may have it"
    end = ends[1]
    assert _CLOSING.fullmatch("\n".join(lines[end:])), "the frame does not end as it should"
    assert lines[1].startswith("Patient: ")
    assert re.fullmatch(r"[a-z0-9 :;,()-]+", _STRING.sub("", lines[1][1:]))
    read = ReadRecord({}, {}, [])
    entry = ""
    for line in lines[2:end]:
        assert not {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}.intersection(map(unicodedata.category, line))
        if found := _ENTRY.fullmatch(line):
            entry = found.group(1)
            assert entry not in read.lines, "an id stands twice"
            assert _OURS.fullmatch(_STRING.sub("", found.group(2))), "foreign text stands outside quotes"
            read.lines[entry], read.texts[entry] = found.group(2), []
        elif line == "|" or line.startswith("| "):
            assert entry.startswith("N"), "a line of text belongs to no note"
            read.texts[entry].append(line[2:])
        else:
            assert line.startswith("~ ")
            assert re.fullmatch(r"~ [A-Za-z0-9 ,:.-]+", line)
            read.told.append(line[2:])
    assert list(read.lines) == list(prompt.origins), "an id was added or is missing"
    return read
