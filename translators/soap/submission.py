"""The HL7 v2 message inside `submitSingleMessage`: freed of what XML and its senders did to it, and opened.

What it says is the HL7 v2 translator's to read, and its answer the HL7 v2 translator's to give.
"""

import html
import re
from dataclasses import dataclass, field, replace
from typing import Any

from lxml import etree

from gateway.clinical import Caution
from gateway.errors import ErrorKind, GatewayError
from gateway.interfaces import Translator
from gateway.messages import Claims, InboundMessage, Opened, Wish
from translators.soap.parameters import Parameters

UTF_8 = "UNICODE UTF-8"  # table 0211
_AS_UTF_8 = frozenset({"", "ASCII", UTF_8})

# Senders escape twice: the reader of the XML then sees `&#xD;` in letters.
_ESCAPED_BREAK = re.compile(r"&#(?:[xX]0*[dD]|0*13);(?:&#(?:[xX]0*[aA]|0*10);)?\s*|&#(?:[xX]0*[aA]|0*10);\s*")
_LINE_BREAK = re.compile(r"\r\n?|\n")
_MESSAGE_START = re.compile(r"(?:^|\r)MSH(?=[^\w\s])")


@dataclass(frozen=True, slots=True)
class Submission:
    """One submitted HL7 v2 message, and what its own translator made of its head."""

    message: InboundMessage
    opened: Opened[Any] | None
    error: GatewayError | None = None
    """Why it could not be opened; told only once the sender is known."""
    cautions: tuple[Caution, ...] = ()

    @property
    def wish(self) -> Wish:
        """What cannot be opened is an event too: it is answered once the sender is known."""
        if self.opened is None or self.opened.wish is Wish.NOTHING:
            return Wish.RECORD
        return self.opened.wish

    def take(self) -> Opened[Any]:
        """Raises the `GatewayError` that kept the message from being opened."""
        if self.error is not None or self.opened is None:
            raise self.error or GatewayError(ErrorKind.INTERNAL)
        return self.opened


@dataclass(frozen=True, slots=True)
class SubmittedText:
    er7: bytes = field(repr=False)
    """UTF-8, as its MSH-18 then says; segments ended by CR."""
    cautions: tuple[Caution, ...] = ()


def credentials(element: etree._Element) -> Claims | None:
    """The claims in the body of `submitSingleMessage`; None when it names no user."""
    parameters = Parameters(element)
    username = parameters.token("username")
    password = parameters.text("password")
    return Claims(username=username, password=password, login="iis-credentials") if username else None


def open_submission(
    message: InboundMessage, element: etree._Element, hl7v2: Translator, max_hl7_bytes: int
) -> Submission:
    """Raises `GatewayError` for what CDC IIS has faults for; the message's own errors are kept for later."""
    text = submitted_text(element, max_hl7_bytes)
    carried = replace(message, body=text.er7)
    try:
        opened = hl7v2.open(carried)
    except GatewayError as error:
        return Submission(carried, None, error, text.cautions)
    if opened.wish is not Wish.NOTHING:
        return Submission(carried, opened, None, text.cautions)
    never_answered = GatewayError(
        ErrorKind.UNSUPPORTED_TYPE,
        location=Parameters(element).location("hl7Message"),
        public="An acknowledgment cannot be submitted: it is never answered",
    )
    return Submission(carried, opened, never_answered, text.cautions)


def submitted_text(element: etree._Element, max_hl7_bytes: int) -> SubmittedText:
    """Raises `GatewayError`; `TOO_LARGE` also for more than one message, as the CDC rules have it."""
    parameters = Parameters(element)
    location = parameters.location("hl7Message")
    text, cautions = _unescaped(parameters.required_text("hl7Message").strip(), location)
    text = _LINE_BREAK.sub("\r", _ESCAPED_BREAK.sub("\r", text)).rstrip("\r") + "\r"
    if text.startswith(("FHS", "BHS")) or len(_MESSAGE_START.findall(text)) > 1:
        raise GatewayError(
            ErrorKind.TOO_LARGE,
            location=location,
            public="More than one HL7 message was submitted; submit one and only one",
        )
    er7 = _said_to_be_utf8(text).encode()
    if len(er7) > max_hl7_bytes:
        raise GatewayError(
            ErrorKind.TOO_LARGE,
            location=location,
            public=f"The HL7 message is larger than {max_hl7_bytes} bytes",
        )
    return SubmittedText(er7, cautions)


def _unescaped(text: str, location: str) -> tuple[str, tuple[Caution, ...]]:
    """A message whose MSH-2 reads `^~\\&amp;` was escaped twice as a whole."""
    if "&amp;" not in text[4:14] or not text.startswith("MSH"):
        return text, ()
    caution = Caution(
        code="escaped-twice",
        text="The message was escaped twice for XML and was read once more",
        location=location,
    )
    return html.unescape(text), (caution,)


def _said_to_be_utf8(text: str) -> str:
    """The text with an MSH-18 that is true of the UTF-8 it is handed on in.

    Whatever the sender's MSH-18 said of its own bytes, XML carried the characters themselves.
    """
    head, _, rest = text.partition("\r")
    separator = head[3:4]
    fields = head.split(separator) if head.startswith("MSH") and separator else []
    declared = fields[17].strip() if len(fields) > 17 else ""  # fields[0] is MSH, and MSH-1 the separator
    if not fields or (declared in _AS_UTF_8 and (text.isascii() or declared == UTF_8)):
        return text
    fields += [""] * (18 - len(fields))
    fields[17] = UTF_8
    return f"{separator.join(fields)}\r{rest}"
