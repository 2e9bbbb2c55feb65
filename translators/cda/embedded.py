"""Documents carried inside a CDA document (ED with base64 content): nonXMLBody, notes, media, report values.

References to other files are never followed.
"""

import base64
import binascii
import zlib

from gateway.clinical import Reading, Unread, UnreadReason
from gateway.errors import ErrorKind, GatewayError
from translators.attachments import Attachments
from translators.cda.tags import REFERENCE, Element, child

_MOST_INFLATED_BYTES = 16 * 1024 * 1024
_ATTACHMENTS = Attachments({})  # a document inside a document inside a document is not read

# ED.compression, CDA R2 data types 2.1.5: which wrapping each name means to zlib.
_WINDOW_BITS = {"DF": -zlib.MAX_WBITS, "ZL": zlib.MAX_WBITS, "GZ": 16 + zlib.MAX_WBITS}


def holds_content(element: Element) -> bool:
    """It carries a document of its own, in base64, rather than words or a reference into the narrative."""
    return element.get("representation") == "B64" and bool((element.text or "").strip())


def read_embedded(
    element: Element, origin: str, *, title: str = "", section: str = "", time: str = ""
) -> Reading:
    """Text, HTML and RTF as a note; what has no text to take, or cannot be decoded, as unread. Never raises.

    The media type is the declared one. Plain words without one are text/plain, ED's default; base64
    without one is not read, because its default is never what was meant.
    """
    reading = Reading()
    if not (element.text or "").strip() and len(element) == 0:
        reading.unread.append(
            Unread(origin=origin, reason=UnreadReason.NO_INFORMATION, what="empty document")
        )
        return reading
    media_type = (element.get("mediaType") or "").strip()
    if child(element, REFERENCE) is not None and not (element.text or "").strip():
        what = f"reference to a file outside the document, {media_type or 'type undeclared'}"
        reading.unread.append(Unread(origin=origin, reason=UnreadReason.EXTERNAL, what=what))
        return reading
    try:
        payload = _payload(element)
    except GatewayError as error:
        what = f"{media_type or 'document'}: {error.public}"
        reading.unread.append(Unread(origin=origin, reason=UnreadReason.INVALID, what=what))
        return reading
    if element.get("representation") == "B64":
        charset = element.get("charset")
        declared = f"{media_type}; charset={charset}" if charset else media_type
    else:
        declared = f"{media_type or 'text/plain'}; charset=utf-8"
    return _ATTACHMENTS.read(payload, declared, origin, title=title, section=section, time=time)


def _payload(element: Element) -> bytes:
    if element.get("representation") != "B64":
        return "".join(str(text) for text in element.itertext()).encode()
    try:
        content = base64.b64decode("".join((element.text or "").split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise GatewayError(ErrorKind.UNSUPPORTED_ENCODING, public="its base64 is damaged") from error
    compression = element.get("compression")
    return _inflate(content, compression.upper()) if compression else content


def _inflate(content: bytes, compression: str) -> bytes:
    if compression not in _WINDOW_BITS:
        raise GatewayError(ErrorKind.UNSUPPORTED_ENCODING, public="its compression is not supported")
    inflater = zlib.decompressobj(_window_bits(content, compression))
    try:
        inflated = inflater.decompress(content, _MOST_INFLATED_BYTES)
    except zlib.error as error:
        raise GatewayError(ErrorKind.UNSUPPORTED_ENCODING, public="its compression is damaged") from error
    if inflater.unconsumed_tail:
        raise GatewayError(ErrorKind.TOO_LARGE, public="it is too large when decompressed")
    if not inflater.eof:
        raise GatewayError(ErrorKind.UNSUPPORTED_ENCODING, public="its compressed content is cut off")
    return inflated


def _window_bits(content: bytes, compression: str) -> int:
    # Senders say DF (RFC 1951) and send what every zlib binding makes by default (RFC 1950).
    wrapped = len(content) > 1 and content[0] == 0x78 and (content[0] << 8 | content[1]) % 31 == 0
    return zlib.MAX_WBITS if compression == "DF" and wrapped else _WINDOW_BITS[compression]
