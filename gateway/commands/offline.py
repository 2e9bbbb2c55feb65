"""A file as the gateway would read it, without a gateway: nothing is sent, nothing stored."""

import base64
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gateway.commands.inputs import Form, Input, form_of
from gateway.errors import ErrorKind, GatewayError
from gateway.interfaces import Translator
from gateway.messages import GatewayIdentity, InboundMessage, Opened, Protocol, Wish
from gateway.request import SummarizationRequest

_MEDIA = "application/cda+xml"
_SUMMARIZE = (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>'
    '<Summarize xmlns="urn:ehr-gateway:summarize:1"><document mediaType="{media}">{document}</document>'
    "</Summarize></s:Body></s:Envelope>"
)


def carried_in_soap(document: bytes) -> bytes:
    """A CDA document as a request of our own SOAP service."""
    return _SUMMARIZE.format(media=_MEDIA, document=base64.b64encode(document).decode()).encode()


def offline_translators() -> dict[Protocol, Translator]:
    from gateway.service import translators_of

    identity = GatewayIdentity("EHR-GATEWAY", "", "offline", "http://127.0.0.1:8080")
    return translators_of(identity).by_protocol()


def as_message(source: Input, listener: str = "offline") -> InboundMessage:
    """What a listener would have made of the file. Raises `UNSUPPORTED_TYPE` for an unknown form."""
    form, body, service = source.form, source.body, source.service
    if form is Form.UNKNOWN:
        raise GatewayError(
            ErrorKind.UNSUPPORTED_TYPE, public="The file is neither HL7 v2 nor FHIR JSON, SOAP or CDA"
        )
    if form is Form.CDA:
        form, body, service = Form.SOAP, carried_in_soap(body), "summarize"
    return _as_sent(form, service, body, "0" * 18, listener, _time_of(source.path))


def as_received(body: bytes, message_id: str, listener: str, received_at: datetime) -> InboundMessage:
    """What a listener made of a body that the store holds."""
    form, service = form_of(body)
    return _as_sent(form, service, body, message_id, listener, received_at)


def _as_sent(
    form: Form, service: str, body: bytes, message_id: str, listener: str, received_at: datetime
) -> InboundMessage:
    shape: dict[Form, dict[str, Any]] = {
        Form.HL7V2: {"protocol": Protocol.HL7V2},
        Form.FHIR: {
            "protocol": Protocol.FHIR,
            "method": "POST",
            "base": "/fhir/R4",
            "target": "$summarize",
            "headers": {"content-type": "application/fhir+json", "accept": "application/fhir+json"},
        },
        Form.SOAP: {
            "protocol": Protocol.SOAP,
            "method": "POST",
            "base": f"/soap/{service}",
            "headers": {"content-type": content_type(body)},
        },
    }
    return InboundMessage(
        id=message_id,
        listener=listener,
        peer="127.0.0.1",
        received_at=received_at,
        body=body,
        **shape[form],
    )


def content_type(envelope: bytes) -> str:
    """Of a SOAP envelope, by its version."""
    is_12 = b"http://www.w3.org/2003/05/soap-envelope" in envelope[:8192]
    return "application/soap+xml; charset=utf-8" if is_12 else "text/xml; charset=utf-8"


def request_of(
    message: InboundMessage, translator: Translator, partner: str
) -> tuple[Opened[Any], SummarizationRequest | None]:
    """Opened, and normalised where its wish is to be summarized. Raises `GatewayError`."""
    opened = translator.open(message)
    if opened.parts or opened.wish not in (Wish.RECORD, Wish.SUMMARIZE):
        return opened, None
    return opened, translator.to_request(message, opened, partner)


def _time_of(path: Path) -> datetime:
    """Of the file, so that the same file is read the same way twice."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).replace(microsecond=0)


def error_line(name: str, error: GatewayError) -> str:
    """An error for people at a terminal, who hold the file themselves and so may see its detail."""
    place = f" at {error.location}" if error.location else ""
    detail = f" ({error.detail})" if error.detail else ""
    return f"{name}: {error.kind.value}{place}: {error.public}{detail}"
