"""Files of messages: what each holds, told by its content and never by its name."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

SKIPPED_SUFFIXES = frozenset({".expected", ".md", ".yaml"})

SOAP_NAMESPACES = (b"http://schemas.xmlsoap.org/soap/envelope/", b"http://www.w3.org/2003/05/soap-envelope")
_SERVICES = {
    b"urn:cdc:iisb:2011": "iis",
    b"urn:epic-com:Common.2013.Services": "notereader",
    b"urn:ehr-gateway:summarize:1": "summarize",
}
_SEGMENT_ENDS = re.compile(rb"\r\n|\n")
_BATCH_SEGMENT = re.compile(rb"(?m)^(?:FHS|BHS)")
_MESSAGE_START = re.compile(rb"(?:^|(?<=\r))(?=MSH[^A-Za-z0-9\s])")


class Form(StrEnum):
    HL7V2 = "hl7v2"
    FHIR = "fhir"
    SOAP = "soap"
    CDA = "cda"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Input:
    """One message of a file."""

    path: Path
    form: Form
    body: bytes
    service: str = ""
    """The SOAP service that its body element names."""
    number: int = 0
    """Of the message in its file, from 1, where the file has several."""

    @property
    def name(self) -> str:
        return f"{self.path}#{self.number}" if self.number else str(self.path)

    @property
    def expected_path(self) -> Path:
        return self.path.with_suffix(".expected")


def inputs(paths: Iterable[Path]) -> Iterator[Input]:
    """Every message of every file, folders walked in the order of names. Raises `OSError`."""
    for path in paths:
        if path.is_dir():
            yield from inputs(each for each in sorted(path.iterdir()) if not each.name.startswith("."))
        elif path.suffix not in SKIPPED_SUFFIXES:
            yield from read_inputs(path, path.read_bytes())


def read_inputs(path: Path, content: bytes) -> list[Input]:
    form, service = form_of(content)
    if form is not Form.HL7V2:
        return [Input(path, form, content, service)]
    payloads = _payloads(content)
    if len(payloads) == 1:
        return [Input(path, form, payloads[0])]
    return [Input(path, form, payload, number=number) for number, payload in enumerate(payloads, 1)]


def form_of(content: bytes) -> tuple[Form, str]:
    """(form, SOAP service). The envelope of SOAP is looked for before anything that it may carry."""
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n\x0b")
    if start[:3] in (b"MSH", b"FHS", b"BHS"):
        return Form.HL7V2, ""
    if start[:1] == b"{":
        return (Form.FHIR, "") if b'"resourceType"' in start else (Form.UNKNOWN, "")
    if start[:1] == b"<":
        head = start[:8192]
        if any(namespace in head for namespace in SOAP_NAMESPACES):
            return Form.SOAP, next((name for uri, name in _SERVICES.items() if uri in start), "summarize")
        if b"ClinicalDocument" in head:
            return Form.CDA, ""
    return Form.UNKNOWN, ""


def _payloads(content: bytes) -> list[bytes]:
    """The messages of a file, segments ended by CR as on the wire; a batch is one payload."""
    content = content.removeprefix(b"\xef\xbb\xbf").replace(b"\x0b", b"").replace(b"\x1c", b"")
    content = _SEGMENT_ENDS.sub(b"\r", content).strip(b"\r ") + b"\r"
    if _BATCH_SEGMENT.match(content):
        return [content]
    starts = [match.start() for match in _MESSAGE_START.finditer(content)]
    ends = [*starts[1:], len(content)]
    return [content[start:end].strip(b"\r ") + b"\r" for start, end in zip(starts, ends, strict=True)]
