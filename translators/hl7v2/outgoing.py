"""What every message of ours has: its header, its delimiters, its character set and safe text."""

from datetime import datetime

from gateway.errors import GatewayError
from gateway.messages import GatewayIdentity
from translators.hl7v2.charsets import codec_of
from translators.hl7v2.delimiters import ABSENT
from translators.hl7v2.escapes import escaper
from translators.hl7v2.head import Head
from translators.hl7v2.versions import answered_as, is_at_least

_ASCII_FOR = str.maketrans(
    {
        "µ": "u", "μ": "u", "°": "deg ", "±": "+/-", "≥": ">=", "≤": "<=", "×": "x", "·": "-", "•": "-",
        "–": "-", "—": "-", "…": "...", "‘": "'", "’": "'", "“": '"', "”": '"', "\u00a0": " ",
    }
)  # fmt: skip
"""For partners whose character set lacks them; anything else that it lacks becomes `?`, visibly."""


def encoded(text: str, codec: str) -> bytes:
    try:
        return text.encode(codec)
    except UnicodeEncodeError:
        return text.translate(_ASCII_FOR).encode(codec, "replace")


def timestamp(now: datetime) -> str:
    return f"{now:%Y%m%d%H%M%S}+0000"


class Answering:
    """The form of a reply to one message: its sender's delimiters, version and character set."""

    __slots__ = ("charset", "codec", "component", "escape", "head", "identity", "separator", "version")

    def __init__(self, head: Head, identity: GatewayIdentity, text: str = "") -> None:
        """`text` is what the reply will hold beside what it echoes; it decides on the character set."""
        self.head = head
        self.identity = identity
        self.separator = head.separator if head.separator and head.fields[2] else b"|"
        delimiters = head.delimiters_or_standard()
        self.component = b"" if delimiters.component == ABSENT else delimiters.component.encode("latin-1")
        self.escape = escaper(delimiters)
        self.version = answered_as(head.code(12) if head.name == b"MSH" else "")
        self.codec, self.charset = self._character_set(text)

    def _character_set(self, text: str) -> tuple[str, bytes]:
        """The sender's own where it is known. Else ASCII, or UTF-8 by name where ASCII is not enough."""
        declared = self.head.fields[18] if self.head.name == b"MSH" else b""
        names_it = is_at_least(self.version, "2.3")
        try:
            codec = codec_of(declared, self.head.delimiters_or_standard().repetition.encode("latin-1"))
        except GatewayError:
            codec = None
        if codec is not None and names_it:
            return codec, declared
        if names_it and not (text.isascii() and all(map(bytes.isascii, self.head.fields[3:7]))):
            return "utf-8", b"UNICODE UTF-8"
        return "ascii", b""

    def text(self, value: str) -> bytes:
        """Any text as the content of a field."""
        return encoded(self.escape(value), self.codec)

    def segment(self, *fields: bytes) -> bytes:
        return self.separator.join(fields).rstrip(self.separator) + b"\r"

    def coded(self, *components: str) -> bytes:
        return (self.component or b" ").join([self.text(each) for each in components])

    def header(self, message_type: bytes, control_id: str, now: datetime) -> bytes:
        """MSH: the sender's MSH-5 and MSH-6 are what it calls us, so they are who we are."""
        sent = self.head.fields
        version = sent[12] if self.head.code(12) == self.version else self.version.encode()
        fields = [
            b"MSH",
            sent[2] if self.separator == self.head.separator else b"^~\\&",
            self._echo(sent[5]) or self.text(self.identity.name),
            self._echo(sent[6]) or self.text(self.identity.facility),
            self._echo(sent[3]),
            self._echo(sent[4]),
            timestamp(now).encode(),
            b"",
            message_type,
            control_id.encode(),
            sent[11] or b"P",
            version,
        ]
        if is_at_least(self.version, "2.2"):
            fields += [b"", b"", b"NE", b"NE"]
        if self.charset:
            fields += [b"", self.charset]
        return self.segment(*fields)

    def _echo(self, raw: bytes) -> bytes:
        """A field as sent, unless its bytes are not of the character set that MSH-18 names."""
        if raw.isascii():
            return raw
        try:
            raw.decode(self.codec)
        except UnicodeDecodeError:
            return raw.decode("ascii", "replace").replace("\ufffd", "?").encode("ascii")
        return raw
