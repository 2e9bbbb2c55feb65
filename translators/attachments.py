"""Text and facts out of a document that a message carries, by the media type that was declared.

Plain text, HTML and RTF become a note; CDA and ER7 go to their own reader; anything else is listed as
unread. A type is never guessed from the bytes: where they contradict it, the document is not read.
"""

import re
from collections.abc import Mapping

from lxml import etree, html
from striprtf.striprtf import rtf_to_text

from gateway.clinical import ClinicalNote, FactStatus, Reading, Unread, UnreadReason
from gateway.errors import ErrorKind, GatewayError
from gateway.interfaces import PayloadReader

CDA = "application/cda+xml"
ER7 = "x-application/hl7-v2+er7"

_SAME_AS = {
    "application/hl7-v2+er7": ER7,
    "application/hl7-v2": ER7,
    "application/edi-hl7": ER7,
    "text/hl7v2": ER7,
    "application/hl7-sda+xml": "application/xml",
    "text/xml": "application/xml",
    "application/hl7-cda+xml": CDA,
    "text/x-hl7-text+xml": CDA,
    "application/rtf": "text/rtf",
    "text/richtext": "text/rtf",
    "application/xhtml+xml": "text/html",
    "application/xhtml": "text/html",
    "text/markdown": "text/plain",
    "text": "text/plain",
}

_MAGIC = {
    b"%PDF": "PDF document",
    b"\x89PNG": "PNG image",
    b"\xff\xd8\xff": "JPEG image",
    b"II*\x00": "TIFF image",
    b"MM\x00*": "TIFF image",
    b"PK\x03\x04": "ZIP archive or office document",
    b"\xd0\xcf\x11\xe0": "office document",
    b"GIF8": "GIF image",
    b"DICM": "DICOM object",
}


class Attachments:
    """Reads carried documents. `readers` holds the reader of each structured media type (`CDA`, `ER7`)."""

    def __init__(self, readers: Mapping[str, PayloadReader]) -> None:
        self._readers = readers

    def reader(self, media_type: str) -> PayloadReader:
        """The reader of a structured media type, for a protocol that carries no other. Raises `KeyError`."""
        return self._readers[media_type]

    def read(
        self,
        payload: bytes,
        media_type: str,
        origin: str,
        *,
        title: str = "",
        section: str = "",
        status: FactStatus = FactStatus.UNKNOWN,
        time: str = "",
    ) -> Reading:
        """What the document says. Never raises: a document that cannot be read is listed in `unread`."""
        declared, _, parameters = media_type.partition(";")
        declared = _SAME_AS.get(declared.strip().lower(), declared.strip().lower())
        if declared == "application/xml" and b"ClinicalDocument" in payload[:4096]:
            declared = CDA
        reading = Reading()
        try:
            if declared in self._readers:
                return self._readers[declared](payload, origin)
            text = _text(payload, declared, parameters)
        except GatewayError as error:
            what = f"{declared or 'document'}, {_size(payload)}: {error.public}"
            reading.unread.append(Unread(origin=origin, reason=UnreadReason.INVALID, what=what))
            return reading
        if text is None:
            what = f"{_binary_name(payload) or declared or 'document of undeclared type'}, {_size(payload)}"
            reading.unread.append(Unread(origin=origin, reason=UnreadReason.BINARY, what=what))
        elif text.strip():
            reading.notes.append(
                ClinicalNote(text=text, title=title, section=section, status=status, time=time, origin=origin)
            )
        return reading


def _mark_deleted(element: etree._Element) -> None:
    """What is struck out is taken back: read as if it stood, it would say the opposite."""
    if not "".join(str(text) for text in element.itertext()).strip():
        return
    element.text = "[deleted: " + (element.text or "")
    last = element[-1] if len(element) else None
    if last is None:
        element.text += "]"
    else:
        last.tail = (last.tail or "") + "]"


