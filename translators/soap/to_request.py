"""The content of `Summarize` and `ProcessDocument` as the gateway's one request."""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from lxml import etree

from gateway.clinical import Caution, ClinicalNote, Reading, UnreadReason
from gateway.errors import ErrorKind, GatewayError
from gateway.request import Audience, Purpose, Task
from translators.attachments import Attachments
from translators.soap.parameters import Parameters, from_base64, text_of

MOST_DOCUMENTS = 50
"""Documents and notes in one `Summarize`, as the XSD says."""

_OPTIONS = ("purpose", "audience", "language", "maxLength", "model", "operationVersion", "purposeOfUse")
_MEDIA_TYPE = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,60}(?:\s*;[^\r\n]{0,100})?", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,6}", re.ASCII)
_NUMBER = re.compile(r"0*[1-9][0-9]{0,6}", re.ASCII)
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")

_WHY_UNREAD = {
    UnreadReason.BINARY: "No text can be taken from a document of this kind",
    UnreadReason.INVALID: "The document cannot be read as the media type that it declares",
}

_Choice = TypeVar("_Choice", bound=StrEnum)


def summarize_task(element: etree._Element) -> Task:
    """The options of `Summarize`. Raises `GatewayError`."""
    parameters = Parameters(element)
    parameters.check_known(("document", "note", *_OPTIONS))
    defaults = Task()
    return Task(
        purpose=_choice(parameters, "purpose", Purpose) or defaults.purpose,
        audience=_choice(parameters, "audience", Audience) or defaults.audience,
        language=_matching(parameters, "language", _LANGUAGE) or defaults.language,
        max_length=_positive(parameters, "maxLength"),
        model=parameters.token("model"),
        operation_version=parameters.token("operationVersion") or "",
        purpose_of_use=tuple(
            text_of(child, parameters.location("purposeOfUse")).strip()
            for child in parameters.all("purposeOfUse")
        ),
    )


def summarize_reading(element: etree._Element, attachments: Attachments) -> Reading:
    """What the documents and notes of `Summarize` say. Raises `GatewayError` when that is nothing."""
    parameters = Parameters(element)
    documents, notes = parameters.all("document"), parameters.all("note")
    if not documents and not notes:
        raise GatewayError(
            ErrorKind.REQUIRED_MISSING,
            location=parameters.location("document"),
            public="A document or a note is required",
        )
    if len(documents) + len(notes) > MOST_DOCUMENTS:
        raise GatewayError(
            ErrorKind.TOO_LARGE,
            location=parameters.location("document"),
            public=f"At most {MOST_DOCUMENTS} documents and notes are taken at once",
        )
    reading = Reading()
    for number, document in enumerate(documents, 1):
        location = parameters.location(f"document[{number}]")
        reading.add(_document(document, f"document[{number}]", location, attachments), location)
    for number, note in enumerate(notes, 1):
        _add_note(reading, note, number, parameters.location(f"note[{number}]"))
    if reading.is_empty():
        raise _nothing_read(reading, parameters)
    return reading


@dataclass(frozen=True, slots=True)
class CarriedDocument:
    """The CDA document of a `ProcessDocument`, out of the wrapping it came in."""

    payload: bytes = field(repr=False)
    cautions: tuple[Caution, ...] = ()


def carried_document(element: etree._Element) -> CarriedDocument:
    """Base64 as declared; an escaped XML string or XML elements, which some senders put there, are taken
    with a caution. Raises `GatewayError`."""
    parameters = Parameters(element)
    document = parameters.one("Document")
    location = parameters.location("Document")
    if document is not None and len(document) == 1 and not (document.text or "").strip():
        payload = etree.tostring(document[0], encoding="utf-8", with_tail=False)
        return CarriedDocument(payload, (_not_base64("XML elements", location),))
    text = parameters.required_text("Document")
    if text.lstrip("\ufeff \t\r\n").startswith("<"):  # no letter of base64
        payload = _XML_DECLARATION.sub("", text.lstrip("\ufeff")).encode()
        return CarriedDocument(payload, (_not_base64("an XML string", location),))
    return CarriedDocument(from_base64(text, location))


def _not_base64(form: str, location: str) -> Caution:
    return Caution(
        code="document-not-base64",
        text=f"The document came as {form} where the interface declares base64",
        location=location,
    )


def _document(element: etree._Element, origin: str, location: str, attachments: Attachments) -> Reading:
    media_type = element.get("mediaType", "").strip()
    if not media_type:
        raise GatewayError(
            ErrorKind.REQUIRED_MISSING,
            location=f"{location}/@mediaType",
            public="The mediaType of a document is required",
        )
    if not _MEDIA_TYPE.fullmatch(media_type):
        raise GatewayError(
            ErrorKind.INVALID_VALUE,
            location=f"{location}/@mediaType",
            public="The mediaType of a document must look like text/plain",
        )
    payload = from_base64(text_of(element, location), location)
    if not payload:
        raise GatewayError(ErrorKind.REQUIRED_MISSING, location=location, public="The document is empty")
    return attachments.read(payload, media_type, origin, title=element.get("title", "").strip())


def _add_note(reading: Reading, element: etree._Element, number: int, location: str) -> None:
    text = text_of(element, location).replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    if text.strip():
        title = element.get("title", "").strip()
        reading.notes.append(ClinicalNote(text=text, title=title, origin=f"note[{number}]"))


def _nothing_read(reading: Reading, parameters: Parameters) -> GatewayError:
    first = reading.unread[0] if reading.unread else None
    if first is None:
        return GatewayError(ErrorKind.NO_CLINICAL_CONTENT, location=parameters.location("document"))
    return GatewayError(
        ErrorKind.NO_CLINICAL_CONTENT,
        first.what,
        location=parameters.location(first.origin.partition("/")[0]),
        public=_WHY_UNREAD.get(first.reason, ""),
    )


def _choice(parameters: Parameters, name: str, choices: type[_Choice]) -> _Choice | None:
    token = parameters.token(name)
    if token is None:
        return None
    try:
        return choices(token)
    except ValueError as error:
        raise GatewayError(
            ErrorKind.UNKNOWN_CODE,
            location=parameters.location(name),
            public=f"{name} must be one of {', '.join(choices)}",
        ) from error


def _matching(parameters: Parameters, name: str, pattern: re.Pattern[str]) -> str | None:
    token = parameters.token(name)
    if token is not None and not pattern.fullmatch(token):
        raise GatewayError(
            ErrorKind.INVALID_VALUE, location=parameters.location(name), public=f"{name} is not valid"
        )
    return token


def _positive(parameters: Parameters, name: str) -> int | None:
    token = parameters.token(name)
    if token is None:
        return None
    if not _NUMBER.fullmatch(token):
        raise GatewayError(
            ErrorKind.INVALID_VALUE,
            location=parameters.location(name),
            public=f"{name} must be a number between 1 and 9999999",
        )
    return int(token)
