"""Table 0211 (MSH-18) against Python's codecs, and the decoding of a whole payload by it.

Declared: strict. Undeclared: ASCII, then UTF-8, then Windows-1252, each but the first with a caution.
A name that is not in the table is refused, never guessed at.
"""

import re

from gateway.clinical import Caution
from gateway.errors import ErrorKind, GatewayError

_NOT_CARRIED = ""
"""In the table, but its bytes cannot ride MLLP or Python has no codec for it."""

_CODECS: dict[str, str] = {
    "ASCII": "ascii",
    "8859/1": "iso8859-1",
    "8859/2": "iso8859-2",
    "8859/3": "iso8859-3",
    "8859/4": "iso8859-4",
    "8859/5": "iso8859-5",
    "8859/6": "iso8859-6",
    "8859/7": "iso8859-7",
    "8859/8": "iso8859-8",
    "8859/9": "iso8859-9",
    "8859/15": "iso8859-15",
    "ISO IR6": "ascii",
    "ISO IR13": "iso2022_jp_ext",
    "ISO IR14": "iso2022_jp_ext",
    "ISO IR87": "iso2022_jp_ext",
    "ISO IR159": "iso2022_jp_ext",
    "JAS2020": "iso2022_jp_ext",
    "JIS X 0202": "iso2022_jp_ext",
    "GB 18030-2000": "gb18030",
    "KS X 1001": "euc_kr",
    "BIG-5": "big5",
    "CNS 11643-1992": _NOT_CARRIED,
    "UNICODE": "utf-8",
    "UNICODE UTF-8": "utf-8",
    "UNICODE UTF-16": _NOT_CARRIED,
    "UNICODE UTF-32": _NOT_CARRIED,
    # Outside the table, but each names one character set and nothing else.
    "UTF-8": "utf-8",
    "UTF8": "utf-8",
    "US-ASCII": "ascii",
    "ISO-8859-1": "iso8859-1",
    "ISO8859-1": "iso8859-1",
    "WINDOWS-1252": "cp1252",
}

_C1 = re.compile("[\x80-\x9f]")
# FF, VT and other controls are no text; LF, CR, TAB and ESC (ISO 2022) are. One byte for one, so that
# words stay apart.
_CONTROLS = bytes(b for b in range(32) if b not in b"\t\n\r\x1b")
_CONTROLS_TO_SPACE = bytes(0x20 if b in _CONTROLS else b for b in range(256))


def codec_of(declared: bytes, repetition: bytes = b"~") -> str | None:
    """The codec for an MSH-18 as sent, None when it is empty. Raises `GatewayError` at MSH-18."""
    names = [each.strip().decode("latin-1") for each in declared.split(repetition or b"~")]
    codecs = [_codec(name) for name in names if name]
    if not codecs:
        return None
    # The default may stay empty or be ASCII while a later repetition says what escape sequences switch to.
    japanese = [codec for codec in codecs if codec == "iso2022_jp_ext"]
    return japanese[0] if japanese and codecs[0] in ("ascii", "iso2022_jp_ext") else codecs[0]


def _codec(name: str) -> str:
    codec = _CODECS.get(name.upper())
    if not codec:
        raise GatewayError(ErrorKind.UNSUPPORTED_ENCODING, f"MSH-18 is {name!r}", location="MSH-18")
    return codec


def decode(payload: bytes, declared: bytes, repetition: bytes = b"~") -> tuple[str, str, list[Caution]]:
    """Text, the codec that was used, and what a reader should know of it. Raises `GatewayError`."""
    codec = codec_of(declared, repetition)
    if len(payload.translate(None, _CONTROLS)) < len(payload):  # a tenth of the time of a regex
        payload = payload.translate(_CONTROLS_TO_SPACE)
    if codec is None:
        return _undeclared(payload)
    try:
        text = payload.decode(codec)
    except UnicodeDecodeError as error:
        raise GatewayError(ErrorKind.UNSUPPORTED_ENCODING, str(error), location="MSH-18") from error
    if codec == "iso8859-1" and _C1.search(text):
        # No character of 8859/1 has these bytes: they are Windows-1252, or a mistake.
        return _cp1252(payload, "MSH-18 names 8859/1, but the bytes are of Windows-1252")
    return text, codec, []


def _undeclared(payload: bytes) -> tuple[str, str, list[Caution]]:
    if payload.isascii():
        return payload.decode("ascii"), "ascii", []
    try:
        text = payload.decode("utf-8")
    except UnicodeDecodeError:
        return _cp1252(payload, "MSH-18 is empty and the bytes are not UTF-8: read as Windows-1252")
    return text, "utf-8", [_assumed("MSH-18 is empty: read as UTF-8")]


def _cp1252(payload: bytes, why: str) -> tuple[str, str, list[Caution]]:
    try:
        return payload.decode("cp1252"), "cp1252", [_assumed(why)]
    except UnicodeDecodeError as error:
        raise GatewayError(ErrorKind.UNSUPPORTED_ENCODING, str(error), location="MSH-18") from error


def _assumed(text: str) -> Caution:
    return Caution(code="charset-assumed", text=text, location="MSH-18")