def html_to_text(markup: str) -> str:
    """The text of HTML, one line a block or table row, cells kept apart by ` | `. Scripts and styles go."""
    try:
        markup = _XML_DECLARATION.sub("", markup)  # lxml takes none in a string
        root = html.document_fromstring(markup, parser=html.HTMLParser(no_network=True, remove_comments=True))
    except (etree.ParserError, ValueError):  # nothing but white space or comments
        return ""
    for element in root.iter("script", "style", "head"):
        element.clear()
    for element in root.iter():
        # Line breaks of the markup are no line breaks of the text, but in <pre>.
        folded = _CONTROLS if element.tag == "pre" else _WHITE_SPACE
        element.text = folded.sub(" ", element.text) if element.text else None
        element.tail = _WHITE_SPACE.sub(" ", element.tail) if element.tail else None
        if element.tag in ("td", "th") and element.getprevious() is not None:
            element.text = " | " + (element.text or "")
        elif element.tag in _BLOCKS:
            element.text = "\n" + (element.text or "")
            element.tail = "\n" + (element.tail or "")
    for element in root.iter("del", "s", "strike"):
        _mark_deleted(element)
    lines = (" ".join(line.split()) for line in "".join(str(text) for text in root.itertext()).split("\n"))
    return "\n".join(line for line in lines if line)


_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_WHITE_SPACE = re.compile(r"[\s\x00-\x1f\ufffe\uffff]+")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]+")
_BLOCKS = frozenset(
    "p div br tr li table ul ol dl dt dd pre blockquote section h1 h2 h3 h4 h5 h6 caption article header"
    " footer hr title".split()
)


_RTF_TOKEN = re.compile(r"\\([a-z]+)(-?\d+)? ?|\\[^a-z]|[{}]|[^\\{}]+")
_STRIKING = frozenset({"deleted", "strike", "striked"})


def _deletions_marked(rtf: str) -> str:
    """`[deleted: ...]` around what is struck out or deleted, which the text alone would not show."""
    made: list[str] = []
    outer: list[bool] = []
    is_struck = is_marked = False
    for token in _RTF_TOKEN.finditer(rtf):
        written, (word, number) = token.group(), token.groups()
        if written == "{":
            outer.append(is_struck)
        elif written == "}":
            is_struck = outer.pop() if outer else False
        elif word in _STRIKING:
            is_struck = number != "0"
        elif word == "plain":
            is_struck = False
        if is_struck and not is_marked and word is None and written not in "{}" and written.strip():
            made.append("[deleted: ")
            is_marked = True
        elif is_marked and not is_struck:
            made.append("]")
            is_marked = False
        made.append(written)
    return "".join(made) + ("]" if is_marked else "")


def rtf_to_plain(payload: bytes) -> str:
    """The text of an RTF document."""
    try:
        rtf = payload.decode("ascii", "replace")
        if b"\\strike" in payload or b"\\deleted" in payload:
            rtf = _deletions_marked(rtf)
        text: str = rtf_to_text(rtf, errors="ignore")
        return text.replace("\r\n", "\n").strip()
    except (UnicodeError, ValueError, IndexError, LookupError, RecursionError) as error:
        raise GatewayError(ErrorKind.MALFORMED, f"RTF: {error!r}") from error


def _text(payload: bytes, media_type: str, parameters: str) -> str | None:
    """None when this type has no text to extract. Raises `GatewayError` when the bytes are not of it."""
    if media_type not in ("text/plain", "text/html", "text/rtf"):
        return None
    if _binary_name(payload):
        raise GatewayError(ErrorKind.UNSUPPORTED_ENCODING, public="the bytes are not of the declared type")
    if media_type == "text/rtf":
        return rtf_to_plain(payload)
    if media_type == "text/html" and "charset" not in parameters.lower():
        declared = _META_CHARSET.search(payload, 0, 1024)
        parameters = f"charset={declared[1].decode()}" if declared else ""
    text = _decode(payload, parameters)
    return html_to_text(text) if media_type == "text/html" else text.replace("\r\n", "\n").replace("\r", "\n")


# HTML declares its character set inside itself, where the one who carries it does not (HTML 4.01, 5.2.2).
_META_CHARSET = re.compile(rb"""<meta\s[^>]*charset=["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)


def _decode(payload: bytes, parameters: str) -> str:
    charset = "utf-8-sig"
    for parameter in parameters.split(";"):
        name, _, given = parameter.partition("=")
        if name.strip().lower() == "charset":
            charset = given.strip(" \"'")
    try:
        return payload.decode(charset)
    except (UnicodeDecodeError, LookupError) as error:
        raise GatewayError(ErrorKind.UNSUPPORTED_ENCODING, str(error)) from error


def _binary_name(payload: bytes) -> str:
    return next((name for magic, name in _MAGIC.items() if payload.startswith(magic)), "")


def _size(payload: bytes) -> str:
    return f"{len(payload)} bytes" if len(payload) < 10_000 else f"{len(payload) // 1024} KB"
