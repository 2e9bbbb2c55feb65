"""Documents inside OBX-5: ED (decoded and read by its declared type) and RP (a pointer, never followed)."""

import binascii
from email import message_from_bytes

from gateway.clinical import FactStatus, UnreadReason
from gateway.errors import ErrorKind, GatewayError
from translators.hl7v2.context import Context
from translators.hl7v2.er7 import Segment, Syntax

_MAJOR = {  # ED-2, table 0191, and the MIME types that feeds write there
    "TEXT": "text",
    "TX": "text",
    "FT": "text",
    "APPLICATION": "application",
    "AP": "application",
    "AUDIO": "audio",
    "AU": "audio",
    "IMAGE": "image",
    "IM": "image",
    "SI": "image",
    "VIDEO": "video",
    "MULTIPART": "multipart",
}
_DOCUMENT_SUBTYPES = {  # ED-3, table 0291, whatever ED-2 calls them (`^Image^PDF`)
    "PDF": "application/pdf",
    "HTML": "text/html",
    "RTF": "text/rtf",
    "XML": "application/xml",
    "PLAIN": "text/plain",
    "TXT": "text/plain",
    "TEXT": "text/plain",
    "X-HL7-CDA-LEVEL-ONE": "multipart/x-hl7-cda-level-one",
    "CDA": "application/cda+xml",
}


def read_encapsulated(
    context: Context,
    segment: Segment,
    kind: str,
    *,
    title: str,
    section: str,
    status: FactStatus,
    time: str,
) -> None:
    """Every repetition of an ED or RP value; the comments of the row become notes."""
    for raw in context.syntax.repetitions(segment.row[5]):
        if kind == "RP":
            parts = [context.syntax.text(part) for part in context.syntax.components(raw, 4)]
            what = " ".join(["pointer to", _media_type(parts[2], parts[3]) or "a document", title]).strip()
            context.unread(segment, UnreadReason.EXTERNAL, what, 5)
            continue
        parts = context.syntax.components(raw, 5)
        media_type = _media_type(context.syntax.text(parts[1]), context.syntax.text(parts[2]))
        try:
            encoding = context.syntax.text(parts[3]).upper()
            payload = _decoded(context.syntax, encoding, context.syntax.component.join(parts[4:]))
            if encoding == "A":  # its bytes are ours: a character set declared for it no longer holds
                media_type = media_type.partition(";")[0]
            payload, media_type = _from_multipart(payload, media_type)
            media_type = _with_charset(context, segment, payload, media_type)
        except GatewayError as error:
            context.unread(segment, UnreadReason.INVALID, f"{media_type or 'document'}: {error.public}", 5)
            continue
        if not payload:
            context.unread(segment, UnreadReason.NO_INFORMATION, f"OBX without a value: {title}", 5)
            continue
        carried = context.attachments.read(
            payload,
            media_type,
            context.origin(segment, 5),
            title=title,
            section=section,
            status=status,
            time=time,
        )
        context.absorb(carried, segment, 5)
    if not segment.row[5]:
        context.unread(segment, UnreadReason.NO_INFORMATION, f"OBX without a value: {title}", 5)


def _media_type(major: str, subtype: str) -> str:
    """`TEXT`, `html` as `text/html`. Empty when nothing is declared."""
    if "/" in subtype:
        return subtype.replace("charset=UTF8", "charset=UTF-8")
    known = _DOCUMENT_SUBTYPES.get(subtype.upper())
    if known:
        return known
    family = _MAJOR.get(major.upper(), "")
    if not subtype:
        return "text/plain" if family == "text" else ""
    return f"{family or 'application'}/{subtype.lower()}"


def _decoded(syntax: Syntax, declared: str, data: str) -> bytes:
    """ED-5 by its ED-4 (table 0299). What is not declared is not guessed at."""
    if declared == "A":
        return syntax.lines(data).encode()
    if declared not in ("BASE64", "HEX"):
        raise GatewayError(ErrorKind.UNSUPPORTED_ENCODING, public="the encoding (OBX-5.4) is not declared")
    if syntax.escape in data:  # `\.br\` between lines of Base64
        data = syntax.unescape(data)
    try:
        if declared == "HEX":
            return bytes.fromhex(data)
        return binascii.a2b_base64("".join(data.split()) if _has_space(data) else data, strict_mode=True)
    except (binascii.Error, ValueError) as error:
        raise GatewayError(
            ErrorKind.UNSUPPORTED_ENCODING, str(error), public=f"the content is not {declared.title()}"
        ) from error


def _with_charset(context: Context, segment: Segment, payload: bytes, media_type: str) -> str:
    """As for the message itself: what names no character set is UTF-8, else that of the message or
    Windows-1252, with a caution."""
    if not media_type.startswith("text/") or media_type.startswith("text/rtf"):
        return media_type
    if "charset" in media_type or b"charset" in payload[:1024].lower():
        return media_type
    try:
        payload.decode("utf-8")
    except UnicodeDecodeError:
        own = context.syntax.codec
        codec = own if own not in ("ascii", "utf-8") else "cp1252"
        context.caution("charset-assumed", f"a document was read as {codec}", context.origin(segment, 5))
        return f"{media_type}; charset={codec}"
    return media_type


def _has_space(data: str) -> bool:
    return " " in data or "\n" in data or "\t" in data


def _from_multipart(payload: bytes, media_type: str) -> tuple[bytes, str]:
    """The CDA inside an MDM of C-CDA's own packaging: multipart/x-hl7-cda-level-one, RFC 2045."""
    if not media_type.startswith("multipart/"):
        return payload, media_type
    if not payload.lstrip()[:13].lower().startswith((b"mime-version:", b"content-type:")):
        payload = b"Content-Type: multipart/related\n\n" + payload
    for part in message_from_bytes(payload).walk():
        if part.is_multipart():
            continue
        content = part.get_payload(decode=True)
        if isinstance(content, bytes) and b"ClinicalDocument" in content[:4096]:
            return content, "application/cda+xml"
    return payload, media_type
