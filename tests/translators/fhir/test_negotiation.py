"""Formats asked for and formats sent (the matrix of FHIR R4 3.1.0.1.10-12)."""

import pytest

from gateway.errors import ErrorKind, GatewayError
from gateway.messages import InboundMessage
from tests.translators.fhir.exchange import call
from translators.fhir.negotiation import check_content_type, reply_format

FHIR_JSON = "application/fhir+json; fhirVersion=4.0; charset=utf-8"
JSON = "application/json; charset=utf-8"
REFUSED = None

ACCEPT = {
    "": FHIR_JSON,
    "*/*": FHIR_JSON,
    "application/*": FHIR_JSON,
    "application/fhir+json": FHIR_JSON,
    "application/fhir+json;fhirVersion=4.0": FHIR_JSON,
    "application/fhir+json; fhirVersion=4.0.1": FHIR_JSON,
    "Application/FHIR+JSON": FHIR_JSON,
    "application/json+fhir": FHIR_JSON,
    "application/json": JSON,
    "text/json": JSON,
    "application/json;q=0.5, application/fhir+json": FHIR_JSON,
    "application/json, application/fhir+json;q=0.5": JSON,
    "application/fhir+xml, application/fhir+json;q=0.1": FHIR_JSON,
    "text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8": FHIR_JSON,
    "application/fhir+json;fhirVersion=5.0, application/fhir+json;fhirVersion=4.0;q=0.2": FHIR_JSON,
    "application/fhir+json;fhirVersion=5.0": REFUSED,
    "application/fhir+json;fhirVersion=4.3": REFUSED,
    "application/fhir+xml": REFUSED,
    "application/xml": REFUSED,
    "text/turtle": REFUSED,
    "text/html": REFUSED,
    "application/fhir+json;q=0": REFUSED,
    "application/fhir+json;q=0, */*": REFUSED,
    "application/fhir+json;q=rubbish": REFUSED,
    ";;;,,": REFUSED,
}


@pytest.mark.parametrize("accept", ACCEPT)
def test_the_answer_is_in_a_format_that_is_accepted(accept: str) -> None:
    assert _format(call(headers={"accept": accept})) == ACCEPT[accept]


FORMAT = {
    "json": FHIR_JSON,
    "application/json": JSON,
    "application/fhir+json": FHIR_JSON,
    "application/fhir json": FHIR_JSON,  # a plus sign that was not percent-encoded
    "text/json": JSON,
    "xml": REFUSED,
    "application/fhir+xml": REFUSED,
    "ttl": REFUSED,
    "pdf": REFUSED,
    "application/fhir+json;fhirVersion=5.0": REFUSED,
}


@pytest.mark.parametrize("wanted", FORMAT)
def test_the_format_parameter_counts_more_than_accept(wanted: str) -> None:
    for accept in ("application/fhir+xml", "application/fhir+json", ""):
        assert _format(call(query=[("_format", wanted)], headers={"accept": accept})) == FORMAT[wanted]


def _format(message: InboundMessage) -> str | None:
    try:
        return reply_format(message).content_type
    except GatewayError as error:
        assert error.kind is ErrorKind.NOT_ACCEPTABLE
        return REFUSED


CONTENT_TYPE = {
    "application/fhir+json": True,
    "application/fhir+json; charset=UTF-8": True,
    "application/fhir+json;fhirVersion=4.0": True,
    'application/fhir+json; fhirVersion="4.0"': True,
    "application/json": True,
    "application/json+fhir": True,
    "application/fhir+json;fhirVersion=5.0": False,
    "application/fhir+json;fhirVersion=4.3": False,
    "application/fhir+json; charset=iso-8859-1": False,
    "application/fhir+xml": False,
    "text/turtle": False,
    "text/plain": False,
    "multipart/form-data; boundary=x": False,
    "application/x-www-form-urlencoded": False,
    "*/*": False,
    "": False,
}


@pytest.mark.parametrize("declared", CONTENT_TYPE)
def test_a_body_is_read_only_when_it_is_declared_as_json_of_this_version(declared: str) -> None:
    assert _is_read(call(b"{}", headers={"content-type": declared})) == CONTENT_TYPE[declared]


def test_a_body_that_is_not_sent_may_be_declared_as_anything() -> None:
    assert _is_read(call(b"", headers={"content-type": "text/plain"}))


@pytest.mark.parametrize(("coding", "is_read"), [("identity", True), ("gzip", False), ("br", False)])
def test_compressed_bodies_are_refused(coding: str, is_read: bool) -> None:
    assert _is_read(call(b"{}", headers={"content-encoding": coding})) == is_read


def _is_read(message: InboundMessage) -> bool:
    try:
        check_content_type(message)
    except GatewayError as error:
        assert error.kind is ErrorKind.UNSUPPORTED_MEDIA_TYPE
        return False
    return True
