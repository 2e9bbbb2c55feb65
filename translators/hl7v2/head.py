"""The header of an ER7 payload by a scan of its raw bytes, for opening it and for answering it.

Works on payloads that nothing else can read: an error has to go back under the right control id,
with the sender's delimiters, whatever the rest of the message is. No character set is needed here.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from gateway.errors import GatewayError
from translators.hl7v2.delimiters import STANDARD, Delimiters, delimiters_of

JUNK = b"\xef\xbb\xbf\x0b\x1c\x1d\x00 \t\r\n"
"""May stand before a header: a byte order mark, framing, blank lines."""

_HEADER = re.compile(rb"(?:\A|[\r\n\x0b\x1c\xbf])(?=(?:MSH|BHS|FHS)[!-/:-@\[-`{-~])")
_SEARCHED_BYTES = 65_536
_CONTROL = bytes(range(32)) + b"\x7f"
_FIELDS = 29
_HAS_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
_PADDING = (b"",) * _FIELDS


@dataclass(frozen=True, slots=True)
class Head:
    """MSH, BHS or FHS; `fields[n]` is MSH-n as sent, without control characters, empty when absent."""

    fields: tuple[bytes, ...]
    start: int
    """Where it stands in the payload; what comes before is junk."""

    component: bytes = b"^"
    """The separator of components; NUL, which no field holds, when the message has none."""

    @property
    def name(self) -> bytes:
        return self.fields[0]

    @property
    def separator(self) -> bytes:
        return self.fields[1]

    def delimiters(self) -> Delimiters:
        """Raises `GatewayError` at MSH-1 or MSH-2."""
        return delimiters_of(self.fields[1].decode("latin-1"), self.fields[2].decode("latin-1"))

    def delimiters_or_standard(self) -> Delimiters:
        try:
            return self.delimiters()
        except GatewayError:
            return STANDARD

    def components(self, number: int) -> list[bytes]:
        """The components of a field; never empty."""
        return self.fields[number].split(self.component)

    def code(self, number: int) -> str:
        """The first component of a coded field, for comparison with a table."""
        return self.fields[number].split(self.component, 1)[0].strip().decode("latin-1")


@lru_cache(maxsize=64)
def _component(separator: bytes, encoding: bytes) -> bytes:
    return Head((b"MSH", separator, encoding), 0).delimiters_or_standard().component.encode("latin-1")


NO_HEAD = Head(_PADDING, 0)


def head_fields(payload: bytes) -> Head:
    """The first header segment. `NO_HEAD` when there is none; never raises."""
    start = 0
    if payload[:3] != b"MSH":
        start = _find(payload)
        if start < 0:
            return NO_HEAD
    line = payload[start : start + _SEARCHED_BYTES]
    line = line[: _first(line, b"\r")]
    line = line[: _first(line, b"\n")]
    separator = line[3:4]
    if not separator or separator.isalnum() or separator in _CONTROL + b" ":
        return Head((line[:3], *_PADDING[1:]), start)
    fields = line.split(separator)
    if _HAS_CONTROL.search(line):
        fields = [field.translate(None, _CONTROL) for field in fields]
    row = (fields[0], separator, *fields[1 : _FIELDS - 1])
    return Head(
        row + _PADDING[len(row) :], start, _component(separator, fields[1] if len(fields) > 1 else b"")
    )


def _find(payload: bytes) -> int:
    junk = len(payload) - len(payload.lstrip(JUNK))
    if payload[junk : junk + 3] in (b"MSH", b"BHS", b"FHS"):
        return junk
    found = _HEADER.search(payload, 0, _SEARCHED_BYTES)
    return found.end() if found else -1


def _first(line: bytes, byte: bytes) -> int:
    at = line.find(byte)
    return at if at >= 0 else len(line)
